"""Traces and metrics as text, for a terminal."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from opentelemetry.sdk.metrics.export import HistogramDataPoint, MetricsData
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import INVALID_SPAN_CONTEXT, SpanContext

SHOWN = {
    "http.response.status_code": "status",
    "error.type": "error",
    "http.request.resend_count": "resent",
    "aiotalonone.outcome": "outcome",
}
MAX_TRACES = 1000


class TreeExporter(SpanExporter):
    """Prints a trace as a tree, as soon as the span that started it here has ended."""

    def __init__(self) -> None:
        self._traces = defaultdict[int, list[ReadableSpan]](list)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Keep the spans until their trace is whole."""
        for span in spans:
            trace_id = context(span).trace_id
            self._traces[trace_id].append(span)
            if span.parent is None or span.parent.is_remote:
                print(*tree(span, self._traces.pop(trace_id)), sep="\n", flush=True)
        if len(self._traces) > MAX_TRACES:  # of spans that outlive the one that started their trace
            self._traces.clear()
        return SpanExportResult.SUCCESS


def tree(root: ReadableSpan, spans: list[ReadableSpan], indent: str = "") -> Iterator[str]:
    """Each span as a line, below the one that it belongs to."""
    yield indent + line(root)
    for span in spans:
        if span.parent is not None and span.parent.span_id == context(root).span_id:
            yield from tree(span, spans, indent + "  ")


def context(span: ReadableSpan) -> SpanContext:
    """The IDs of a span."""
    return span.get_span_context() or INVALID_SPAN_CONTEXT


def line(span: ReadableSpan) -> str:
    """A span in short: the call's operation or the span's name, its duration, and what came of it."""
    attributes = span.attributes or {}
    title = attributes.get("aiotalonone.operation_id", span.name)
    milliseconds = ((span.end_time or 0) - (span.start_time or 0)) / 1e6
    told = {label: attributes[name] for name, label in SHOWN.items() if name in attributes}
    return f"{title!s}  {milliseconds:.1f} ms{in_short(told)}"


def format_metrics(data: MetricsData) -> str:
    """Each data point as a line."""
    scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics]
    lines = sorted(
        f"{metric.name}  {value(point)} {metric.unit}{in_short(point.attributes or {})}\n"
        for scope in scopes
        for metric in scope.metrics
        for point in metric.data.data_points
    )
    return "".join(lines)


def in_short(attributes: Mapping[str, object]) -> str:
    """Attributes, to stand at the end of a line."""
    return "".join(f"  {name}={each!s}" for name, each in attributes.items())


def value(point: object) -> str:
    """What a point holds: how many and how much of a histogram, or the count."""
    if isinstance(point, HistogramDataPoint):
        return f"{point.count} x {point.sum / point.count:.3f}"
    return str(getattr(point, "value", ""))
