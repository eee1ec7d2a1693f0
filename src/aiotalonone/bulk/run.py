"""One run of a job: batches go out side by side, until the source is at its end or something stops the job."""

import asyncio
from contextlib import aclosing
from typing import Final

from attrs import define, field

from aiotalonone.bulk.batches import Batch, batches_of
from aiotalonone.bulk.books import Books
from aiotalonone.bulk.checkpoint import Settlement
from aiotalonone.bulk.delivery import Delivery
from aiotalonone.bulk.rejects import Reject
from aiotalonone.bulk.sending import Sender
from aiotalonone.bulk.source import Source
from aiotalonone.bulk.stop import StopRequestedError

HOPELESS: Final = 100
"""So many records that are all rejected, before any is accepted, have their fault in common."""


class NothingAcceptedError(Exception):
    """The job would reject every record."""


@define(eq=False)
class Run:
    """The batches that are under way."""

    sender: Sender
    books: Books
    failure: Exception | None = None
    """What stopped the job, if anything did."""
    _under_way: int = 0
    _busy: set[str] = field(factory=set)
    """The customers of all batches under way."""
    _landed: asyncio.Event = field(factory=asyncio.Event)

    async def drive(self, source: Source, most_bytes: int) -> bool:
        """Send batches until there are no more; whether everything is settled.

        Whatever fails stops the job: nothing further is begun, and what is under way is waited for.
        """
        read_whole = False
        async with asyncio.TaskGroup() as deliveries:
            try:
                await self._send_all(source, most_bytes, deliveries)
                read_whole = True
            except StopRequestedError:
                pass
            except Exception as failure:  # noqa: BLE001 - of the source, perhaps: raised when all is landed
                self._fail(failure)
        finished = read_whole and self.sender.tally.settled == self.sender.tally.read
        if finished:
            await self.books.finish()
        return finished

    async def _send_all(self, source: Source, most_bytes: int, deliveries: asyncio.TaskGroup) -> None:
        tally, checkpoint = self.sender.tally, self.books.checkpoint
        async with aclosing(batches_of(source, self.sender.subject, most_bytes)) as batches:
            async for batch in batches:
                tally.read += batch.size
                if settlement := checkpoint.settled(batch):
                    tally.settled_before += settlement.size
                    self._count(settlement)
                    continue
                await self._admit(batch)
                deliveries.create_task(self._deliver(batch))
        checkpoint.require_nothing_beyond(tally.read)

    async def _admit(self, batch: Batch) -> None:
        """Wait until the pace has room for a batch, and none of its customers is under way."""
        while self._under_way >= self.sender.pace.limit or not self._busy.isdisjoint(batch.customers):
            self._landed.clear()
            await self._landed.wait()
        self.sender.stop.check()
        self._under_way += 1
        self._busy |= batch.customers

    async def _deliver(self, batch: Batch) -> None:
        try:
            rejects = await Delivery(self.sender, batch).settle()
            self._require_hope(batch, rejects)
            self._count(await self.books.settle(batch, rejects))
            self.sender.tally.merged += sum(len(parts) - 1 for parts in batch.parts.values())
        except StopRequestedError:
            pass
        except Exception as failure:  # noqa: BLE001 - raised when all is landed
            self._fail(failure)
        finally:
            self._under_way -= 1
            self._busy -= batch.customers
            self._landed.set()

    def _require_hope(self, batch: Batch, rejects: list[Reject]) -> None:
        """Go on only where the fault may be the records': if the first ones are all rejected, it is the job's.

        Raises:
            NothingAcceptedError: It is the job's.
        """
        if len(rejects) == batch.size >= HOPELESS and not self.sender.tally.accepted:
            raise NothingAcceptedError(f"all of its first {batch.size} records were rejected ({rejects[0].shareable})")

    def _count(self, settlement: Settlement) -> None:
        self.sender.tally.accepted += settlement.accepted
        self.sender.tally.rejected += settlement.rejected

    def _fail(self, failure: Exception) -> None:
        self.failure = self.failure or failure
        self.sender.stop.request()
