"""The shop with OpenTelemetry: one trace from the customer's request to each attempt to reach Talon.One, and metrics.

They go to the collector that ``OTEL_EXPORTER_OTLP_ENDPOINT`` names, by OTLP over HTTP, or to the terminal.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.trace import Span

from aiotalonone.fastapi import lifespan
from aiotalonone.otel import OpenTelemetryMiddleware

from .console import TreeExporter, format_metrics
from .pages import create_client, make_app

# What the instrumentation of FastAPI would tell of a customer. The route says enough of the path.
PERSONAL = ("client.address", "client.port", "url.path", "url.query", "user_agent.original")

tracers = TracerProvider()  # named by OTEL_SERVICE_NAME
if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ:
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])
else:
    tracers.add_span_processor(SimpleSpanProcessor(TreeExporter()))
    meters = MeterProvider([PeriodicExportingMetricReader(ConsoleMetricExporter(formatter=format_metrics))])
trace.set_tracer_provider(tracers)
metrics.set_meter_provider(meters)

talon_one = OpenTelemetryMiddleware()
create_traced_client = partial(create_client, call_middleware=[talon_one], middleware=[talon_one.attempt])


@asynccontextmanager
async def life(app: FastAPI) -> AsyncGenerator[None]:
    """Have a client, and export what is left when the shop closes: a signal ends the process right after that."""
    try:
        async with lifespan(create_traced_client)(app):
            yield
    finally:
        await asyncio.to_thread(tracers.shutdown)
        await asyncio.to_thread(meters.shutdown)


def hide_customer(span: Span, _scope: MutableMapping[str, Any]) -> None:
    """Keep out of the span who the customer is and which cart it is."""
    for name in PERSONAL:
        span.set_attribute(name, "")


app = make_app(life)
os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")  # the conventions' stable names
FastAPIInstrumentor.instrument_app(app, server_request_hook=hide_customer, exclude_spans=["receive", "send"])
