"""The results of partitions on shared storage."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

pytest.importorskip("fsspec", reason="needs the extra ray or spark")

from aiotalonone.bulk import CheckpointError
from aiotalonone.bulk.cluster.store import JobRun, JobStore

RUN = JobRun("a" * 32, 64)
ANOTHER = JobRun("b" * 32, 8)


@pytest.fixture(params=["local", "memory"])
def url(request, tmp_path):
    """Have a folder on a file system."""
    return str(tmp_path / "jobs") if request.param == "local" else f"memory://{uuid4().hex}"


@pytest.fixture
def store(url):
    """Have the store of a job."""
    return JobStore(url, "nightly")


def test_what_was_saved_is_loaded(store):
    """A key has the content that was saved last; another one has nothing."""
    store.save("run/1-0", b"one")
    store.save("run/1-0", b"two")
    assert store.load("run/1-0") == b"two"
    assert store.load("run/1-1") is None


def test_jobs_do_not_see_each_other(store, url):
    """Each job has a folder of its own."""
    store.save("run/1-0", b"one")
    assert JobStore(url, "daily").load("run/1-0") is None
    assert JobStore(f"{url}/", "nightly").load("run/1-0") == b"one"


def test_an_unfinished_job_goes_on(store):
    """A job that was started and not finished keeps its run and its buckets."""
    assert not store.is_unfinished
    assert store.start(RUN) == RUN
    assert store.is_unfinished
    assert store.start(ANOTHER) == RUN


def test_a_finished_job_starts_anew_and_leaves_no_results(store):
    """The results of partitions, which hold rejected records, are removed."""
    store.start(RUN)
    store.save(f"{RUN.run}/1-0", b"personal")
    store.finish(RUN)
    assert not store.is_unfinished
    assert store.load(f"{RUN.run}/1-0") is None
    assert store.start(ANOTHER) == ANOTHER


def test_a_restart_leaves_the_unfinished_run(store):
    """The job has a new run, and the results of the old one are gone."""
    store.start(RUN)
    store.save(f"{RUN.run}/1-0", b"personal")
    assert store.start(ANOTHER, restart=True) == ANOTHER
    assert store.load(f"{RUN.run}/1-0") is None
    assert store.start(RUN) == ANOTHER


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"{}",
        b'{"run": "x", "buckets": 8, "finished": false}',
        b'{"run": 5, "buckets": 8, "finished": false}',
        json.dumps({"run": "a" * 32, "buckets": 0, "finished": False}).encode(),
        json.dumps({"run": "a" * 32, "buckets": "8", "finished": False}).encode(),
    ],
)
def test_a_damaged_job_is_an_error(store, content):
    """What cannot be read is not taken for a job that was never started."""
    store.save("job", content)
    with pytest.raises(CheckpointError, match=r"nightly/job\.json is damaged"):
        store.start(RUN)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "x" * 201, "é\n"])
def test_a_name_that_is_no_name_of_a_folder_is_an_error(name):
    """Nothing is written outside the job's folder."""
    with pytest.raises(ValueError, match="job must be 1 to 200 letters"):
        JobStore("memory://jobs", name)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_local_results_are_for_their_owner_alone(tmp_path):
    """They hold rejected records."""
    store = JobStore(str(tmp_path), "nightly")
    store.save("run/1-0", b"personal")
    [file] = (tmp_path / "nightly" / "run").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_cannot_be_saved_leaves_nothing(tmp_path):
    """A folder that cannot be written is an error that the job tells of."""
    (tmp_path / "nightly").write_text("a file")
    with pytest.raises(OSError, match="nightly"):
        JobStore(str(tmp_path), "nightly").save("run/1-0", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["nightly"]


def test_workers_that_save_one_key_at_once_leave_a_whole_content(store):
    """A partition that a lost worker still sends has one result, and no rest of the other one."""
    contents = [bytes([65 + number]) * 100_000 for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda content: store.save("run/1-0", content), contents * 4))
    assert store.load("run/1-0") in contents


def test_an_interrupted_save_is_removed(tmp_path, monkeypatch):
    """What was written in part does not stay beside the results."""
    store = JobStore(str(tmp_path), "nightly")
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        store.save("run/1-0", b"x")
    assert list((tmp_path / "nightly" / "run").iterdir()) == []
