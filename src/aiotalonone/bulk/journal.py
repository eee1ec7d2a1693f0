"""What a job writes to disk: its checkpoint and its rejects, together, in a thread of their own."""

import errno
import os
import stat
import sys
from asyncio import Lock, get_running_loop, shield
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from attrs import define, field

from aiotalonone.bulk.batches import Batch
from aiotalonone.bulk.checkpoint import BatchResult, Checkpoint, CheckpointError, JobRunningError, open_private
from aiotalonone.bulk.rejects import Reject

if sys.platform != "win32":
    from fcntl import LOCK_EX, LOCK_NB, flock

T = TypeVar("T")

_OF_A_CHECKPOINT: Final = ("", "-wal", "-shm", "-journal")
"""Endings of the files that SQLite makes of one name."""
_SQLITE_HEADER: Final = b"SQLite format 3\0"


class RejectFile:
    """The file that rejects are appended to, locked as long as it is open (on Windows it is not).

    Args:
        path: Path of the file. A new one can be read by its owner alone.
        redact: Whether to leave out the values of attributes.

    Raises:
        CheckpointError: It is the checkpoint of a job.
        JobRunningError: Another job has it open.
        OSError: It cannot be opened for writing, or is not a regular file.
    """

    def __init__(self, path: Path, *, redact: bool) -> None:
        self._path = path
        self._redact = redact
        self._length = 0
        with self._errors("opened"):
            self._descriptor, self._is_new = open_private(path)
        try:
            with self._errors("opened"):
                self._check()
        except BaseException:
            self.close()
            raise
        if self._is_new:
            _sync_folder(path.parent)

    def resume(self, length: int) -> None:
        """Keep what an earlier run has recorded, and cut off the rest.

        Args:
            length: Of what it has recorded, in bytes.

        Raises:
            CheckpointError: The file does not have it any more.
        """
        with self._errors("read"):
            size = os.fstat(self._descriptor).st_size
            os.lseek(self._descriptor, max(0, length - 1), os.SEEK_SET)
            if size < length or (length and os.read(self._descriptor, 1) != b"\n"):
                raise CheckpointError(
                    f"{self._path} does not hold the {length} bytes of rejects that an earlier run of this job wrote: "
                    "bring them back, or start over with restart=True"
                )
            os.ftruncate(self._descriptor, length)
            os.lseek(self._descriptor, length, os.SEEK_SET)
        self._length = length

    def append(self, rejects: Iterable[Reject]) -> int:
        """Write rejects to the disk, and return the length of the file in bytes.

        Raises:
            OSError: They cannot be written, or the file is not as it was left. No part of them stays in it.
        """
        content = b"".join(reject.line(redact=self._redact) for reject in rejects)
        if not content:
            return self._length
        with self._errors("written"):
            self._require_untouched()
            try:
                self._write(content)
            except OSError:
                with suppress(OSError):  # the next run cuts it off as well
                    os.ftruncate(self._descriptor, self._length)
                raise
        self._length += len(content)
        return self._length

    def close(self) -> None:
        """Close the file, and release the lock."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with self._errors("written"):
                os.close(descriptor)

    def discard(self) -> None:
        """Close the file, and remove it if it is new: its job does not start."""
        self.close()
        if self._is_new:
            self._path.unlink(missing_ok=True)

    def _check(self) -> None:
        if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        if sys.platform != "win32":
            try:
                flock(self._descriptor, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                raise JobRunningError(f"{self._path} is in use: another run writes its rejects to it") from None
            except OSError:  # a file system without locks
                pass
        if os.read(self._descriptor, len(_SQLITE_HEADER)) == _SQLITE_HEADER:
            raise CheckpointError(f"{self._path} is a SQLite file, such as a checkpoint: rejects would overwrite it")

    def _require_untouched(self) -> None:
        state = os.fstat(self._descriptor)
        if not state.st_nlink:
            raise OSError(errno.ENOENT, "it was deleted while the job runs")
        if state.st_size != self._length:
            raise OSError(errno.EIO, "another program changed it while the job runs")

    def _write(self, content: bytes) -> None:
        os.lseek(self._descriptor, self._length, os.SEEK_SET)
        left = memoryview(content)
        while left:
            left = left[os.write(self._descriptor, left) :]  # a full disk takes a part first, then raises
        os.fsync(self._descriptor)

    @contextmanager
    def _errors(self, action: str) -> Iterator[None]:
        """Raise an OSError that names the file and what it is for."""
        try:
            yield
        except OSError as error:
            reason = f"the rejects file cannot be {action}: {error.strerror}"
            raise OSError(error.errno or errno.EIO, reason, str(self._path)) from None


@define(eq=False)
class _Entry:
    """The result of a batch, until it is on disk."""

    result: BatchResult
    rejects: list[Reject]
    written: bool = False


@define(eq=False)
class Journal:
    """The result of each batch, on disk."""

    checkpoint: Checkpoint
    _rejects: RejectFile
    _thread: ThreadPoolExecutor
    _lock: Lock = field(factory=Lock)
    _pending: list[_Entry] = field(factory=list, repr=False)
    _failure: Exception | None = None
    """What the first failed write raised. Nothing is written after it: what it left on disk is for the next run."""

    async def record(self, batch: Batch, rejects: list[Reject]) -> BatchResult:
        """Write the result of a batch, together with all others that wait for the disk, and return it.

        Raises:
            OSError: It is not on the disk, and does not count.
        """
        result = BatchResult(batch.first, batch.size, batch.size - len(rejects), len(rejects), batch.digest)
        entry = _Entry(result, rejects)
        self._pending.append(entry)
        async with self._lock:
            if not entry.written:  # with those of the task that held the lock before
                await self._write_pending()
        return result

    async def finish(self) -> None:
        """Record that the job is finished.

        Raises:
            OSError: This cannot be written.
        """
        await _run_in(self._thread, self.checkpoint.finish)

    async def _write_pending(self) -> None:
        if self._failure is not None:
            raise self._failure
        entries, self._pending = self._pending, []
        try:
            await _run_in(self._thread, lambda: self._write(entries))
        except Exception as error:
            self._failure = error
            raise
        for entry in entries:
            entry.written = True

    def _write(self, entries: list[_Entry]) -> None:
        # Rejects first: the next run cuts off those that the checkpoint does not know.
        length = self._rejects.append(reject for entry in entries for reject in entry.rejects)
        self.checkpoint.record([entry.result for entry in entries], length)


@define
class JobFiles:
    """Where a job writes."""

    rejects: Path
    redact: bool
    checkpoint: Path | None
    open_checkpoint: Callable[[], Checkpoint]

    def open(self, opened: ExitStack) -> tuple[Checkpoint, RejectFile]:
        """Open both files, which the stack will close; if one of them cannot be used, no new file stays behind."""
        self._require_two_files()
        rejects = RejectFile(self.rejects, redact=self.redact)
        opened.callback(rejects.close)
        try:
            self._require_two_files()  # where names differ in case alone, they are told apart once one exists
            checkpoint = self.open_checkpoint()
            opened.callback(checkpoint.close)
            rejects.resume(checkpoint.rejects_length)
        except BaseException:
            rejects.discard()
            raise
        return checkpoint, rejects

    def _require_two_files(self) -> None:
        if self.checkpoint is None:
            return
        files = (Path(f"{os.path.realpath(self.checkpoint)}{ending}") for ending in _OF_A_CHECKPOINT)
        if any(is_same_file(self.rejects, file) for file in files):
            raise CheckpointError(f"{self.rejects} is the checkpoint: give the rejects a file of their own")


def is_same_file(one: Path, other: Path) -> bool:
    """Return whether two paths lead to one file, which may have several names or not exist yet."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return os.path.realpath(one) == os.path.realpath(other)


@asynccontextmanager
async def open_journal(files: JobFiles) -> AsyncIterator[Journal]:
    """Open the journal of a run, and close it when everything is written.

    Raises:
        CheckpointError: The files do not belong to the job, or another run has them open.
        OSError: A file cannot be opened or written.
    """
    with ThreadPoolExecutor(1, "aiotalonone-journal") as thread:
        opened = ExitStack()
        try:
            checkpoint, rejects = await _run_in(thread, lambda: files.open(opened))
            yield Journal(checkpoint, rejects, thread)
        finally:
            # In the same thread, which may still be opening them. A second cancellation does not cut this short.
            await shield(get_running_loop().run_in_executor(thread, opened.close))


async def _run_in(thread: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await get_running_loop().run_in_executor(thread, work)


def _sync_folder(folder: Path) -> None:
    """Let a new file survive a crash, where folders can be synchronised."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
