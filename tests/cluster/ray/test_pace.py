"""The rate of jobs on Ray, and the number of their actors."""

import asyncio
from threading import Event

import pyarrow as pa
import pytest

from aiotalonone.bulk.ray import dispatch
from tests.cluster.arrivals import SECONDS, SHARE_OF_A_BUSY_MACHINE, Arrivals, until
from tests.cluster.ray.jobs import dataset_of, kill_one, processes, sync
from tests.support.sandbox_server import serving

pytestmark = pytest.mark.usefixtures("second_node")

RATE = 25.0


async def test_the_rate_is_the_accounts_while_actors_come_and_go():
    """Over the whole run all actors together start what the account takes per second: no more, nor much less."""
    api, killed = Arrivals(latency=0.02), 0

    async def kill():
        nonlocal killed
        while True:
            await asyncio.sleep(5)
            await until(lambda: len(processes()) == 3)  # or a busy machine has none left to keep the rate with
            kill_one()
            killed += 1

    async with serving(api) as server:
        killing = asyncio.create_task(kill())
        dataset = dataset_of({"id": [str(number) for number in range(500_000)]})
        report, _ = await sync(dataset, server.url, min_workers=3, max_workers=3, rate=RATE)
        killing.cancel()
    assert (report.accepted, report.finished) == (500_000, True)
    assert killed >= 2
    times = [time for time in api.times if time > api.times[0] + 1]
    measured = (len(times) - 1) / (times[-1] - times[0])
    assert SHARE_OF_A_BUSY_MACHINE * RATE <= measured <= 1.05 * RATE


class SlowTables:
    """A source that yields what it has, waits for an event, and yields the rest."""

    def __init__(self, *tables):
        self.tables = tables
        self.go_on = Event()

    def iter_batches(self, **_):
        """Yield the tables."""
        yield self.tables[0]
        self.go_on.wait(SECONDS)
        yield from self.tables[1:]


@pytest.mark.soak
async def test_actors_come_with_the_work_and_go_without_it(monkeypatch):
    """There are never fewer than the minimum or more than the maximum; those without work end."""
    monkeypatch.setattr(dispatch, "IDLE_SECONDS", 1.0)
    await until(lambda: not processes())
    tables = [pa.table({"id": [f"c-{number}" for number in range(first, first + 400_000)]}) for first in (0, 400_000)]
    source, api, numbers = SlowTables(*tables), Arrivals(latency=0.5), []

    async def watch():
        await until(lambda: len(processes()) == 3)
        await until(lambda: len(processes()) == 1)
        source.go_on.set()
        while True:
            numbers.append(len(processes()))
            await asyncio.sleep(0.1)

    async with serving(api) as server:
        watching = asyncio.create_task(watch())
        report, _ = await sync(source, server.url, min_workers=1, max_workers=3)
        watching.cancel()
    assert (report.accepted, report.finished) == (800_000, True)
    assert max(numbers) == 3
    await until(lambda: not processes())


@pytest.mark.soak
async def test_an_overloaded_api_slows_all_actors_down():
    """A Retry-After that one actor is given holds for all of them."""
    api = Overloaded()
    async with serving(api) as server:
        dataset = dataset_of({"id": [str(number) for number in range(300_000)]})
        report, _ = await sync(dataset, server.url, min_workers=2, max_workers=2, rate=80)
    assert (report.accepted, report.finished) == (300_000, True)
    rejected = api.rejected_at
    meanwhile = [time for time in api.times if rejected + 1 < time < rejected + 3]
    assert meanwhile == []


class Overloaded(Arrivals):
    """An API that asks to be left alone for three seconds, once."""

    rejected_at: float | None = None

    async def __call__(self, scope, receive, send):
        """Respond to a request."""
        if len(self.times) < 60 or self.rejected_at is not None:
            await super().__call__(scope, receive, send)
            return
        now = asyncio.get_running_loop().time()
        self.times.append(now)
        self.rejected_at = now
        await send({"type": "http.response.start", "status": 429, "headers": [(b"retry-after", b"3")]})
        await send({"type": "http.response.body", "body": b""})
