"""The checkpoint: which batches of a job are processed, in a SQLite file, so that another run resumes after them."""

import errno
import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from attrs import astuple, frozen

from aiotalonone.bulk.batches import Batch

_TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS job (
        name TEXT NOT NULL, operation TEXT NOT NULL, max_request_bytes INTEGER NOT NULL, run TEXT NOT NULL,
        rejects_length INTEGER NOT NULL, finished INTEGER NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS batch (
        first INTEGER PRIMARY KEY, size INTEGER NOT NULL, accepted INTEGER NOT NULL, rejected INTEGER NOT NULL,
        digest BLOB NOT NULL
    )""",
)


_PRIVATE: Final = 0o600
_DIGEST_BYTES: Final = 32
_REASONS: Final[Mapping[int, tuple[int, str]]] = {
    sqlite3.SQLITE_CANTOPEN: (errno.EIO, "it cannot be opened"),
    sqlite3.SQLITE_CORRUPT: (errno.EIO, "it is damaged"),
    sqlite3.SQLITE_ERROR: (errno.EIO, "it is another database, or of another version"),
    sqlite3.SQLITE_FULL: (errno.ENOSPC, "the disk is full"),
    sqlite3.SQLITE_IOERR: (errno.EIO, "its disk failed, or is full"),
    sqlite3.SQLITE_NOTADB: (errno.EIO, "it is not a SQLite file"),
    sqlite3.SQLITE_PERM: (errno.EACCES, "its permissions do not allow it"),
    sqlite3.SQLITE_READONLY: (errno.EROFS, "it is read-only"),
}
"""An error number and our words for each of SQLite's errors."""


class CheckpointError(ValueError):
    """The job's files belong to another job, or are damaged or lost. Nothing was sent after this was found."""


class SourceChangedError(CheckpointError):
    """The source differs from the one that the unfinished job started with."""


class JobRunningError(CheckpointError):
    """Another run uses the job's files: this job is running, or another one has the same rejects file."""


@frozen
class BatchResult:
    """The result of a batch, in records of the source."""

    first: int
    size: int
    accepted: int
    rejected: int
    digest: bytes

    @property
    def is_plausible(self) -> bool:
        """Whether a batch can have these figures."""
        return (
            min(self.first, self.accepted, self.rejected) >= 0
            and 0 < self.size == self.accepted + self.rejected
            and len(self.digest) == _DIGEST_BYTES
        )


class EarlierResults:
    """The results of earlier runs, which this run comes to batch by batch."""

    def __init__(self, results: Iterable[BatchResult] = ()) -> None:
        self._earlier = {result.first: result for result in results}

    def earlier_result(self, batch: Batch) -> BatchResult | None:
        """Return the result of a batch that an earlier run has processed, or ``None``.

        Raises:
            SourceChangedError: It has processed other content at this position.
        """
        result = self._earlier.pop(batch.first, None)
        if result is not None and result.digest != batch.digest:
            raise _source_changed(f"from record {batch.first} on")
        return result

    def check_source_end(self, end: int) -> None:
        """Check that no earlier run has processed records after the end of the source.

        Raises:
            SourceChangedError: One has.
        """
        if self._earlier:
            raise _source_changed(f"it ends at record {end}")

    def unread_results(self) -> Iterable[BatchResult]:
        """Return the results of earlier runs for batches that this run has not come to."""
        return self._earlier.values()


class Checkpoint(EarlierResults, ABC):
    """What a job knows of its earlier runs, and records of this one."""

    run: str
    """ID of this job and all its runs until it is finished; another job with the same name has another one."""
    rejects_length: int
    """Length of the rejects file in bytes, as far as it is recorded."""

    @abstractmethod
    def record(self, results: Iterable[BatchResult], rejects_length: int) -> None:
        """Record the results of batches."""

    @abstractmethod
    def finish(self) -> None:
        """Record that all batches are processed: the next run starts from the first record."""

    @abstractmethod
    def close(self) -> None:
        """Close the checkpoint."""


class NoCheckpoint(Checkpoint):
    """A checkpoint that keeps nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.run: str = uuid4().hex
        self.rejects_length: int = 0

    def record(self, results: Iterable[BatchResult], rejects_length: int) -> None:
        """Keep nothing."""

    def finish(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class CheckpointFile(Checkpoint):
    """A SQLite file for the runs of one job. What is recorded is on the disk when the method returns.

    Args:
        path: Path of the file. A new one can be read by its owner alone.
        job: Name of the job.
        operation_id: The operation that the job calls.
        max_request_bytes: The job's limit for one request; the size of its batches depends on it.
        restart: Whether to start from the first record if an earlier run was not finished.

    Raises:
        CheckpointError: The file belongs to another job, is not a checkpoint, is damaged, or cannot be opened.
        JobRunningError: Another process has it open.
    """

    def __init__(self, path: Path, *, job: str, operation_id: str, max_request_bytes: int, restart: bool) -> None:
        self._path = path
        is_new = _create(path)
        try:
            with _usable(path):
                self._database = _connect(path)
                try:
                    self._open((job, operation_id, max_request_bytes), restart=restart)
                except BaseException:
                    self._database.close()
                    raise
        except JobRunningError:  # also of a new file: another run has opened it since
            raise
        except BaseException:
            if is_new:
                path.unlink(missing_ok=True)
            raise

    def _open(self, job: tuple[str, str, int], *, restart: bool) -> None:
        # The lock is held until the file is closed; a killed process leaves no lock behind.
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
            self._database.run(f"PRAGMA {pragma}")
        with self._transaction():
            self._require(self._database.run("PRAGMA quick_check(1)") == [("ok",)])
            for table in _TABLES:
                self._database.run(table)
            self._require_job(job)
            if restart or not _has_unfinished_job(self._database):
                self._database.run("DELETE FROM batch")
                self._database.run("DELETE FROM job")
                self._database.run("INSERT INTO job VALUES (?, ?, ?, ?, 0, 0)", *job, uuid4().hex)
        ((run, rejects_length),) = self._rows("SELECT run, rejects_length FROM job", str, int)
        self.run: str = run
        self.rejects_length: int = rejects_length
        rows = self._rows("SELECT first, size, accepted, rejected, digest FROM batch", int, int, int, int, bytes)
        earlier = [BatchResult(*row) for row in rows]
        has_rejects = any(result.rejected for result in earlier)
        self._require(all(result.is_plausible for result in earlier) and has_rejects == (self.rejects_length > 0))
        super().__init__(earlier)

    def record(self, results: Iterable[BatchResult], rejects_length: int) -> None:
        """Record the results of batches on the disk.

        Raises:
            OSError: They cannot be written.
        """
        with _writable(self._path), self._transaction():
            for result in results:
                self._database.run("INSERT INTO batch VALUES (?, ?, ?, ?, ?)", *astuple(result))
            self._database.run("UPDATE job SET rejects_length = ?", rejects_length)

    def finish(self) -> None:
        """Record that all batches are processed: the next run starts from the first record.

        Raises:
            OSError: This cannot be written.
        """
        with _writable(self._path), self._transaction():
            self._database.run("UPDATE job SET finished = 1")

    def close(self) -> None:
        """Close the file and release the lock."""
        with _writable(self._path):
            self._database.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.run("BEGIN IMMEDIATE")
        with self._database:  # commits, or rolls back
            yield

    def _require_job(self, job: tuple[str, str, int]) -> None:
        found = self._rows("SELECT name, operation, max_request_bytes FROM job", str, str, int)
        if found in ([], [job]):
            return
        self._require(len(found) == 1)
        name, operation, limit = found[0]
        raise CheckpointError(
            f"{self._path} belongs to job {name!r} ({operation}, max_request_bytes={limit}): "
            "give each job a checkpoint of its own"
        )

    def _rows(self, query: str, *types: type) -> list[Any]:
        """Return the rows of a query, all with values of these types: SQLite itself does not hold to them."""
        rows = self._database.run(query)
        self._require(all(tuple(map(type, row)) == types for row in rows))
        return rows

    def _require(self, condition: bool) -> None:
        if not condition:
            raise _unusable(self._path, _REASONS[sqlite3.SQLITE_CORRUPT][1])


def is_unfinished(path: Path) -> bool:
    """Return whether a checkpoint exists whose job was not finished.

    Raises:
        CheckpointError: The file is not a checkpoint.
        JobRunningError: Another process has it open.
    """
    if not path.exists() or (path.is_file() and not path.stat().st_size):  # empty if a run was killed as it created it
        return False
    with _usable(path), closing(_connect(path)) as database:
        return _has_unfinished_job(database)


def open_private(path: Path) -> tuple[int, bool]:
    """Open a file for reading and writing; return its descriptor, and whether it is new.

    A new file can be read by its owner alone, whatever the umask; an existing one keeps its permissions.

    Raises:
        OSError: It cannot be opened.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags | os.O_EXCL, _PRIVATE)
    except FileExistsError:
        return os.open(path, flags, _PRIVATE), False
    with suppress(OSError):  # of a file system without permissions
        path.chmod(_PRIVATE)  # an unusual umask takes more than others' rights
    return descriptor, True


def _create(path: Path) -> bool:
    """Create the file if it does not exist, and return whether this was so; SQLite would let everybody read it."""
    if path.exists():  # and may be open: to close a second descriptor of it would release SQLite's lock
        return False
    try:
        descriptor, is_new = open_private(path)
    except OSError as error:
        raise _unusable(path, error.strerror or type(error).__name__) from None
    os.close(descriptor)
    return is_new


class _Database(sqlite3.Connection):
    """A connection whose statements are run to their end: a cursor that is dropped tells of a failure on stderr."""

    def run(self, statement: str, *values: object) -> list[Any]:
        """Run a statement, and return its rows."""
        cursor = self.cursor()
        try:
            return cursor.execute(statement, values).fetchall()
        finally:
            with suppress(sqlite3.Error):
                cursor.close()


def _connect(path: Path) -> _Database:
    absolute = path.absolute()  # or ":memory:" would not be a file
    return sqlite3.connect(absolute, isolation_level=None, check_same_thread=False, timeout=0, factory=_Database)


def _has_unfinished_job(database: _Database) -> bool:
    return bool(database.run("SELECT 1 FROM job WHERE NOT finished"))


def _source_changed(difference: str) -> SourceChangedError:
    return SourceChangedError(
        f"the source differs from the one that this job started with ({difference}): "
        "resume with the same records, or start over with restart=True"
    )


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    """Raise what opening a checkpoint fails with, in our words: SQLite's may quote the content of a damaged file.

    Raises:
        CheckpointError: It cannot be used.
    """
    try:
        yield
    except CheckpointError:
        raise
    except (sqlite3.Error, ValueError, TypeError, OverflowError) as error:  # damaged files raise all of them
        number, reason = _reason(error)
        failure = JobRunningError(f"{path} is in use: this job is already running") if number == errno.EBUSY else None
        raise failure or _unusable(path, "it is a folder" if path.is_dir() else reason) from None


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    """Raise what writing a checkpoint fails with as what it is to the job: a file that cannot be written.

    Raises:
        OSError: It cannot.
    """
    try:
        yield
    except sqlite3.Error as error:
        number, reason = _reason(error)
        raise OSError(number, f"the checkpoint cannot be written: {reason}", str(path)) from None


def _reason(error: Exception) -> tuple[int, str]:
    """Return an error number and our words for an error of SQLite, or of what reads it."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF  # the rest tells where it was found
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return errno.EBUSY, "another process uses it"
    return _REASONS.get(code, (errno.EIO, f"SQLite error {code}"))


def _unusable(path: Path, reason: str) -> CheckpointError:
    return CheckpointError(f"{path} cannot be used as a checkpoint: {reason}")
