"""The job on Ray as its users see it."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from time import monotonic
from typing import Any, Final, NamedTuple, Protocol

import pyarrow as pa
import ray
from attrs import define, field

from aiotalonone.bulk.cluster.connection import Connection
from aiotalonone.bulk.cluster.partitions import Partitioner
from aiotalonone.bulk.cluster.plan import Plan
from aiotalonone.bulk.cluster.rows import Partition, ToRecord
from aiotalonone.bulk.cluster.totals import reject_row, total
from aiotalonone.bulk.failure import JobStoppedError, job_stopped
from aiotalonone.bulk.job import DEFAULT_CONCURRENCY
from aiotalonone.bulk.pace import validate_rate
from aiotalonone.bulk.ray.dispatch import Dispatch, Pool
from aiotalonone.bulk.ray.workers import PaceKeeper
from aiotalonone.bulk.report import Report
from aiotalonone.settings import validate_positive_int

MIN_BUCKETS: Final = 64
BUCKETS_PER_WORKER: Final = 8
"""Four of them are in flight; the others let partitions wait that are not of these."""
_REJECTS: Final = pa.schema(
    [
        ("position", pa.int64()),
        ("status", pa.int64()),
        ("message", pa.string()),
        ("pointer", pa.string()),
        ("record", pa.string()),
    ]
)
_REJECTS_OF_A_BLOCK: Final = 10_000
_ACTOR_OPTIONS: Final = {"num_cpus": 1, "scheduling_strategy": "SPREAD"}


class Tables(Protocol):
    """What a job reads: a ``ray.data.Dataset``, or anything else that yields tables of Arrow."""

    def iter_batches(self, *, batch_size: int | None, batch_format: str, prefetch_batches: int) -> Iterable[Any]:
        """Iterate over the rows in tables, which may have any size if ``batch_size`` is ``None``."""
        ...


class Dataset(Tables, Protocol):
    """What a job uses of the ``ray.data.Dataset`` that its rejects are."""

    def iter_rows(self) -> Iterable[dict[str, Any]]:
        """Iterate over the rows."""
        ...

    def count(self) -> int:
        """Return the number of rows."""
        ...


class SyncResult(NamedTuple):
    """What became of a dataset's rows."""

    report: Report
    """The figures of all workers together."""
    rejects: Dataset
    """A dataset with a row for each record that was not accepted: ``position`` in the source, ``status``, ``message``,
    ``pointer``, and the ``record`` as JSON."""


def sync_profiles(
    dataset: Tables,
    connection: Connection,
    *,
    job: str,
    checkpoint: str | None = None,
    restart: bool = False,
    id_column: str = "integrationId",
    to_record: ToRecord | None = None,
    rate: float | None = None,
    min_workers: int = 1,
    max_workers: int = 4,
    concurrency: int = DEFAULT_CONCURRENCY,
    redact: bool = False,
    actor_options: Mapping[str, Any] | None = None,
) -> SyncResult:
    """Send the attributes of the customer profiles in a dataset.

    The dataset is read once, as a stream and in its order. Records of one customer are sent in that order, whatever the
    number of workers. The cluster needs a CPU more than ``min_workers`` take, for reading.

    Args:
        dataset: A ``ray.data.Dataset``.
        connection: How each worker finds the API.
        job: Name of the job: letters, digits, dots, dashes and underscores.
        checkpoint: URL of a folder on storage that all machines share, as fsspec has it: a job that was not finished
            is resumed, if it is started again with the same dataset. With ``None`` it starts from the first record.
        restart: Whether an unfinished job starts from the first record, too.
        id_column: The column of the integration ID.
        to_record: Makes a record as for ``ProfileSync`` of a row, a mapping by column; it is pickled. By default each
            other column is an attribute of its name, and null is left out.
        rate: Maximum requests per second of all workers together; ``None`` for no limit. It is lowered for all while
            the API is overloaded.
        min_workers: Actors that are there from start to end.
        max_workers: Actors at most: more are started while there is work and room for them.
        concurrency: Maximum requests in flight of one partition; an actor has four partitions.
        redact: Whether to leave the values of attributes, and IDs, out of the rejects.
        actor_options: Ray's options for the actors, such as ``{"num_cpus": 0.5, "runtime_env": …}``. They travel with
            the plan: a secret does not belong there.

    Raises:
        JobStoppedError: The API rejects every call or all records of a first large batch, or cannot be reached from a
            worker. What is processed remains so.
        SourceChangedError: The records are not those of the unfinished job.
        CheckpointError: What the folder has of the job is damaged.
        OSError: The folder cannot be read or written.
        TypeError: A setting has a wrong type.
        ValueError: A setting is invalid, also where a worker runs; or the dataset has no column for the IDs.
        RuntimeError: Workers are lost again and again with the same partition.

    API: ``updateCustomerProfilesV2``, PUT /v2/customer_profiles.
    """
    validate_positive_int("min_workers", min_workers)
    if validate_positive_int("max_workers", max_workers) < min_workers:
        raise ValueError("max_workers must not be below min_workers")
    if rate is not None:
        validate_rate(rate)
    started = monotonic()
    plan = Plan.start(
        connection,
        job=job,
        checkpoint=checkpoint,
        restart=restart,
        buckets=max(MIN_BUCKETS, BUCKETS_PER_WORKER * max_workers),
        id_column=id_column,
        to_record=to_record,
        redact=redact,
        concurrency=concurrency,
    )
    # An actor that Ray restarted would have no client, and a task that Ray retried no place in the order.
    options = {**_ACTOR_OPTIONS, **(actor_options or {}), "max_restarts": 0, "max_task_retries": 0}
    dispatch = Dispatch(plan, Pool(min_workers, max_workers, options), _keeper(rate))
    source, rejects = Partitioner(id_column, plan.run.buckets), _Rejects()
    with closing(dispatch.run(_partitions(dataset, source))) as results:
        for result in results:
            rejects.add(result.rejects)
    report = total(
        job,
        dispatch.reports,
        unsent=source.end - sum(one.records for one in dispatch.reports),
        seconds=monotonic() - started,
        finished=dispatch.failure is None,
    )
    if dispatch.failure is not None:
        raise _failure(dispatch.failure, report)
    plan.finish()
    return SyncResult(report, rejects.dataset())


def _keeper(rate: float | None) -> Any:
    if rate is None:
        return None
    options = {"num_cpus": 0, "max_restarts": -1, "max_task_retries": -1}
    return ray.remote(PaceKeeper).options(**options).remote(rate)


def _partitions(dataset: Tables, source: Partitioner) -> Generator[Partition, None, None]:
    """Read the dataset in its order, and yield its partitions."""
    with _in_order(dataset):
        for table in dataset.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=1):
            yield from source.add(table)
    yield from source.rest()


@contextmanager
def _in_order(dataset: Tables) -> Iterator[None]:
    """Have a dataset of Ray yield its blocks in their order, rather than as they come."""
    context = getattr(dataset, "context", None)
    if context is None:
        yield
        return
    options, earlier = context.execution_options, context.execution_options.preserve_order
    options.preserve_order = True
    try:
        yield
    finally:
        options.preserve_order = earlier


def _failure(failure: Exception, report: Report) -> Exception:
    """Return what a job raises that something stopped: that of a worker tells of its partition alone."""
    if isinstance(failure, JobStoppedError):
        error = job_stopped(report, failure.reason, failure.operation_id, failure.outcome)
        error.__cause__ = failure.__cause__
        return error
    failure.add_note(f"before this, {report.accepted} records were accepted and {report.rejected} rejected")
    return failure


@define
class _Rejects:
    """Rejects on their way into a dataset, whose blocks this process owns: no worker takes them along when it ends."""

    _rows: list[Mapping[str, Any]] = field(factory=list)
    _blocks: list[Any] = field(factory=list)

    def add(self, rejects: Iterable[Mapping[str, Any]]) -> None:
        """Add the rejects of a partition."""
        self._rows += map(reject_row, rejects)
        if len(self._rows) >= _REJECTS_OF_A_BLOCK:
            self._put()

    def dataset(self) -> Dataset:
        """Return all of them."""
        if self._rows or not self._blocks:
            self._put()
        dataset: Dataset = ray.data.from_arrow_refs(self._blocks)
        return dataset

    def _put(self) -> None:
        self._blocks.append(ray.put(pa.Table.from_pylist(self._rows, schema=_REJECTS)))
        self._rows = []
