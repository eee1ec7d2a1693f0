"""What a checkpoint records, and when a job cannot be resumed from it."""

import sqlite3

import pytest

from aiotalonone.bulk import CheckpointError, JobRunningError, ProfileSync, SourceChangedError
from aiotalonone.bulk import checkpoint as checkpoints
from aiotalonone.bulk.batches import build_batches
from aiotalonone.bulk.checkpoint import BatchResult, CheckpointFile, is_unfinished
from tests.bulk.recording_api import profile


@pytest.fixture
def path(tmp_path):
    """Return the path of the checkpoint."""
    return tmp_path / "nightly.sqlite"


def open_checkpoint(path, *, job="nightly", max_request_bytes=1000, restart=False):
    """Open the checkpoint of a run."""
    return CheckpointFile(
        path, job=job, operation_id="updateCustomerProfilesV2", max_request_bytes=max_request_bytes, restart=restart
    )


async def batches_of(number, **attributes):
    """Return the batches of a number of records."""
    records = [profile(f"c-{n}", **attributes) for n in range(number)]
    return [batch async for batch in build_batches(records, ProfileSync._kind, 2**20)]


def record(checkpoint, batch, rejected=0, rejects_length=0):
    """Record and return the result of a batch."""
    result = BatchResult(batch.first, batch.size, batch.size - rejected, rejected, batch.digest)
    checkpoint.record([result], rejects_length)
    return result


async def test_an_unfinished_job_is_resumed(path):
    """A reopened checkpoint has the same run, rejects length and results, in whatever order they were recorded."""
    first, second, third = await batches_of(3000)
    checkpoint = open_checkpoint(path)
    run = checkpoint.run
    recorded = record(checkpoint, third, rejected=2, rejects_length=77)
    checkpoint.close()
    assert is_unfinished(path)
    checkpoint = open_checkpoint(path)
    assert (checkpoint.run, checkpoint.rejects_length) == (run, 77)
    assert [checkpoint.earlier_result(batch) for batch in (first, second, third)] == [None, None, recorded]
    checkpoint.check_source_end(3000)
    checkpoint.close()


async def test_a_finished_job_starts_a_new_run(path):
    """After a finished job the next run has another ID, since the API would replay the responses to the old keys."""
    (batch,) = await batches_of(10)
    checkpoint = open_checkpoint(path)
    run = checkpoint.run
    record(checkpoint, batch)
    checkpoint.finish()
    checkpoint.close()
    assert not is_unfinished(path)
    checkpoint = open_checkpoint(path)
    assert checkpoint.run != run
    assert checkpoint.earlier_result(batch) is None
    checkpoint.close()


async def test_a_restart_forgets_earlier_results(path):
    """With restart=True a checkpoint starts a new run without results."""
    (batch,) = await batches_of(10)
    checkpoint = open_checkpoint(path)
    run = checkpoint.run
    record(checkpoint, batch, rejects_length=5)
    checkpoint.close()
    checkpoint = open_checkpoint(path, restart=True)
    assert checkpoint.run != run
    assert checkpoint.rejects_length == 0
    assert checkpoint.earlier_result(batch) is None
    checkpoint.close()


async def test_a_changed_source_is_detected(path):
    """Other records at a processed position, or fewer records than before, raise SourceChangedError."""
    first, second = await batches_of(2000)
    checkpoint = open_checkpoint(path)
    record(checkpoint, first)
    record(checkpoint, second)
    checkpoint.close()
    checkpoint = open_checkpoint(path)
    assert checkpoint.earlier_result(first)
    with pytest.raises(SourceChangedError, match=r"from record 1000 on.*restart=True"):
        checkpoint.earlier_result((await batches_of(2000, n=1))[1])
    checkpoint.close()
    checkpoint = open_checkpoint(path)
    assert checkpoint.earlier_result(first)
    with pytest.raises(SourceChangedError, match="it ends at record 1000"):
        checkpoint.check_source_end(1000)
    checkpoint.close()


@pytest.mark.parametrize("other", [{"job": "weekly"}, {"max_request_bytes": 999}])
def test_each_job_needs_its_own_checkpoint(path, other):
    """A checkpoint of a job with another name or other batch limits raises CheckpointError."""
    open_checkpoint(path).close()
    with pytest.raises(CheckpointError, match="belongs to job 'nightly'"):
        open_checkpoint(path, **other)
    open_checkpoint(path).close()


def test_only_one_process_opens_a_checkpoint(path):
    """A checkpoint that another process has open raises JobRunningError, and the first process continues."""
    checkpoint = open_checkpoint(path)
    with pytest.raises(JobRunningError, match="already running"):
        open_checkpoint(path)
    with pytest.raises(JobRunningError):
        is_unfinished(path)
    checkpoint.finish()
    checkpoint.close()
    open_checkpoint(path).close()


def test_a_new_checkpoint_that_another_process_was_first_to_open_stays(path, monkeypatch):
    """Of two processes that make one checkpoint at once, the second one does not remove that of the first."""
    checkpoint = open_checkpoint(path)
    monkeypatch.setattr(checkpoints, "_create", lambda _: True)
    with pytest.raises(JobRunningError, match="already running"):
        open_checkpoint(path)
    assert path.exists()
    checkpoint.close()


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be taken for one" * 20, b"{}"])
def test_another_file_is_not_a_checkpoint(path, content):
    """A file that is not a database raises CheckpointError and is left unchanged."""
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="cannot be used as a checkpoint"):
        open_checkpoint(path)
    assert path.read_bytes() == content


def test_another_database_is_not_a_checkpoint(path):
    """A database with other tables raises CheckpointError."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE job (id INTEGER)")
    database.close()
    with pytest.raises(CheckpointError):
        open_checkpoint(path)


def test_each_commit_is_synchronised(path):
    """The database writes ahead and synchronises each commit, so that a recorded batch survives a crash."""
    checkpoint = open_checkpoint(path)
    asked = {
        name: checkpoint._database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    }
    assert asked == {"journal_mode": "wal", "synchronous": 2}
    checkpoint.close()
