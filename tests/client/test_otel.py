"""What the OpenTelemetry middleware reports of calls, read from the SDK's exporters in memory."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest
from opentelemetry import baggage, context, trace
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
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
    """Return a middleware that reports to exporters in memory."""
    with in_memory_exporters() as telemetry:
        yield telemetry


@asynccontextmanager
async def observed(transport, telemetry, *endings, **options):
    """Open a client that reports its calls."""
    middleware = {"call_middleware": [telemetry.middleware], "middleware": [telemetry.middleware.attempt]}
    async with scripted_client(transport, *endings, **middleware, **options) as (client, script):
        yield client, script


@both_transports
async def test_a_call_is_one_client_span(telemetry, transport):
    """A call is one span named by method and path template, with host and path but without IDs."""
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
    """A call is one duration in seconds, in the conventions' buckets, by target and outcome."""
    async with observed(transport, telemetry, 200) as (client, _):
        await close_session(client)
    [point] = telemetry.points("http.client.request.duration")
    assert (point.count, dict(point.attributes)) == (1, {**TARGET, "http.response.status_code": 200})
    assert 0 < point.sum < 5
    assert point.explicit_bounds == (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
    assert telemetry.points("aiotalonone.retries") == []


@both_transports
async def test_retries_are_counted_within_the_one_span(telemetry, transport):
    """A call that succeeds after retries is one span without an error, with the number of attempts."""
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
async def test_a_failure_is_reported_by_its_type(telemetry, transport, failure):
    """A failed call reports status or class and outcome, and no message, which may contain personal data."""
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
    assert (point.attributes["error.type"], point.attributes["aiotalonone.outcome"]) == (error_type, outcome)


@both_transports
async def test_an_outcome_is_that_of_the_whole_call(telemetry, transport):
    """A rejected last attempt does not lower the outcome of an attempt before it."""
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
    """The span of a call that exceeds its deadline has the deadline as its duration."""
    async with observed(transport, telemetry, HANG, deadline=2) as (client, _):
        with pytest.raises(DeadlineExceededError):
            await create_referral(client)
    assert telemetry.span.attributes["error.type"] == "DeadlineExceededError"
    [point] = telemetry.points("http.client.request.duration")
    assert point.sum == pytest.approx(2)


@both_transports
async def test_a_cancellation_ends_the_span(telemetry, transport):
    """The span of a cancelled call ends, with the outcome UNKNOWN."""
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
async def test_each_attempt_is_a_span_that_the_server_is_told_of(telemetry, transport):
    """Each attempt is a span with its own status or error, and its request names that span as its parent."""
    received = []

    async def note(request):
        received.append(request.headers["traceparent"].split("-")[1:3])
        if len(received) == 2:
            raise httpx.ReadError("words")
        return httpx.Response(503 if len(received) == 1 else 200, json=STATE)

    async with observed(transport, telemetry, note, retry=QUICK) as (client, _):
        await close_session(client)
    assert [dict(attempt.attributes) for attempt in telemetry.attempts] == [
        {**TARGET, "http.response.status_code": 503, "error.type": "503"},
        {**TARGET, "http.request.resend_count": 1, "error.type": "TransportError"},
        {**TARGET, "http.request.resend_count": 2, "http.response.status_code": 200},
    ]
    codes = [attempt.status.status_code for attempt in telemetry.attempts]
    assert codes == [StatusCode.ERROR, StatusCode.ERROR, StatusCode.UNSET]
    assert all(attempt.events == () for attempt in telemetry.attempts)
    ids = [[f"{each.context.trace_id:032x}", f"{each.context.span_id:016x}"] for each in telemetry.attempts]
    assert received == ids


async def test_baggage_is_not_sent(telemetry):
    """What a service keeps as baggage, such as a customer's ID, is not sent to the API."""
    token = context.attach(baggage.set_baggage("customer", "ada"))
    try:
        async with observed("own", telemetry, 200) as (client, script):
            await close_session(client)
    finally:
        context.detach(token)
    [request] = script.requests
    assert "baggage" not in request.headers


async def test_without_a_provider_nothing_is_sent_along():
    """Without a provider for spans the requests are as they would be without the middleware."""
    telemetry = OpenTelemetryMiddleware()
    async with scripted_client("own", 200, middleware=[telemetry.attempt]) as (client, script):
        await close_session(client)
    assert "traceparent" not in script.requests[0].headers


@both_transports
async def test_an_unlisted_endpoint_has_no_template(telemetry, transport):
    """The span of ``client.request`` has no path, since parts of it may be personal data."""
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


async def test_an_unknown_http_method_is_reported_as_other(telemetry):
    """An HTTP method that is not in the standard is reported as ``_OTHER``."""
    async with observed("own", telemetry, 200) as (client, _):
        await client.request("BREW", "/v1/coffee")
    assert (telemetry.span.name, telemetry.span.attributes["http.request.method"]) == ("HTTP", "_OTHER")


async def test_the_port_is_that_of_the_base_url(telemetry):
    """The reported port is that of the base URL, or the default port of its scheme."""
    handler = httpx.MockTransport(lambda _: httpx.Response(200, json=STATE))
    async with httpx.AsyncClient(transport=handler) as http_client:
        for url in ("http://localhost:8080", "http://localhost"):
            options = {"http_client": http_client, "middleware": [telemetry.middleware]}
            async with AsyncIntegrationClient(url, api_key="k", **options) as client:
                await close_session(client)
    assert [span.attributes["server.port"] for span in telemetry.spans] == [8080, 80]


@both_transports
async def test_the_span_is_current_during_attempts(telemetry, transport):
    """During an attempt its span is the current one, within the call's, and afterwards the caller's."""
    seen = []

    async def look(_request):
        seen.append(trace.get_current_span().get_span_context().span_id)
        return httpx.Response(503 if len(seen) == 1 else 200, json=STATE)

    async with observed(transport, telemetry, look, retry=QUICK) as (client, _):
        with telemetry.tracer.start_as_current_span("checkout") as checkout:
            await close_session(client)
            assert trace.get_current_span() is checkout
    assert seen == [attempt.context.span_id for attempt in telemetry.attempts]
    assert [attempt.parent.span_id for attempt in telemetry.attempts] == [telemetry.span.context.span_id] * 2
    assert telemetry.span.parent.span_id == checkout.get_span_context().span_id


async def test_the_global_provider_is_the_default():
    """Without providers the global ones are used, which do nothing if they are not set up."""
    async with scripted_client("own", 200, call_middleware=[OpenTelemetryMiddleware()]) as (client, _):
        await close_session(client)


@both_transports
@in_virtual_time
async def test_changes_of_the_circuit_breaker_are_counted(telemetry, transport):
    """A change of the circuit breaker is an event of the call that caused it, and is counted."""
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


class BrokenProcessor(SpanProcessor):
    """A service's own processor of spans, which raises at one of its steps."""

    def __init__(self, step):
        setattr(self, step, self.fail)

    def fail(self, *_arguments, **_options):
        """Raise whatever the span is."""
        raise LookupError("no tenant")


@pytest.mark.parametrize("step", ["on_start", "on_end"])
async def test_a_span_processor_that_raises_fails_no_call(step):
    """A call whose spans cannot be started or ended has its result, and the event loop's handler has the error."""
    tracers = TracerProvider()
    tracers.add_span_processor(BrokenProcessor(step))
    telemetry = OpenTelemetryMiddleware(tracer_provider=tracers)
    reported = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context))
    middleware = {"call_middleware": [telemetry], "middleware": [telemetry.attempt]}
    async with scripted_client("own", 503, 200, retry=QUICK, **middleware) as (client, script):
        assert (await close_session(client)).effects == []
    assert len(script.requests) == 2
    assert [type(context["exception"]) for context in reported] == [LookupError] * 3
    assert {context["message"] for context in reported} == {"a span processor failed"}
