"""The circuit breaker: after too many failed attempts in a row, calls fail at once instead of waiting for the API."""

from asyncio import CancelledError, get_running_loop
from enum import Enum
from typing import Final

import httpx
from attrs import define, field

from aiotalonone.errors import (
    CircuitOpenError,
    DeadlineExceededError,
    Outcome,
    ResponseDecodeError,
    TalonOneError,
    TransportError,
)
from aiotalonone.pipeline.libraries import library_classes
from aiotalonone.pipeline.log import log_circuit_state
from aiotalonone.pipeline.middleware import CallNext, Exchange, is_of_another_call
from aiotalonone.pipeline.outcome import response_outcome
from aiotalonone.settings import CircuitBreaker

_TOO_MANY_REQUESTS: Final = 429


class CircuitState(Enum):
    """Whether attempts are made."""

    CLOSED = "closed"
    """All of them."""
    OPEN = "open"
    """None."""
    HALF_OPEN = "half-open"
    """One at a time, to probe the API."""


@define(eq=False)
class Circuit:
    """The state of one client's circuit breaker; a middleware around each attempt."""

    settings: CircuitBreaker
    state: CircuitState = CircuitState.CLOSED
    _failures: int = 0
    """Of attempts in a row."""
    _probe_at: float = 0.0
    """When an open circuit becomes half-open, on the event loop's clock."""
    _probe: Exchange | None = field(default=None, repr=False)

    def check(self, exchange: Exchange) -> None:
        """Raise if an attempt would fail at once.

        Raises:
            CircuitOpenError: The circuit is open, or half-open and a probe is in flight.
        """
        wait = self._probe_at - get_running_loop().time() if self.state is CircuitState.OPEN else 0.0
        if wait > 0 or self._probe is not None:
            raise _open_error(exchange.operation.operation_id, max(0.0, wait))

    async def __call__(self, exchange: Exchange, call_next: CallNext) -> httpx.Response:
        """Make an attempt if the circuit allows one, and learn from what it comes to."""
        self.check(exchange)
        if self.state is not CircuitState.CLOSED:
            self._probe = exchange
            self._enter(CircuitState.HALF_OPEN, exchange)
        attempts = exchange.attempts
        try:
            response = await call_next(exchange)
        except BaseException as error:
            self._judge(exchange, failed=_failed(error, exchange, attempts))
            raise
        self._judge(exchange, failed=_response_failed(response.status_code))
        return response

    def _judge(self, exchange: Exchange, *, failed: bool | None) -> None:
        """Take the result of an attempt; ``None`` says nothing about the API.

        Attempts that were in flight when the circuit opened are not judged: the probe alone decides.
        """
        is_probe = self._probe is exchange
        if is_probe:
            self._probe = None
        if failed is None or not (is_probe or self.state is CircuitState.CLOSED):
            return
        self._failures = self._failures + 1 if failed else 0
        if failed and (is_probe or self._failures >= self.settings.failures):
            self._probe_at = get_running_loop().time() + self.settings.open_for
            self._enter(CircuitState.OPEN, exchange)
        elif is_probe and not failed:
            self._enter(CircuitState.CLOSED, exchange)

    def _enter(self, state: CircuitState, exchange: Exchange) -> None:
        if self.state is state:
            return
        self.state = state
        exchange.circuit_states = (*exchange.circuit_states, state.value)
        log_circuit_state(state.value, self._failures, self.settings.open_for)


def _open_error(operation_id: str, wait: float) -> CircuitOpenError:
    when = f"next probe in {wait:.1f} s" if wait > 0 else "a probe is in flight"
    error = CircuitOpenError(f"the circuit breaker is open, {when}", operation_id)
    error.retry_after = wait
    return error


def _failed(error: BaseException, exchange: Exchange, earlier_attempts: int) -> bool | None:
    """Return whether an error means that the API, or the way to it, failed; ``None`` if it says nothing about them."""
    was_sent = exchange.attempts > earlier_attempts and exchange.attempt_outcome is not Outcome.NOT_SENT
    if isinstance(error, CancelledError):
        return True if was_sent and get_running_loop().time() >= exchange.deadline else None
    if not isinstance(error, TalonOneError) or is_of_another_call(error):
        return None
    if isinstance(error, DeadlineExceededError):
        return True if was_sent else None
    if isinstance(error, TransportError):  # for want of a connection it says something about this client's load alone
        return None if isinstance(error.__cause__, library_classes("PoolTimeout")) else True
    return False if isinstance(error, ResponseDecodeError) else None


def _response_failed(status: int) -> bool | None:
    """Return whether a response says that the API failed, or that a gateway gave up waiting for it."""
    return None if status == _TOO_MANY_REQUESTS else response_outcome(status) is Outcome.UNKNOWN
