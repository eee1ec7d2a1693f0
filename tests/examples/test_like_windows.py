"""Programs run without what Windows lacks, as far as this can be taken away here."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE

import pytest

from tests.examples.conftest import EXAMPLES

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is nothing to take away")

ROOT = str(EXAMPLES.parent)
LIKE_WINDOWS = (sys.executable, "-m", "tests.support.like_windows")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The working directory, from which this repository can be imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [ROOT, os.environ.get("PYTHONPATH")])))
    return tmp_path


async def run(*command, stdin=""):
    """Return exit code, stdout and stderr of a program."""
    process = await asyncio.create_subprocess_exec(*LIKE_WINDOWS, *command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    async with asyncio.timeout(60):
        out, err = await process.communicate(stdin.encode())
    return process.returncode, out.decode(), err.decode()


async def test_worker_tracks_events():
    """The worker reads its events, and ends with them."""
    event = {"type": "review_written", "profileId": "olaf", "attributes": {"product": "tea", "stars": 4}}
    assert await run("examples.async_worker", stdin=json.dumps(event)) == (0, "", "1 taken, 1 tracked, 0 failed\n")


async def test_nightly_job_runs(folder):
    """The nightly job keeps its checkpoint and its rejects."""
    (folder / "profiles.ndjson").write_text('{"integrationId": "olaf"}\n')
    code, out, _ = await run("examples.nightly_sync", "profiles.ndjson")
    assert (code, out) == (0, "1 profiles stored, 0 rejected, 0 not attempted\n")


@pytest.mark.parametrize("command", [["check"], ["profiles", "sync", "rows.csv", "--id-column", "id"]])
async def test_command_line_works(command, folder):
    """The command line checks a deployment and sends files."""
    (folder / "rows.csv").write_text("id\nolaf\n")
    code, _, err = await run("aiotalonone", *command)
    assert code == 0, err


async def test_sandbox_serves_until_a_signal():
    """The sandbox listens, and ends at once when it is told to, or when its standard input closes."""
    for end in (lambda one: one.send_signal(signal.SIGINT), lambda one: one.stdin.close()):
        process = await asyncio.create_subprocess_exec(
            *LIKE_WINDOWS,
            *("aiotalonone.sandbox", "--port", "0", "--until-stdin-closes"),
            stdin=PIPE,
            stdout=PIPE,
        )
        try:
            assert b" on http://127.0.0.1:" in await process.stdout.readline()
            end(process)
            async with asyncio.timeout(60):
                assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
