"""Records of a job, made of a file's rows."""

from collections.abc import Callable, Collection, Generator
from contextlib import closing
from operator import length_hint
from typing import Any

from attrs import frozen

from aiotalonone.cli.rows import InvalidRow, Row, Rows

Record = dict[str, Any]
ToRecord = Callable[[Row | InvalidRow], Record]


@frozen
class Records:
    """The records of a file, as a source: a job reads them in a thread, and closes the file in it."""

    rows: Rows
    to_record: ToRecord
    columns: Collection[str] | None = None
    """The columns that records are made of; ``None`` for all."""

    def __iter__(self) -> Generator[Record, None, None]:
        with closing(self.rows.read(self.columns)) as rows:
            yield from map(self.to_record, rows)

    def __length_hint__(self) -> int:
        return length_hint(self.rows)
