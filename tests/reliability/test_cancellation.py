"""Calls that are cancelled, or reach their deadline, at any moment: over real sockets, against the sandbox."""

import asyncio
import random
from contextlib import suppress
from itertools import count

import httpx
import pytest

from aiotalonone import (
    AsyncIntegrationClient,
    BadRequestError,
    DeadlineExceededError,
    Outcome,
    RetryPolicy,
    TalonOneError,
    Timeouts,
    TransportTimeoutError,
)
from aiotalonone.pipeline.deadline import AbortReason
from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults import Fault
from tests.reliability.matrix import PURCHASE, SLOTS, SUBJECTS
from tests.reliability.support import assert_all_free, sandbox_client, warmed
from tests.support.campaigns import CAMPAIGNS
from tests.support.clients import TRANSPORTS
from tests.support.inspect import inspect
from tests.support.sandbox_server import serving, until
from tests.support.strategies import drain_loop

CLOSE, MINT = SUBJECTS["idempotency key"].operation_id, SUBJECTS["unsafe"].operation_id


def call_of(client, operation_id, number=0):
    """Make a call that was not made before."""
    if operation_id == MINT:
        return SUBJECTS["unsafe"].call(client)
    return client.sessions.update_customer_session_v2(f"cart-{number}", PURCHASE)


async def strike(turns, task, interrupt):
    """Interrupt a task after so many turns of the event loop; return whether it was still running."""
    for _ in range(turns):
        if task.done():
            return False
        await asyncio.sleep(0)
    if task.done():
        return False
    interrupt()
    return True


def moments(operation_id, transport, *, warm, fault, interrupt):
    """Interrupt one call after another, each a turn later, until one ends before; yield what each came to."""

    async def run():
        sandbox = Sandbox(CAMPAIGNS)
        async with serving(sandbox.app) as server:
            async with sandbox_client(transport, server.url) as client:
                await warmed(client)
            for turns in count():
                async with sandbox_client(transport, server.url) as client:
                    if warm:
                        await warmed(client)
                    if fault is not None:
                        sandbox.faults.replace([])
                        sandbox.faults.add(operation_id, fault)
                    before = sandbox.applied(operation_id)
                    task = asyncio.create_task(call_of(client, operation_id, turns))
                    struck = await strike(turns, task, lambda c=client, t=task: interrupt(c, t))
                    await asyncio.wait([task])
                    await assert_all_free(sandbox, client)
                    yield task, sandbox.applied(operation_id) - before
                    if not struck:
                        return

    return run()


def cancel(_client, task):
    """Cancel the task, as a caller does."""
    task.cancel()


def end_time(client, _task):
    """Abort the call, as the timer does at its deadline."""
    inspect(client).abort_all(AbortReason.DEADLINE)


every_way = [
    pytest.mark.parametrize("transport", TRANSPORTS),
    pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"]),
    pytest.mark.parametrize(
        ("operation_id", "fault"),
        [(CLOSE, None), pytest.param(CLOSE, Fault.DROP_AFTER_COMMIT, marks=pytest.mark.soak), (MINT, None)],
        ids=["idempotency key", "keyed, repeated", "unsafe"],
    ),
]


def in_every_way(test):
    """Run a test on each transport, with cold and warm connections, for safe and unsafe operations."""
    for mark in every_way:
        test = mark(test)
    return test


@in_every_way
async def test_a_call_may_be_cancelled_at_every_await(transport, operation_id, fault, warm):
    """A call that is cancelled at any await leaves everything free and nothing done twice."""
    cancelled = 0
    async for task, applied in moments(operation_id, transport, warm=warm, fault=fault, interrupt=cancel):
        assert applied <= 1
        cancelled += task.cancelled()
    assert cancelled > 3
    assert not task.cancelled()
    assert task.exception() is None


@in_every_way
async def test_a_deadline_may_strike_at_every_await(transport, operation_id, fault, warm):
    """A call that reaches its deadline at any await is NOT_SENT only if the sandbox applied nothing."""
    outcomes = set()
    async for task, applied in moments(operation_id, transport, warm=warm, fault=fault, interrupt=end_time):
        assert applied <= 1
        if error := task.exception():
            assert isinstance(error, DeadlineExceededError)
            assert error.outcome in (Outcome.NOT_SENT, Outcome.UNKNOWN, Outcome.APPLIED)
            assert not (applied and error.outcome is Outcome.NOT_SENT)
            assert applied or error.outcome is not Outcome.APPLIED
            outcomes.add(error.outcome)
    # How many turns a new connection takes varies, so the moment between request and response may be missed.
    assert Outcome.UNKNOWN in outcomes if warm else outcomes
    assert task.exception() is None


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_call_cancelled_in_its_lane_leaves_the_queue(transport):
    """If a call that waits for its lane is cancelled, the calls before and behind it are served."""
    sandbox = Sandbox(CAMPAIGNS)
    gate = asyncio.Event()
    async with serving(sandbox.app) as server, sandbox_client(transport, server.url) as client:
        await warmed(client)
        sandbox.before_commit(lambda _operation_id: gate.wait())
        first, second, third = (asyncio.create_task(call_of(client, CLOSE)) for _ in range(3))
        await until(lambda: inspect(client).in_flight == 3)
        second.cancel()
        await asyncio.wait([second])
        gate.set()
        results = await asyncio.gather(first, third, return_exceptions=True)
        assert second.cancelled()
        assert not isinstance(results[0], Exception)
        assert isinstance(results[1], BadRequestError)  # the first has closed the session
        await assert_all_free(sandbox, client)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_call_cancelled_in_the_pool_is_not_sent(transport):
    """A call that is cancelled while it waits for a connection is never sent."""
    sandbox = Sandbox(CAMPAIGNS)
    gate = asyncio.Event()
    async with serving(sandbox.app) as server, sandbox_client(transport, server.url) as client:
        await warmed(client)
        sandbox.before_commit(lambda _operation_id: gate.wait())
        held = [asyncio.create_task(client.customers.get_customer_inventory("ada")) for _ in range(SLOTS)]
        await until(lambda: len(server.server_state.tasks) == SLOTS)
        waiting = asyncio.create_task(call_of(client, MINT))
        await until(lambda: inspect(client).in_flight == SLOTS + 1)
        await drain_loop()
        waiting.cancel()
        await asyncio.wait([waiting])
        gate.set()
        await asyncio.gather(*held)
        assert waiting.cancelled()
        await assert_all_free(sandbox, client)
    assert sandbox.applied(MINT) == 0


async def test_clients_that_share_an_httpx_client_share_its_slots():
    """A call is NOT_SENT if another client on the same httpx client uses all of its connections."""
    sandbox = Sandbox(CAMPAIGNS)
    gate = asyncio.Event()
    limits = httpx.Limits(max_connections=SLOTS)
    async with serving(sandbox.app) as server, httpx.AsyncClient(limits=limits, trust_env=False) as http_client:
        shop, app = (
            AsyncIntegrationClient(server.url, api_key="sandbox-key", http_client=http_client) for _ in range(2)
        )
        async with shop, app:
            sandbox.before_commit(lambda _operation_id: gate.wait())
            held = [asyncio.create_task(shop.customers.get_customer_inventory("ada")) for _ in range(SLOTS)]
            await until(lambda: len(server.server_state.tasks) == SLOTS)
            hasty = app.with_options(timeouts=Timeouts(pool=0.01), retry=RetryPolicy(attempts=1))
            with pytest.raises(TransportTimeoutError, match="pool timeout") as caught:
                await SUBJECTS["unsafe"].call(hasty)
            waiting = asyncio.create_task(SUBJECTS["unsafe"].call(app))
            gate.set()
            await asyncio.gather(waiting, *held, return_exceptions=True)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 1)
    assert sandbox.applied(MINT) == 1


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_call_cancelled_in_a_pause_makes_no_retry(transport):
    """A call that is cancelled during the pause between attempts makes no second attempt."""
    sandbox = Sandbox(CAMPAIGNS)
    policy = RetryPolicy(initial_backoff=60, max_backoff=60)
    async with (
        serving(sandbox.app) as server,
        sandbox_client(transport, server.url, retry=policy, deadline=None) as client,
    ):
        await warmed(client)
        sandbox.faults.add(CLOSE, Fault.STATUS_503)
        call = asyncio.create_task(call_of(client, CLOSE))
        await until(lambda: bool(sandbox.faults.triggered))
        await asyncio.sleep(0.02)
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        await assert_all_free(sandbox, client)
    assert sandbox.applied(CLOSE) == 0


async def cancel_at_random(client, cancellations, callers):
    """Cancel calls after random times."""
    script = random.Random(1093)

    async def caller(number):
        for turn in range(cancellations // callers):
            with suppress(TimeoutError, TalonOneError):
                async with asyncio.timeout(script.random() * 0.02):
                    while True:
                        await client.customers.get_customer_inventory(f"c-{number}-{turn}")

    await asyncio.gather(*map(caller, range(callers)))


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("cancellations", [1000, pytest.param(10_000, marks=pytest.mark.soak)])
async def test_10_000_random_cancellations_lose_no_slot(transport, cancellations):
    """10,000 calls of ten times as many callers as slots are cancelled at random, and no slot is lost."""
    sandbox = Sandbox(CAMPAIGNS)
    async with serving(sandbox.app) as server, sandbox_client(transport, server.url) as client:
        await warmed(client)
        await cancel_at_random(client, cancellations=cancellations, callers=10 * SLOTS)
        await assert_all_free(sandbox, client)
