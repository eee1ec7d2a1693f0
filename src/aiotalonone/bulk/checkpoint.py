"""The checkpoint: which batches of a job are processed, in a SQLite file, so that another run resumes after them."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Protocol
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


class CheckpointError(ValueError):
    """The checkpoint does not belong to the job, or cannot be used. Nothing was sent after this was found."""


class SourceChangedError(CheckpointError):
    """The source differs from the one that the unfinished job started with."""


class JobRunningError(CheckpointError):
    """Another process runs this job."""


@frozen
class BatchResult:
    """The result of a batch, in records of the source."""

    first: int
    size: int
    accepted: int
    rejected: int
    digest: bytes


class Checkpoint(Protocol):
    """What a job knows of its earlier runs."""

    run: str
    """ID of this job and all its runs until it is finished; another job with the same name has another one."""
    rejects_length: int
    """Length of the rejects file in bytes, as far as it is recorded."""

    def earlier_result(self, batch: Batch) -> BatchResult | None:
        """Return the result of a batch that an earlier run has processed, or ``None``.

        Raises:
            SourceChangedError: It has processed other content at this position.
        """
        ...

    def check_source_end(self, end: int) -> None:
        """Check that no earlier run has processed records after the end of the source.

        Raises:
            SourceChangedError: One has.
        """
        ...

    def record(self, results: Iterable[BatchResult], rejects_length: int) -> None:
        """Record the results of batches."""
        ...

    def finish(self) -> None:
        """Record that all batches are processed: the next run starts from the first record."""
        ...

    def close(self) -> None:
        """Close the checkpoint."""
        ...


class NoCheckpoint:
    """A checkpoint that keeps nothing."""

    def __init__(self) -> None:
        self.run: str = uuid4().hex
        self.rejects_length: int = 0

    def earlier_result(self, batch: Batch) -> None:
        """Return ``None``."""

    def check_source_end(self, end: int) -> None:
        """Accept any end."""

    def record(self, results: Iterable[BatchResult], rejects_length: int) -> None:
        """Keep nothing."""

    def finish(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class CheckpointFile:
    """A SQLite file for the runs of one job. What is recorded is on the disk when the method returns.

    Args:
        path: Path of the file.
        job: Name of the job.
        operation_id: The operation that the job calls.
        max_request_bytes: The job's limit for one request; the size of its batches depends on it.
        restart: Whether to start from the first record if an earlier run was not finished.

    Raises:
        CheckpointError: The file belongs to another job, or is not a checkpoint.
        JobRunningError: Another process has it open.
    """

    def __init__(self, path: Path, *, job: str, operation_id: str, max_request_bytes: int, restart: bool) -> None:
        self._path = path
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
        try:
            self._open((job, operation_id, max_request_bytes), restart=restart)
        except sqlite3.DatabaseError as error:
            self._database.close()
            raise _translate_error(path, error) from None
        except CheckpointError:
            self._database.close()
            raise

    def _open(self, job: tuple[str, str, int], *, restart: bool) -> None:
        # The lock is held until the file is closed; a killed process leaves no lock behind.
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
            self._database.execute(f"PRAGMA {pragma}")
        with self._transaction():
            for table in _TABLES:
                self._database.execute(table)
            self._require_job(job)
            if restart or not _has_unfinished_job(self._database):
                self._database.execute("DELETE FROM batch")
                self._database.execute("DELETE FROM job")
                self._database.execute("INSERT INTO job VALUES (?, ?, ?, ?, 0, 0)", (*job, uuid4().hex))
        run, rejects_length = self._database.execute("SELECT run, rejects_length FROM job").fetchone()
        self.run: str = run
        self.rejects_length: int = rejects_length
        rows = self._database.execute("SELECT first, size, accepted, rejected, digest FROM batch")
        self._earlier = {row[0]: BatchResult(*row) for row in rows}

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

    def record(self, results: Iterable[BatchResult], rejects_length: int) -> None:
        """Record the results of batches on the disk."""
        with self._transaction():
            self._database.executemany("INSERT INTO batch VALUES (?, ?, ?, ?, ?)", map(astuple, results))
            self._database.execute("UPDATE job SET rejects_length = ?", (rejects_length,))

    def finish(self) -> None:
        """Record that all batches are processed: the next run starts from the first record."""
        with self._transaction():
            self._database.execute("UPDATE job SET finished = 1")

    def close(self) -> None:
        """Close the file and release the lock."""
        self._database.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        with self._database:  # commits, or rolls back
            yield

    def _require_job(self, job: tuple[str, str, int]) -> None:
        found = self._database.execute("SELECT name, operation, max_request_bytes FROM job").fetchone()
        if found is None or found == job:
            return
        raise CheckpointError(
            f"{self._path} belongs to job {found[0]!r} ({found[1]}, max_request_bytes={found[2]}): "
            "give each job a checkpoint of its own"
        )


def is_unfinished(path: Path) -> bool:
    """Return whether a checkpoint exists whose job was not finished.

    Raises:
        CheckpointError: The file is not a checkpoint.
        JobRunningError: Another process has it open.
    """
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=0)) as database:
            return _has_unfinished_job(database)
    except sqlite3.DatabaseError as error:
        raise _translate_error(path, error) from None


def _has_unfinished_job(database: sqlite3.Connection) -> bool:
    return database.execute("SELECT 1 FROM job WHERE NOT finished").fetchone() is not None


def _source_changed(difference: str) -> SourceChangedError:
    return SourceChangedError(
        f"the source differs from the one that this job started with ({difference}): "
        "resume with the same records, or start over with restart=True"
    )


def _translate_error(path: Path, error: sqlite3.DatabaseError) -> CheckpointError:
    if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return JobRunningError(f"{path} is in use: this job is already running")
    return CheckpointError(f"{path} cannot be used as a checkpoint: {error}")
