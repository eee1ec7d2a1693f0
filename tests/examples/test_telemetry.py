import asyncio
import re
import sys
from asyncio.subprocess import PIPE, STDOUT
from contextlib import asynccontextmanager

import httpx
import pytest

pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
pytest.importorskip("opentelemetry.instrumentation.fastapi")

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from aiotalonone.sandbox import Fault, Sandbox
from tests.examples.conftest import API_KEY, EXAMPLES
from tests.support.sandbox_server import serving

TRACE, GATEWAY = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
BROWSER = {"User-Agent": "browser-of-mary", "traceparent": f"00-{TRACE}-{GATEWAY}-01"}
TEMPLATE = "PUT /v2/customer_sessions/{customerSessionId}"
METRIC_ATTRIBUTES = {
    "aiotalonone.outcome",
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "network.protocol.version",
    "server.address",
    "server.port",
    "url.scheme",
    "url.template",
}


class Collector:
    """Receives OTLP over HTTP, as a collector does."""

    def __init__(self):
        self.raw = b""
        self.spans, self.metrics = [], []
        self.app = Starlette(
            routes=[
                Route("/v1/traces", self.receive_spans, methods=["POST"]),
                Route("/v1/metrics", self.receive_metrics, methods=["POST"]),
            ]
        )

    async def receive_spans(self, request):
        """Keep the spans."""
        self.raw += (body := await request.body())
        batches = ExportTraceServiceRequest.FromString(body).resource_spans
        self.spans += [span for batch in batches for scope in batch.scope_spans for span in scope.spans]
        return Response()

    async def receive_metrics(self, request):
        """Keep the metrics."""
        self.raw += (body := await request.body())
        batches = ExportMetricsServiceRequest.FromString(body).resource_metrics
        self.metrics += [metric for batch in batches for scope in batch.scope_metrics for metric in scope.metrics]
        return Response()


def attributes(of) -> dict:
    """Return the attributes of a span or a data point."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in of.attributes}


def told(span) -> dict:
    """Return what a span says of its end."""
    names = ("http.response.status_code", "http.request.resend_count", "error.type")
    return {name: value for name, value in attributes(span).items() if name in names}


@pytest.fixture
async def sandbox(monkeypatch):
    """Have the sandbox in this process, with a note of the trace context of each request."""
    sandbox = Sandbox(EXAMPLES / "campaigns.json", api_keys=[API_KEY])
    sandbox.contexts = []

    async def noting(scope, receive, send):
        sandbox.contexts.append(dict(scope["headers"]).get(b"traceparent", b"").decode())
        await sandbox.app(scope, receive, send)

    async with serving(noting) as server:
        monkeypatch.setenv("TALON_ONE_BASE_URL", server.url)
        yield sandbox


@asynccontextmanager
async def run_shop():
    """Run the shop as the page says; yield what requests it, and a list with what it has printed at the end."""
    line = ["-m", "uvicorn", "fastapi_checkout.telemetry:app", "--port", "0", "--no-access-log"]
    process = await asyncio.create_subprocess_exec(sys.executable, *line, cwd=EXAMPLES, stdout=PIPE, stderr=STDOUT)
    printed = []
    try:
        async with asyncio.timeout(30):
            while not (found := re.search(r"running on (\S+)", (await process.stdout.readline()).decode())):
                assert process.returncode is None
        async with httpx.AsyncClient(base_url=found[1], headers=BROWSER) as http:
            yield http, printed
        process.terminate()
        async with asyncio.timeout(30):
            printed += (await process.communicate())[0].decode().splitlines()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


CART = "/carts/5e884898-da28-4047-a4b8-1a2b3c4d5e6f"


@pytest.fixture
async def exported(sandbox, monkeypatch):
    """Enter a coupon while the API fails once; return what has reached the collector when the shop is closed."""
    collector = Collector()
    async with serving(collector.app) as server:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.url)
        monkeypatch.setenv("OTEL_SERVICE_NAME", "checkout")
        async with run_shop() as (http, _):
            sandbox.contexts.clear()
            sandbox.faults.add("updateCustomerSessionV2", Fault.STATUS_503)
            page = await http.post(f"{CART}/coupon?from=mary", data={"code": "SUMMER"})
            assert "Coupon <bdi>SUMMER</bdi> is accepted." in page.text
    return collector


async def test_one_trace_leads_from_the_request_to_the_api(exported, sandbox):
    """The call, each of its attempts, and the API have the trace of the customer's request."""
    assert {span.trace_id.hex() for span in exported.spans} == {TRACE}
    [request] = [span for span in exported.spans if span.parent_span_id.hex() == GATEWAY]
    [call] = [span for span in exported.spans if span.parent_span_id == request.span_id]
    attempts = [span for span in exported.spans if span.parent_span_id == call.span_id]
    attempts.sort(key=lambda span: span.start_time_unix_nano)
    assert (request.name, told(request)) == ("POST /carts/{cart}/coupon", {"http.response.status_code": 200})
    assert (call.name, told(call)) == (TEMPLATE, {"http.response.status_code": 200, "http.request.resend_count": 1})
    assert [(span.name, told(span)) for span in attempts] == [
        (TEMPLATE, {"http.response.status_code": 503, "error.type": "503"}),
        (TEMPLATE, {"http.response.status_code": 200, "http.request.resend_count": 1}),
    ]
    assert [header.split("-")[1:3] for header in sandbox.contexts] == [[TRACE, span.span_id.hex()] for span in attempts]
    assert len(exported.spans) == 4


async def test_metrics_have_few_series(exported):
    """The metrics are those of the conventions and of the client, and no attribute has a value for each customer."""
    points = {
        metric.name: [attributes(point) for point in getattr(metric, metric.WhichOneof("data")).data_points]
        for metric in exported.metrics
    }
    server = {"server.address": "127.0.0.1", "url.template": TEMPLATE.split()[1], "http.request.method": "PUT"}
    [duration] = points["http.client.request.duration"]
    [retries] = points["aiotalonone.retries"]
    assert duration.items() >= {**server, "http.response.status_code": 200}.items()
    assert retries.items() >= server.items()
    assert points["http.server.request.duration"][0]["http.route"] == "/carts/{cart}/coupon"
    assert {name for each in points.values() for point in each for name in point} <= METRIC_ATTRIBUTES


async def test_nothing_of_the_customer_is_exported(exported):
    """No cart, code, browser, query or key is in what reaches the collector, and no address of the customer."""
    assert b"/carts/{cart}/coupon" in exported.raw
    for personal in (CART.rpartition("/")[2], "SUMMER", "mary", API_KEY):
        assert personal.encode() not in exported.raw
    assert {attributes(span).get("client.address", "") for span in exported.spans} == {""}


async def test_without_a_collector_the_terminal_shows_it(sandbox):
    """Without a collector, a trace is printed as a tree when it is whole, and the metrics at the end."""
    async with run_shop() as (http, printed):
        sandbox.faults.drop_after_commit("updateCustomerSessionV2")
        await http.post(f"{CART}/buy")
    text = "\n".join(re.sub(r"  [\d.]+ ms", "", line) for line in printed)
    assert (
        f"""POST /carts/{{cart}}/buy  status=200
  updateCustomerSessionV2  status=200  resent=1
    {TEMPLATE}  error=TransportError
    {TEMPLATE}  status=200  resent=1
"""
        in text
    )
    assert re.search(r"^aiotalonone.retries  1 \{retry\}  http.request.method=PUT", text, re.MULTILINE)
    assert re.search(r"^http.client.request.duration  1 x \d\.\d+ s  http.request.method=PUT", text, re.MULTILINE)
