import asyncio
import json
import re
import signal
import sys
from pathlib import Path

import pytest

from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults import Fault
from tests.cli.conftest import environment
from tests.support.sandbox_server import serving

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

from tests.cli.terminal import on_terminal

BULK = "updateCustomerProfilesV2"
RECORDS = 16_000
SYNC = ["profiles", "sync", "rows.ndjson", "--id-column", "id"]


@pytest.fixture
def expected(folder):
    """Write a source of sixteen requests, and return its profiles."""
    rows = {f"c-{n}": {"name": f"Customer {n}", "points": n} for n in range(RECORDS)}
    text = "".join(json.dumps({"id": name, **attributes}) + "\n" for name, attributes in rows.items())
    (folder / "rows.ndjson").write_text(text)
    return rows


def slow(seconds):
    """Return a sandbox that takes ``seconds`` for each request."""
    sandbox = Sandbox()
    sandbox.faults.add(BULK, Fault.SLOW_COMMIT, every=1, seconds=seconds)
    return sandbox


def stored(sandbox):
    return {name: dict(profile.attributes) for name, profile in sandbox.state.profiles.items()}


@pytest.mark.parametrize("width", [40, 60, 80, 100])
async def test_columns_fit_on_any_terminal(width):
    """The columns are a table on a terminal that is wide enough, and a paragraph each on a narrower one."""
    names = ["household_id", "children_in_household", "name_of_the_favourite_store"]
    await asyncio.to_thread(Path("rows.csv").write_text, ",".join(names) + "\nc-1,2,North\n")
    command = ["profiles", "sync", "rows.csv", "--id-column", "household_id", "--dry-run"]
    async with on_terminal(*command, env=environment(TERM="xterm", COLUMNS=str(width))) as terminal:
        assert await terminal.end() == 0
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.shown).partition("The first records:")[0].splitlines()
    assert max(map(len, shown)) <= width
    assert ("───" in "".join(shown)) is (width == 100)
    words = " ".join(shown).replace(",", " ").split()
    assert [words.count(name) for name in names] == [1, 2, 2]
    assert "(integration" in words


async def test_verbose_shows_lines_instead_of_a_bar():
    """With --verbose, each request is a line of the log on stderr, which a bar would be in the way of."""
    await asyncio.to_thread(Path("rows.csv").write_text, "id\n" + "".join(f"c-{n}\n" for n in range(3000)))
    command = ["profiles", "sync", "rows.csv", "--id-column", "id", "--verbose"]
    async with (
        serving(Sandbox().app) as server,
        on_terminal(*command, env=environment(server.url, TERM="xterm")) as terminal,
    ):
        assert await terminal.end() == 0
    assert terminal.shown.count("aiotalonone: updateCustomerProfilesV2: PUT /v2/customer_profiles returned 204") == 3
    assert "━" not in terminal.shown
    assert "c-2999" not in terminal.shown


async def test_dumb_terminal_has_lines_instead_of_a_bar():
    """A terminal that cannot redraw a line, such as an editor's, shows the progress in lines."""
    await asyncio.to_thread(Path("rows.csv").write_text, "id\n" + "".join(f"c-{n}\n" for n in range(3000)))
    command = ["profiles", "sync", "rows.csv", "--id-column", "id"]
    async with (
        serving(Sandbox().app) as server,
        on_terminal(*command, env=environment(server.url, TERM="dumb")) as terminal,
    ):
        assert await terminal.end() == 0
    assert "\n3,000 of 3,000, " in terminal.shown
    assert "\x1b" not in terminal.shown


async def test_ctrl_c_stops_in_order_and_another_run_resumes(expected):
    """Ctrl-C finishes requests in flight, and --resume sends the rest, so that each batch is sent once."""
    sandbox = slow(0.2)
    async with serving(sandbox.app) as server:
        async with on_terminal(*SYNC, env=environment(server.url, TERM="xterm")) as terminal:
            await terminal.until(",000 of ")
            terminal.type("\x03")
            assert await terminal.end() == 4
        sent = sandbox.applied(BULK)
        assert "━" in terminal.shown
        assert "Finishing in-flight requests, then stopping." in terminal.shown
        assert "the same command with --resume resumes it" in terminal.shown
        assert "Traceback" not in terminal.shown
        assert 0 < sent < 16
        assert len(sandbox.state.profiles) == sent * 1000
        sandbox.faults.clear()
        async with on_terminal(*SYNC, "--resume", "--json", env=environment(server.url, TERM="xterm")) as terminal:
            assert await terminal.end() == 0
    assert f'"resumed":{sent * 1000}' in terminal.shown
    assert stored(sandbox) == expected
    assert sandbox.applied(BULK) == 16


async def test_ctrl_c_twice_stops_at_once(expected):
    """A second Ctrl-C cancels requests in flight, and the next run sends them again."""
    sandbox = slow(30)
    async with serving(sandbox.app) as server:
        async with on_terminal(*SYNC, env=environment(server.url, TERM="xterm")) as terminal:
            await terminal.until(f"0 of ~{RECORDS // 1000}")
            terminal.type("\x03")
            await terminal.until("Press Ctrl-C again to stop immediately.")
            terminal.type("\x03")
            assert await terminal.end(within=7) == 4  # a request without a response takes ten seconds
        assert f"0 of ~{RECORDS // 1000}" in terminal.shown.rpartition("immediately.")[2]
        assert "records processed: 0 accepted, 0 rejected; the rest" in " ".join(terminal.shown.split())
        assert "resumes it" in terminal.shown
        assert "Traceback" not in terminal.shown
        sandbox.faults.clear()
        async with on_terminal(*SYNC, "--resume", env=environment(server.url, TERM="xterm")) as terminal:
            assert await terminal.end() == 0
    assert stored(sandbox) == expected


@pytest.mark.usefixtures("expected")
async def test_sigterm_stops_in_order():
    """SIGTERM, which ends a container, stops a job as Ctrl-C does."""
    sandbox = slow(0.2)
    async with (
        serving(sandbox.app) as server,
        on_terminal(*SYNC, env=environment(server.url, TERM="xterm")) as terminal,
    ):
        await terminal.until(",000 of ")
        terminal.process.send_signal(signal.SIGTERM)
        assert await terminal.end() == 4
        assert 0 < len(sandbox.state.profiles) == sandbox.applied(BULK) * 1000 < RECORDS


async def test_key_is_prompted_for_and_not_shown():
    """On a terminal, a missing base URL and key are prompted for, and the key is not shown."""
    async with serving(Sandbox().app) as server, on_terminal("check", env=environment(TERM="xterm")) as terminal:
        await terminal.until("Base URL")
        terminal.type(f"{server.url}\n")
        await terminal.until("API key")
        terminal.type("sandbox-key\n")
        assert await terminal.end() == 0
    assert "accepted" in terminal.shown
    assert "sandbox-key" not in terminal.shown


async def test_interrupted_prompt_is_a_usage_error():
    """Ctrl-C at a prompt ends the command with one line, and with the exit code of a command that sent nothing."""
    async with on_terminal("check", env=environment(TERM="xterm")) as terminal:
        await terminal.until("Base URL")
        terminal.type("\x03")
        assert await terminal.end() == 2
    assert "Interrupted. Nothing was stored." in terminal.shown
    assert "Aborted" not in terminal.shown


async def test_reasons_of_rejects_are_shown_at_once():
    """A reason is shown as soon as the first record is rejected, on a line of its own above the bar."""
    rows = [{"id": f"c-{n}"} for n in range(RECORDS)]
    rows[0] = {"id": ""}
    text = "".join(json.dumps(row) + "\n" for row in rows)
    await asyncio.to_thread(Path("rows.ndjson").write_text, text)
    async with (
        serving(slow(0.3).app) as server,
        on_terminal(*SYNC, env=environment(server.url, TERM="xterm")) as terminal,
    ):
        await terminal.until("Rejected: id is empty")
        assert "records:" not in terminal.shown
        assert await terminal.end() == 3
    assert any(line.strip("\x1b[2K1A0m ") == "Rejected: id is empty" for line in re.split(r"[\r\n]+", terminal.shown))
    assert "1: id is empty (first: row 1)" in terminal.shown


@pytest.mark.parametrize(
    ("variables", "has_colors"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
async def test_sandbox_on_a_terminal(variables, has_colors, program):
    """The sandbox has a line for each request, in colors if the terminal has some, and ends with 0 on Ctrl-C."""
    options = ["--port", "0", "--api-key", "sandbox-key"]
    async with on_terminal("sandbox", *options, env=environment(**{"TERM": "xterm", **variables})) as terminal:
        await terminal.until("look inside at ")
        url = re.search(r"http://127\.0\.0\.1:\d+", terminal.shown)[0]
        assert (await program("check", url=url)).code == 0
        await terminal.until("/v2/")
        terminal.type("\x03")
        assert await terminal.end() == 0
    line = next(line for line in terminal.shown.splitlines() if "/v2/" in line)
    assert ("\x1b[1mPUT" in line) is has_colors
    assert "Traceback" not in terminal.shown
