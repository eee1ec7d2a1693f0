"""A span and the usual metrics for each call, as OpenTelemetry names them; needs the ``otel`` extra.

    telemetry = OpenTelemetryMiddleware()
    AsyncIntegrationClient(url, api_key=key, call_middleware=[telemetry], middleware=[telemetry.attempt])

Names follow the semantic conventions for HTTP clients. A path is given by its template, a failure by its status or its
class: no span and no metric contains personal data.
"""

from asyncio import get_running_loop
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Final

import httpx

try:
    from opentelemetry.metrics import MeterProvider, get_meter
    from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, StatusCode, TracerProvider, get_tracer, use_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
except ModuleNotFoundError as _missing:
    if not (_missing.name or "").startswith("opentelemetry"):
        raise
    raise ImportError(
        'The middleware needs opentelemetry: pip install "aiotalonone[otel]"', name=_missing.name
    ) from None

from aiotalonone._version import __version__
from aiotalonone.errors import APIStatusError, ResponseDecodeError, TalonOneError
from aiotalonone.pipeline import CallNext, Exchange

Attributes = Mapping[str, str | int]

_SCOPE: Final = "aiotalonone"
_SCHEMA: Final = "https://opentelemetry.io/schemas/1.27.0"
"""The version of the conventions that the names are taken from."""
_BOUNDARIES: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""The conventions' advice for durations of requests, in seconds."""
_KNOWN_METHODS: Final = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
_PORTS: Final = {"http": 80, "https": 443}
_PROPAGATOR: Final = TraceContextTextMapPropagator()
"""Random IDs alone: baggage may hold what is not for the API."""


class OpenTelemetryMiddleware:
    """Reports each call to OpenTelemetry, with all its attempts and the decoding of its response.

    - A CLIENT span, current during the attempts: their spans, and those of an instrumentation of httpx, become its
      children.
    - ``http.client.request.duration``, a histogram in seconds.
    - ``aiotalonone.retries``, a counter of attempts after the first.
    - ``aiotalonone.circuit_breaker.state_changes``, a counter by state, and an event of the span whose call caused the
      change.

    ``attempt`` is a middleware for the client's ``middleware=``: a span for each attempt.

    Args:
        tracer_provider: Instead of the global one.
        meter_provider: Instead of the global one.
    """

    def __init__(
        self, *, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
    ) -> None:
        self._tracer = get_tracer(_SCOPE, __version__, tracer_provider, _SCHEMA)
        meter = get_meter(_SCOPE, __version__, meter_provider, _SCHEMA)
        self._duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of calls, all attempts included.",
            explicit_bucket_boundaries_advisory=_BOUNDARIES,
        )
        self._retries = meter.create_counter(
            "aiotalonone.retries", unit="{retry}", description="Attempts of calls after their first one."
        )
        self._circuit_changes = meter.create_counter(
            "aiotalonone.circuit_breaker.state_changes",
            unit="{change}",
            description="States that the circuit breaker entered.",
        )

    async def __call__(self, exchange: Exchange, call_next: CallNext) -> httpx.Response:
        """Take the whole call into a span, which ends with it rather than here: the response is yet to be decoded."""
        target = _target(exchange)
        span = self._start(_name(target), _at_start(exchange, target))
        exchange.add_done_callback(partial(self._end, span, target))
        with use_span(span, record_exception=False, set_status_on_exception=False):
            return await call_next(exchange)

    async def attempt(self, exchange: Exchange, call_next: CallNext) -> httpx.Response:
        """Take an attempt into a CLIENT span, and send its context along as ``traceparent``.

        An instrumentation of httpx does the same, with the whole URL in the span: use one of the two.
        """
        target = _target(exchange)
        span = self._start(_name(target), target)
        if exchange.attempts:
            span.set_attribute("http.request.resend_count", exchange.attempts)
        try:
            with use_span(span, record_exception=False, set_status_on_exception=False):
                _PROPAGATOR.inject(exchange.request.headers)
                response = await call_next(exchange)
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                _fail(span, str(response.status_code))
        except BaseException as failure:
            _fail(span, type(failure).__qualname__)
            raise
        finally:
            _end_span(span)
        return response

    def _start(self, name: str, attributes: Attributes) -> Span:
        """Start a span; a span processor of the service that raises fails no call."""
        try:
            return self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)
        except Exception as error:  # noqa: BLE001 - code of the service's
            _report(error)
            return INVALID_SPAN

    def _end(self, span: Span, target: Attributes, exchange: Exchange, failure: BaseException | None) -> None:
        ending = _ending(exchange, failure)
        self._duration.record(exchange.elapsed, {**target, **ending})
        span.set_attributes(ending)
        if exchange.attempts > 1:
            span.set_attribute("http.request.resend_count", exchange.attempts - 1)
            self._retries.add(exchange.attempts - 1, target)
        for state in exchange.circuit_states:
            self._add_circuit_change(span, target, state)
        if failure is not None:
            span.set_status(StatusCode.ERROR)
        _end_span(span)

    def _add_circuit_change(self, span: Span, target: Attributes, state: str) -> None:
        entered: Attributes = {"aiotalonone.circuit_breaker.state": state}
        span.add_event("aiotalonone.circuit_breaker.state_change", entered)
        server = {name: value for name, value in target.items() if name.startswith("server.")}
        self._circuit_changes.add(1, {**server, **entered})


def _end_span(span: Span) -> None:
    try:
        span.end()
    except Exception as error:  # noqa: BLE001 - as at its start
        _report(error)


def _report(error: Exception) -> None:
    get_running_loop().call_exception_handler({"message": "a span processor failed", "exception": error})


def _fail(span: Span, error_type: str) -> None:
    span.set_attribute("error.type", error_type)
    span.set_status(StatusCode.ERROR)


def _target(exchange: Exchange) -> Attributes:
    """Return what is called and where, for spans and metrics alike."""
    operation, url = exchange.operation, exchange.request.url
    target: dict[str, str | int] = {
        "http.request.method": operation.method if operation.method in _KNOWN_METHODS else "_OTHER",
        "server.address": url.host,
        "server.port": url.port or _PORTS[url.scheme],
    }
    if operation.path:  # ``client.request`` has no template
        target["url.template"] = operation.path
    return target


def _name(target: Attributes) -> str:
    method = target["http.request.method"]
    words = ("HTTP" if method == "_OTHER" else method, target.get("url.template", ""))
    return " ".join(map(str, words)).rstrip()


def _at_start(exchange: Exchange, target: Attributes) -> Attributes:
    return {**target, "aiotalonone.operation_id": exchange.operation.operation_id}


def _ending(exchange: Exchange, failure: BaseException | None) -> Attributes:
    """Return how the call ended, for spans and metrics alike."""
    ending: dict[str, str | int] = {}
    status = failure.status if isinstance(failure, (APIStatusError, ResponseDecodeError)) else exchange.status
    if status is not None:
        ending["http.response.status_code"] = status
    if failure is not None:
        ending["error.type"] = str(status) if isinstance(failure, APIStatusError) else type(failure).__qualname__
        ending["aiotalonone.outcome"] = _outcome(exchange, failure)
    return ending


def _outcome(exchange: Exchange, failure: BaseException) -> str:
    return (failure.outcome if isinstance(failure, TalonOneError) else exchange.outcome).value
