"""Send the profiles of a Spark DataFrame, on the cluster that holds it: needs the extra ``spark``.

    report, rejects = sync_profiles(spark.table("customers"), Connection(), job="nightly", id_column="id")

Spark divides the customers between tasks by their ID, and starts a task again whose executor is lost. A task finds its
rows in the same order each time, and cuts them into the same partitions: they are sent with the same idempotency keys.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from functools import reduce
from time import monotonic
from typing import Any, Final, NamedTuple, Protocol

from attrs import asdict, frozen

from aiotalonone.bulk.cluster.send import PartitionResult
from aiotalonone.bulk.concurrency import AdaptiveConcurrency, Stop
from aiotalonone.bulk.failure import JobStoppedError, job_stopped
from aiotalonone.bulk.job import DEFAULT_CONCURRENCY
from aiotalonone.bulk.kinds import Profiles
from aiotalonone.bulk.pace import LocalPace, validate_rate
from aiotalonone.bulk.report import Report
from aiotalonone.errors import Outcome
from aiotalonone.pipeline.outcome import combine_outcomes
from aiotalonone.settings import validate_positive_int

try:
    import pyarrow as pa
    from pyspark import TaskContext  # pyright: ignore[reportMissingImports]
    from pyspark.sql import functions  # pyright: ignore[reportMissingImports]

    from aiotalonone.bulk.cluster.connection import Connection
    from aiotalonone.bulk.cluster.plan import Plan
    from aiotalonone.bulk.cluster.rows import POSITIONS, ROWS, Partition, ToRecord
    from aiotalonone.bulk.cluster.totals import reject_row, total
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        f'jobs on Spark need {_missing.name}: pip install "aiotalonone[spark]"', name=_missing.name
    ) from None

__all__ = ["Connection", "DataFrame", "SyncResult", "sync_profiles"]

AT_ONCE: Final = 4
"""Partitions that a task sends at the same time: while one ends, the next one keeps the pace."""
_RETURNED: Final = "figures string, status long, message string, pointer string, record string"
"""What tasks return: a row with the figures of each partition, and one without figures for each reject."""
_COLUMNS: Final = pa.schema(
    [(name, pa.int64() if kind == "long" else pa.string()) for name, kind in map(str.split, _RETURNED.split(","))]
)


class DataFrame(Protocol):
    """What a job asks of a ``pyspark.sql.DataFrame`` to know one."""

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""
        ...

    def mapInArrow(self, func: Callable[..., Any], schema: Any) -> Any:  # noqa: N802 - Spark's name
        """Put the batches of each partition through a function."""
        ...


class SyncResult(NamedTuple):
    """What became of a DataFrame's rows."""

    report: Report
    """The figures of all tasks together."""
    rejects: Any
    """A ``pyspark.sql.DataFrame`` with a row for each record that was not accepted: ``status``, ``message``,
    ``pointer``, and the ``record`` as JSON. The executors hold it."""


def sync_profiles(
    dataframe: DataFrame,
    connection: Connection,
    *,
    job: str,
    checkpoint: str | None = None,
    restart: bool = False,
    id_column: str = "integrationId",
    order_by: Sequence[str] = (),
    to_record: ToRecord | None = None,
    rate: float | None = None,
    tasks: int | None = None,
    concurrency: int = DEFAULT_CONCURRENCY,
    redact: bool = False,
) -> SyncResult:
    """Send the attributes of the customer profiles in a DataFrame.

    Args:
        dataframe: A ``pyspark.sql.DataFrame``.
        connection: How each task finds the API.
        job: Name of the job: letters, digits, dots, dashes and underscores.
        checkpoint: URL of a folder on storage that all machines share, as fsspec has it: an unfinished job
            resumes there, if it is started again with the same rows. With ``None`` it starts from the first row.
        restart: Whether an unfinished job starts from the first row, too.
        id_column: The column of the integration ID.
        order_by: Columns that order the rows of one customer, of which a DataFrame has no order: the last row counts.
            Rows that are alike in them are ordered by their other columns.
        to_record: Makes a record as for ``ProfileSync`` of a row, a mapping by column; it is pickled. By default each
            other column is an attribute of its name, and null is left out.
        rate: Maximum requests per second, of which each task has the same share; ``None`` for no limit.
        tasks: How many tasks the rows are divided between, all of which should run at once; by default the cores that
            Spark has. A job that is resumed is divided as before.
        concurrency: Maximum requests in flight of one partition; a task has four partitions.
        redact: Whether to leave the values of attributes, and IDs, out of the rejects.

    Raises:
        JobStoppedError: The API rejects every call or all records of a first large batch, or cannot be reached from a
            task. What is processed remains so.
        CheckpointError: What the folder has of the job is damaged.
        OSError: The folder cannot be read or written.
        TypeError: A setting has a wrong type.
        ValueError: A setting is invalid, or the DataFrame lacks a column.
        Exception: Spark's own, if a task fails again and again: it tells of the task's exception.

    API: ``updateCustomerProfilesV2``, PUT /v2/customer_profiles.
    """
    frame: Any = dataframe
    order = _order(frame, id_column, order_by)
    if rate is not None:
        validate_rate(rate)
    buckets: int = frame.sparkSession.sparkContext.defaultParallelism if tasks is None else tasks
    plan = Plan.start(
        connection,
        job=job,
        checkpoint=checkpoint,
        restart=restart,
        buckets=validate_positive_int("tasks", buckets),
        id_column=id_column,
        to_record=to_record,
        redact=redact,
        concurrency=concurrency,
    )
    started = monotonic()
    divided = frame.repartition(plan.run.buckets, _column(id_column)).sortWithinPartitions(*order)
    # One column, since mapInArrow reads a name such as `customer.id` as a path; a checkpoint, since Spark would run the
    # tasks again for each use of what they return.
    rows = divided.select(functions.struct(*map(_column, frame.columns)).alias("row"))
    returned = rows.mapInArrow(_Task(plan, id_column, rate), _RETURNED).localCheckpoint()
    partitions = [
        json.loads(figures) for [figures] in returned.where("figures IS NOT NULL").select("figures").collect()
    ]
    stops = [one["stop"] for one in partitions if one["stop"]]
    report = total(
        job,
        [Report(**one["report"]) for one in partitions],
        unsent=0,
        seconds=monotonic() - started,
        finished=not stops,
    )
    if stops:
        outcome = reduce(combine_outcomes, (Outcome(outcome) for _, outcome in stops))
        raise job_stopped(report, stops[0][0], Profiles.operation.operation_id, outcome)
    plan.finish()
    return SyncResult(report, returned.where("figures IS NULL").drop("figures"))


def _order(frame: Any, id_column: str, order_by: Sequence[str]) -> list[Any]:
    """Return what a task's rows are ordered by: the same each time, and all rows of a customer together.

    A hash comes first. The first records of a task, which stop a job that is at fault, are so a sample of all customers
    rather than those whose ID is empty.

    Raises:
        TypeError: ``order_by`` is not a sequence of names.
        ValueError: The DataFrame has no such column.
    """
    if isinstance(order_by, str):
        raise TypeError("order_by must be a sequence of columns, not str")
    kinds = dict(frame.dtypes)
    for name in (id_column, *order_by):
        if name not in kinds:
            raise ValueError(f"the DataFrame has no column {name!r}: it has {', '.join(kinds)}")
    names = dict.fromkeys([id_column, *order_by, *kinds])
    return [functions.xxhash64(_column(id_column)), *(_sortable(name, kinds[name]) for name in names)]


def _column(name: str) -> Any:
    quoted = name.replace("`", "``")
    return functions.col(f"`{quoted}`")


def _sortable(name: str, kind: str) -> Any:
    """Return a column, or its JSON if Spark has no order for values of its type."""
    column = _column(name)
    return functions.to_json(functions.struct(column)) if "map<" in kind or "variant" in kind else column


@frozen
class _Task:
    """What each task of Spark does with its rows. It is pickled, and holds no secret."""

    plan: Plan
    id_column: str
    rate: float | None
    """Of all tasks together."""

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Send the rows, and yield what became of each partition."""
        partitions = _cut(batches, TaskContext.get().partitionId())
        results = self._send(partitions)
        with asyncio.Runner() as runner:
            while (rows := runner.run(_next(results))) is not None:
                yield pa.RecordBatch.from_pylist(rows, schema=_COLUMNS)

    async def _send(self, partitions: Iterator[Partition]) -> AsyncGenerator[list[dict[str, Any]], None]:
        pace = None if self.rate is None else LocalPace(self.rate / self.plan.run.buckets)
        limit = AdaptiveConcurrency(self.plan.concurrency, pace, Stop())
        sending: deque[asyncio.Task[PartitionResult]] = deque()
        last: object = None
        async with self.plan.connection.client() as client:
            try:
                while not limit.stop.is_requested and (partition := await asyncio.to_thread(next, partitions, None)):
                    ids = partition.tables[0].column(self.id_column)
                    # The first one tells whether the API rejects all; and a customer's rows are sent in their order.
                    at_once = 1 if partition.number == 1 or ids[0].as_py() == last else AT_ONCE
                    while len(sending) >= at_once:
                        yield await _rows(sending.popleft())
                    last = ids[-1].as_py()
                    send = self.plan.send(partition, client, limit, may_reject_all=partition.number > 0)
                    sending.append(asyncio.create_task(send))
                while sending:
                    yield await _rows(sending.popleft())
            finally:
                limit.stop.request()
                await asyncio.gather(*sending, return_exceptions=True)


def _cut(batches: Iterable[pa.RecordBatch], bucket: int) -> Iterator[Partition]:
    """Cut the rows of a task into partitions, at the same rows whatever the sizes of the batches."""
    number, table = 0, None
    for batch in batches:
        rows = pa.Table.from_struct_array(batch.column(0))
        table = rows if table is None else pa.concat_tables([table, rows])
        while table.num_rows >= ROWS:
            yield _partition(bucket, number, table.slice(0, ROWS))
            number, table = number + 1, table.slice(ROWS)
    if table is not None and table.num_rows:
        yield _partition(bucket, number, table)


def _partition(bucket: int, number: int, table: pa.Table) -> Partition:
    positions = pa.array(range(table.num_rows))  # a DataFrame has none of its own
    return Partition(bucket, number, [table.append_column(POSITIONS, positions)])


async def _next(results: AsyncGenerator[list[dict[str, Any]], None]) -> list[dict[str, Any]] | None:
    return await anext(results, None)


async def _rows(sending: asyncio.Task[PartitionResult]) -> list[dict[str, Any]]:
    """Wait for a partition, and return the rows that tell of it."""
    try:
        result, stop = await sending, None
    except JobStoppedError as stopped:
        result, stop = PartitionResult(stopped.report, []), (stopped.reason, stopped.outcome)
    figures = json.dumps({"report": asdict(result.report), "stop": stop})
    return [{"figures": figures}, *map(reject_row, result.rejects)]
