"""Attempts through an httpx client of the caller's wait for their turn before they are given to it."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from aiotalonone import (
    AsyncIntegrationClient,
    DeadlineExceededError,
    Outcome,
    RetryPolicy,
    Timeouts,
    TransportTimeoutError,
    deadline,
)
from tests.support.clients import API_KEY, PATIENT, TRANSPORTS, library_of
from tests.support.http_server import RESPONSE, http_server
from tests.support.inspect import inspect
from tests.support.sandbox_server import until
from tests.support.scripted_api import close_session, create_referral

both_libraries = pytest.mark.parametrize("kind", [transport for transport in TRANSPORTS if transport != "own"])


@asynccontextmanager
async def held_server():
    """Run a server that responds once it may."""
    gate = asyncio.Event()

    async def respond(_server, _head, _writer):
        await gate.wait()
        return RESPONSE

    async with http_server(respond) as server:
        yield server, gate


@asynccontextmanager
async def client_with_turns(kind, server, turns, **options):
    """Open a client with fewer turns than its httpx client has connections."""
    options = {"timeouts": PATIENT, "retry": RetryPolicy(attempts=1), "max_concurrent_updates": None, **options}
    async with (
        library_of(kind).AsyncClient(trust_env=False) as http_client,
        AsyncIntegrationClient(
            server.url, api_key=API_KEY, http_client=http_client, max_connections=turns, **options
        ) as client,
    ):
        yield client


@both_libraries
async def test_no_more_attempts_are_with_it_than_may_be_in_flight(kind):
    """The others wait in the order of their calls; one that is given up meanwhile is never sent."""
    async with held_server() as (server, gate), client_with_turns(kind, server, 2) as client:
        calls = [asyncio.create_task(close_session(client, f"cart-{number}")) for number in range(6)]
        await until(lambda: len(server.heads) == 2)
        calls[3].cancel()
        await asyncio.wait([calls[3]])
        gate.set()
        await asyncio.wait(calls)
    assert sorted(server.targets[:2]) == ["cart-0", "cart-1"]
    assert sorted(server.targets[2:]) == ["cart-2", "cart-4", "cart-5"]


@both_libraries
async def test_a_call_that_had_no_turn_is_not_sent(kind):
    """At its deadline, or after the time that it may wait for a connection, a call without a turn was not sent."""
    async with held_server() as (server, gate), client_with_turns(kind, server, 1) as client:
        held = asyncio.create_task(close_session(client))
        await until(lambda: len(server.heads) == 1)
        with pytest.raises(DeadlineExceededError) as late:
            await create_referral(client.with_options(deadline=0.02))
        with pytest.raises(TransportTimeoutError, match="pool timeout") as impatient:
            await create_referral(client.with_options(timeouts=Timeouts(pool=0.02)))
        gate.set()
        await held
        await close_session(client, "cart-2")
    assert [error.value.outcome for error in (late, impatient)] == [Outcome.NOT_SENT] * 2
    assert server.targets == ["cart-1", "cart-2"]


@both_libraries
async def test_a_failed_attempt_gives_its_turn_back(kind):
    """Whatever an attempt ends in, the next one has its turn."""

    async def respond(server, _head, writer):
        if len(server.heads) < 4:
            writer.close()
            return b""
        return RESPONSE

    async with http_server(respond) as server, client_with_turns(kind, server, 1) as client:
        patient = client.with_options(retry=RetryPolicy(attempts=4, initial_backoff=0))
        async with asyncio.timeout(5):
            await close_session(patient)
        with pytest.raises(DeadlineExceededError):
            await create_referral(client.with_options(deadline=1e-9))
        async with asyncio.timeout(5):
            await close_session(client)
    assert len(server.heads) == 5


@both_libraries
async def test_an_attempt_without_a_caller_keeps_its_turn(kind):
    """What is given up where it cannot be interrupted counts as in flight until it is over."""
    entered, gate = asyncio.Event(), asyncio.Event()

    async def hold(_request):
        entered.set()
        await gate.wait()

    async with (
        http_server() as server,
        library_of(kind).AsyncClient(trust_env=False, event_hooks={"request": [hold]}) as http_client,
        AsyncIntegrationClient(
            server.url, api_key=API_KEY, http_client=http_client, max_connections=1, max_concurrent_updates=None
        ) as client,
    ):
        first = asyncio.create_task(close_session(client, "first"))
        await entered.wait()
        first.cancel()
        await asyncio.wait([first])
        second = asyncio.create_task(close_session(client, "second"))
        await asyncio.sleep(0.01)
        was_waiting = bool(inspect(client).abandoned) and not second.done()
        gate.set()
        await second
    assert was_waiting is (kind == "external")  # httpx2's pool may be left at any time
    assert server.targets == ["second"]


@both_libraries
async def test_2000_calls_end_with_their_deadline(kind):
    """A burst of calls does not hold up the event loop, and what was not with the httpx client was not sent."""
    async with held_server() as (server, gate), client_with_turns(kind, server, 20) as client:
        loop = asyncio.get_running_loop()
        with deadline(1.0):
            end = loop.time() + 1.0
            calls = [create_referral(client) for _ in range(2000)]
            results = await asyncio.gather(*calls, return_exceptions=True)
        late = loop.time() - end
        gate.set()
    assert {type(result) for result in results} == {DeadlineExceededError}
    outcomes = [result.outcome for result in results]
    assert outcomes.count(Outcome.NOT_SENT) >= 1980
    assert late < 3  # without turns, half a minute
