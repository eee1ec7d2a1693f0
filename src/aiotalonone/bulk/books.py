"""The books of a job: its checkpoint and its file of rejects, written together, in a thread of their own."""

from asyncio import Lock, get_running_loop
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from attrs import define, field

from aiotalonone.bulk.batches import Batch
from aiotalonone.bulk.checkpoint import Checkpoint, Settlement
from aiotalonone.bulk.rejects import Reject, RejectFile

T = TypeVar("T")


@define(eq=False)
class Books:
    """What became of each batch, on the disk."""

    checkpoint: Checkpoint
    _rejects: RejectFile
    _thread: ThreadPoolExecutor
    _lock: Lock = field(factory=Lock)
    _pending: list[tuple[Settlement, list[Reject]]] = field(factory=list)

    async def settle(self, batch: Batch, rejects: list[Reject]) -> Settlement:
        """Write down what became of a batch, together with all others that wait for the disk."""
        settlement = Settlement(batch.first, batch.size, batch.size - len(rejects), len(rejects), batch.digest)
        self._pending.append((settlement, rejects))
        async with self._lock:
            if self._pending:  # whoever had the lock before did not write it
                entries, self._pending = self._pending, []
                await _in(self._thread, lambda: self._write(entries))
        return settlement

    async def finish(self) -> None:
        """Everything is settled."""
        await _in(self._thread, self.checkpoint.finish)

    def _write(self, entries: list[tuple[Settlement, list[Reject]]]) -> None:
        # The rejects first: what the checkpoint does not know of them is cut off by the next run.
        length = self._rejects.append(reject for _, rejects in entries for reject in rejects)
        self.checkpoint.settle([settlement for settlement, _ in entries], length)


@asynccontextmanager
async def open_books(checkpoint: Callable[[], Checkpoint], rejects: Path, *, redact: bool) -> AsyncIterator[Books]:
    """The books of a run, closed when all is written.

    Raises:
        CheckpointError: The checkpoint does not fit the job, or another process has it open.
        OSError: A file cannot be written.
    """
    with ThreadPoolExecutor(1, "aiotalonone-books") as thread:
        memory = await _in(thread, checkpoint)
        try:
            file = await _in(thread, lambda: RejectFile(rejects, redact=redact, kept=memory.rejects_length))
            try:
                yield Books(memory, file, thread)
            finally:
                await _in(thread, file.close)
        finally:
            await _in(thread, memory.close)


async def _in(thread: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await get_running_loop().run_in_executor(thread, work)
