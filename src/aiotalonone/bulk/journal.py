"""What a job writes to disk: its checkpoint and its rejects, together, in a thread of their own."""

from asyncio import Lock, get_running_loop
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from attrs import define, field

from aiotalonone.bulk.batches import Batch
from aiotalonone.bulk.checkpoint import BatchResult, Checkpoint
from aiotalonone.bulk.rejects import Reject, RejectFile

T = TypeVar("T")


@define(eq=False)
class Journal:
    """The result of each batch, on disk."""

    checkpoint: Checkpoint
    _rejects: RejectFile
    _thread: ThreadPoolExecutor
    _lock: Lock = field(factory=Lock)
    _pending: list[tuple[BatchResult, list[Reject]]] = field(factory=list)

    async def record(self, batch: Batch, rejects: list[Reject]) -> BatchResult:
        """Write the result of a batch, together with all others that wait for the disk, and return it."""
        result = BatchResult(batch.first, batch.size, batch.size - len(rejects), len(rejects), batch.digest)
        self._pending.append((result, rejects))
        async with self._lock:
            if self._pending:  # the task that held the lock before has not written it
                entries, self._pending = self._pending, []
                await _run_in(self._thread, lambda: self._write(entries))
        return result

    async def finish(self) -> None:
        """Record that the job is finished."""
        await _run_in(self._thread, self.checkpoint.finish)

    def _write(self, entries: list[tuple[BatchResult, list[Reject]]]) -> None:
        # Rejects first: the next run cuts off those that the checkpoint does not know.
        length = self._rejects.append(reject for _, rejects in entries for reject in rejects)
        self.checkpoint.record([result for result, _ in entries], length)


@asynccontextmanager
async def open_journal(
    open_checkpoint: Callable[[], Checkpoint], rejects: Path, *, redact: bool
) -> AsyncIterator[Journal]:
    """Open the journal of a run, and close it when everything is written.

    Raises:
        CheckpointError: The checkpoint belongs to another job, or another process has it open.
        OSError: A file cannot be written.
    """
    with ThreadPoolExecutor(1, "aiotalonone-journal") as thread:
        checkpoint = await _run_in(thread, open_checkpoint)
        try:
            file = await _run_in(thread, lambda: RejectFile(rejects, redact=redact, kept=checkpoint.rejects_length))
            try:
                yield Journal(checkpoint, file, thread)
            finally:
                await _run_in(thread, file.close)
        finally:
            await _run_in(thread, checkpoint.close)


async def _run_in(thread: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await get_running_loop().run_in_executor(thread, work)
