"""The public classes of bulk jobs: run a job, watch it, stop it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Final, Required, TypedDict, Unpack

from aiotalonone.bulk.batches import Batch, build_batches
from aiotalonone.bulk.catalog_actions import CatalogActions
from aiotalonone.bulk.checkpoint import Checkpoint, CheckpointFile, NoCheckpoint
from aiotalonone.bulk.concurrency import AdaptiveConcurrency, Stop
from aiotalonone.bulk.failure import raise_failure
from aiotalonone.bulk.journal import JobFiles, open_journal
from aiotalonone.bulk.kinds import Memberships, Profiles, RecordKind
from aiotalonone.bulk.pace import LocalPace
from aiotalonone.bulk.report import Counters, Report, Snapshot
from aiotalonone.bulk.run import Run
from aiotalonone.bulk.sender import Sender
from aiotalonone.bulk.source import Source, exact_length, expected_length
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.settings import RetryPolicy, validate_positive_int, validate_type

MEBIBYTE: Final = 1024 * 1024
DEFAULT_RETRY: Final = RetryPolicy(attempts=8, initial_backoff=0.5, max_backoff=30.0, max_retry_after=300.0)
"""Seven retries, with pauses of up to a minute in all; what a Retry-After asks for comes on top."""
DEFAULT_CONCURRENCY: Final = 16


class JobOptions(TypedDict, total=False):
    """Options that every job takes."""

    job: Required[str]
    rejects: Required[Path | str]
    checkpoint: Path | str | None
    redact: bool
    rate: float | None
    concurrency: int
    max_request_bytes: int
    retry: RetryPolicy


class Job:
    """What ``AudienceSync``, ``CatalogSync`` and ``ProfileSync`` have in common.

    Args:
        client: An open client. Its options hold, except for its retry policy.
        job: Name of the job, for its checkpoint and its report.
        rejects: NDJSON file for the records that are not accepted. A new job overwrites it. A new file can be read by
            its owner alone, as can a new checkpoint.
        checkpoint: SQLite file that records which batches are processed: after a crash or a stop, the next ``run`` with
            the same source resumes after them. With ``None`` each run starts from the first record.
        redact: Whether to leave the values of attributes out of the rejects file.
        rate: Maximum requests per second, started in even intervals; ``None`` for no limit.
        concurrency: Maximum requests in flight; the job lowers their number while the API is overloaded.
        max_request_bytes: Maximum size of a request with several records; it never has more than 1000.
        retry: When a failed request is retried; a request with rejected records is not retried.

    Raises:
        TypeError: A setting has a wrong type.
        ValueError: A setting is invalid.
    """

    _kind: RecordKind

    def __init__(
        self,
        client: AsyncIntegrationClient,
        *,
        job: str,
        rejects: Path | str,
        checkpoint: Path | str | None = None,
        redact: bool = False,
        rate: float | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        max_request_bytes: int = MEBIBYTE,
        retry: RetryPolicy = DEFAULT_RETRY,
    ) -> None:
        validate_type("job", job, str)
        validate_type("redact", redact, bool)
        validate_type("retry", retry, RetryPolicy)
        self._client = client.with_options(retry=RetryPolicy(attempts=1))
        self._job = job
        self._rejects = Path(rejects)
        self._checkpoint = None if checkpoint is None else Path(checkpoint)
        self._redact = redact
        self._max_request_bytes = validate_positive_int("max_request_bytes", max_request_bytes)
        self._retry = retry
        self._stop = Stop()
        pace = None if rate is None else LocalPace(rate)
        self._concurrency = AdaptiveConcurrency(validate_positive_int("concurrency", concurrency), pace, self._stop)
        self._counters = Counters()
        self._source: Source = ()
        self._started: float | None = None
        self._done = asyncio.Event()

    @classmethod
    def batches(cls, records: Source, *, max_request_bytes: int = MEBIBYTE) -> AsyncGenerator[Batch, None]:
        """Return the batches that a job would send, with the records that it would reject unsent. Nothing is sent.

        Args:
            records: As for ``run``.
            max_request_bytes: As for the job.
        """
        return build_batches(records, cls._kind, validate_positive_int("max_request_bytes", max_request_bytes))

    async def run(self, records: Source, *, restart: bool = False) -> Report:
        """Send records until each of them is accepted or rejected.

        Two records of one customer or item are never in flight at once, and the later one wins. Each record that the
        API rejects, or that cannot be sent, becomes a line in the rejects file.

        Args:
            records: Any iterable or async iterable of models or mappings, a new object each; it is read as needed, a
                plain one in a thread. To resume an earlier run, pass the same records in the same order.
            restart: Whether to start from the first record if an earlier run was not finished.

        Returns:
            The figures of the job; ``finished`` is False if ``stop`` ended it early.

        Raises:
            JobStoppedError: The API rejects every call or all records of a first large batch, or cannot be reached.
                What is processed remains so.
            SourceChangedError: The records are not those of the unfinished job; ``restart`` accepts them.
            CheckpointError: The checkpoint belongs to another job, is damaged or cannot be opened; or the rejects of an
                earlier run are gone; or both are one file.
            JobRunningError: Another run uses one of the files.
            OSError: A file cannot be written. What counts as processed is on the disk.
            ValueError: The source changes a record that it has yielded.
            RuntimeError: This object has run already.
        """
        if self._started is not None:
            raise RuntimeError("a job object runs once: create another one for the next run")
        self._source, self._started = records, asyncio.get_running_loop().time()
        try:
            files = JobFiles(
                self._rejects, self._redact, self._checkpoint, lambda: self._open_checkpoint(restart=restart)
            )
            async with open_journal(files) as journal:
                sender = Sender(
                    client=self._client,
                    kind=self._kind,
                    run=journal.checkpoint.run,
                    retry=self._retry,
                    concurrency=self._concurrency,
                    stop=self._stop,
                    counters=self._counters,
                )
                run = Run(sender=sender, journal=journal)
                finished = await run.run(records, self._max_request_bytes)
        finally:
            self._done.set()
            self._counters.retry_started.set()
        return self._result(run, finished=finished)

    def stop(self) -> None:
        """Start no further request; ``run`` returns when those in flight are finished."""
        self._stop.request()

    async def progress(self, every: float = 1.0) -> AsyncIterator[Snapshot]:
        """Yield snapshots until the job is done, and a last one then.

        One comes at once if a request failed and will be retried, so that the reason need not wait.

        Args:
            every: Seconds between two snapshots.
        """
        news = self._counters.retry_started
        was_told = False
        while not self._done.is_set():
            yield self.snapshot()
            if not self._done.is_set():
                news.clear()
            was_told = await _is_set_within(every, self._done if was_told else news)
        yield self.snapshot()

    def snapshot(self) -> Snapshot:
        """Return the current progress."""
        return self._counters.snapshot(
            total=expected_length(self._source), seconds=self._seconds(), concurrency=self._concurrency.limit
        )

    def _open_checkpoint(self, *, restart: bool) -> Checkpoint:
        if self._checkpoint is None:
            return NoCheckpoint()
        return CheckpointFile(
            self._checkpoint,
            job=self._job,
            operation_id=self._kind.destination,
            max_request_bytes=self._max_request_bytes,
            restart=restart,
        )

    def _result(self, run: Run, *, finished: bool) -> Report:
        length = None if finished else exact_length(self._source)  # what was read is the truth
        report = self._counters.report(self._job, length=length, seconds=self._seconds(), finished=finished)
        raise_failure(run, report, self._kind.operation.operation_id)
        return report

    def _seconds(self) -> float:
        return 0.0 if self._started is None else asyncio.get_running_loop().time() - self._started


async def _is_set_within(seconds: float, event: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


class ProfileSync(Job):
    """Sends the attributes of customer profiles.

    A record is a ``MultipleCustomerProfileIntegrationRequestItem``, or a mapping in JSON names such as
    ``{"integrationId": "c-1", "attributes": {"tier": "gold"}}``.

    API: ``updateCustomerProfilesV2``, PUT /v2/customer_profiles.
    """

    _kind = Profiles()


class AudienceSync(Job):
    """Sends which customers join and leave audiences.

    A record is a ``CustomerProfileAudienceRequestItem``, or a mapping in JSON names such as
    ``{"action": "add", "profileIntegrationId": "c-1", "audienceId": 7}``.

    API: ``updateCustomerProfileAudiences``, POST /v2/customer_audiences.
    """

    _kind = Memberships()


class CatalogSync(Job):
    """Sends the items of a catalog.

    A record is a ``CatalogAction``, or a mapping in JSON names such as
    ``{"type": "PATCH", "payload": {"sku": "tea", "price": 4, "createIfNotExists": True}}``. Its type is ``PATCH``,
    ``REMOVE``, ``ADD_PRICE_ADJUSTMENT``, or ``ADD`` with ``replaceIfExists``: what can be sent again if its response
    is lost. Records of different types go in different requests.

    Args:
        client: An open client. Its options hold, except for its retry policy.
        catalog_id: Talon.One's ID of the catalog.
        options: Those of every job.

    Raises:
        TypeError: A setting has a wrong type.
        ValueError: A setting is invalid.

    API: ``syncCatalog``, PUT /v1/catalogs/{catalogId}/sync.
    """

    _kind = CatalogActions()

    def __init__(self, client: AsyncIntegrationClient, *, catalog_id: int, **options: Unpack[JobOptions]) -> None:
        super().__init__(client, **options)
        self._kind = CatalogActions(validate_positive_int("catalog_id", catalog_id))
