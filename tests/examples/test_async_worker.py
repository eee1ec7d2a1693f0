import asyncio
import json
import signal
from asyncio.subprocess import PIPE
from collections import Counter

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, NewEvent, structure
from aiotalonone.sandbox import Sandbox
from examples.async_worker import tracked
from tests.examples.conftest import command, run


def review(customer: str, number: int) -> dict:
    return {
        "type": "review_written",
        "profileId": customer,
        "sessionId": f"{customer}-visit",
        "attributes": {"product": "beans-1kg", "stars": number % 5},
    }


async def points(talon_one, customer: str) -> float:
    inventory = await talon_one.customers.get_customer_inventory(customer, loyalty=True)
    return inventory.loyalty.programs["1"].ledger.current_balance


async def events_tracked(talon_one) -> int:
    state = await talon_one.request("GET", "/sandbox/state")
    return state["events"]


async def test_every_event_of_stdin_is_tracked(talon_one):
    """Each review earns its points, though all are the same customer's; a line that is not an event is skipped."""
    lines = [json.dumps(review("mary", number)) for number in range(100)]
    done = run("async_worker.py", stdin="\n".join([*lines, "no event"]))
    assert done.returncode == 0
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == "100 taken, 100 tracked, 0 failed"
    assert await points(talon_one, "mary") == 5000


async def test_an_event_that_fails_is_handed_back():
    """An event that the API rejects is printed whole, for another run."""
    rejected = review("anna", 1) | {"attributes": {"mood": "fine"}}
    done = run("async_worker.py", stdin=json.dumps(rejected))
    assert json.loads(done.stdout) == rejected
    assert done.stderr.splitlines()[-1] == "1 taken, 0 tracked, 1 failed"


async def test_sigterm_lets_it_finish(talon_one):
    """After the signal it takes nothing more; all that it has taken is tracked before it ends, and it ends well."""
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
    """Nothing that was put is lost, though the queue is left at once."""
    counts = Counter()
    async with tracked(talon_one, counts) as events:
        for number in range(50):
            events.put_nowait(NewEvent(type="review_written", session_id=f"now-{number}", attributes={}))
    assert counts == {"tracked": 50}


async def test_the_workers_never_crowd_a_customer():
    """However slow its updates are, no event of one customer is turned away because too many wait."""
    sandbox, counts = Sandbox(), Counter()
    sandbox.before_commit(lambda _: asyncio.sleep(0))
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app)) as http_client,
        AsyncIntegrationClient("http://localhost", api_key="sandbox-key", http_client=http_client) as client,
        tracked(client, counts) as events,
    ):
        for number in range(20):
            events.put_nowait(structure(review("ruth", number), NewEvent))
    assert counts == {"tracked": 20}


async def test_a_cancelled_program_finishes_its_queue(talon_one):
    """Cancellation, as by Ctrl-C, ends the taking and not the tracking."""
    counts, filled = Counter(), asyncio.Event()

    async def program():
        async with tracked(talon_one, counts) as events:
            for number in range(50):
                events.put_nowait(NewEvent(type="review_written", session_id=f"then-{number}", attributes={}))
            filled.set()
            await asyncio.Future()

    running = asyncio.create_task(program())
    await filled.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert counts == {"tracked": 50}
