"""What a job remembers on disk: which batches are settled, so that another run goes on behind them."""

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
        name TEXT NOT NULL, operation TEXT NOT NULL, most_bytes INTEGER NOT NULL, run TEXT NOT NULL,
        rejects_length INTEGER NOT NULL, finished INTEGER NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS settled (
        first INTEGER PRIMARY KEY, size INTEGER NOT NULL, accepted INTEGER NOT NULL, rejected INTEGER NOT NULL,
        digest BLOB NOT NULL
    )""",
)


class CheckpointError(ValueError):
    """The checkpoint does not fit the job; nothing was sent since that was found."""


class SourceChangedError(CheckpointError):
    """The source is not the one that the unfinished job began with."""


class JobRunningError(CheckpointError):
    """Another process runs this job."""


@frozen
class Settlement:
    """What became of a batch, in records of the source."""

    first: int
    size: int
    accepted: int
    rejected: int
    digest: bytes


class Checkpoint(Protocol):
    """What a job remembers."""

    run: str
    """Names this job among all that have the same name: all its runs until it is finished."""
    rejects_length: int
    """How much of the file of rejects is acknowledged."""

    def settled(self, batch: Batch) -> Settlement | None:
        """What became of a batch in an earlier run.

        Raises:
            SourceChangedError: Its place was settled with other content.
        """
        ...

    def require_nothing_beyond(self, end: int) -> None:
        """The source ends here.

        Raises:
            SourceChangedError: It went on in an earlier run.
        """
        ...

    def settle(self, settlements: Iterable[Settlement], rejects_length: int) -> None:
        """Note what became of batches."""
        ...

    def finish(self) -> None:
        """Everything is settled: the next run begins anew."""
        ...

    def close(self) -> None:
        """Write nothing more."""
        ...


class NoCheckpoint:
    """A job that remembers nothing."""

    def __init__(self) -> None:
        self.run: str = uuid4().hex
        self.rejects_length: int = 0

    def settled(self, batch: Batch) -> None:
        """Nothing is."""

    def require_nothing_beyond(self, end: int) -> None:
        """Nothing is known."""

    def settle(self, settlements: Iterable[Settlement], rejects_length: int) -> None:
        """Forget it."""

    def finish(self) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing is open."""


class CheckpointFile:
    """A SQLite file for the runs of one job; what it has noted is on the disk.

    Args:
        path: Where it is.
        job: The job's name.
        operation_id: What the job calls.
        most_bytes: How large its batches may be.
        restart: Whether to begin anew where an earlier run was not finished.

    Raises:
        CheckpointError: It belongs to another job, or is no checkpoint.
        JobRunningError: Another process has it open.
    """

    def __init__(self, path: Path, *, job: str, operation_id: str, most_bytes: int, restart: bool) -> None:
        self._path = path
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
        try:
            self._begin((job, operation_id, most_bytes), restart=restart)
        except sqlite3.DatabaseError as failure:
            self._database.close()
            raise _in_words(path, failure) from None
        except CheckpointError:
            self._database.close()
            raise

    def _begin(self, job: tuple[str, str, int], *, restart: bool) -> None:
        # The lock is held until the file is closed; a process that is killed leaves none.
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
            self._database.execute(f"PRAGMA {pragma}")
        with self._transaction():
            for table in _TABLES:
                self._database.execute(table)
            self._require(job)
            if restart or not self._is_unfinished():
                self._database.execute("DELETE FROM settled")
                self._database.execute("DELETE FROM job")
                self._database.execute("INSERT INTO job VALUES (?, ?, ?, ?, 0, 0)", (*job, uuid4().hex))
        run, rejects_length = self._database.execute("SELECT run, rejects_length FROM job").fetchone()
        self.run: str = run
        self.rejects_length: int = rejects_length
        rows = self._database.execute("SELECT first, size, accepted, rejected, digest FROM settled")
        self._settled = {row[0]: Settlement(*row) for row in rows}

    def settled(self, batch: Batch) -> Settlement | None:
        """What became of a batch in an earlier run.

        Raises:
            SourceChangedError: Its place was settled with other content.
        """
        settlement = self._settled.pop(batch.first, None)
        if settlement is not None and settlement.digest != batch.digest:
            raise self._changed(f"from record {batch.first} on")
        return settlement

    def require_nothing_beyond(self, end: int) -> None:
        """The source ends here.

        Raises:
            SourceChangedError: It went on in an earlier run.
        """
        if self._settled:
            raise self._changed(f"it ends at record {end}")

    def settle(self, settlements: Iterable[Settlement], rejects_length: int) -> None:
        """Note what became of batches, on the disk."""
        with self._transaction():
            self._database.executemany("INSERT INTO settled VALUES (?, ?, ?, ?, ?)", map(astuple, settlements))
            self._database.execute("UPDATE job SET rejects_length = ?", (rejects_length,))

    def finish(self) -> None:
        """Everything is settled: the next run begins anew."""
        with self._transaction():
            self._database.execute("UPDATE job SET finished = 1")

    def close(self) -> None:
        """Give the file free."""
        self._database.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        with self._database:  # commits, or rolls back
            yield

    def _require(self, job: tuple[str, str, int]) -> None:
        found = self._database.execute("SELECT name, operation, most_bytes FROM job").fetchone()
        if found is None or found == job:
            return
        raise CheckpointError(
            f"{self._path} belongs to the job {found[0]!r} ({found[1]}, batches of {found[2]} bytes): "
            "give each job a checkpoint of its own"
        )

    def _is_unfinished(self) -> bool:
        return self._database.execute("SELECT 1 FROM job WHERE NOT finished").fetchone() is not None

    def _changed(self, where: str) -> SourceChangedError:
        return SourceChangedError(
            f"the source is not the one that this job began with ({where}): "
            "run the job with that one, or begin anew with restart=True"
        )


def is_unfinished(path: Path) -> bool:
    """Whether a checkpoint waits for another run of its job.

    Raises:
        CheckpointError: It is no checkpoint.
        JobRunningError: Another process has it open.
    """
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=0)) as database:
            return database.execute("SELECT 1 FROM job WHERE NOT finished").fetchone() is not None
    except sqlite3.DatabaseError as failure:
        raise _in_words(path, failure) from None


def _in_words(path: Path, failure: sqlite3.DatabaseError) -> CheckpointError:
    if failure.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return JobRunningError(f"{path} is in use: this job is running already")
    return CheckpointError(f"{path} cannot be used as a checkpoint: {failure}")
