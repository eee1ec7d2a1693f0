"""Rows of CSV: with a header, separated by commas, in UTF-8."""

import csv
import io
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any

from aiotalonone.cli.rows.file import BLANK, File, without_last_blanks
from aiotalonone.cli.rows.inference import SAMPLE, inferred_type
from aiotalonone.cli.rows.row import INFERRED, BrokenRow, FileColumn, Row, UnreadableFileError


class CsvRows:
    """A file whose cells are all text; their types are guessed.

    Raises:
        UnreadableFileError: It has no header, or two columns of one name.
    """

    first_number = 2  # the header is the first
    come_in_batches = False

    def __init__(self, file: File) -> None:
        self._file = file
        self._read = 0
        with self._cells() as cells:
            self._header = next(cells, [])
        if not self._header:
            raise UnreadableFileError(f"{file.path} has no header")
        if len(set(self._header)) < len(self._header):
            raise UnreadableFileError(f"{file.path} has two columns of one name")

    def columns(self) -> Sequence[FileColumn]:
        """The header's, with the types that the first rows suggest."""
        with closing(self.read()) as rows:
            sample = [row for row in islice(rows, SAMPLE) if not isinstance(row, BrokenRow)]
        values: dict[str, list[str]] = {name: [] for name in self._header}
        for row in sample:
            for name, cell in row.items():
                values[name].append(cell)
        return [FileColumn(name, inferred_type(name, cells), INFERRED) for name, cells in values.items()]

    def read(self) -> Generator[Row | BrokenRow, None, None]:
        """One after the other."""
        self._read = 0
        with self._cells() as cells:
            next(cells)
            for row in without_last_blanks(map(self._row, cells)):
                self._read += 1
                yield row

    def __length_hint__(self) -> int:
        return self._file.estimate(self._read)

    def _row(self, cells: list[str]) -> Row | BrokenRow:
        if len(cells) == len(self._header):
            return {name: cell for name, cell in zip(self._header, cells, strict=True) if cell}
        if not cells:
            return BLANK
        content: dict[str, Any] = dict(zip(self._header, cells, strict=False))
        return BrokenRow(f"it has {len(cells)} cells, and the header {len(self._header)}", content)

    @contextmanager
    def _cells(self) -> Iterator[Iterator[list[str]]]:
        with self._file.open() as content, io.TextIOWrapper(content, "utf-8-sig", newline="") as lines:
            yield csv.reader(lines, strict=True)
