"""One partition of a job's records, sent by a worker of a cluster, whatever the cluster is."""

from asyncio import get_running_loop, to_thread
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, Protocol, Self

from attrs import asdict, field, frozen

from aiotalonone import codec
from aiotalonone.bulk.batches import Batch
from aiotalonone.bulk.checkpoint import BatchResult, CheckpointError, EarlierResults
from aiotalonone.bulk.concurrency import AdaptiveConcurrency
from aiotalonone.bulk.failure import raise_failure
from aiotalonone.bulk.job import DEFAULT_RETRY, MEBIBYTE
from aiotalonone.bulk.kinds import Profiles
from aiotalonone.bulk.rejects import Reject
from aiotalonone.bulk.report import Counters, Report
from aiotalonone.bulk.run import Run
from aiotalonone.bulk.sender import Sender
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.settings import RetryPolicy

_POSITION: Final = itemgetter("position")


@frozen
class PartitionResult:
    """What became of the records of a partition."""

    report: Report
    rejects: Sequence[Mapping[str, Any]] = field(repr=False)
    """One for each record that was not accepted, as in the rejects file of a job: ``position``, ``record``, ``status``,
    ``message`` and ``pointer``. Positions count from the partition's first record."""


class PartitionStore(Protocol):
    """Keeps the results of partitions, for a job that is started again."""

    def load(self, key: str) -> bytes | None:
        """Return what was saved under a key, or ``None``."""
        ...

    def save(self, key: str, content: bytes) -> None:
        """Save a content whole, or not at all."""
        ...


async def send_partition(
    records: Sequence[Any],
    client: AsyncIntegrationClient,
    *,
    key: str,
    limit: AdaptiveConcurrency,
    store: PartitionStore | None = None,
    redact: bool = False,
    may_reject_all: bool = False,
) -> PartitionResult:
    """Send the attributes of the customer profiles of one partition.

    All records of one customer must be in one partition, or in partitions that are sent one after the other. A
    partition that is sent again, because its worker died, takes the same key: its requests have the same idempotency
    keys, so that the API applies none of them twice.

    Args:
        records: As for ``ProfileSync.run``.
        client: An open client. Its options hold, except for its retry policy.
        key: Name of the partition in its job, with the job's run: no other partition may have it, ever.
        limit: How many requests may be in flight, and when they start; all partitions of a process may share it.
        store: Has the result of a partition that was processed before, which is then not sent again.
        redact: Whether to leave the values of attributes out of the rejects.
        may_reject_all: Whether other partitions show that the API accepts records: then it may reject all of this one.

    Raises:
        JobStoppedError: The API rejects every call or all records of a first large batch, or cannot be reached.
        SourceChangedError: The records are not those that the store has a result of.
        CheckpointError: What the store has is damaged.
        OSError: The store cannot be read or written.

    API: ``updateCustomerProfilesV2``, PUT /v2/customer_profiles.
    """
    loop, counters, kind = get_running_loop(), Counters(), Profiles()
    started = loop.time()
    results = await _Results.open(key, store, redact=redact)
    sender = Sender(
        client=client.with_options(retry=RetryPolicy(attempts=1)),
        kind=kind,
        run=key,
        retry=DEFAULT_RETRY,
        concurrency=limit,
        stop=limit.stop,
        counters=counters,
    )
    run = Run(sender=sender, journal=results, may_reject_all=may_reject_all)
    finished = await run.run(records, MEBIBYTE)
    report = counters.report(key, length=len(records), seconds=loop.time() - started, finished=finished)
    raise_failure(run, report, kind.operation.operation_id)
    return PartitionResult(report, results.rejects)


class _Results:
    """The results of a partition's batches, saved together when the last one is known."""

    def __init__(self, key: str, store: PartitionStore | None, *, redact: bool, saved: bytes | None) -> None:
        self._key, self._store, self._redact = key, store, redact
        self._results: list[BatchResult] = []
        earlier, self._rejects = _read(key, saved)
        self.checkpoint = EarlierResults(earlier)

    @classmethod
    async def open(cls, key: str, store: PartitionStore | None, *, redact: bool) -> Self:
        saved = None if store is None else await to_thread(store.load, key)
        return cls(key, store, redact=redact, saved=saved)

    @property
    def rejects(self) -> list[dict[str, Any]]:
        """Those of all batches, in the order of the records."""
        return sorted(self._rejects, key=_POSITION)

    async def record(self, batch: Batch, rejects: list[Reject]) -> BatchResult:
        """Note the result of a batch, and return it."""
        result = BatchResult(batch.first, batch.size, batch.size - len(rejects), len(rejects), batch.digest)
        self._results.append(result)
        self._rejects += [codec.loads_exact_numbers(reject.line(redact=self._redact)) for reject in rejects]
        return result

    async def finish(self) -> None:
        """Save the results, unless the store has them.

        Raises:
            OSError: They cannot be saved.
        """
        if self._store is None or not self._results:
            return
        results = [{**asdict(result), "digest": result.digest.hex()} for result in self._results]
        content = codec.encode({"results": results, "rejects": self.rejects})
        await to_thread(self._store.save, self._key, content)


def _read(key: str, saved: bytes | None) -> tuple[list[BatchResult], list[dict[str, Any]]]:
    """Return the results and the rejects that were saved, if any were.

    Raises:
        CheckpointError: They are damaged.
    """
    if saved is None:
        return [], []
    try:
        content = codec.loads_exact_numbers(saved)
        results = [BatchResult(**{**one, "digest": bytes.fromhex(one["digest"])}) for one in content["results"]]
        rejects = sorted(content["rejects"], key=_POSITION)
        if all(result.is_plausible for result in results) and len(rejects) == sum(one.rejected for one in results):
            return results, rejects
    except (KeyError, TypeError, ValueError):
        pass
    raise CheckpointError(f"what the store has of the partition {key!r} is damaged")
