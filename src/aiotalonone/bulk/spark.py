"""Send the profiles of a Spark DataFrame, on the cluster that holds it: needs the extra ``spark``.

    report, rejects = sync_profiles(spark.table("customers"), Connection(), job="nightly", id_column="id")

Spark divides the customers by their ID between tasks, and starts a task again whose executor is lost. A task sends its
rows in partitions, one after the other, each with the key that it had the first time.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from time import monotonic
from typing import Any, Final, NamedTuple, Protocol
from uuid import uuid4

from attrs import asdict, frozen

from aiotalonone.bulk.cluster.connection import Connection
from aiotalonone.bulk.cluster.partitions import ROWS, FlatRow, ToRecord
from aiotalonone.bulk.cluster.store import JobRun, JobStore
from aiotalonone.bulk.cluster.totals import total
from aiotalonone.bulk.failure import JobStoppedError, job_stopped
from aiotalonone.bulk.kinds import Profiles
from aiotalonone.bulk.pace import LocalPace, Pace, validate_rate
from aiotalonone.bulk.partition import DEFAULT_CONCURRENCY
from aiotalonone.bulk.partition import sync_profiles as sync_partition
from aiotalonone.bulk.report import Report
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.errors import Outcome
from aiotalonone.settings import validate_positive_int, validate_type

try:
    import pyarrow as pa
    from pyspark import TaskContext
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        f'jobs on Spark need {_missing.name}: pip install "aiotalonone[spark]"', name=_missing.name
    ) from None

_RETURNED: Final = "kind string, content string"
_REJECTS: Final = "status long, message string, pointer string, record string"


class DataFrame(Protocol):
    """What a job uses of a ``pyspark.sql.DataFrame``, and what its rejects are."""

    @property
    def sparkSession(self) -> Any:  # noqa: N802 - Spark's name
        """The session."""
        ...

    def repartition(self, numPartitions: int, *cols: str) -> "DataFrame":  # noqa: N803 - Spark's name
        """Divide the rows by columns."""
        ...

    def sortWithinPartitions(self, *cols: str) -> "DataFrame":  # noqa: N802 - Spark's name
        """Sort the rows of each partition."""
        ...

    def mapInArrow(self, func: Callable[..., Any], schema: str) -> "DataFrame":  # noqa: N802 - Spark's name
        """Put the batches of each partition through a function."""
        ...

    def collect(self) -> list[Any]:
        """Return the rows."""
        ...


class SyncResult(NamedTuple):
    """What became of a DataFrame's rows."""

    report: Report
    """The figures of all tasks together."""
    rejects: DataFrame
    """A DataFrame with a row for each record that was not accepted: ``status``, ``message``, ``pointer``, and the
    ``record`` as JSON."""


def sync_profiles(
    dataframe: DataFrame,
    connection: Connection,
    *,
    job: str,
    checkpoint: str | None = None,
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
        checkpoint: URL of a folder on storage that all machines share, as fsspec has it: a job that was not finished
            goes on there, if it is started again with the same rows. With ``None`` it starts from the first row.
        id_column: The column of the integration ID.
        order_by: Columns that order the rows of one customer, of which a DataFrame has none. A customer with several
            rows needs them: the last one counts.
        to_record: Makes a record as for ``ProfileSync`` of a row, a mapping by column; it is pickled. By default each
            other column is an attribute of its name, and null is left out.
        rate: Maximum requests per second, divided by the number of tasks; ``None`` for no limit.
        tasks: How many tasks the rows are divided between, all of which should run at once; by default the cores that
            Spark has.
        concurrency: Maximum requests in flight of one task.
        redact: Whether to leave the values of attributes, and IDs, out of the rejects.

    Raises:
        JobStoppedError: The API rejects every call or all records of a first large batch, or cannot be reached from a
            task. What is processed remains so.
        CheckpointError: What the folder has of the job is damaged.
        OSError: The folder cannot be read or written.
        TypeError: A setting has a wrong type.
        ValueError: A setting is invalid.
        Exception: Spark's own, if a task fails again and again.

    API: ``updateCustomerProfilesV2``, PUT /v2/customer_profiles.
    """
    validate_type("connection", connection, Connection)
    validate_type("redact", redact, bool)
    session = dataframe.sparkSession
    number = validate_positive_int("tasks", tasks or session.sparkContext.defaultParallelism)
    store = None if checkpoint is None else JobStore(checkpoint, job)
    run = JobRun(uuid4().hex, number) if store is None else store.start(number)
    task = _Task(
        connection=connection,
        run=run.run,
        store=store,
        to_record=to_record or FlatRow(id_column),
        rate=None if rate is None else validate_rate(rate) / run.buckets,
        concurrency=validate_positive_int("concurrency", concurrency),
        redact=redact,
    )
    started = monotonic()
    divided = dataframe.repartition(run.buckets, id_column).sortWithinPartitions(id_column, *order_by)
    returned = _Returned(divided.mapInArrow(task, _RETURNED).collect())
    seconds = monotonic() - started
    report = total(job, returned.reports, unsent=0, seconds=seconds, finished=not returned.failures)
    if returned.failures:
        reason, outcome = returned.failures[0]
        raise job_stopped(report, reason, Profiles.operation.operation_id, Outcome(outcome))
    if store is not None:
        store.finish(run)
    return SyncResult(report, session.createDataFrame(returned.rejects, _REJECTS))


@frozen
class _Task:
    """What each task of Spark is told, and does. It holds no secret."""

    connection: Connection
    run: str
    store: JobStore | None
    to_record: ToRecord
    rate: float | None
    concurrency: int
    redact: bool

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Send the rows of a task, and yield what became of them."""
        number = TaskContext.get().partitionId()
        pace = None if self.rate is None else LocalPace(self.rate)
        records = (self.to_record(row) for batch in batches for row in batch.to_pylist())
        with asyncio.Runner() as runner:
            client = self.connection.client()
            runner.run(client.open())
            try:
                for index, some in enumerate(_cut(records)):
                    key = f"{self.run}/{number}-{index}"
                    yield _batch(runner.run(self._send(some, client, key, pace)))
            except JobStoppedError as stopped:
                failure = {"report": asdict(stopped.report), "reason": stopped.reason, "outcome": stopped.outcome}
                yield _batch([("failure", failure)])
            finally:
                runner.run(client.aclose())

    async def _send(
        self, records: list[Any], client: AsyncIntegrationClient, key: str, pace: Pace | None
    ) -> list[tuple[str, Any]]:
        result = await sync_partition(
            records,
            client,
            key=key,
            store=self.store,
            pace=pace,
            redact=self.redact,
            concurrency=self.concurrency,
        )
        return [("report", asdict(result.report)), *(("reject", reject) for reject in result.rejects)]


def _cut(records: Iterator[Any]) -> Iterator[list[Any]]:
    """Cut the records of a task into partitions."""
    while some := list(islice(records, ROWS)):
        yield some


def _batch(returned: Sequence[tuple[str, Any]]) -> pa.RecordBatch:
    kinds = [kind for kind, _ in returned]
    return pa.RecordBatch.from_pydict({"kind": kinds, "content": [json.dumps(content) for _, content in returned]})


class _Returned:
    """What all tasks have returned, by kind."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self.reports: list[Report] = []
        self.rejects: list[Mapping[str, Any]] = []
        self.failures: list[tuple[str, str]] = []
        """Reason and outcome of each task that stopped."""
        for kind, text in rows:
            content = json.loads(text)
            if kind == "reject":
                self.rejects.append({**content, "record": json.dumps(content["record"], ensure_ascii=False)})
                continue
            if kind == "failure":
                self.failures.append((content["reason"], content["outcome"]))
            self.reports.append(Report(**content["report"] if kind == "failure" else content))
