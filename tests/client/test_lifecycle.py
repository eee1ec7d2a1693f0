"""Opening, closing and dropping a client, while calls are in flight."""

import asyncio
import gc
import os
import sys
import warnings
from contextlib import suppress
from math import inf, nan
from pathlib import Path

import anyio
import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, ClientStateError, Outcome, RateLimitError, ServerError, TransportError
from tests.support.clients import BASE_URL, TRANSPORTS, library_of, make_client, url_of
from tests.support.http_server import RESPONSE
from tests.support.inspect import inspect
from tests.support.raw_server import PATIENCE, read_request, serving, silent
from tests.support.scripted_api import HANG, close_session, scripted_client
from tests.support.virtual_time import in_virtual_time

both_transports = pytest.mark.parametrize("transport", TRANSPORTS)
TICK = 1e-3
ROOT = Path(__file__).parents[2]


def now():
    return asyncio.get_running_loop().time()


def lasting(seconds):
    """Return an ending that comes after a time."""

    async def respond(_request):
        await asyncio.sleep(seconds)
        return 200

    return respond


async def started(call):
    """Return the task of a call that has come as far as it can."""
    task = asyncio.create_task(call)
    for _ in range(10):
        await asyncio.sleep(0)
    assert not task.done()
    return task


def run_without_asyncio(coroutine):
    """Start a coroutine as another framework would, whose tasks asyncio does not know."""
    with suppress(StopIteration):
        coroutine.send(None)


def test_without_asyncio_a_client_says_so():
    """On another framework's event loop a client does not open, and an open one is not used."""
    with asyncio.Runner() as runner:
        client = AsyncIntegrationClient(BASE_URL, api_key="k")
        with pytest.raises(ClientStateError, match="no event loop of asyncio is running") as caught:
            run_without_asyncio(client.open())
        assert caught.value.outcome is Outcome.NOT_SENT
        runner.run(client.open())
        for use in (close_session(client), client.aclose()):
            with pytest.raises(ClientStateError, match="the client belongs to another event loop"):
                run_without_asyncio(use)
        runner.run(client.aclose())


@both_transports
@in_virtual_time
async def test_closing_lets_running_calls_finish(transport):
    """``aclose`` waits for the calls in flight and no longer, and meanwhile new calls are rejected."""
    async with scripted_client(transport, lasting(3)) as (client, script):
        call = await started(close_session(client))
        closing = await started(client.aclose())
        with pytest.raises(ClientStateError, match="is closed") as caught:
            await close_session(client, "cart-2")
        await closing
        assert now() == pytest.approx(3, abs=TICK)
        assert (await call).effects == []
    assert caught.value.outcome is Outcome.NOT_SENT
    assert len(script.requests) == 1


@both_transports
async def test_closing_ends_what_does_not_finish(transport):
    """Calls that outlast the grace fail: NOT_SENT if they waited for a lane or a connection, else UNKNOWN."""
    async with serving(silent) as port, make_client(transport, url_of(port), max_connections=1) as client:
        sent = await started(close_session(client))
        in_lane = await started(close_session(client))
        in_pool = await started(close_session(client, "cart-2"))
        await client.aclose(grace=0.05)
        errors = await asyncio.gather(sent, in_lane, in_pool, return_exceptions=True)
        inside = inspect(client)
        assert inside.in_flight == inside.lanes == len(inside.abandoned) == 0
    assert [type(error) for error in errors] == [TransportError] * 3
    # Of an external client's pool nothing is known: what waits there counts as written.
    in_pool_outcome = Outcome.NOT_SENT if transport == "own" else Outcome.UNKNOWN
    assert [error.outcome for error in errors] == [Outcome.UNKNOWN, Outcome.NOT_SENT, in_pool_outcome]
    assert "the client was closed before the response" in str(errors[0])


@both_transports
@pytest.mark.parametrize("grace", [0, 2.5])
@in_virtual_time
async def test_closing_waits_no_longer_than_the_grace(transport, grace):
    """A call that outlasts the grace is aborted when the grace ends, at once for a grace of 0."""
    async with scripted_client(transport, HANG) as (client, _):
        call = await started(close_session(client))
        await client.aclose(grace=grace)
        assert now() == pytest.approx(grace, abs=TICK)
        with pytest.raises(TransportError) as caught:
            await call
    assert caught.value.outcome is Outcome.UNKNOWN


@in_virtual_time
async def test_an_infinite_grace_waits_for_all_calls():
    """With a grace of infinity ``aclose`` waits until every call has finished."""
    async with scripted_client("own", lasting(3600), deadline=None) as (client, _):
        call = await started(close_session(client))
        await client.aclose(grace=inf)
        assert (await call).effects == []


@pytest.mark.parametrize("grace", [-1, nan])
async def test_an_invalid_grace_is_rejected(grace):
    """A negative or NaN grace raises ValueError and leaves the client open."""
    async with scripted_client("own", 200) as (client, _):
        with pytest.raises(ValueError, match="grace must be"):
            await client.aclose(grace=grace)
        await close_session(client)


@both_transports
@in_virtual_time
async def test_closing_without_calls_does_not_wait(transport):
    """``aclose`` returns at once if no call is in flight."""
    async with scripted_client(transport, 200) as (client, _):
        await close_session(client)
        await client.aclose()
    assert now() == 0


@both_transports
@in_virtual_time
async def test_a_second_close_changes_nothing(transport):
    """A second ``aclose`` during the first does not shorten the grace of the first."""
    async with scripted_client(transport, lasting(3)) as (client, _):
        call = await started(close_session(client))
        await asyncio.gather(client.aclose(), client.aclose(grace=0))
        assert (await call).effects == []


@both_transports
@in_virtual_time
async def test_a_second_close_ends_with_the_first(transport):
    """A second ``aclose`` returns when the client is closed, and not before."""
    async with scripted_client(transport, lasting(3)) as (client, _):
        call = await started(close_session(client))
        first = await started(client.aclose())
        await client.aclose()
        assert now() == pytest.approx(3, abs=TICK)
        assert call.done()
        await first
        await client.aclose()


@both_transports
@in_virtual_time
async def test_a_close_that_is_cancelled_closes_all_the_same(transport):
    """A cancelled ``aclose`` ends the grace, aborts the calls in flight and closes the client."""
    async with scripted_client(transport, HANG, deadline=None) as (client, _):
        given_up, call = await started(close_session(client, "cart-1")), await started(close_session(client, "cart-2"))
        given_up.cancel()
        await asyncio.wait([given_up])
        closing = await started(client.aclose(grace=60))
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert now() == 0
        with pytest.raises(TransportError) as caught:
            await call
        inside = inspect(client)
        assert inside.http_client.is_closed is (transport == "own")
        assert inside.in_flight == len(inside.abandoned) == 0
    assert caught.value.outcome is Outcome.UNKNOWN


@both_transports
@in_virtual_time
async def test_a_caller_that_is_cancelled_in_the_grace_stays_cancelled(transport):
    """A call cancelled during the grace ends as cancelled, and ``aclose`` does not wait for it."""
    async with scripted_client(transport, HANG) as (client, _):
        call = await started(close_session(client))
        closing = await started(client.aclose())
        call.cancel()
        await closing
        assert call.cancelled()
    assert now() == 0


@both_transports
@pytest.mark.parametrize(
    ("status", "error", "outcome"), [(429, RateLimitError, Outcome.REJECTED), (503, ServerError, Outcome.UNKNOWN)]
)
@in_virtual_time
async def test_closing_ends_a_pause_between_attempts(transport, status, error, outcome):
    """A pause that outlasts the grace ends with the last attempt's outcome, a shorter one with a retry."""
    slow_down = httpx.Response(status, headers={"Retry-After": "3"})
    async with scripted_client(transport, slow_down, status) as (client, script):
        call = await started(close_session(client))
        await client.aclose(grace=2)
        with pytest.raises(TransportError) as cut:
            await call
    assert (cut.value.outcome, cut.value.attempts, len(script.requests)) == (outcome, 1, 1)
    async with scripted_client(transport, slow_down, 400) as (client, script):
        call = await started(close_session(client))
        await client.aclose(grace=4)
        with pytest.raises(Exception, match="400") as caught:
            await call
    assert not isinstance(caught.value, error)
    assert len(script.requests) == 2


@both_transports
@in_virtual_time
async def test_a_call_held_back_by_middleware_is_not_sent_after_close(transport):
    """A call that a call middleware delays beyond ``aclose`` is not sent and fails with NOT_SENT."""

    async def limiter(exchange, call_next):
        await asyncio.sleep(3)
        return await call_next(exchange)

    async with scripted_client(transport, 200, call_middleware=[limiter]) as (client, script):
        call = await started(close_session(client))
        await client.aclose()
        with pytest.raises(TransportError, match="was closed") as caught:
            await call
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 0)
    assert script.requests == []


@both_transports
@in_virtual_time
async def test_derived_clients_open_and_close_together(transport):
    """Opening or closing a client opens or closes all clients that are derived from one another."""
    async with scripted_client(transport, lasting(3)) as (client, _):
        one, other = client.with_options(deadline=60), client.with_options(headers={"X-Trace": "t"})
        assert await one.open() is one
        call = await started(close_session(one))
        await other.aclose()
        assert (await call).effects == []
        for closed in (client, one, other):
            with pytest.raises(ClientStateError, match="is closed"):
                await close_session(closed)


async def test_a_derived_client_opens_the_one_it_comes_from(api):
    """``async with`` on a derived client opens the client that it comes from."""
    route = api.delete("/v1/customer_data/c-1").respond(204)
    client = AsyncIntegrationClient(BASE_URL, api_key="k")
    async with client.with_options(deadline=60):
        await client.customers.delete_customer_data("c-1")
    assert route.called


@both_transports
async def test_a_client_closed_while_it_opens_is_not_open(transport):
    """``open`` raises ClientStateError if the client is closed meanwhile, and leaves nothing open."""
    async with library_of(transport).AsyncClient() as external:
        http_client = None if transport == "own" else external
        client = AsyncIntegrationClient(BASE_URL, api_key="k", http_client=http_client)
        opening = asyncio.create_task(client.open())
        await asyncio.sleep(0)  # it waits for the first of its threads
        await client.aclose()
        with pytest.raises(ClientStateError, match="is closed"):
            await opening


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_client_opens_on_the_event_loop_of_anyio(transport):
    """A client opens in a program that anyio runs, such as a test of its plugin or of Starlette's TestClient."""

    async def program():
        async with make_client(transport, BASE_URL) as client:
            return client.base_url

    assert anyio.run(program) == BASE_URL


async def test_warming_up_a_client_that_is_closed_meanwhile():
    """A client that is closed while it warms up says so, whether it waits for a module or for a connection."""
    async with serving(silent) as port:
        client = await AsyncIntegrationClient(url_of(port), api_key="k").open()
        warming = asyncio.create_task(client.warm_up())
        await asyncio.sleep(0)
        await client.aclose()
        with pytest.raises(ClientStateError, match="the client is closed"):
            await warming
        async with make_client("own", url_of(port), max_connections=1) as client:
            call = await started(close_session(client))
            warming = await started(client.warm_up())
            await client.aclose(grace=0)
            with pytest.raises(ClientStateError, match="the client is closed"):
                await warming
            assert isinstance((await asyncio.gather(call, return_exceptions=True))[0], TransportError)


async def opened(**options):
    """Return a client that is open, and the line on which it was created."""
    client, line = AsyncIntegrationClient(BASE_URL, api_key="k", **options), sys._getframe().f_lineno
    return await client.open(), line


def resource_warnings():
    """Return the ResourceWarnings of a garbage collection."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        gc.collect()
    return [str(warning.message) for warning in told if warning.category is ResourceWarning]


async def test_a_client_dropped_open_emits_a_warning(api):
    """One ResourceWarning names the line where the dropped client was created, with derived clients or without."""
    api.delete("/v1/customer_data/c-1").respond(204)
    client, line = await opened()
    derived = client.with_options(deadline=60)
    await derived.customers.delete_customer_data("c-1")
    del client
    assert resource_warnings() == []
    del derived
    assert resource_warnings() == [f"a client created at {__file__}:{line} was not closed"]


async def test_a_closed_or_unopened_client_emits_no_warning():
    """A client that is closed, or was never opened, is dropped without a warning."""
    client, _ = await opened()
    await client.aclose()
    unopened = AsyncIntegrationClient(BASE_URL, api_key="k")
    del client, unopened
    assert resource_warnings() == []


async def test_a_client_on_an_external_client_emits_no_warning():
    """A client on an external httpx client is dropped without a warning, since the connections are the owner's."""
    async with httpx.AsyncClient() as http_client:
        client, _ = await opened(http_client=http_client)
        del client
        assert resource_warnings() == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
@both_transports
async def test_a_forked_child_leaves_the_sockets_alone(transport):
    """Nothing that a forked child does with the client reaches the wire, and the parent can still use it."""
    requests = []

    async def answer(reader, writer):
        connection = object()
        try:
            while True:
                requests.append((connection, (await read_request(reader))[1]))
                writer.write(RESPONSE)
        except asyncio.IncompleteReadError as end:
            requests.append((connection, end.partial))
        writer.close()

    async with serving(answer) as port:
        program = [sys.executable, "-W", "error", "-m", "tests.support.fork_program", url_of(port), transport]
        process = await asyncio.create_subprocess_exec(*program, cwd=ROOT, stderr=asyncio.subprocess.PIPE)
        async with asyncio.timeout(6 * PATIENCE):
            _, stderr = await process.communicate()
        assert (process.returncode, stderr.decode()) == (0, "")
    assert len({connection for connection, _ in requests}) == 1
    assert [bool(body) for _, body in requests] == [True, True, False]
