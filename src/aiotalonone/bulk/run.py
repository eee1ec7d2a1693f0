"""One run of a job: several batches in flight, until the source ends or something stops the job."""

import asyncio
from contextlib import aclosing
from typing import Final

from attrs import define, field

from aiotalonone.bulk.batches import Batch, build_batches
from aiotalonone.bulk.checkpoint import BatchResult
from aiotalonone.bulk.concurrency import StopRequestedError
from aiotalonone.bulk.delivery import Delivery
from aiotalonone.bulk.journal import Journal
from aiotalonone.bulk.rejects import Reject
from aiotalonone.bulk.sender import Sender
from aiotalonone.bulk.source import Source

ABORT_AFTER_REJECTED: Final = 100
"""Size from which a batch stops the job if all its records are rejected before any was accepted: they share a cause."""


class AllRecordsRejectedError(Exception):
    """The job would reject every record."""


@define(eq=False)
class Run:
    """The batches in flight, and what stopped the job."""

    sender: Sender
    journal: Journal
    failure: Exception | None = None
    """The first exception that stopped the job."""
    _in_flight: int = 0
    _customers_in_flight: set[str] = field(factory=set)
    _batch_done: asyncio.Event = field(factory=asyncio.Event)

    async def run(self, source: Source, max_request_bytes: int) -> bool:
        """Send all batches, and return whether every record is processed.

        A failure stops the job: no further request is started, and those in flight are awaited.
        """
        read_whole = False
        async with asyncio.TaskGroup() as deliveries:
            try:
                await self._send_all(source, max_request_bytes, deliveries)
                read_whole = True
            except StopRequestedError:
                pass
            except Exception as error:  # noqa: BLE001 - perhaps the source's: raised when no batch is in flight
                self._fail(error)
        finished = read_whole and self.sender.counters.processed == self.sender.counters.read
        if finished:
            await self.journal.finish()
        return finished

    async def _send_all(self, source: Source, max_request_bytes: int, deliveries: asyncio.TaskGroup) -> None:
        counters, checkpoint = self.sender.counters, self.journal.checkpoint
        async with aclosing(build_batches(source, self.sender.kind, max_request_bytes)) as batches:
            async for batch in batches:
                counters.read += batch.size
                if result := checkpoint.earlier_result(batch):
                    counters.resumed += result.size
                    self._count(result)
                    continue
                await self._wait_for_capacity(batch)
                deliveries.create_task(self._deliver(batch))
        checkpoint.check_source_end(counters.read)

    async def _wait_for_capacity(self, batch: Batch) -> None:
        """Wait until another batch may be in flight, and no batch in flight has a customer in common with it."""
        concurrency = self.sender.concurrency
        while self._in_flight >= concurrency.limit or not self._customers_in_flight.isdisjoint(batch.customers):
            self._batch_done.clear()
            await self._batch_done.wait()
        self.sender.stop.check()
        self._in_flight += 1
        self._customers_in_flight |= batch.customers

    async def _deliver(self, batch: Batch) -> None:
        try:
            rejects = await Delivery(self.sender, batch).deliver()
            self._abort_if_all_rejected(batch, rejects)
            self._count(await self.journal.record(batch, rejects))
            self.sender.counters.merged += sum(len(parts) - 1 for parts in batch.parts.values())
        except StopRequestedError:
            pass
        except Exception as error:  # noqa: BLE001 - raised when no batch is in flight
            self._fail(error)
        finally:
            self._in_flight -= 1
            self._customers_in_flight -= batch.customers
            self._batch_done.set()

    def _abort_if_all_rejected(self, batch: Batch, rejects: list[Reject]) -> None:
        """Check that the records themselves can be at fault, rather than the job.

        Raises:
            AllRecordsRejectedError: A whole large batch was rejected, and no record was accepted before.
        """
        if len(rejects) == batch.size >= ABORT_AFTER_REJECTED and not self.sender.counters.accepted:
            reason = rejects[0].safe_message
            raise AllRecordsRejectedError(f"all of its first {batch.size} records were rejected ({reason})")

    def _count(self, result: BatchResult) -> None:
        self.sender.counters.accepted += result.accepted
        self.sender.counters.rejected += result.rejected

    def _fail(self, error: Exception) -> None:
        self.failure = self.failure or error
        self.sender.stop.request()
