"""A job as its owner sees it: run it, watch it, stop it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import ClassVar, Final

from aiotalonone.bulk.batches import Batch, batches_of
from aiotalonone.bulk.books import open_books
from aiotalonone.bulk.checkpoint import Checkpoint, CheckpointFile, NoCheckpoint
from aiotalonone.bulk.pace import Pace
from aiotalonone.bulk.report import Report, Snapshot, Tally
from aiotalonone.bulk.run import NothingAcceptedError, Run
from aiotalonone.bulk.sending import Sender
from aiotalonone.bulk.source import Source, exact_length, expected_length
from aiotalonone.bulk.stop import Stop
from aiotalonone.bulk.subject import Subject
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.errors import Outcome, TalonOneError
from aiotalonone.settings import RetryPolicy, validate_positive_int

_MEBIBYTE: Final = 1024 * 1024
PATIENCE: Final = RetryPolicy(attempts=8, initial_backoff=0.5, max_backoff=30.0, max_retry_after=300.0)
"""An outage of a minute or two is waited for."""


class JobStoppedError(TalonOneError):
    """A job ended before its records were settled: the API refuses every call or every record, or cannot be reached.

    Attributes:
        report: What became of the records.
        outcome: That of the request that ended the job.
        __cause__: What that request failed with.
    """

    def __init__(self, report: Report, reason: str, *, operation_id: str, outcome: Outcome) -> None:
        summary = f"the job {report.job!r} stopped: {reason}; records not attempted: {report.not_attempted}"
        super().__init__(summary, operation_id=operation_id, outcome=outcome)
        self.report = report


class Job:
    """What jobs have in common.

    Args:
        client: Open; its retry policy does not count here, its other options hold.
        job: The job's name, for its checkpoint and its report.
        rejects: Where each record goes that was not accepted, as a line of NDJSON. A new job overwrites the file.
        checkpoint: Where the job remembers what is settled, in SQLite: after a crash or a stop, the next ``run`` with
            the same source goes on behind it. ``None`` begins anew each time.
        redact: Keeps the values of attributes out of the file of rejects.
        rate: Requests per second at most, evenly spread; needs the extra ``bulk``. ``None`` for no limit.
        concurrency: Requests under way at most; there are fewer where the API cannot bear them.
        most_bytes: How large the records of one request may be together; there are never more than 1000.
        retry: When a request that failed is sent again, besides those whose records are rejected.

    Raises:
        ValueError: A setting cannot be used.
    """

    _subject: ClassVar[Subject]

    def __init__(
        self,
        client: AsyncIntegrationClient,
        *,
        job: str,
        rejects: Path | str,
        checkpoint: Path | str | None = None,
        redact: bool = False,
        rate: float | None = None,
        concurrency: int = 16,
        most_bytes: int = _MEBIBYTE,
        retry: RetryPolicy = PATIENCE,
    ) -> None:
        self._client = client.with_options(retry=RetryPolicy(attempts=1))
        self._job = job
        self._rejects = Path(rejects)
        self._checkpoint = None if checkpoint is None else Path(checkpoint)
        self._redact = redact
        self._most_bytes = validate_positive_int("most_bytes", most_bytes)
        self._retry = retry
        self._stop = Stop()
        self._pace = Pace(validate_positive_int("concurrency", concurrency), rate, self._stop)
        self._tally = Tally()
        self._source: Source = ()
        self._began: float | None = None
        self._over = asyncio.Event()

    @classmethod
    def batches(cls, records: Source, *, most_bytes: int = _MEBIBYTE) -> AsyncGenerator[Batch, None]:
        """What a job would send, request by request, and which records it would set aside at once; nothing is sent.

        Args:
            records: As ``run`` takes them.
            most_bytes: As the job has it.
        """
        return batches_of(records, cls._subject, validate_positive_int("most_bytes", most_bytes))

    async def run(self, records: Source, *, restart: bool = False) -> Report:
        """Send records until all are settled, once.

        Two records of one customer are never under way at once, and the later one wins. The API's answers decide
        which of them are accepted; each of the others becomes a line in the file of rejects.

        Args:
            records: Any iterable or async iterable of models or mappings; it is read as it is needed. Continuing an
                earlier run takes the same records in the same order.
            restart: Whether to begin anew where an earlier run was not finished.

        Returns:
            What became of the records; not finished where ``stop`` was called.

        Raises:
            JobStoppedError: The API refuses every call, or the first hundred records and more, or cannot be reached.
                What is settled remains so.
            SourceChangedError: The records are not those of the unfinished job; ``restart`` begins anew.
            CheckpointError: The checkpoint belongs to another job, or is none.
            JobRunningError: Another process runs the job.
            OSError: A file cannot be written.
            RuntimeError: This object has run already.
        """
        if self._began is not None:
            raise RuntimeError("a job runs once: make another object for the next run")
        self._source, self._began = records, asyncio.get_running_loop().time()
        try:
            async with open_books(lambda: self._memory(restart=restart), self._rejects, redact=self._redact) as books:
                sender = Sender(
                    client=self._client,
                    subject=self._subject,
                    run=books.checkpoint.run,
                    retry=self._retry,
                    pace=self._pace,
                    stop=self._stop,
                    tally=self._tally,
                )
                run = Run(sender=sender, books=books)
                finished = await run.drive(records, self._most_bytes)
        finally:
            self._over.set()
        return self._result(run.failure, finished=finished)

    def stop(self) -> None:
        """Begin no further request; ``run`` returns when those under way are answered."""
        self._stop.request()

    async def progress(self, every: float = 1.0) -> AsyncIterator[Snapshot]:
        """How far the job has come, now and then until it is over.

        Args:
            every: Seconds between one snapshot and the next.
        """
        while not self._over.is_set():
            yield self.snapshot()
            try:
                async with asyncio.timeout(every):
                    await self._over.wait()
            except TimeoutError:
                continue
        yield self.snapshot()

    def snapshot(self) -> Snapshot:
        """How far the job has come."""
        return self._tally.snapshot(
            total=expected_length(self._source), seconds=self._seconds(), concurrency=self._pace.limit
        )

    def _memory(self, *, restart: bool) -> Checkpoint:
        if self._checkpoint is None:
            return NoCheckpoint()
        return CheckpointFile(
            self._checkpoint,
            job=self._job,
            operation_id=self._subject.operation_id,
            most_bytes=self._most_bytes,
            restart=restart,
        )

    def _result(self, failure: Exception | None, *, finished: bool) -> Report:
        report = self._tally.report(
            self._job, length=exact_length(self._source), seconds=self._seconds(), finished=finished
        )
        if isinstance(failure, (TalonOneError, NothingAcceptedError)):
            outcome = failure.outcome if isinstance(failure, TalonOneError) else Outcome.REJECTED
            reason = str(failure.args[0])
            raise JobStoppedError(report, reason, operation_id=self._subject.operation_id, outcome=outcome) from failure
        if failure is not None:
            failure.add_note(f"{report.accepted} records were accepted before, and {report.rejected} rejected")
            raise failure
        return report

    def _seconds(self) -> float:
        return 0.0 if self._began is None else asyncio.get_running_loop().time() - self._began
