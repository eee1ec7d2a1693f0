"""Opening, closing and forgetting a client while calls are in flight."""

import asyncio
import gc
import os
import sys
import warnings
from math import inf, nan
from pathlib import Path

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, ClientStateError, Outcome, RateLimitError, ServerError, TransportError
from tests.support.clients import BASE_URL, TRANSPORTS, library_of, make_client, url_of
from tests.support.http_server import RESPONSE
from tests.support.raw_server import PATIENCE, read_request, serving, silent
from tests.support.scripted_api import HANG, close_session, scripted_client
from tests.support.virtual_time import in_virtual_time

both_transports = pytest.mark.parametrize("transport", TRANSPORTS)
TICK = 1e-3
ROOT = Path(__file__).parents[2]


def now():
    return asyncio.get_running_loop().time()


def lasting(seconds):
    """An ending that takes its time."""

    async def answer(_request):
        await asyncio.sleep(seconds)
        return 200

    return answer


async def started(call):
    """The task of a call that has come as far as it can."""
    task = asyncio.create_task(call)
    for _ in range(10):
        await asyncio.sleep(0)
    assert not task.done()
    return task


def traffic_of(client):
    return client._lifecycle._runtime


@both_transports
@in_virtual_time
async def test_closing_lets_running_calls_finish(transport):
    """Closing takes no longer than the running calls, and a call made meanwhile raises ClientStateError."""
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
    """Who waits for a lane or a connection has sent nothing; what was sent may have been carried out."""
    async with serving(silent) as port, make_client(transport, url_of(port), max_connections=1) as client:
        sent = await started(close_session(client))
        in_lane = await started(close_session(client))
        in_pool = await started(close_session(client, "cart-2"))
        await client.aclose(grace=0.05)
        errors = await asyncio.gather(sent, in_lane, in_pool, return_exceptions=True)
        assert len(traffic_of(client)._in_flight) == len(traffic_of(client).lanes) == 0
        assert not traffic_of(client)._abandoned
    assert [type(error) for error in errors] == [TransportError] * 3
    # Of an external client's pool nothing is known: what waits there counts as written.
    in_pool_outcome = Outcome.NOT_SENT if transport == "own" else Outcome.UNKNOWN
    assert [error.outcome for error in errors] == [Outcome.UNKNOWN, Outcome.NOT_SENT, in_pool_outcome]
    assert "the client was closed before the response" in str(errors[0])


@both_transports
@pytest.mark.parametrize("grace", [0, 2.5])
@in_virtual_time
async def test_the_grace_is_all_that_is_waited(transport, grace):
    """None at all is a grace, too."""
    async with scripted_client(transport, HANG) as (client, _):
        call = await started(close_session(client))
        await client.aclose(grace=grace)
        assert now() == pytest.approx(grace, abs=TICK)
        with pytest.raises(TransportError) as caught:
            await call
    assert caught.value.outcome is Outcome.UNKNOWN


@in_virtual_time
async def test_a_grace_may_be_without_end():
    """A job that must not lose a call waits for all of them."""
    async with scripted_client("own", lasting(3600), deadline=None) as (client, _):
        call = await started(close_session(client))
        await client.aclose(grace=inf)
        assert (await call).effects == []


@pytest.mark.parametrize("grace", [-1, nan])
async def test_a_grace_that_is_no_time_is_rejected(grace):
    """The client is as open as before."""
    async with scripted_client("own", 200) as (client, _):
        with pytest.raises(ValueError, match="grace must be"):
            await client.aclose(grace=grace)
        await close_session(client)


@both_transports
@in_virtual_time
async def test_closing_without_calls_does_not_wait(transport):
    """The grace is for calls in flight: an idle client closes at once."""
    async with scripted_client(transport, 200) as (client, _):
        await close_session(client)
        await client.aclose()
    assert now() == 0


@both_transports
@in_virtual_time
async def test_a_second_close_changes_nothing(transport):
    """Not even while the first one still waits."""
    async with scripted_client(transport, lasting(3)) as (client, _):
        call = await started(close_session(client))
        await asyncio.gather(client.aclose(), client.aclose(grace=0))
        assert (await call).effects == []


@both_transports
@in_virtual_time
async def test_a_second_close_ends_with_the_first(transport):
    """A close while another one waits for calls returns when the client is closed, and not before."""
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
    """A close that is cancelled ends the grace, and nothing of the client runs on."""
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
        traffic = traffic_of(client)
        assert traffic.http_client.is_closed is (transport == "own")
        assert not traffic._abandoned
        assert len(traffic._in_flight) == 0
    assert caught.value.outcome is Outcome.UNKNOWN


@both_transports
@in_virtual_time
async def test_a_caller_that_is_cancelled_in_the_grace_stays_cancelled(transport):
    """A call that was aborted by the close is not waited for any longer."""
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
    """The outcome is that of the attempt before; within the grace the next one is still made."""
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
async def test_a_call_that_a_step_around_it_held_back_is_not_sent_after_the_close(transport):
    """It waits for a limiter of the caller's, where no grace reaches it."""

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
async def test_clients_that_differ_in_options_have_one_life(transport):
    """Whichever of them is opened or closed, it is for all."""
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
    """It is the same connections that are opened."""
    route = api.delete("/v1/customer_data/c-1").respond(204)
    client = AsyncIntegrationClient(BASE_URL, api_key="k")
    async with client.with_options(deadline=60):
        await client.customers.delete_customer_data("c-1")
    assert route.called


@both_transports
async def test_a_client_closed_while_it_opens_is_not_open(transport):
    """Who opens it learns of that, and nothing is left behind."""
    async with library_of(transport).AsyncClient() as external:
        http_client = None if transport == "own" else external
        client = AsyncIntegrationClient(BASE_URL, api_key="k", http_client=http_client)
        opening = asyncio.create_task(client.open())
        await asyncio.sleep(0)  # it waits for the first of its threads
        await client.aclose()
        with pytest.raises(ClientStateError, match="is closed"):
            await opening


async def opened(**options):
    """A client that is open, and the line on which it was made."""
    client, line = AsyncIntegrationClient(BASE_URL, api_key="k", **options), sys._getframe().f_lineno
    return await client.open(), line


def last_words():
    """Collect the warnings that garbage collection raises."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        gc.collect()
    return [str(warning.message) for warning in told if warning.category is ResourceWarning]


async def test_a_client_that_is_dropped_open_is_told_of(api):
    """Once, with the place where it was made, however many clients were derived from it."""
    api.delete("/v1/customer_data/c-1").respond(204)
    client, line = await opened()
    derived = client.with_options(deadline=60)
    await derived.customers.delete_customer_data("c-1")
    del client
    assert last_words() == []
    del derived
    assert last_words() == [f"a client created at {__file__}:{line} was not closed"]


async def test_a_client_that_was_closed_or_never_opened_says_nothing():
    """There is nothing to close."""
    client, _ = await opened()
    await client.aclose()
    unopened = AsyncIntegrationClient(BASE_URL, api_key="k")
    del client, unopened
    assert last_words() == []


async def test_a_client_on_an_external_client_says_nothing():
    """A client on an external httpx client that is dropped open warns of nothing: the connections are its owner's."""
    async with httpx.AsyncClient() as http_client:
        client, _ = await opened(http_client=http_client)
        del client
        assert last_words() == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
@both_transports
async def test_a_forked_child_leaves_the_sockets_alone(transport):
    """What the child does with the client does not reach the wire; the parent's connection serves on."""
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
