"""What a job fails with holds no record, its causes and the variables of their tracebacks included."""

import sqlite3

import httpx
import pytest

from aiotalonone import RetryPolicy
from aiotalonone.bulk import ProfileSync
from aiotalonone.bulk.checkpoint import _Database
from tests.bulk.full_disk import FullDisk
from tests.bulk.recording_api import make_client, profile
from tests.support.leak_surfaces import surfaces_of

MARK = "anna-of-berlin"
ONCE = RetryPolicy(attempts=1)


def marked_profiles():
    """Yield records that are marked everywhere."""
    for number in range(300):
        yield profile(f"{MARK}-{number}", name=f"{MARK}-{number}")


def fail_to_connect(_request):
    raise httpx.ConnectError("no connection")


RESPONSES = {
    "401": lambda _: httpx.Response(401),
    "web page": lambda _: httpx.Response(200, html="<h1>Please sign in</h1>"),
    "no connection": fail_to_connect,
    "all rejected": lambda _: httpx.Response(400, json={"message": f"what is {MARK}?"}),
}


async def failure_of(respond, folder, source):
    """Run a job that fails, and return what it raises."""
    async with make_client(httpx.MockTransport(respond)) as client:
        job = ProfileSync(client, job="j", rejects=folder / "rejects", checkpoint=folder / "job", retry=ONCE)
        with pytest.raises(Exception) as caught:  # noqa: PT011 - of any kind
            await job.run(source)
    return caught.value


def assert_unmarked(error):
    """Check that an error shows no record anywhere."""
    assert [name for name, surface in surfaces_of(error).items() if MARK in surface] == []


@pytest.mark.parametrize("respond", RESPONSES.values(), ids=RESPONSES)
async def test_a_stopped_job_shows_no_record(tmp_path, respond):
    """The error of a job that the API stopped, and the error of the request, show nothing of the records."""
    assert_unmarked(await failure_of(respond, tmp_path, marked_profiles()))


async def test_a_full_disk_shows_no_record(tmp_path, monkeypatch):
    """What a job fails with whose rejects cannot be written shows none of them."""
    FullDisk(monkeypatch, after=0, times=100)
    records = [profile("c-1", name="a"), {"integrationId": "", "attributes": {"name": MARK}}]
    error = await failure_of(lambda _: httpx.Response(204), tmp_path, iter(records))
    assert "the rejects file cannot be written" in str(error)
    assert_unmarked(error)


async def test_a_failing_checkpoint_shows_no_record(tmp_path, monkeypatch):
    """What a job fails with whose checkpoint cannot be written shows no record either."""
    run = _Database.run

    def fail(self, statement, *values):
        if statement.startswith("INSERT INTO batch"):
            raise sqlite3.OperationalError("disk I/O error")
        return run(self, statement, *values)

    monkeypatch.setattr(_Database, "run", fail)
    error = await failure_of(lambda _: httpx.Response(204), tmp_path, marked_profiles())
    assert "the checkpoint cannot be written" in str(error)
    assert_unmarked(error)


async def test_a_source_that_fails_keeps_its_own_traceback(tmp_path):
    """Of the traceback of a source's error, the lines of the source are left, and none that shows other records."""

    def broken_source():
        yield from marked_profiles()
        raise LookupError("the cursor is gone")

    error = await failure_of(lambda _: httpx.Response(204), tmp_path, broken_source())
    assert error.__traceback__ is not None
    names = []
    step = error.__traceback__
    while step is not None:
        names.append(step.tb_frame.f_code.co_name)
        step = step.tb_next
    assert names[-1] == "broken_source"
    assert_unmarked(error)
