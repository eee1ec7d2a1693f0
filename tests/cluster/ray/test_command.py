"""The command with Ray does what it does without."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE

import pytest

from aiotalonone.sandbox import Sandbox
from tests.cli.test_engine import CSV, NDJSON
from tests.cluster.conftest import API_KEY
from tests.support.sandbox_server import serving

pytestmark = pytest.mark.usefixtures("second_node")

ATTRIBUTES = {"Name": "string", "Kids": "number", "Since": "time", "Tags": "(list string)", "Exact": "number"}


async def run(folder, url, source, *options):
    """Run the command; return its exit code, report, rejects by position, and what it shows."""
    command = ["profiles", "sync", source, "--id-column", "id", "--base-url", url, "--json", *options]
    folder.mkdir(exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "aiotalonone", *map(str, command), cwd=folder, stdout=PIPE, stderr=PIPE
    )
    output, errors = await process.communicate()
    rejects = folder / f"{source.name}.profiles.rejects.ndjson"
    lines = rejects.read_text("utf-8").splitlines() if rejects.exists() else []
    by_position = sorted(map(json.loads, lines), key=lambda reject: reject["position"])
    return process.returncode, json.loads(output or b"null"), by_position, errors.decode()


@pytest.mark.parametrize(("name", "content"), [("rows.csv", CSV), ("rows.ndjson", NDJSON)])
async def test_rejects_and_report_are_those_of_one_process(cluster, tmp_path, name, content):
    """Exit code, figures, reasons, rejects and profiles are the same; the checkpoint's place is not."""
    source = tmp_path / name
    source.write_text(content, "utf-8")
    ends = []
    for number, options in enumerate(([], ["--engine", "ray", "--address", cluster.address])):
        sandbox = Sandbox({"attributes": {"CustomerProfile": ATTRIBUTES}}, api_keys=[API_KEY])
        async with serving(sandbox.app) as server:
            code, report, rejects, errors = await run(tmp_path / str(number), server.url, source, *options)
        for own in ("seconds", "requests", "retries", "checkpoint"):
            report.pop(own)
        report["reasons"].sort(key=str)  # those of one number are in the order of the file
        shown = [line for line in errors.splitlines() if "removed" in line or "do not have" in line]
        ends.append((code, report, rejects, {n: p.attributes for n, p in sandbox.state.profiles.items()}, shown))
    assert ends[1] == ends[0]
    assert ends[0][0] == 3


@pytest.mark.soak
async def test_an_unfinished_job_is_resumed_if_it_is_asked_to(cluster, tmp_path):
    """A job that the API stopped has a checkpoint, and says what to do; the next one finishes it."""
    source, options = tmp_path / "rows.csv", ["--engine", "ray", "--address", cluster.address]
    source.write_text("id,Name\n" + "".join(f"c-{n},Ada\n" for n in range(1000)), "utf-8")
    options += ["--checkpoint", f"file://{tmp_path}/jobs", "--max-workers", "2"]
    keys = ["another"]

    async def app(scope, receive, send):
        await Sandbox({"attributes": {"CustomerProfile": ATTRIBUTES}}, api_keys=keys).app(scope, receive, send)

    async with serving(app) as server:
        code, report, _, errors = await run(tmp_path, server.url, source, *options)
        assert (code, report["finished"], report["not_attempted"]) == (4, False, 1000)
        assert "401" in report["error"]
        assert "--resume resumes it" in errors
        code, _, _, errors = await run(tmp_path, server.url, source, *options)
        assert (code, "is not finished: --resume resumes it" in errors) == (2, True)
        keys[:] = [API_KEY]
        code, report, _, _ = await run(tmp_path, server.url, source, *options, "--resume")
        assert (code, report["finished"], report["accepted"]) == (0, True, 1000)
