"""What a job's files hold after a failure of the disk, who can read them, and when they are the wrong ones."""

import asyncio
import errno
import gc
import os
import sqlite3
import stat
import sys
import warnings
from contextlib import suppress

import pytest

from aiotalonone.bulk import CheckpointError, JobRunningError, ProfileSync
from aiotalonone.bulk import journal as writing
from aiotalonone.bulk.checkpoint import CheckpointFile, is_unfinished
from tests.bulk.full_disk import FullDisk, file_size_limit
from tests.bulk.recording_api import FAST_RETRY, RecordingApi, make_client, profile, read_rejects
from tests.support.await_points import cancel_at_await

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and locks")
RECORDS = [profile(f"c-{n}", n=n, **({"shoeSize": 1} if n % 50 == 7 else {})) for n in range(600)]
INVALID = list(range(7, 600, 50))
MAX_BYTES = 3000  # some fifty records


@pytest.fixture
def files(tmp_path):
    """Return the paths of the rejects and the checkpoint."""
    return tmp_path / "rejects.ndjson", tmp_path / "nightly.sqlite"


async def run(api, files, records=RECORDS, *, name="nightly", restart=False, **options):
    """Run a job, and return its report and what it raised."""
    rejects, checkpoint = files
    async with make_client(api) as client:
        options = {"retry": FAST_RETRY, "max_request_bytes": MAX_BYTES, **options}
        job = ProfileSync(client, job=name, rejects=rejects, checkpoint=checkpoint, **options)
        try:
            return await job.run(records, restart=restart), None
        except (OSError, ValueError) as error:
            return job._counters.report("nightly", length=None, seconds=0, finished=False), error


def recorded(checkpoint):
    """Return how many records the checkpoint has as accepted and as rejected."""
    with sqlite3.connect(checkpoint) as database:
        found = database.execute("SELECT coalesce(sum(accepted), 0), coalesce(sum(rejected), 0) FROM batch").fetchone()
    database.close()
    return found


@pytest.mark.parametrize(
    "fault",
    [
        {"at": "write"},
        {"at": "write", "part": 300},
        {"at": "write", "after": 0, "times": 99},
        {"at": "fsync"},
        {"at": "fsync", "times": 99},
    ],
)
@pytest.mark.parametrize("concurrency", [1, 16])
async def test_a_full_disk_repeats_and_loses_no_reject(files, monkeypatch, fault, concurrency):
    """After a moment without disk space nothing counts that is not on disk, and a resumed job has each reject once."""
    api = RecordingApi()
    with monkeypatch.context() as patch:
        FullDisk(patch, **fault)
        report, error = await run(api, files, concurrency=concurrency)
    assert error.errno == errno.ENOSPC
    assert str(files[0]) in str(error)
    assert "the rejects file cannot be written" in str(error)
    assert recorded(files[1]) == (report.accepted, report.rejected)
    assert len(read_rejects(files[0])) == report.rejected
    report, error = await run(api, files)
    assert (report.accepted, report.rejected, error) == (588, 12, None)
    assert sorted(reject["position"] for reject in read_rejects(files[0])) == INVALID
    assert len(api.attributes()) == 588


@pytest.mark.parametrize("fails_at", range(1, 6))
async def test_a_failed_write_of_the_checkpoint_counts_nothing(files, monkeypatch, fails_at):
    """If results cannot be recorded, no batch of that write counts, and no later one is written."""
    writes, record = 0, CheckpointFile.record

    def failing(self, results, rejects_length):
        nonlocal writes
        writes += 1
        if writes == fails_at:
            raise OSError(errno.ENOSPC, "the checkpoint cannot be written: the disk is full", "nightly.sqlite")
        record(self, results, rejects_length)

    api = RecordingApi()
    with monkeypatch.context() as patch:
        patch.setattr(CheckpointFile, "record", failing)
        report, error = await run(api, files, concurrency=2)
    if error is None:  # the batches landed in fewer writes
        assert writes < fails_at
        return
    assert writes == fails_at
    assert recorded(files[1]) == (report.accepted, report.rejected)
    report, error = await run(api, files)
    assert (report.accepted, report.rejected, error) == (588, 12, None)
    assert sorted(reject["position"] for reject in read_rejects(files[0])) == INVALID


async def test_batches_that_wait_for_a_failed_write_do_not_count(files, monkeypatch):
    """Batches that are written together count together: none if their write fails, also those that waited for it."""
    api = RecordingApi()
    journals = []
    init = writing.Journal.__init__

    def remember(self, *args):
        init(self, *args)
        journals.append(self)

    monkeypatch.setattr(writing.Journal, "__init__", remember)

    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(CheckpointFile, "record", full)
    report, error = await run(api, files)
    assert error.errno == errno.ENOSPC
    assert (report.accepted, report.rejected) == (0, 0)
    assert recorded(files[1]) == (0, 0)
    assert journals[0]._failure is error


async def fill_disk(files, size, records, invalid):
    """Run a job whose files cannot grow beyond a size, then with room again, and check that nothing is lost."""
    api = RecordingApi()
    with file_size_limit(size):
        report, error = await run(api, files, records)
    if isinstance(error, OSError):
        assert "cannot be written" in str(error)
    else:
        assert error is None or type(error) is CheckpointError
    if files[1].exists():
        assert recorded(files[1]) == (report.accepted, report.rejected)
    report, error = await run(api, files, records)
    assert (report.accepted, report.rejected, error) == (len(records) - len(invalid), len(invalid), None)
    assert sorted(reject["position"] for reject in read_rejects(files[0])) == invalid


@POSIX
@pytest.mark.parametrize("size", [0, 500, 1000, 20_000, 40_000])
async def test_a_disk_that_is_full_at_any_size_loses_nothing(files, size):
    """A real limit of the system on the size of files ends a job in its words, and another run completes it."""
    await fill_disk(files, size, RECORDS, INVALID)


@POSIX
@pytest.mark.soak
@pytest.mark.parametrize("size", range(0, 100_000, 1000))
async def test_a_disk_that_is_full_at_any_of_100_sizes_loses_nothing(files, size):
    """A hundred limits on the size of files, each in another place of the job, lose and repeat nothing."""
    await fill_disk(files, size, RECORDS, INVALID)


async def test_a_job_that_cannot_be_marked_as_finished_says_so(files, monkeypatch):
    """If the end of a job cannot be recorded, run raises, and the next run sends nothing again."""

    def full(_):
        raise OSError(errno.EIO, "the checkpoint cannot be written: its disk failed, or is full", str(files[1]))

    api = RecordingApi()
    with monkeypatch.context() as patch:
        patch.setattr(CheckpointFile, "finish", full)
        report, error = await run(api, files)
    assert (error.errno, error.__notes__) == (errno.EIO, ["before this, 588 records were accepted and 12 rejected"])
    sent = len(api.requests)
    report, error = await run(api, files)
    assert (report.finished, report.resumed, error, len(api.requests)) == (True, 600, None, sent)


async def test_sqlite_errors_of_a_write_are_told_as_ours(files):
    """What SQLite raises while a batch is recorded is an OSError that names the file and what it is for."""
    checkpoint = CheckpointFile(files[1], job="j", operation_id="o", max_request_bytes=1, restart=False)
    checkpoint._database.execute("PRAGMA max_page_count = 1")
    with pytest.raises(OSError, match="the checkpoint cannot be written: the disk is full") as caught:
        checkpoint.record([writing.BatchResult(n, 1, 1, 0, bytes(32)) for n in range(2000)], 0)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(files[1]))
    checkpoint.close()
    with pytest.raises(OSError, match="the checkpoint cannot be written"):
        checkpoint.finish()


@pytest.mark.parametrize("suspension", range(45))
async def test_a_cancelled_run_frees_its_files(files, suspension):
    """A run that is cancelled at any await has closed its files and given up their locks when it returns."""
    api = RecordingApi()
    async with make_client(api) as client:

        def job():
            return ProfileSync(client, job="j", rejects=files[0], checkpoint=files[1], retry=FAST_RETRY)

        with warnings.catch_warnings():
            warnings.simplefilter("error", ResourceWarning)
            await cancel_at_await(suspension, job().run(RECORDS[:30], restart=True))
            gc.collect()
        report = await job().run(RECORDS[:30])
    assert (report.accepted, report.rejected) == (29, 1)


async def test_a_run_that_is_cancelled_twice_frees_its_files(files):
    """A second cancellation, while the files are closed, leaves none of them open."""
    async with make_client(RecordingApi()) as client:
        for delay in range(40):
            job = ProfileSync(
                client, job="j", rejects=files[0], checkpoint=files[1], retry=FAST_RETRY, max_request_bytes=MAX_BYTES
            )
            running = asyncio.create_task(job.run(RECORDS[:30]))
            for _ in range(delay):
                await asyncio.sleep(0)
            running.cancel()
            await asyncio.sleep(0)
            running.cancel()
            await asyncio.wait([running])
    report, error = await run(RecordingApi(), files, RECORDS[:30], name="j", restart=True)
    assert (report.accepted, report.rejected, error) == (29, 1, None)


@POSIX
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
async def test_new_files_can_be_read_by_their_owner_alone(files, umask):
    """Rejects, checkpoint and what SQLite makes beside it have mode 0600, whatever the umask."""
    modes = set()

    def records():
        yield from RECORDS[:500]
        modes.update((path.name, stat.S_IMODE(path.stat().st_mode)) for path in files[0].parent.iterdir())
        yield from RECORDS[500:]

    previous = os.umask(umask)
    try:
        _, error = await run(RecordingApi(), files, records())
    finally:
        os.umask(previous)
    assert error is None
    assert {name for name, _ in modes} >= {"rejects.ndjson", "nightly.sqlite", "nightly.sqlite-wal"}
    assert {mode for _, mode in modes} == {0o600}


@POSIX
async def test_existing_files_keep_their_permissions(files):
    """Permissions that a file has already stay as its owner wants them."""
    await run(RecordingApi(), files, RECORDS[:10])
    for path in files:
        path.chmod(0o640)
    await run(RecordingApi(), files, RECORDS[:10])
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o640] * 2


async def stop_midway(api, files):
    """Run a job until it has rejects, and stop it."""
    rejects, checkpoint = files
    async with make_client(api) as client:
        job = ProfileSync(
            client,
            job="nightly",
            rejects=rejects,
            checkpoint=checkpoint,
            retry=FAST_RETRY,
            max_request_bytes=MAX_BYTES,
            concurrency=1,
        )

        async def records():
            for record in RECORDS:
                if job.snapshot().rejected:
                    job.stop()
                yield record

        report = await job.run(records())
    assert report.rejected
    return report


def delete(path):
    path.unlink()


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1])


def replace(path):
    path.write_bytes(b"x" * path.stat().st_size * 2)


@pytest.mark.parametrize("lose", [delete, truncate, replace])
async def test_lost_rejects_are_noticed_before_anything_is_sent(files, lose):
    """A resumed job whose rejects file is gone, shorter or another one raises CheckpointError, unless it restarts."""
    api = RecordingApi()
    await stop_midway(api, files)
    sent = len(api.requests)
    lose(files[0])
    before = files[0].exists() and files[0].read_bytes()
    _, error = await run(api, files)
    assert type(error) is CheckpointError
    assert "restart=True" in str(error)
    assert (files[0].exists() and files[0].read_bytes()) == before
    assert len(api.requests) == sent
    report, error = await run(api, files, restart=True)
    assert (report.rejected, report.resumed, error) == (12, 0, None)
    assert sorted(reject["position"] for reject in read_rejects(files[0])) == INVALID


@POSIX
async def test_rejects_that_are_deleted_while_the_job_runs_are_noticed(files):
    """Rejects are not written into a file that was deleted, or changed, while the job runs."""

    def records():
        yield from RECORDS[:100]
        files[0].unlink()
        yield from RECORDS[100:200]

    async with make_client(RecordingApi()) as client:
        job = ProfileSync(client, job="j", rejects=files[0], retry=FAST_RETRY)
        with pytest.raises(FileNotFoundError, match="it was deleted while the job runs"):
            await job.run(records())
        assert job.snapshot().rejected == 0


@POSIX
async def test_two_jobs_cannot_share_a_rejects_file(files, tmp_path):
    """A job whose rejects file another job writes raises JobRunningError and sends nothing, by whatever name."""
    link = tmp_path / "link.ndjson"
    link.symlink_to(files[0])
    names = (files[0], link, os.path.relpath(files[0]))  # noqa: ASYNC240 - no file is touched
    api, other = RecordingApi(), RecordingApi()

    async def records():
        for record in RECORDS:
            yield record
        for rejects in names:
            _, error = await run(other, (rejects, tmp_path / "other.sqlite"), RECORDS[:10])
            assert type(error) is JobRunningError
            assert not (tmp_path / "other.sqlite").exists()

    async with make_client(api) as client:
        job = ProfileSync(client, job="j", rejects=files[0], checkpoint=files[1], retry=FAST_RETRY)
        report = await job.run(records())
    assert (report.rejected, len(read_rejects(files[0]))) == (12, 12)
    assert other.requests == []


@pytest.mark.parametrize("name", ["same", "relative", "symlink", "hardlink", "dangling", "wal"])
@pytest.mark.parametrize("exists", [True, False])
async def test_rejects_and_checkpoint_are_two_files(files, tmp_path, monkeypatch, name, exists):
    """One file for both, under whatever names, raises CheckpointError before anything is sent or overwritten."""
    checkpoint = files[1]
    if exists:
        await run(RecordingApi(), files)
    if name == "hardlink" and not exists:
        pytest.skip("only a file that exists has hard links")
    monkeypatch.chdir(tmp_path)
    rejects = tmp_path / "other-name"
    if name in ("symlink", "dangling"):
        rejects.symlink_to(checkpoint.name)
    elif name == "hardlink":
        rejects.hardlink_to(checkpoint)
    else:
        rejects = {"same": checkpoint, "relative": checkpoint.name, "wal": f"{checkpoint}-wal"}[name]
    before = checkpoint.read_bytes() if exists else None
    api = RecordingApi()
    _, error = await run(api, (rejects, checkpoint))
    assert type(error) is CheckpointError
    assert "give the rejects a file of their own" in str(error)
    assert (checkpoint.read_bytes() if checkpoint.exists() else None) == before
    assert api.requests == []


async def test_rejects_do_not_overwrite_another_jobs_checkpoint(files, tmp_path):
    """A rejects file that is a SQLite file is left as it is."""
    await run(RecordingApi(), files)
    before = files[1].read_bytes()
    _, error = await run(RecordingApi(), (files[1], tmp_path / "other.sqlite"))
    assert type(error) is CheckpointError
    assert files[1].read_bytes() == before
    assert not (tmp_path / "other.sqlite").exists()


def in_no_folder(tmp_path):
    return tmp_path / "missing" / "file"


def a_folder(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    return path


def below_a_file(tmp_path):
    (tmp_path / "plain").touch()
    return tmp_path / "plain" / "file"


PLACES = [in_no_folder, a_folder, below_a_file]


@pytest.mark.parametrize("place", PLACES)
async def test_a_checkpoint_that_cannot_be_opened_is_told_as_ours(files, tmp_path, place):
    """A checkpoint in a missing folder, or that is itself a folder, raises CheckpointError and makes no file."""
    path = place(tmp_path)
    api = RecordingApi()
    _, error = await run(api, (files[0], path))
    assert type(error) is CheckpointError
    assert str(path) in str(error)
    assert not files[0].exists()
    assert api.requests == []


@pytest.mark.parametrize("place", [*PLACES, lambda _: os.devnull])
async def test_rejects_that_cannot_be_opened_leave_no_checkpoint(files, tmp_path, place):
    """Rejects that cannot be written raise an OSError with the file's path and role, and make no checkpoint."""
    path = place(tmp_path)
    api = RecordingApi()
    _, error = await run(api, (path, files[1]))
    assert isinstance(error, OSError)
    assert error.filename == str(path)
    assert "the rejects file cannot be opened" in str(error)
    assert not files[1].exists()
    assert api.requests == []


def damaged(content, seed):
    """Return a file with some of its bytes changed, or a piece missing."""
    state, content = seed * 7919 + 1, bytearray(content)
    for _ in range(1 + seed % 40):
        state = state * 1103515245 + 12345 & 0x7FFFFFFF
        content[state % len(content)] = state >> 16 & 0xFF
    return bytes(content[: len(content) - seed * 97 % 5000] if seed % 3 == 0 else content)


@pytest.mark.parametrize("seed", [*range(20), *(pytest.param(n, marks=pytest.mark.soak) for n in range(20, 300))])
async def test_a_damaged_checkpoint_is_told_as_ours(files, seed):
    """Whatever happened to the bytes of a checkpoint, a run raises CheckpointError or OSError, or completes the job."""
    await stop_midway(RecordingApi(), files)
    files[1].write_bytes(damaged(files[1].read_bytes(), seed))
    with suppress(CheckpointError):
        is_unfinished(files[1])
    report, error = await run(RecordingApi(), files)
    assert isinstance(error, (CheckpointError, OSError)) if error else report.finished


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE job SET rejects_length = -1",
        "UPDATE job SET rejects_length = x'00'",
        "UPDATE job SET name = 7",
        "UPDATE job SET run = cast(x'ff' AS TEXT)",
        "INSERT INTO job SELECT * FROM job",
        "UPDATE batch SET digest = 'text'",
        "UPDATE batch SET digest = x'00'",
        "UPDATE batch SET accepted = accepted + 1",
        "UPDATE batch SET size = 'many'",
        "ALTER TABLE batch RENAME COLUMN digest TO hash",
        "DELETE FROM batch",
        "DROP TABLE batch",
    ],
)
async def test_a_checkpoint_with_other_values_is_not_believed(files, change):
    """Values that no job writes are noticed at the start, and nothing is sent."""
    await stop_midway(RecordingApi(), files)
    with sqlite3.connect(files[1]) as database:
        database.execute(change)
    database.close()
    api = RecordingApi()
    _, error = await run(api, files)
    assert isinstance(error, CheckpointError)
    assert "\N{REPLACEMENT CHARACTER}" not in str(error)
    assert api.requests == []


async def test_an_empty_checkpoint_is_a_new_one(files):
    """A file that a run was killed over as it created it is a checkpoint without a job."""
    files[1].touch()
    assert not is_unfinished(files[1])
    report, error = await run(RecordingApi(), files)
    assert report.finished
    assert error is None


async def test_a_checkpoint_is_a_file_whatever_its_name(files, monkeypatch, tmp_path):
    """A name that SQLite has another meaning for is the name of a file."""
    monkeypatch.chdir(tmp_path)
    await run(RecordingApi(), (files[0], ":memory:"))
    assert (tmp_path / ":memory:").stat().st_size > 0
