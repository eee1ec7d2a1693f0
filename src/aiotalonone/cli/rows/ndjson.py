"""Rows of NDJSON: a JSON object per line."""

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from functools import partial
from itertools import chain, islice
from types import NoneType
from typing import IO, Any, Final

from aiotalonone import codec
from aiotalonone.cli.rows.base import (
    BLANK,
    SAMPLE_SIZE,
    File,
    FileColumn,
    InvalidRow,
    Row,
    Rows,
    UnreadableFileError,
    strip_trailing_blank_rows,
)
from aiotalonone.cli.values import Type

MAX_LINE: Final = 8 * 1024 * 1024

_EXACT_TYPES: Final = frozenset({str, int, bool, NoneType})
_SHAPE: Final = bytes.maketrans(b"0123456789.E", b"00000000000e")
"""Makes numbers of one length alike: looking for them costs half of what a pattern does."""
_LONG: Final = b"0" * 17
_EXTREME: Final = b"e000"
"""Shapes in numbers that a float may not hold digit by digit."""
_SHOWN: Final = 10_000
_REDACTED: Final = "…"
"""What a redacted reject has instead of a value."""


class NdjsonRows(Rows):
    """Rows whose values have JSON types; a number keeps its digits.

    Raises:
        UnreadableFileError: The file is JSON of another form.
    """

    has_late_columns = True

    def __init__(self, file: File) -> None:
        self._file = file
        self._read = 0
        self._read_line: Callable[[], bytes] = bytes
        file.require_text()
        self._require_lines()

    def columns(self) -> Sequence[FileColumn]:
        """Return the columns of the first rows; later rows may have others."""
        with closing(self.read()) as rows:
            sample = [row for row in islice(rows, SAMPLE_SIZE) if not isinstance(row, InvalidRow)]
        names = dict.fromkeys(chain.from_iterable(sample))
        return [FileColumn(name, Type.NATIVE, "the file") for name in names]

    def read(self, columns: Collection[str] | None = None) -> Generator[Row | InvalidRow, None, None]:  # noqa: ARG002
        """Yield the rows in their order, with all their columns."""
        self._read = 0
        with self._file.open() as content:
            for row in strip_trailing_blank_rows(map(self._row, self._lines(content))):
                self._read += 1
                yield row

    def __length_hint__(self) -> int:
        return self._file.estimate(self._read)

    def hint(self, column: str) -> str:  # noqa: ARG002 - the same for each
        """Return that the file is not NDJSON, if none of its first lines is an object."""
        return "" if self.columns() else "none of its first lines is a JSON object"

    def _row(self, line: bytes) -> Row | InvalidRow:
        if len(line) > MAX_LINE:
            self._skip_line(line)
            return InvalidRow(f"the line is longer than {MAX_LINE:,} bytes")
        try:
            row = _loads(line)
        except ValueError as failure:
            if not line.strip():
                return BLANK
            text = line[:_SHOWN].decode(errors="replace").rstrip()
            problem = "not UTF-8" if "\ufffd" in text and not _is_utf8(line) else failure
            return InvalidRow(f"the line is {problem}", {"line": text})
        return row if isinstance(row, dict) else InvalidRow("the line is not a JSON object", {"line": row})

    def _lines(self, content: IO[bytes]) -> Iterator[bytes]:
        """Return the lines; of one that is too long, the start."""
        self._read_line = partial(content.readline, MAX_LINE + 1)
        return chain([self._read_line().removeprefix(BOM_UTF8)], iter(self._read_line, b""))

    def _skip_line(self, start: bytes) -> None:
        """Leave out the rest of a line that is too long."""
        while start and not start.endswith(b"\n"):
            start = self._read_line()

    def _require_lines(self) -> None:
        """Check that the file does not start as an array of objects does, or an object of several lines.

        Raises:
            UnreadableFileError: It does.
        """
        with self._file.open() as content:
            lines = islice(self._lines(content), SAMPLE_SIZE)
            first = next((line.strip() for line in lines if line.strip()), b"")
        try:
            row = codec.loads(first)
        except ValueError:
            row = None
        if first.startswith(b"[") and (row is None or any(isinstance(element, dict) for element in row)):
            raise UnreadableFileError(f"{self._file.name} is a JSON array: {self._remedy('.[]')}")
        if first == b"{" or (row is None and first.startswith(b"{") and first.endswith((b",", b"{", b"["))):
            raise UnreadableFileError(f"{self._file.name} has objects of several lines: {self._remedy('.')}")

    def _remedy(self, selected: str) -> str:
        return f"write one object per line, for example with: jq -c '{selected}' {self._file.path} > rows.ndjson"


class RejectedRows(NdjsonRows):
    """The records in a rejects file, as rows once more; their attributes are columns, as the other members are.

    Args:
        file: The rejects file.
        members: Members of a record.

    Raises:
        UnreadableFileError: The file is JSON of another form.
    """

    def __init__(self, file: File, members: Collection[str]) -> None:
        super().__init__(file)
        self._members = frozenset(members)

    def columns(self) -> Sequence[FileColumn]:
        """Return the members of a record, and the attributes of the first ones."""
        names = dict.fromkeys([*sorted(self._members - {"attributes"}), *(column.name for column in super().columns())])
        return [FileColumn(name, Type.NATIVE, "the file") for name in names]

    def _row(self, line: bytes) -> Row | InvalidRow:
        row = super()._row(line)
        if isinstance(row, InvalidRow):
            return row
        record = row.get("record")
        if not isinstance(record, dict) or not record.keys() <= self._members:
            problem = f"the line has no record with {', '.join(sorted(self._members))}"
            return InvalidRow(problem, record if isinstance(record, dict) else {"record": record})
        members = dict(record)
        attributes = members.pop("attributes", None)
        attributes = {} if attributes is None else attributes
        if not isinstance(attributes, dict) or not members.keys().isdisjoint(attributes):
            return InvalidRow("the record's attributes are not an object, or one is called as a member is", record)
        values = {**members, **attributes}
        if _REDACTED in [value for value in values.values() if isinstance(value, str)]:
            return InvalidRow("the record is redacted", record)
        return values


def _loads(line: bytes) -> Any:
    """Return the value of a line; a number that a float cannot hold is an integer of any size, or a Decimal.

    Raises:
        ValueError: It is not JSON.
    """
    row = codec.loads(line)
    if type(row) is not dict or _EXACT_TYPES.issuperset(map(type, row.values())):
        return row
    shape = line.translate(_SHAPE, b"+-")
    if _LONG not in shape and _EXTREME not in shape:
        return row
    try:
        return json.loads(line, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        raise ValueError("not JSON that can be read: a number is too large, or the nesting too deep") from None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
