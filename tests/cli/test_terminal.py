import json
import signal
import sys

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
