import asyncio
import json
import signal
from asyncio.subprocess import PIPE
from collections import Counter

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, IntegrationEventV2Request, structure
from aiotalonone.sandbox import Sandbox
from examples.async_worker import tracked
from tests.examples.conftest import command, run


def review(customer: str, number: int) -> dict:
    return {
        "type": "review_written",
        "profileId": customer,
        "attributes": {"product": "beans-1kg", "stars": number % 5},
    }


async def points(talon_one, customer: str) -> float:
    inventory = await talon_one.customers.get_customer_inventory(customer, loyalty=True)
    return inventory.loyalty.programs["1"].ledger.current_balance


async def events_tracked(talon_one) -> int:
    state = await talon_one.request("GET", "/sandbox/state")
    return state["events"]


async def test_every_event_of_stdin_is_tracked(talon_one):
    """Every review is tracked and earns its points, and a line that is not an event is skipped."""
    lines = [json.dumps(review("mary", number)) for number in range(100)]
    done = run("async_worker.py", stdin="\n".join([*lines, "no event"]))
    assert done.returncode == 0
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == "100 taken, 100 tracked, 0 failed"
    assert await points(talon_one, "mary") == 5000


async def test_events_of_a_file_are_tracked(tmp_path):
    """Stdin may be a file, which no event loop reads."""
    events = tmp_path / "events.ndjson"
    events.write_text(json.dumps(review("nina", 1)))
    with events.open() as stdin:
        worker = await asyncio.create_subprocess_exec(*command("async_worker.py"), stdin=stdin, stderr=PIPE)
        _, told = await worker.communicate()
    assert told.decode() == "1 taken, 1 tracked, 0 failed\n"


async def test_an_event_that_fails_is_handed_back():
    """An event that the API rejects is printed whole, for another run."""
    invalid = review("anna", 1) | {"attributes": {"mood": "fine"}}
    done = run("async_worker.py", stdin=json.dumps(invalid))
    assert json.loads(done.stdout) == invalid
    assert done.stderr.splitlines()[-1] == "1 taken, 0 tracked, 1 failed"


async def test_sigterm_lets_it_finish(talon_one):
    """After SIGTERM the worker takes no more events, tracks those that it has, and exits with 0."""
    before = await events_tracked(talon_one)
    async with asyncio.timeout(60):
        worker = await asyncio.create_subprocess_exec(*command("async_worker.py"), stdin=PIPE, stderr=PIPE)
        try:
            worker.stdin.write(b"".join(b"%s\n" % json.dumps(review("edith", n)).encode() for n in range(300)))
            while await events_tracked(talon_one) == before:
                assert worker.returncode is None
            worker.send_signal(signal.SIGTERM)
            _, told = await worker.communicate()
        finally:
            if worker.returncode is None:
                worker.kill()
    tracked_here = await events_tracked(talon_one) - before
    assert worker.returncode == 0
    assert told.decode() == f"{tracked_here} taken, {tracked_here} tracked, 0 failed\n"


async def test_leaving_the_queue_waits_for_its_events(talon_one):
    """Leaving the queue waits until every event in it is tracked."""
    counts = Counter()
    async with tracked(talon_one, counts) as events:
        for number in range(50):
            events.put_nowait(IntegrationEventV2Request(type="review_written", profile_id=f"now-{number}"))
    assert counts == {"tracked": 50}


async def test_the_workers_never_crowd_a_customer():
    """Events of one customer never wait in such numbers that the API rejects one, however slow updates are."""
    sandbox, counts = Sandbox(), Counter()
    sandbox.before_commit(lambda _: asyncio.sleep(0))
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app)) as http_client,
        AsyncIntegrationClient("http://localhost", api_key="sandbox-key", http_client=http_client) as client,
        tracked(client, counts) as events,
    ):
        for number in range(20):
            events.put_nowait(structure(review("ruth", number), IntegrationEventV2Request))
    assert counts == {"tracked": 20}


async def test_a_cancelled_program_finishes_its_queue(talon_one):
    """A cancelled program takes no more events and tracks those that it has."""
    counts, filled = Counter(), asyncio.Event()

    async def program():
        async with tracked(talon_one, counts) as events:
            for number in range(50):
                events.put_nowait(IntegrationEventV2Request(type="review_written", profile_id=f"then-{number}"))
            filled.set()
            await asyncio.Future()

    running = asyncio.create_task(program())
    await filled.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert counts == {"tracked": 50}
