"""How records are divided between workers: all of one customer, in their order, into partitions of one bucket."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from zlib import crc32

import numpy as np
import pyarrow as pa
from attrs import define, field

from aiotalonone.bulk.cluster.rows import POSITIONS, ROWS, Partition


@define
class _Bucket:
    """The rows of one bucket that do not fill a partition yet."""

    tables: list[pa.Table] = field(factory=list)
    rows: int = 0
    partitions: int = 0


@define
class Partitioner:
    """Cuts a stream of tables into partitions, at the same rows whatever the sizes of the tables.

    Args:
        id_column: The column of the integration ID.
        buckets: Number of buckets; a customer's bucket is a hash of the ID.
    """

    id_column: str
    buckets: int
    end: int = field(default=0, init=False)
    """Position of the next row."""
    _buckets: defaultdict[int, _Bucket] = field(factory=lambda: defaultdict(_Bucket), init=False)

    def add(self, table: pa.Table) -> Iterator[Partition]:
        """Add rows, and yield the partitions that they fill.

        Raises:
            ValueError: The table has rows, and no column for their IDs.
        """
        if not table.num_rows:  # which need not have any column
            return
        if self.id_column not in table.column_names:
            raise ValueError(f"the dataset has no column {self.id_column!r}: it has {', '.join(table.column_names)}")
        positions = np.arange(self.end, self.end + table.num_rows)
        self.end += table.num_rows
        ids = table.column(self.id_column).to_pylist()
        table = table.replace_schema_metadata(None).append_column(POSITIONS, pa.array(positions))
        numbers = np.fromiter((bucket_of(one, self.buckets) for one in ids), np.int64, len(ids))
        order = np.argsort(numbers, kind="stable")
        starts = np.flatnonzero(np.diff(numbers[order], prepend=-1))
        for rows in np.split(order, starts[1:]):
            yield from self._add_to(int(numbers[rows[0]]), table.take(pa.array(rows)))

    def rest(self) -> Iterator[Partition]:
        """Yield the rows that fill no partition."""
        for number, bucket in self._buckets.items():
            if bucket.rows:
                yield self._cut(number, bucket, bucket.rows)

    def _add_to(self, number: int, table: pa.Table) -> Iterator[Partition]:
        bucket = self._buckets[number]
        bucket.tables.append(table)
        bucket.rows += table.num_rows
        while bucket.rows >= ROWS:
            yield self._cut(number, bucket, ROWS)

    def _cut(self, number: int, bucket: _Bucket, rows: int) -> Partition:
        taken, kept, missing = [], [], rows
        for table in bucket.tables:
            taken.append(table.slice(0, missing))
            kept.append(table.slice(missing))
            missing = max(0, missing - table.num_rows)
        partition = Partition(number, bucket.partitions, list(_joined(taken)))
        bucket.tables, bucket.rows = [table for table in kept if table.num_rows], bucket.rows - rows
        bucket.partitions += 1
        return partition


def _joined(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield tables as few ones, without changing the type of any value."""
    for _, alike in groupby((table for table in tables if table.num_rows), lambda table: table.schema):
        yield pa.concat_tables(alike).combine_chunks()


def bucket_of(integration_id: object, buckets: int) -> int:
    """Return the bucket of a customer, the same on each machine and in each run."""
    return crc32(str(integration_id).encode(errors="replace")) % buckets
