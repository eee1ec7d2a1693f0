"""One run of a job: several batches in flight, until the source ends or something stops the job."""

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Final, Protocol

from attrs import define, field

from aiotalonone.bulk.batches import Batch, build_batches
from aiotalonone.bulk.checkpoint import BatchResult, CheckpointError, EarlierResults
from aiotalonone.bulk.concurrency import StopRequestedError
from aiotalonone.bulk.delivery import Delivery, Findings
from aiotalonone.bulk.rejects import Reject
from aiotalonone.bulk.sender import Sender
from aiotalonone.bulk.source import Source
from aiotalonone.errors import Outcome, TalonOneError
from aiotalonone.pipeline.outcome import combine_outcomes
from aiotalonone.pipeline.redaction import cause_chain

ABORT_AFTER_REJECTED: Final = 100
"""Size from which the first batch of a source stops the job if all its records are rejected: they share a cause."""


class AllRecordsRejectedError(Exception):
    """The job would reject every record."""


_PACKAGE: Final = str(Path(__file__).parent.parent)
_TOLD: Final = (AllRecordsRejectedError, CheckpointError, OSError, TalonOneError)


class Results(Protocol):
    """Where the result of each batch is kept."""

    @property
    def checkpoint(self) -> EarlierResults:
        """What earlier runs have processed."""
        ...

    async def record(self, batch: Batch, rejects: list[Reject]) -> BatchResult:
        """Keep the result of a batch, and return it."""
        ...

    async def finish(self) -> None:
        """Keep that all batches are processed."""
        ...


@define(eq=False)
class Run:
    """The batches in flight, and what stopped the job."""

    sender: Sender
    journal: Results = field(repr=False)
    may_reject_all: bool = False
    """Whether the first batch, rejected whole, is not taken for a sign that the job is at fault."""
    failure: Exception | None = None
    """The first exception that stopped the job."""
    outcome: Outcome = Outcome.NOT_SENT
    """What is known of the batches that were sent, or partly sent, and do not count as processed."""
    _read_whole: bool = False
    _first_settled: asyncio.Event = field(factory=asyncio.Event)
    """Set when the first batch of the source is processed, or stays unprocessed."""
    _findings: Findings = field(factory=Findings)
    _in_flight: int = 0
    _entities_in_flight: set[str] = field(factory=set, repr=False)
    _batch_done: asyncio.Event = field(factory=asyncio.Event)

    async def run(self, source: Source, max_request_bytes: int) -> bool:
        """Send all batches, and return whether every record is processed.

        A failure stops the job: no further request is started, and those in flight are awaited.
        """
        stop = self.sender.stop
        async with asyncio.TaskGroup() as deliveries:
            reading = deliveries.create_task(self._read(source, max_request_bytes, deliveries))
            stop.add_callback(reading.cancel)  # it may wait for its source for ever
        stop.remove_callback(reading.cancel)
        if reading.cancelled() and not stop.is_requested:  # by the source
            raise asyncio.CancelledError
        counters = self.sender.counters
        if not self._read_whole and not isinstance(self.failure, CheckpointError):
            for result in self.journal.checkpoint.unread_results():
                self._count_earlier(result)
        if not self._read_whole or counters.processed < counters.read:
            return False
        try:
            await self.journal.finish()
        except OSError as error:
            self._fail(error)
        return self.failure is None

    async def _read(self, source: Source, max_request_bytes: int, deliveries: asyncio.TaskGroup) -> None:
        """Read the source and start to send its batches, until its end or until the job stops."""
        try:
            await self._send_all(source, max_request_bytes, deliveries)
            self._read_whole = True
        except StopRequestedError:
            pass
        except Exception as error:  # noqa: BLE001 - perhaps the source's: raised when no batch is in flight
            self._fail(error)

    async def _send_all(self, source: Source, max_request_bytes: int, deliveries: asyncio.TaskGroup) -> None:
        counters, checkpoint = self.sender.counters, self.journal.checkpoint
        async with aclosing(build_batches(source, self.sender.kind, max_request_bytes)) as batches:
            async for batch in batches:
                if result := checkpoint.earlier_result(batch):
                    self._first_settled.set()
                    self._count_earlier(result)
                    continue
                counters.read += batch.size
                await self._wait_for_capacity(batch)
                deliveries.create_task(self._deliver(batch))
        checkpoint.check_source_end(counters.read)

    async def _wait_for_capacity(self, batch: Batch) -> None:
        """Wait until another batch may be in flight, and no batch in flight updates what it updates."""
        concurrency = self.sender.concurrency
        while self._in_flight >= concurrency.limit or not self._entities_in_flight.isdisjoint(batch.entities):
            self._batch_done.clear()
            await self._batch_done.wait()
        self.sender.stop.check()
        self._in_flight += 1
        self._entities_in_flight |= batch.entities

    async def _deliver(self, batch: Batch) -> None:
        delivery = Delivery(self.sender, batch, self._findings)
        try:
            rejects = await delivery.deliver()
            if len(rejects) == batch.size >= ABORT_AFTER_REJECTED and not self.may_reject_all:
                await self._require_acceptable(batch, rejects[0])
            self._count(await self.journal.record(batch, rejects))
            self.sender.counters.merged += sum(len(parts) - 1 for parts in batch.parts.values())
        except StopRequestedError:
            self.outcome = combine_outcomes(self.outcome, delivery.outcome)
        except Exception as error:  # noqa: BLE001 - raised when no batch is in flight
            self.outcome = combine_outcomes(self.outcome, delivery.outcome)
            self._fail(error)
        finally:
            if batch.first == 0:
                self._first_settled.set()
            self._in_flight -= 1
            self._entities_in_flight -= batch.entities
            self._batch_done.set()

    async def _require_acceptable(self, batch: Batch, reject: Reject) -> None:
        """Check that the records of a batch that was rejected whole can be at fault, rather than the job.

        Raises:
            AllRecordsRejectedError: It is the first of the source, and no record was accepted before.
            StopRequestedError: It is another one, and the job stops for that reason.
        """
        if batch.first == 0:
            if not self.sender.counters.accepted:
                reason = f"all of its first {batch.size} records were rejected ({reject.safe_message})"
                raise AllRecordsRejectedError(reason)
            return
        await self._first_settled.wait()
        if isinstance(self.failure, AllRecordsRejectedError):
            raise StopRequestedError

    def _count_earlier(self, result: BatchResult) -> None:
        self.sender.counters.read += result.size
        self.sender.counters.resumed += result.size
        self._count(result)

    def _count(self, result: BatchResult) -> None:
        self.sender.counters.accepted += result.accepted
        self.sender.counters.rejected += result.rejected

    def _fail(self, error: Exception) -> None:
        _strip_own_frames(error)
        self.failure = self.failure or error
        self.sender.stop.request()


def _strip_own_frames(failure: Exception) -> None:
    """Leave of its tracebacks what happened below our code, in a source: the variables of ours hold records.

    Tools that report errors would show them. An error that nothing here raises on purpose keeps its traceback.
    """
    for link in cause_chain(failure):
        below = step = link.__traceback__
        while step is not None:
            if step.tb_frame.f_code.co_filename.startswith(_PACKAGE):
                below = step.tb_next
            step = step.tb_next
        if below is not None or isinstance(link, _TOLD):
            link.__traceback__ = below
