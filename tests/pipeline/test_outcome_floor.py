"""The outcome of a call is what was observed at the wire, whatever a middleware or a resume does later."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest

from aiotalonone import (
    AsyncIntegrationClient,
    BadRequestError,
    ClientStateError,
    MiddlewareError,
    NotFoundError,
    Outcome,
    RetryPolicy,
    Timeouts,
    TransportError,
)
from tests.support.inspect import inspect
from tests.support.raw_server import http_response, raw_server, serving
from tests.support.scripted_api import close_session, create_referral
from tests.support.virtual_time import in_virtual_time

CREATED = {"code": "REF-1"}
AT_ONCE = RetryPolicy(initial_backoff=0)


@asynccontextmanager
async def api(status=201, body=CREATED):
    """Serve the same response to every request, and keep the requests."""
    received = []

    async def respond(heard, writer):
        received.append(heard.target)
        writer.write(http_response(status, body))

    async with raw_server(respond) as url:
        yield url, received


def audited_by(other):
    """Return a middleware that calls another client after the response."""

    async def audit(exchange, call_next):
        response = await call_next(exchange)
        await other.customers.get_customer_inventory("c-1")
        return response

    return audit


async def test_another_calls_failure_in_a_middleware_is_not_retried():
    """A call of another client that cannot connect, inside a middleware, does not make our call be sent again."""
    async with (
        api() as (url, received),
        AsyncIntegrationClient("http://127.0.0.1:1", api_key="k", retry=RetryPolicy(attempts=1)) as other,
        AsyncIntegrationClient(url, api_key="k", retry=AT_ONCE, middleware=[audited_by(other)]) as client,
    ):
        with pytest.raises(MiddlewareError) as caught:
            await create_referral(client)
    assert received == ["/v1/referrals"]
    assert (caught.value.operation_id, caught.value.outcome) == ("createReferral", Outcome.APPLIED)
    cause = caught.value.__cause__
    assert (cause.operation_id, cause.outcome, cause.attempts) == ("getCustomerInventory", Outcome.NOT_SENT, 1)


@pytest.mark.parametrize("where", ["middleware", "call_middleware"])
async def test_the_rejection_of_another_call_is_the_cause(where):
    """A 404 of another call within a middleware is the cause of our error, and keeps its operation and outcome."""
    async with (
        api() as (url, received),
        api(404, {"message": "no"}) as (elsewhere, _),
        AsyncIntegrationClient(elsewhere, api_key="k") as other,
        AsyncIntegrationClient(url, api_key="k", retry=AT_ONCE, **{where: [audited_by(other)]}) as client,
    ):
        with pytest.raises(MiddlewareError) as caught:
            await create_referral(client)
    assert len(received) == 1
    assert caught.value.outcome is Outcome.APPLIED
    cause = caught.value.__cause__
    assert isinstance(cause, NotFoundError)
    assert cause.call.operation.operation_id == cause.operation_id == "getCustomerInventory"
    assert cause.outcome is Outcome.REJECTED


async def test_the_state_error_of_another_client_is_the_cause():
    """A closed client that a middleware calls raises its own error, which is the cause of ours."""
    other = AsyncIntegrationClient("http://127.0.0.1:1", api_key="k")
    async with (
        api() as (url, _),
        AsyncIntegrationClient(url, api_key="k", middleware=[audited_by(other)]) as client,
    ):
        with pytest.raises(MiddlewareError) as caught:
            await create_referral(client)
    assert caught.value.outcome is Outcome.APPLIED
    assert isinstance(caught.value.__cause__, ClientStateError)
    assert (caught.value.__cause__.operation_id, caught.value.__cause__.outcome) == (
        "getCustomerInventory",
        Outcome.NOT_SENT,
    )


async def test_a_middlewares_error_does_not_lower_the_outcome():
    """A middleware's error that claims NOT_SENT after the response came does not lower the outcome."""

    async def pessimist(exchange, call_next):
        await call_next(exchange)
        raise TransportError("gone", operation_id=exchange.operation.operation_id, outcome=Outcome.NOT_SENT)

    async with (
        api() as (url, received),
        AsyncIntegrationClient(url, api_key="k", retry=AT_ONCE, call_middleware=[pessimist]) as client,
    ):
        with pytest.raises(TransportError) as caught:
            await create_referral(client)
    assert caught.value.outcome is Outcome.APPLIED
    assert len(received) == 1


async def test_a_done_callback_that_fails_leaves_the_result():
    """A failing done callback goes to the event loop's exception handler, and the call has its result."""
    reported = []

    async def listening(exchange, call_next):
        exchange.add_done_callback(lambda _exchange, _failure: 1 / 0)
        exchange.add_done_callback(lambda _exchange, failure: reported.append(failure))
        return await call_next(exchange)

    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context["message"]))
    async with (
        api(200, {"effects": []}) as (url, _),
        AsyncIntegrationClient(url, api_key="k", middleware=[listening]) as client,
    ):
        state = await close_session(client)
    assert state.effects == []
    assert reported == ["a done callback of updateCustomerSessionV2 failed", None]


@pytest.mark.parametrize("where", ["middleware", "call_middleware"])
@pytest.mark.parametrize("failure", [ZeroDivisionError, KeyError, ValueError, OSError, httpx.ReadError])
@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, Outcome.APPLIED), (503, Outcome.UNKNOWN), (400, Outcome.REJECTED), (None, Outcome.NOT_SENT)],
)
async def test_a_middlewares_own_error_tells_the_outcome(where, failure, status, outcome):
    """An error that a middleware raises is the cause of one of ours, whose outcome is what was seen at the wire."""
    heard = []

    async def failing(exchange, call_next):
        exchange.add_done_callback(lambda _exchange, error: heard.append(error))
        if status is not None:
            await call_next(exchange)
        raise failure("canary")

    async with (
        api(status or 200, {"effects": []}) as (url, received),
        AsyncIntegrationClient(url, api_key="k", retry=AT_ONCE, **{where: [failing]}) as client,
    ):
        with pytest.raises(MiddlewareError) as caught:
            await create_referral(client)
    error = caught.value
    assert isinstance(error.__cause__, failure)
    assert (error.outcome, error.attempts) == (outcome, len(received))
    assert len(received) == (0 if status is None else 1)
    assert heard == [error]
    assert f"createReferral failed: a middleware raised {failure.__name__}" in str(error)
    assert "canary" not in str(error) + repr(error)


async def test_what_a_failing_middleware_hid_can_be_resumed():
    """A call whose middleware failed after the success can be resumed, which returns the API's response."""
    failures = iter([True, False])

    async def failing(exchange, call_next):
        response = await call_next(exchange)
        return 1 / 0 if next(failures) else response

    async with (
        api(200, {"effects": []}) as (url, _),
        AsyncIntegrationClient(url, api_key="k", middleware=[failing]) as client,
    ):
        with pytest.raises(MiddlewareError) as caught:
            await close_session(client)
        assert caught.value.outcome is Outcome.APPLIED
        assert (await client.resume(caught.value)).effects == []


async def test_a_middleware_that_returns_no_response_tells_the_outcome():
    """A middleware that forgets to return the response leads to an error of ours with the outcome APPLIED."""

    async def forgetful(exchange, call_next):
        await call_next(exchange)

    async with api() as (url, _), AsyncIntegrationClient(url, api_key="k", middleware=[forgetful]) as client:
        with pytest.raises(MiddlewareError) as caught:
            await create_referral(client)
    assert caught.value.outcome is Outcome.APPLIED


async def test_a_rejected_resume_does_not_lower_the_outcome():
    """A resume that is rejected leaves the outcome at that of the first call."""
    statuses = iter([503, 400])

    async def respond(_heard, writer):
        writer.write(http_response(next(statuses), {"message": "no"}))

    async with (
        raw_server(respond) as url,
        AsyncIntegrationClient(url, api_key="k", retry=RetryPolicy(attempts=1)) as client,
    ):
        with pytest.raises(Exception, match="503") as caught:
            await close_session(client)
        with pytest.raises(BadRequestError) as resumed:
            await client.resume(caught.value)
    assert caught.value.outcome is resumed.value.outcome is Outcome.UNKNOWN


async def test_responses_leave_no_cookies():
    """Cookies that responses set are not kept."""
    names = iter(range(100))

    async def respond(_heard, writer):
        writer.write(http_response(200, {"effects": []}, f"Set-Cookie: c{next(names)}=1"))

    async with raw_server(respond) as url, AsyncIntegrationClient(url, api_key="k") as client:
        for _ in range(3):
            await close_session(client)
        assert not inspect(client).http_client.cookies


async def test_warm_up_makes_a_connection_that_the_first_call_uses():
    """``warm_up`` opens the connection that the first call then uses."""
    connections = []

    async def serve(reader, writer):
        connections.append(writer)
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with AsyncIntegrationClient(url, api_key="k") as client:
            await client.warm_up()
            await client.customers.delete_customer_data("ada")
            assert len(connections) == 1
        connections[0].close()


async def test_warm_up_says_if_there_is_no_connection():
    """``warm_up`` without a server raises a TransportError with NOT_SENT and the reason."""
    async with AsyncIntegrationClient("http://127.0.0.1:1", api_key="k") as client:
        with pytest.raises(TransportError, match="cannot connect: connection refused") as caught:
            await client.warm_up()
    assert caught.value.outcome is Outcome.NOT_SENT


@in_virtual_time
async def test_warm_up_takes_no_longer_than_a_call():
    """Without a connect timeout, ``warm_up`` against a server that is silent in TLS ends at the client's deadline."""

    async def silent(reader, _writer):
        await reader.read()

    async with serving(silent) as port:
        url = f"https://127.0.0.1:{port}"
        async with AsyncIntegrationClient(url, api_key="k", timeouts=Timeouts(connect=None), deadline=3.0) as client:
            started = asyncio.get_running_loop().time()
            with pytest.raises(TransportError, match="connect timeout") as caught:
                await client.warm_up()
            assert asyncio.get_running_loop().time() - started == 3.0
    assert caught.value.outcome is Outcome.NOT_SENT
