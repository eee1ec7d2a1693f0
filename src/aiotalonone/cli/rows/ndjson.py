"""Rows of NDJSON: a JSON object per line."""

from codecs import BOM_UTF8
from collections.abc import Generator, Sequence
from contextlib import closing
from itertools import chain, islice

from aiotalonone import codec
from aiotalonone.cli.rows.base import BLANK, SAMPLE_SIZE, File, FileColumn, InvalidRow, Row, strip_trailing_blank_rows
from aiotalonone.cli.values import Type


class NdjsonRows:
    """Rows whose values have JSON types."""

    first_row_number = 1
    is_batched = False

    def __init__(self, file: File) -> None:
        self._file = file
        self._read = 0

    def columns(self) -> Sequence[FileColumn]:
        """Return the columns of the first rows; later rows may have others."""
        with closing(self.read()) as rows:
            sample = [row for row in islice(rows, SAMPLE_SIZE) if not isinstance(row, InvalidRow)]
        names = dict.fromkeys(chain.from_iterable(sample))
        return [FileColumn(name, Type.NATIVE, "the file") for name in names]

    def read(self) -> Generator[Row | InvalidRow, None, None]:
        """Yield the rows in their order."""
        self._read = 0
        with self._file.open() as lines:
            first = lines.readline().removeprefix(BOM_UTF8)
            for row in strip_trailing_blank_rows(map(_row, chain([first], lines))):
                self._read += 1
                yield row

    def __length_hint__(self) -> int:
        return self._file.estimate(self._read)


def _row(line: bytes) -> Row | InvalidRow:
    try:
        row = codec.loads(line)
    except ValueError as failure:
        if not line.strip():
            return BLANK
        return InvalidRow(f"the line is {failure}", {"line": line.decode(errors="replace").rstrip()})
    return row if isinstance(row, dict) else InvalidRow("the line is not a JSON object", {"line": row})
