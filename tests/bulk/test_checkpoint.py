"""What a job remembers, and how it notices that it should not go on."""

import sqlite3

import pytest

from aiotalonone.bulk import CheckpointError, JobRunningError, SourceChangedError
from aiotalonone.bulk.batches import batches_of
from aiotalonone.bulk.checkpoint import CheckpointFile, Settlement, is_unfinished
from aiotalonone.bulk.profiles import ProfileSync
from tests.bulk.api import profile


@pytest.fixture
def path(tmp_path):
    """Where the checkpoint is."""
    return tmp_path / "nightly.sqlite"


def opened(path, *, job="nightly", most_bytes=1000, restart=False):
    """The checkpoint of a run."""
    return CheckpointFile(
        path, job=job, operation_id="updateCustomerProfilesV2", most_bytes=most_bytes, restart=restart
    )


async def batches(number, **attributes):
    """The batches of so many records."""
    records = [profile(f"c-{n}", **attributes) for n in range(number)]
    return [batch async for batch in batches_of(records, ProfileSync._subject, 2**20)]


def settle(checkpoint, batch, rejected=0, rejects_length=0):
    """Note that a batch is settled."""
    settlement = Settlement(batch.first, batch.size, batch.size - rejected, rejected, batch.digest)
    checkpoint.settle([settlement], rejects_length)
    return settlement


async def test_an_unfinished_job_goes_on(path):
    """As the same run, with what it has settled, in whatever order that was."""
    first, second, third = await batches(3000)
    checkpoint = opened(path)
    run = checkpoint.run
    settled = settle(checkpoint, third, rejected=2, rejects_length=77)
    checkpoint.close()
    assert is_unfinished(path)
    checkpoint = opened(path)
    assert (checkpoint.run, checkpoint.rejects_length) == (run, 77)
    assert [checkpoint.settled(batch) for batch in (first, second, third)] == [None, None, settled]
    checkpoint.require_nothing_beyond(3000)
    checkpoint.close()


async def test_a_finished_job_begins_anew(path):
    """As another run, whose keys are others: the API would answer the old ones from its memory."""
    (batch,) = await batches(10)
    checkpoint = opened(path)
    run = checkpoint.run
    settle(checkpoint, batch)
    checkpoint.finish()
    checkpoint.close()
    assert not is_unfinished(path)
    checkpoint = opened(path)
    assert checkpoint.run != run
    assert checkpoint.settled(batch) is None
    checkpoint.close()


async def test_a_restart_forgets(path):
    """What was settled is sent again."""
    (batch,) = await batches(10)
    checkpoint = opened(path)
    run = checkpoint.run
    settle(checkpoint, batch, rejects_length=5)
    checkpoint.close()
    checkpoint = opened(path, restart=True)
    assert checkpoint.run != run
    assert checkpoint.rejects_length == 0
    assert checkpoint.settled(batch) is None
    checkpoint.close()


async def test_another_source_is_refused(path):
    """Other records in a place that is settled, or none where there were some; the error names the way out."""
    first, second = await batches(2000)
    checkpoint = opened(path)
    settle(checkpoint, first)
    settle(checkpoint, second)
    checkpoint.close()
    checkpoint = opened(path)
    assert checkpoint.settled(first)
    with pytest.raises(SourceChangedError, match=r"from record 1000 on.*restart=True"):
        checkpoint.settled((await batches(2000, n=1))[1])
    checkpoint.close()
    checkpoint = opened(path)
    assert checkpoint.settled(first)
    with pytest.raises(SourceChangedError, match="it ends at record 1000"):
        checkpoint.require_nothing_beyond(1000)
    checkpoint.close()


@pytest.mark.parametrize("other", [{"job": "weekly"}, {"most_bytes": 999}])
def test_each_job_has_a_checkpoint_of_its_own(path, other):
    """One of another name, or that cuts its batches elsewhere, is refused."""
    opened(path).close()
    with pytest.raises(CheckpointError, match="belongs to the job 'nightly'"):
        opened(path, **other)
    opened(path).close()


def test_a_job_runs_once_at_a_time(path):
    """The second process is refused, and the first goes on."""
    checkpoint = opened(path)
    with pytest.raises(JobRunningError, match="running already"):
        opened(path)
    with pytest.raises(JobRunningError):
        is_unfinished(path)
    checkpoint.finish()
    checkpoint.close()
    opened(path).close()


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be taken for one" * 20, b"{}"])
def test_a_file_of_another_kind_is_refused(path, content):
    """And left as it is."""
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="cannot be used as a checkpoint"):
        opened(path)
    assert path.read_bytes() == content


def test_a_database_of_somebody_else_is_refused(path):
    """Its tables are not ours."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE job (id INTEGER)")
    database.close()
    with pytest.raises(CheckpointError):
        opened(path)


def test_what_is_noted_is_on_the_disk(path):
    """Each commit is synchronised before it counts."""
    checkpoint = opened(path)
    asked = {
        name: checkpoint._database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    }
    assert asked == {"journal_mode": "wal", "synchronous": 2}
    checkpoint.close()
