"""Rows of NDJSON: a JSON object in each line."""

from codecs import BOM_UTF8
from collections.abc import Generator, Sequence
from contextlib import closing
from itertools import chain, islice

import orjson

from aiotalonone.cli.rows.file import BLANK, File, without_last_blanks
from aiotalonone.cli.rows.inference import SAMPLE
from aiotalonone.cli.rows.row import BrokenRow, FileColumn, Row
from aiotalonone.cli.values import Type


class NdjsonRows:
    """A file whose values have their types in themselves."""

    first_number = 1
    come_in_batches = False

    def __init__(self, file: File) -> None:
        self._file = file
        self._read = 0

    def columns(self) -> Sequence[FileColumn]:
        """Those of the first rows; others may follow."""
        with closing(self.read()) as rows:
            sample = [row for row in islice(rows, SAMPLE) if not isinstance(row, BrokenRow)]
        names = dict.fromkeys(chain.from_iterable(sample))
        return [FileColumn(name, Type.OWN, "the file") for name in names]

    def read(self) -> Generator[Row | BrokenRow, None, None]:
        """One after the other."""
        self._read = 0
        with self._file.open() as lines:
            first = lines.readline().removeprefix(BOM_UTF8)
            for row in without_last_blanks(map(_row, chain([first], lines))):
                self._read += 1
                yield row

    def __length_hint__(self) -> int:
        return self._file.estimate(self._read)


def _row(line: bytes) -> Row | BrokenRow:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as failure:
        if not line.strip():
            return BLANK
        return BrokenRow(f"the line is no JSON: {failure.msg}", {"line": line.decode(errors="replace").rstrip()})
    return row if isinstance(row, dict) else BrokenRow("the line is no JSON object", {"line": row})
