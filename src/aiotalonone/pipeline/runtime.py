"""What the calls of an open client share on its event loop, and the pipeline that each of them passes through.

Deadline, lane, retries, circuit breaker: in this order, so that one deadline spans everything.
"""

from asyncio import AbstractEventLoop, CancelledError, Event, Task, get_running_loop
from collections.abc import Awaitable, Sequence
from math import inf
from typing import Any

import httpx
from attrs import define, field

from aiotalonone.call import Call
from aiotalonone.errors import ClientStateError, DeadlineExceededError, Outcome, TransportError
from aiotalonone.pipeline import log
from aiotalonone.pipeline.circuit_breaker import Circuit
from aiotalonone.pipeline.deadline import CLEANUP_TIMEOUT, AbortReason, CallsInFlight, deadline_of
from aiotalonone.pipeline.external_client import ExternalClientSender, cancel_abandoned
from aiotalonone.pipeline.lanes import Lanes
from aiotalonone.pipeline.libraries import AsyncHttpClient
from aiotalonone.pipeline.middleware import Exchange, Middleware, chain
from aiotalonone.pipeline.own_client import OwnHttpClient
from aiotalonone.pipeline.redaction import strip_sensitive
from aiotalonone.pipeline.request import RequestBuilder
from aiotalonone.pipeline.retry import Retry
from aiotalonone.pipeline.retry_rules import RetryBudget
from aiotalonone.pipeline.send import HttpSender
from aiotalonone.settings import Credentials, Options, RetryPolicy, Timeouts
from aiotalonone.transport.failures import TransportFailure


@define(eq=False)
class CallPipeline:
    """What the calls of one client pass through: its call middleware, then deadline, lane and retries."""

    in_flight: CallsInFlight
    lanes: Lanes | None
    retry: Retry
    circuit: Circuit | None = None
    call_middleware: Sequence[Middleware] = ()

    def run(self, exchange: Exchange) -> Awaitable[httpx.Response]:
        """Return the last response, of any status.

        Raises:
            TransportError: There is no response, or the call was aborted.
            CircuitOpenError: The circuit breaker allows no attempt.
        """
        if log.is_enabled():
            exchange.add_done_callback(log.log_end)
        if self.call_middleware:
            return chain(self.call_middleware, self._run_steps)(exchange)
        return self._run_steps(exchange)

    async def _run_steps(self, exchange: Exchange) -> httpx.Response:
        if reason := self.in_flight.check_startable(exchange.deadline):
            raise _abort_error(reason, exchange)
        if self.circuit is not None:
            self.circuit.check(exchange)
        call = self.in_flight.start(exchange.deadline)
        try:
            entity = exchange.call.entity
            if entity is None or self.lanes is None:
                return await self.retry.run(exchange)
            if not self.lanes.try_enter(entity):
                await self.lanes.enter(entity)
            try:
                if reason := self.in_flight.check_startable(exchange.deadline):
                    raise _abort_error(reason, exchange)
                return await self.retry.run(exchange)
            finally:
                self.lanes.leave(entity)
        except CancelledError:
            if (reason := call.abort_reason) is None:
                raise
        finally:
            self.in_flight.finish(call)
        raise _abort_error(reason, exchange)  # outside of the handler: the frames of the cancellation hold the request


def _abort_error(reason: AbortReason, exchange: Exchange) -> TransportError:
    kind = DeadlineExceededError if reason is AbortReason.DEADLINE else TransportError
    return kind(reason.value, operation_id=exchange.operation.operation_id, outcome=exchange.outcome)


@define(eq=False)
class Runtime:
    """An open client's state: its httpx client, its lanes, its circuit breaker and the calls in flight."""

    http_client: AsyncHttpClient
    is_external: bool
    lanes: Lanes | None
    turns: Lanes
    """Of attempts through an external client."""
    circuit: Circuit | None = None
    mismatches: log.MismatchLog = field(factory=log.MismatchLog)
    is_closed: Event = field(factory=Event)
    _loop: AbstractEventLoop = field(factory=get_running_loop)
    _in_flight: CallsInFlight = field(factory=CallsInFlight)
    _abandoned: set[Task[httpx.Response]] = field(factory=set)

    @property
    def on_this_loop(self) -> bool:
        """Whether the running event loop is the one that the client was opened on."""
        try:
            return get_running_loop() is self._loop
        except RuntimeError:  # another framework runs the task
            return False

    def now(self) -> float:
        """Return the time on the event loop's clock, in seconds."""
        return self._loop.time()

    def start(
        self,
        call: Call[Any],
        request: httpx.Request,
        seconds: float | None,
        *,
        floor: Outcome = Outcome.NOT_SENT,
        spent: float = 0.0,
    ) -> Exchange:
        """Return the exchange of a call that starts now and may take so many seconds.

        Args:
            call: What is called.
            request: What is sent for it.
            seconds: The client's deadline, if it has one.
            floor: The outcome of the call that this one resumes.
            spent: Seconds of the client's deadline that are over.
        """
        started = self._loop.time()
        return Exchange(call, request, started, deadline_of(started - spent, seconds), earlier_outcome=floor)

    def build_pipeline(
        self,
        *,
        middleware: Sequence[Middleware],
        call_middleware: Sequence[Middleware],
        retry: RetryPolicy,
        budget: RetryBudget,
        max_response_bytes: int,
    ) -> CallPipeline:
        """Return what a client's calls pass through, down to the httpx client."""
        sender = HttpSender(self.http_client, max_response_bytes)
        send = ExternalClientSender(sender, self._abandoned, self.turns).send if self.is_external else sender.send
        if self.circuit is not None:
            middleware = (self.circuit, *middleware)
        attempts = Retry(retry, budget, chain(middleware, send))
        return CallPipeline(self._in_flight, self.lanes, attempts, self.circuit, call_middleware)

    def build_requests(self, base_url: str, credentials: Credentials, options: Options) -> RequestBuilder:
        """Return what makes a client's requests."""
        return RequestBuilder(
            base_url, self.http_client, self.is_external, credentials, options.headers, options.timeouts
        )

    async def warm_up(self, base_url: str, options: Options) -> None:
        """Make a connection, if they are the client's own.

        Raises:
            ClientStateError: The client was closed meanwhile.
            TransportError: There was none within the connect timeout, or the time that a call may take.
        """
        if not isinstance(self.http_client, OwnHttpClient):
            return
        connect = (options.timeouts or Timeouts()).connect
        seconds = min(inf if connect is None else connect, deadline_of(self.now(), options.deadline) - self.now())
        try:
            await self.http_client.pool.warm_up(httpx.URL(base_url), None if seconds == inf else seconds)
        except TransportFailure as failure:
            strip_sensitive(failure)
            raise TransportError(
                failure.reason, operation_id="warm_up", outcome=Outcome.NOT_SENT, permanent=failure.permanent
            ) from failure
        except RuntimeError:  # of a pool that is closed
            raise ClientStateError("the client is closed", "warm_up") from None

    async def close(self, grace: float) -> None:
        """Let running calls finish, abort those that do not, and close the httpx client if it is the client's own."""
        try:
            await self._in_flight.end(grace)
        finally:
            await self._close_connections()

    async def _close_connections(self) -> None:
        try:
            await cancel_abandoned(self._abandoned, CLEANUP_TIMEOUT)
        finally:
            if isinstance(self.http_client, OwnHttpClient):
                await self.http_client.aclose()
            self.is_closed.set()
