import asyncio
import os
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import StringIO

import click
import httpx
import pytest

from aiotalonone.sandbox import SHOP, Sandbox
from aiotalonone.sandbox.serving.access import Access, guarded
from aiotalonone.sandbox.serving.log import Log, is_colored
from tests.support.sandbox_server import until


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        """Return that it is one."""
        return True


class FullDisk(StringIO):
    """A stream that takes nothing more."""

    def write(self, _):
        """Fail."""
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("stream", "environment", "wanted"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (StringIO(), {"TERM": "xterm"}, False),
        (None, {"TERM": "xterm"}, False),
    ],
)
def test_colors_are_for_terminals_whose_users_want_them(stream, environment, wanted):
    """A pipe, a dumb terminal and a user who set NO_COLOR get no colors."""
    assert is_colored(stream, environment) is wanted


@asynccontextmanager
async def logged(**options):
    """A sandbox behind its guard whose log can be read: the client, the sandbox, and a function that returns lines."""
    sandbox, stream = Sandbox(SHOP), StringIO()
    log = Log(stream, is_colored=False, clock=lambda: datetime(2026, 3, 4, 9, 8, 7, tzinfo=UTC), **options)
    following = asyncio.create_task(log.follow(sandbox))
    await asyncio.sleep(0)
    transport = httpx.ASGITransport(guarded(sandbox.app, Access(), log.rejection))
    headers = {"Authorization": "ApiKey-v1 sandbox-key"}

    async def lines(count):
        await until(lambda: stream.getvalue().count("\n") >= count)
        return stream.getvalue().splitlines()

    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as http:
        yield http, sandbox, lines
    following.cancel()


async def test_each_request_has_a_line():
    """Each request to the API has a line; those to the sandbox itself and health checks have no line."""
    async with logged() as (http, _, lines):
        await http.put("/v2/customer_profiles/a", json={})
        await http.get("/healthz")
        await http.get("/sandbox/state")
        await http.put("/v2/customer_profiles/b", json={})
        told = await lines(2)
    assert [line.rpartition("/")[2] for line in told] == ["a", "b"]
    assert "\x1b" not in "".join(told)


async def test_rejected_requests_have_a_line():
    """A request that is rejected for its origin has a line with the option that would allow it."""
    async with logged() as (http, _, lines):
        await http.get("/sandbox/state", headers={"Origin": "http://localhost:3000"})
        [line] = await lines(1)
    assert line.startswith("09:08:07  GET     403")
    assert line.endswith(
        "/sandbox/state  Pages of http://localhost:3000 cannot call this sandbox; "
        "the option --cors http://localhost:3000 allows it"
    )


async def test_what_is_set_has_a_line():
    """New campaigns, faults and times, a seed and a reset have a line each."""
    async with logged() as (http, sandbox, lines):
        sandbox.set_campaigns({"campaigns": [{"id": 1, "name": "One", "coupons": [{"value": "A"}, {"value": "B"}]}]})
        await lines(1)
        sandbox.set_now(datetime(2031, 1, 2, tzinfo=UTC))
        await http.put("/sandbox/faults", json=[])
        sandbox.seed({"profiles": [{"integrationId": "a"}]})
        await lines(4)
        sandbox.reset()
        told = await lines(5)
    assert [line.partition("  ")[2] for line in told] == [
        "campaigns replaced; campaigns: 1, coupons: 2",
        "time set to 2031-01-02 00:00:00 UTC",
        "faults replaced",
        "customers, sessions and events put in",
        "reset: all is as at the start",
    ]


async def test_a_quiet_log_tells_mistakes_alone():
    """With ``--quiet`` requests have no lines, neither served nor rejected ones; what else happens is told."""
    async with logged(is_quiet=True) as (http, sandbox, lines):
        await http.put("/v2/customer_profiles/a", json={})
        await http.get("/sandbox/state", headers={"Origin": "null"})
        sandbox.reset()
        assert [line.partition("  ")[2] for line in await lines(1)] == ["reset: all is as at the start"]


def test_a_log_that_cannot_be_written_is_lost():
    """A stream that is closed, full or missing ends the log, not the sandbox."""
    closed = StringIO()
    closed.close()
    for stream in (closed, FullDisk(), None):
        Log(stream, is_colored=False).notice("lost")


def test_lines_fit_the_terminal():
    """A line is broken for the width that the terminal has."""
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    os.set_blocking(leader, False)
    with os.fdopen(follower, "w") as terminal:
        Log(terminal, is_colored=True).notice("word")
        shown = os.read(leader, 1000).decode()
    os.close(leader)
    assert click.unstyle(shown).endswith("  word\r\n")
    assert "\x1b[36mword" in shown
