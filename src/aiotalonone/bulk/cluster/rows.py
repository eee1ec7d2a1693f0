"""Rows on their way from a cluster's tables to records: a partition of them, and what makes a record of each."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
from attrs import field, frozen

ROWS: Final = 4_000
"""Of a partition, four full requests; the last one of a bucket has fewer. As many rows of each bucket are in memory."""
POSITIONS: Final = "__position"
"""The column of each row's position in the source, which a partition carries beside its own."""

Row = Mapping[str, Any]
ToRecord = Callable[[Row], Any]


@frozen(eq=False)
class Partition:
    """Rows that one worker sends, one after the other partition of its bucket."""

    bucket: int
    number: int
    """Within its bucket, from 0."""
    tables: Sequence[pa.Table] = field(repr=False)
    """The rows, with the column `POSITIONS`: a table for each schema in which the source has them."""

    @property
    def name(self) -> str:
        """Its name in the job, the same each time that the source is read."""
        return f"{self.bucket}-{self.number}"

    @property
    def positions(self) -> Sequence[int]:
        """Position of each row in the source."""
        return [position for table in self.tables for position in table.column(POSITIONS).to_pylist()]

    def records(self, to_record: ToRecord) -> list[Any]:
        """Return the records."""
        tables = (table.drop_columns([POSITIONS]) for table in self.tables)
        return [to_record(row) for table in tables for row in table.to_pylist(maps_as_pydicts="strict")]


@frozen
class FlatRow:
    """Makes the record of a row: each column but the ID's is an attribute of its name; null is left out."""

    id_column: str

    def __call__(self, row: Row) -> dict[str, Any]:
        """Return the record."""
        found = row[self.id_column]
        is_number = isinstance(found, int) and not isinstance(found, bool)
        attributes = {name: value for name, value in row.items() if name != self.id_column and value is not None}
        return {"integrationId": str(found) if is_number else found, "attributes": attributes}
