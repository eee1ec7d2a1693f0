"""Rows of CSV: with a header, separated by commas, in UTF-8; and the types of their columns."""

import csv
import io
import re
from collections.abc import Generator, Iterator, Sequence
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
    UnreadableFileError,
    strip_trailing_blank_rows,
)
from aiotalonone.cli.values import ConversionError, Type, converter

_PLAIN_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_MAX_DIGITS: Final = 15  # a longer one is probably a name made of digits, or loses the last ones as a number
_ID: Final = re.compile(r"(?i:(?:^|.*[^a-z0-9])ids?)|.*[a-z0-9]I[dD]s?")


class CsvRows:
    """Rows whose cells are all text; the types of columns are inferred.

    Raises:
        UnreadableFileError: The file has no header, or two columns with the same name.
    """

    first_row_number = 2  # the header is the first
    is_batched = False

    def __init__(self, file: File) -> None:
        self._file = file
        self._read = 0
        with self._cells() as cells:
            self._header = next(cells, [])
        if not self._header:
            raise UnreadableFileError(f"{file.path} has no header")
        if len(set(self._header)) < len(self._header):
            raise UnreadableFileError(f"{file.path} has two columns with the same name")

    def columns(self) -> Sequence[FileColumn]:
        """Return the columns of the header, with types that are inferred from the first rows."""
        with closing(self.read()) as rows:
            sample = [row for row in islice(rows, SAMPLE_SIZE) if not isinstance(row, InvalidRow)]
        values: dict[str, list[str]] = {name: [] for name in self._header}
        for row in sample:
            for name, cell in row.items():
                values[name].append(cell)
        return [FileColumn(name, infer_type(name, cells), INFERRED) for name, cells in values.items()]

    def read(self) -> Generator[Row | InvalidRow, None, None]:
        """Yield the rows in their order."""
        self._read = 0
        with self._cells() as cells:
            next(cells)
            for row in strip_trailing_blank_rows(map(self._row, cells)):
                self._read += 1
                yield row

    def __length_hint__(self) -> int:
        return self._file.estimate(self._read)

    def _row(self, cells: list[str]) -> Row | InvalidRow:
        if len(cells) == len(self._header):
            return {name: cell for name, cell in zip(self._header, cells, strict=True) if cell}
        if not cells:
            return BLANK
        content: dict[str, Any] = dict(zip(self._header, cells, strict=False))
        return InvalidRow(f"the row has {len(cells)} cells instead of {len(self._header)}", content)

    @contextmanager
    def _cells(self) -> Iterator[Iterator[list[str]]]:
        with self._file.open() as content, io.TextIOWrapper(content, "utf-8-sig", newline="") as lines:
            yield csv.reader(lines, strict=True)


def infer_type(name: str, cells: Sequence[str]) -> Type:
    """Return the type of a column: text, unless all its cells clearly have another type.

    An ID is text whatever its cells are, and so is a number with leading zeros.
    """
    if not cells or _ID.fullmatch(name):
        return Type.TEXT
    if all(map(_is_plain_number, cells)):
        return Type.NUMBER
    matching = (kind for kind in (Type.BOOLEAN, Type.TIME) if _all_convert(kind, cells))
    return next(matching, Type.TEXT)


def _is_plain_number(cell: str) -> bool:
    return len(cell) <= _MAX_DIGITS and _PLAIN_NUMBER.fullmatch(cell) is not None


def _all_convert(kind: Type, cells: Sequence[str]) -> bool:
    convert = converter(kind)
    try:
        for cell in cells:
            convert(cell)
    except ConversionError:
        return False
    return True
