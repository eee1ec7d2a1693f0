"""Rows of CSV, and the types of their columns."""

import csv
import re
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any, Final

from aiotalonone.cli.rows.base import (
    BLANK,
    INFERRED,
    SAMPLE_SIZE,
    File,
    FileColumn,
    InvalidRow,
    Row,
    Rows,
    UnreadableFileError,
    repeated_name,
    strip_trailing_blank_rows,
)
from aiotalonone.cli.rows.lines import DEFAULT_ENCODING, CsvLines, decoded, without_bad_bytes
from aiotalonone.cli.values import Type
from aiotalonone.codec.dates import is_rfc3339

_DELIMITERS: Final = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}
"""Those that the file may have, as they are written on a command line."""
_SEPARATOR_LINE: Final = re.compile(r"sep=(.)[\r\n]*", re.IGNORECASE)
"""A first line that tells a spreadsheet the delimiter."""
_PLAIN_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_MAX_DIGITS: Final = 15  # a longer one is probably a name made of digits, or loses the last ones as a number
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ID: Final = re.compile(r"(?i:(?:^|.*[^a-z0-9])ids?)|.*[a-z0-9]I[dD]s?")
_SHOWN: Final = 10_000
_ROW_AS_HEADER: Final = "its first line seems to be a row, and must have the names of the columns"


class CsvRows(Rows):
    """Rows whose cells are all text; the types of columns are inferred.

    Args:
        file: The file.
        delimiter: What separates the cells; ``None`` for that of a ``sep=`` line, or else commas.
        encoding: ``None`` for UTF-8.

    Raises:
        UnreadableFileError: The file has no header, or two columns with the same name.
    """

    def __init__(self, file: File, delimiter: str | None = None, encoding: str | None = None) -> None:
        self._file = file
        self._read = 0
        self.notices: Sequence[str] = ()
        self._encoding = encoding or DEFAULT_ENCODING
        if encoding is None:
            file.require_text()
        with self._open() as lines:
            first = lines.read_line()
            found = _SEPARATOR_LINE.fullmatch(first)
            self._skipped = int(found is not None)
            self._delimiter = delimiter or (found[1] if found else ",")
            self._header_line = lines.read_line() if found else first
            if found:
                self.notices = [f"The first line, {first.strip()!r}, says what separates the cells."]
            lines.put_back([self._header_line])
            self._header = self._read_header(lines)
        self.first_row_number: int = 2 + self._skipped
        self._require_header()

    def columns(self) -> Sequence[FileColumn]:
        """Return the columns of the header, with types that are inferred from the first rows."""
        with closing(self.read()) as rows:
            sample = [row for row in islice(rows, SAMPLE_SIZE) if not isinstance(row, InvalidRow)]
        values: dict[str, list[str]] = {name: [] for name in self._header}
        for row in sample:
            for name, cell in row.items():
                values[name].append(cell)
        return [FileColumn(name, infer_type(name, cells), INFERRED) for name, cells in values.items()]

    def read(self, columns: Collection[str] | None = None) -> Generator[Row | InvalidRow, None, None]:  # noqa: ARG002
        """Yield the rows in their order, with all their cells."""
        self._read = 0
        with self._open() as lines:
            for _ in range(self._skipped):
                lines.read_line()
            self._read_header(lines)
            for row in strip_trailing_blank_rows(self._rows(lines)):
                self._read += 1
                yield row

    def __length_hint__(self) -> int:
        return self._file.estimate(self._read)

    def hint(self, column: str) -> str:
        """Return the delimiter with which the header would have this column, or that it seems to be a row."""
        if column in self._header:
            return ""
        if (found := self._other_delimiter(column)) is not None:
            return f"its delimiter seems to be another one: --delimiter {_DELIMITERS[found]}"
        return _ROW_AS_HEADER if any(map(_is_value, self._header)) else ""

    def _other_delimiter(self, column: str) -> str | None:
        try:
            found = csv.Sniffer().sniff(self._header_line, "".join(_DELIMITERS)).delimiter
        except csv.Error:
            return None
        names = next(csv.reader([self._header_line], delimiter=found))
        return found if found != self._delimiter and column in map(str.strip, names) else None

    def _rows(self, lines: CsvLines) -> Iterator[Row | InvalidRow]:
        """Yield all rows; one that cannot be read is invalid, and the next one starts after it."""
        header, width = self._header, len(self._header)
        reader = lines.reader(self._delimiter)
        while True:
            lines.start_row()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as failure:
                yield self._unreadable(lines, failure)
                reader = lines.reader(self._delimiter)
                continue
            if len(cells) == width and not lines.problem:
                yield {name: cell for name, cell in zip(header, cells, strict=True) if cell}
            else:
                yield self._invalid(cells, lines.problem)

    def _invalid(self, cells: list[str], problem: str) -> InvalidRow:
        if not cells:
            return BLANK
        content: dict[str, Any] = dict(zip(self._header, map(without_bad_bytes, cells), strict=False))
        return InvalidRow(problem or f"the row has {len(cells)} cells instead of {len(self._header)}", content)

    def _unreadable(self, lines: CsvLines, failure: csv.Error) -> InvalidRow:
        """Return the row that failed, and leave its file at the next one."""
        text = lines.end_failed_row(self._delimiter, len(self._header))
        limit = csv.field_size_limit()
        if len(text) > limit:
            problem = f"a cell has more than {limit:,} characters, or its quote is not closed"
        elif text.count('"') % 2 or len(text.splitlines()) > 1:
            problem = "a quote is not closed, or inside of a cell without being doubled"
        else:
            problem = f"the row is not CSV: {failure}"
        return InvalidRow(lines.problem or problem, {"line": without_bad_bytes(text[:_SHOWN]).rstrip("\r\n")})

    def _read_header(self, lines: CsvLines) -> list[str]:
        lines.start_row()
        try:
            return [name.strip() for name in next(lines.reader(self._delimiter), [])]
        except csv.Error as failure:
            raise UnreadableFileError(f"{self._file.name} is not CSV, as its header shows: {failure}") from None

    def _require_header(self) -> None:
        header, name = self._header, self._file.name
        if not any(header):
            raise UnreadableFileError(f"{name} has no header")
        if "\0" in self._header_line or without_bad_bytes(self._header_line) != self._header_line:
            raise UnreadableFileError(
                f"{name} is not {self._encoding}: --encoding names another one, such as cp1252 or utf-16"
            )
        if (column := repeated_name(header)) is not None:
            if _is_value(column):
                raise UnreadableFileError(f"{name} has no header: {_ROW_AS_HEADER}")
            raise UnreadableFileError(f"{name} has two columns with the same name, {column or 'which is empty'}")
        written = next(csv.reader([self._header_line], delimiter=self._delimiter))
        if trimmed := [column for column, as_written in zip(header, written, strict=False) if column != as_written]:
            self.notices = [*self.notices, f"Blanks around the names of columns are removed: {', '.join(trimmed)}."]

    @contextmanager
    def _open(self) -> Iterator[CsvLines]:
        with self._file.open(self._encoding) as content, decoded(content, self._encoding) as text:
            yield CsvLines(text, self._encoding)


def infer_type(name: str, cells: Sequence[str]) -> Type:
    """Return the type of a column: text, unless all its cells clearly have another type.

    An ID is text whatever its cells are, and so is a number with leading zeros.
    """
    if not cells or _ID.fullmatch(name):
        return Type.TEXT
    if all(map(_is_plain_number, cells)):
        return Type.NUMBER
    if all(cell.lower() in ("true", "false") for cell in cells):
        return Type.BOOLEAN
    return Type.TIME if all(map(is_rfc3339, cells)) else Type.TEXT


def _is_value(name: str) -> bool:
    """Return whether a name in the header is one that columns rarely have: a number, a date, an e-mail address."""
    return _is_plain_number(name) or _DATE.match(name) is not None or "@" in name


def _is_plain_number(cell: str) -> bool:
    return len(cell) <= _MAX_DIGITS and _PLAIN_NUMBER.fullmatch(cell) is not None
