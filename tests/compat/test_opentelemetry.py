"""OpenTelemetry's instrumentation of httpx traces both kinds of clients, and our own connections stay in use."""

from contextlib import contextmanager

import httpx
import pytest
import respx
import wrapt
from opentelemetry.instrumentation.httpx import HTTPX2ClientInstrumentor, HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from aiotalonone import Outcome, TransportError
from tests.support.clients import TRANSPORTS, make_client
from tests.support.raw_server import closed_port
from tests.support.scripted_api import close_session, create_referral

all_clients = pytest.mark.parametrize("transport", TRANSPORTS)


@contextmanager
def instrumented(transport="own", **hooks):
    """Instrument the library for as long as the block; the exporter holds its spans."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    kind = HTTPX2ClientInstrumentor if transport == "external_httpx2" else HTTPXClientInstrumentor
    kind().instrument(tracer_provider=provider, **hooks)
    try:
        yield exporter
    finally:
        kind().uninstrument()
        provider.shutdown()


def ids(spans):
    """Return trace and span ID of each span."""
    return [(f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}") for span in spans]


def received_ids(server):
    """Return the trace and span that each request names."""
    return [tuple(header.split("-")[1:3]) for header in server.headers("traceparent") if header]


def facts(span):
    """Return URL and status of a span, whichever convention names them."""
    attributes = span.attributes
    url = attributes.get("http.url") or attributes.get("url.full")
    return url, attributes.get("http.status_code") or attributes.get("http.response.status_code")


@all_clients
@pytest.mark.parametrize("when", ["before", "after"])
async def test_each_request_has_a_span_and_tells_the_server(transport, when, server):
    """Each request has a span with URL and status, whether instrumented before or after the client opened."""
    async with make_client(transport, server.url) as opened_before:
        if when == "after":
            await close_session(opened_before)
        with instrumented(transport) as exporter:
            async with make_client(transport, server.url) as opened_after:
                client = opened_before if when == "after" else opened_after
                for _ in range(3):
                    await close_session(client)
            spans = exporter.get_finished_spans()
    assert [facts(span) for span in spans] == [(f"{server.url}/v2/customer_sessions/cart-1", 200)] * 3
    assert received_ids(server) == ids(spans)
    assert server.connections == 1


@all_clients
async def test_what_is_no_longer_instrumented_makes_no_spans(transport, server):
    """After the instrumentation is removed there are no spans, and the connection stays in use."""
    async with make_client(transport, server.url) as client:
        await close_session(client)
        with instrumented(transport) as exporter:
            await close_session(client)
        await close_session(client)
    assert len(exporter.get_finished_spans()) == 1
    assert [header is not None for header in server.headers("traceparent")] == [False, True, False]
    assert server.connections == 1


@all_clients
async def test_each_attempt_has_a_span_of_its_own(transport, server):
    """A retried request carries the trace of its own attempt, once."""
    server.statuses[:] = [503]
    with instrumented(transport) as exporter:
        async with make_client(transport, server.url) as client:
            await close_session(client)
    spans = exporter.get_finished_spans()
    assert [facts(span)[1] for span in spans] == [503, 200]
    assert received_ids(server) == ids(spans)


@all_clients
async def test_hooks_see_request_and_response(transport, server):
    """The instrumentation's own hooks are called with what was sent and received."""
    seen = []

    async def on_request(span, request):
        span.set_attribute("hooked", "yes")
        seen.append(bytes(request.method))

    async def on_response(_span, _request, response):
        seen.append(response.status_code)

    hooks = {"async_request_hook": on_request, "async_response_hook": on_response}
    with instrumented(transport, **hooks) as exporter:
        async with make_client(transport, server.url) as client:
            await close_session(client)
    assert seen == [b"PUT", 200]
    assert exporter.get_finished_spans()[0].attributes["hooked"] == "yes"


@all_clients
async def test_a_failing_hook_does_not_lower_the_outcome(transport, server):
    """A hook that raises after the response leaves the outcome as it was seen at the wire, and sends nothing again."""

    async def fail(*_):
        raise ZeroDivisionError

    with instrumented(transport, async_response_hook=fail):
        async with make_client(transport, server.url) as client:
            with pytest.raises(TransportError, match="transport of the http_client raised ZeroDivisionError") as caught:
                await create_referral(client)
    assert caught.value.outcome is Outcome.APPLIED
    assert len(server.requests) == 1


@all_clients
async def test_a_failure_is_in_the_span_and_ours(transport):
    """A connection to a closed port ends its span in an error, and the call is NOT_SENT."""
    url = f"http://127.0.0.1:{await closed_port()}"
    with instrumented(transport) as exporter:
        async with make_client(transport, url) as client:
            with pytest.raises(TransportError, match="connection refused") as caught:
                await create_referral(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 3)
    assert [span.status.status_code for span in exporter.get_finished_spans()] == [StatusCode.ERROR] * 3


@pytest.mark.parametrize("transport", ["own", "external"])
async def test_a_mocked_response_is_traced(transport):
    """With respx below the instrumentation, a mocked response has its span."""
    url = "https://shop.talon.one"
    with instrumented(transport) as exporter, respx.mock(base_url=url, using="httpcore") as router:
        route = router.put("/v2/customer_sessions/cart-1").respond(json={"effects": []})
        async with make_client(transport, url) as client:
            await close_session(client)
    spans = exporter.get_finished_spans()
    assert [facts(span)[1] for span in spans] == [200]
    assert ids(spans)[0][0] in route.calls.last.request.headers["traceparent"]


@pytest.mark.parametrize("transport", ["own", "external"])
async def test_wrappers_may_be_nested(transport, server):
    """Several wrappers are called from the outermost to the innermost, on one connection."""
    seen = []

    def note(name):
        async def wrapper(wrapped, _instance, args, kwargs):
            seen.append(name)
            response = await wrapped(*args, **kwargs)
            seen.append(response.status_code)
            return response

        return wrapper

    original = httpx.AsyncHTTPTransport.handle_async_request
    method = "AsyncHTTPTransport.handle_async_request"
    try:
        async with make_client(transport, server.url) as client:
            wrapt.wrap_function_wrapper("httpx", method, note("inner"))
            await close_session(client)
            wrapt.wrap_function_wrapper("httpx", method, note("outer"))
            await close_session(client)
    finally:
        httpx.AsyncHTTPTransport.handle_async_request = original
    assert seen == ["inner", 200, "outer", "inner", 200, 200]
    assert server.connections == 1
