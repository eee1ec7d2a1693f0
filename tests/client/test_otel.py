"""What OpenTelemetry is told of calls, through its SDK's exporters in memory."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.trace import StatusCode

from aiotalonone import (
    AsyncIntegrationClient,
    CircuitBreaker,
    CircuitOpenError,
    ConflictError,
    DeadlineExceededError,
    RateLimitError,
    RedirectError,
    ResponseDecodeError,
    RetryPolicy,
    ServerError,
    TransportError,
)
from aiotalonone.otel import OpenTelemetryMiddleware
from tests.support.clients import TRANSPORTS
from tests.support.otel import in_memory_exporters
from tests.support.scripted_api import HANG, STATE, close_session, create_referral, scripted_client
from tests.support.virtual_time import in_virtual_time

both_transports = pytest.mark.parametrize("transport", TRANSPORTS)
TARGET = {
    "http.request.method": "PUT",
    "server.address": "shop.talon.one",
    "server.port": 443,
    "url.template": "/v2/customer_sessions/{customerSessionId}",
}
QUICK = RetryPolicy(initial_backoff=0.001)


@pytest.fixture
def telemetry():
    """A middleware that tells exporters in memory."""
    with in_memory_exporters() as telemetry:
        yield telemetry


@asynccontextmanager
async def observed(transport, telemetry, *endings, **options):
    """A client that tells of its calls."""
    async with scripted_client(transport, *endings, call_middleware=[telemetry.middleware], **options) as (
        client,
        script,
    ):
        yield client, script


@both_transports
async def test_a_call_is_one_client_span(telemetry, transport):
    """It is named by method and template, and says where and what, but not whose."""
    async with observed(transport, telemetry, 200) as (client, _):
        await close_session(client)
    span = telemetry.span
    assert span.name == "PUT /v2/customer_sessions/{customerSessionId}"
    assert span.status.status_code is StatusCode.UNSET
    assert dict(span.attributes) == {
        **TARGET,
        "aiotalonone.operation_id": "updateCustomerSessionV2",
        "http.response.status_code": 200,
    }


@both_transports
async def test_a_call_is_one_duration(telemetry, transport):
    """In seconds, in the conventions' buckets, by target and ending."""
    async with observed(transport, telemetry, 200) as (client, _):
        await close_session(client)
    [point] = telemetry.points("http.client.request.duration")
    assert (point.count, dict(point.attributes)) == (1, {**TARGET, "http.response.status_code": 200})
    assert 0 < point.sum < 5
    assert point.explicit_bounds == (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
    assert telemetry.points("aiotalonone.retries") == []


@both_transports
async def test_repetitions_are_counted_within_the_one_span(telemetry, transport):
    """A call that succeeds in the end is not an error, and its span counts three attempts."""
    async with observed(transport, telemetry, 503, httpx.ReadError, 200, retry=QUICK) as (client, _):
        await close_session(client)
    assert telemetry.span.status.status_code is StatusCode.UNSET
    assert telemetry.span.attributes["http.request.resend_count"] == 2
    assert "error.type" not in telemetry.span.attributes
    [retries] = telemetry.points("aiotalonone.retries")
    assert (retries.value, dict(retries.attributes)) == (2, TARGET)
    [duration] = telemetry.points("http.client.request.duration")
    assert duration.count == 1


FAILURES = {
    "status": (409, ConflictError, "409", 409, "rejected"),
    "redirect": (307, RedirectError, "307", 307, "rejected"),
    "transport": (httpx.ReadError("words"), TransportError, "TransportError", None, "unknown"),
    "unreadable": (httpx.Response(200, text="no JSON"), ResponseDecodeError, "ResponseDecodeError", 200, "applied"),
    "too large": (httpx.Response(200, text="x" * 200), ResponseDecodeError, "ResponseDecodeError", 200, "applied"),
}


@both_transports
@pytest.mark.parametrize("failure", FAILURES)
async def test_a_failure_is_told_by_its_type(telemetry, transport, failure):
    """Status or class, and what became of the request: no words, no event, since these might name people."""
    ending, error, error_type, status, outcome = FAILURES[failure]
    options = {"retry": RetryPolicy(attempts=1), "max_response_bytes": 100}
    async with observed(transport, telemetry, ending, **options) as (client, _):
        with pytest.raises(error):
            await close_session(client)
    span = telemetry.span
    told = {name: span.attributes.get(name) for name in ("error.type", "http.response.status_code")}
    assert told == {"error.type": error_type, "http.response.status_code": status}
    assert span.attributes["aiotalonone.outcome"] == outcome
    assert (span.status.status_code, span.status.description, span.events) == (StatusCode.ERROR, None, ())
    [point] = telemetry.points("http.client.request.duration")
    assert point.attributes["error.type"] == error_type


@both_transports
async def test_an_outcome_is_that_of_the_whole_call(telemetry, transport):
    """A rejection does not undo what an earlier attempt may have done."""
    endings, retry = (httpx.ReadError, 429), RetryPolicy(attempts=2, initial_backoff=0)
    async with observed(transport, telemetry, *endings, retry=retry) as (client, _):
        with pytest.raises(RateLimitError):
            await close_session(client)
    assert telemetry.span.attributes["aiotalonone.outcome"] == "unknown"
    assert telemetry.span.attributes["error.type"] == "429"
    assert telemetry.span.attributes["http.request.resend_count"] == 1


@pytest.mark.parametrize("transport", TRANSPORTS)
@in_virtual_time
async def test_a_deadline_ends_the_span(telemetry, transport):
    """Its duration is the time that the call had."""
    async with observed(transport, telemetry, HANG, deadline=2) as (client, _):
        with pytest.raises(DeadlineExceededError):
            await create_referral(client)
    assert telemetry.span.attributes["error.type"] == "DeadlineExceededError"
    [point] = telemetry.points("http.client.request.duration")
    assert point.sum == pytest.approx(2)


@both_transports
async def test_a_cancellation_ends_the_span(telemetry, transport):
    """A cancelled call's span is ended, and says that the request may have been carried out."""
    async with observed(transport, telemetry, HANG) as (client, script):
        call = asyncio.create_task(create_referral(client))
        while not script.requests:  # noqa: ASYNC110 - the script has no event for it
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    span = telemetry.span
    assert span.attributes["error.type"] == "CancelledError"
    assert span.attributes["aiotalonone.outcome"] == "unknown"
    assert (span.status.status_code, span.events) == (StatusCode.ERROR, ())


@both_transports
async def test_an_unlisted_endpoint_has_no_template(telemetry, transport):
    """The path of `client.request` may contain personal data, so its span does not contain it."""
    async with observed(transport, telemetry, 200) as (client, _):
        await client.request("GET", "/v1/friends/ada", query={"of": "bob"})
    assert telemetry.span.name == "GET"
    assert dict(telemetry.span.attributes) == {
        "http.request.method": "GET",
        "server.address": "shop.talon.one",
        "server.port": 443,
        "aiotalonone.operation_id": "request",
        "http.response.status_code": 200,
    }


async def test_a_method_of_ones_own_is_another(telemetry):
    """A method that HTTP does not know would be a name without end."""
    async with observed("own", telemetry, 200) as (client, _):
        await client.request("BREW", "/v1/coffee")
    assert (telemetry.span.name, telemetry.span.attributes["http.request.method"]) == ("HTTP", "_OTHER")


async def test_the_port_is_that_of_the_base_url(telemetry):
    """Or else its scheme's."""
    handler = httpx.MockTransport(lambda _: httpx.Response(200, json=STATE))
    async with httpx.AsyncClient(transport=handler) as http_client:
        for url in ("http://localhost:8080", "http://localhost"):
            options = {"http_client": http_client, "middleware": [telemetry.middleware]}
            async with AsyncIntegrationClient(url, api_key="k", **options) as client:
                await close_session(client)
    assert [span.attributes["server.port"] for span in telemetry.spans] == [8080, 80]


@both_transports
async def test_attempts_happen_within_the_span_and_it_within_the_caller_s(telemetry, transport):
    """An instrumentation of httpx finds it as the current one; after the call the caller's is current again."""
    seen = []

    async def look(_request):
        seen.append(trace.get_current_span().get_span_context().span_id)
        return httpx.Response(503 if len(seen) == 1 else 200, json=STATE)

    async with observed(transport, telemetry, look, retry=QUICK) as (client, _):
        with telemetry.tracer.start_as_current_span("checkout") as checkout:
            await close_session(client)
            assert trace.get_current_span() is checkout
    assert seen == [telemetry.span.context.span_id] * 2
    assert telemetry.span.parent.span_id == checkout.get_span_context().span_id


async def test_without_a_provider_the_global_one_is_told():
    """Where none is set up, it costs nothing and does no harm."""
    async with scripted_client("own", 200, call_middleware=[OpenTelemetryMiddleware()]) as (client, _):
        await close_session(client)


@both_transports
@in_virtual_time
async def test_changes_of_the_circuit_breaker_are_counted(telemetry, transport):
    """Each change is an event of the span whose call caused it; a call that fails at once has its error's type."""
    breaker = CircuitBreaker(failures=1, open_for=5)
    once = RetryPolicy(attempts=1)
    async with observed(transport, telemetry, 503, 200, circuit_breaker=breaker, retry=once) as (client, _):
        for error in (ServerError, CircuitOpenError):
            with pytest.raises(error):
                await close_session(client)
        await asyncio.sleep(5)
        await close_session(client)
    events = [[dict(event.attributes) for event in span.events] for span in telemetry.spans]
    state = "aiotalonone.circuit_breaker.state"
    assert events == [[{state: "open"}], [], [{state: "half-open"}, {state: "closed"}]]
    assert telemetry.spans[1].attributes["error.type"] == "CircuitOpenError"
    points = telemetry.points("aiotalonone.circuit_breaker.state_changes")
    server = {"server.address": "shop.talon.one", "server.port": 443}
    changes = sorted((point.attributes[state], point.value) for point in points)
    assert changes == [("closed", 1), ("half-open", 1), ("open", 1)]
    assert all(dict(point.attributes) == {**server, state: point.attributes[state]} for point in points)
