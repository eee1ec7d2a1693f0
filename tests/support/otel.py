"""The OpenTelemetry middleware with exporters in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attrs import define
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricsData
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, Tracer

from aiotalonone.otel import OpenTelemetryMiddleware


@define
class Telemetry:
    """What was exported."""

    middleware: OpenTelemetryMiddleware
    tracer: Tracer
    exporter: InMemorySpanExporter
    reader: InMemoryMetricReader

    @property
    def spans(self) -> list[ReadableSpan]:
        """The spans of calls, each once it has ended."""
        return [span for span in self._client_spans if "aiotalonone.operation_id" in span.attributes]

    @property
    def attempts(self) -> list[ReadableSpan]:
        """The spans of attempts, each once it has ended."""
        return [span for span in self._client_spans if "aiotalonone.operation_id" not in span.attributes]

    @property
    def _client_spans(self) -> list[ReadableSpan]:
        return [span for span in self.exporter.get_finished_spans() if span.kind is SpanKind.CLIENT]

    @property
    def span(self) -> ReadableSpan:
        """The span of the one call."""
        [span] = self.spans
        return span

    def metrics(self) -> MetricsData | None:
        """Return everything that was recorded since the last time."""
        return self.reader.get_metrics_data()

    def points(self, name: str) -> list[Any]:
        """Return the data points of a metric."""
        data = self.metrics()
        scopes = [scope for resource in (data.resource_metrics if data else ()) for scope in resource.scope_metrics]
        metrics = [metric for scope in scopes for metric in scope.metrics if metric.name == name]
        return [point for metric in metrics for point in metric.data.data_points]


@contextmanager
def in_memory_exporters() -> Iterator[Telemetry]:
    """Make a middleware with providers of its own; the global ones are left alone."""
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    meters = MeterProvider([reader])
    middleware = OpenTelemetryMiddleware(tracer_provider=tracers, meter_provider=meters)
    yield Telemetry(middleware, tracers.get_tracer("tests"), exporter, reader)
    tracers.shutdown()
    meters.shutdown()
