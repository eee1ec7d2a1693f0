"""Degraded mode: a program continues without a call's result if the API is slow, down or overloaded."""

import logging
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

from aiotalonone import codec
from aiotalonone.call import Call
from aiotalonone.errors import APIStatusError, CircuitOpenError, Outcome, TalonOneError, TransportError
from aiotalonone.operation import RetrySafety
from aiotalonone.pipeline.outcome import response_outcome

__all__ = ["or_none"]

T = TypeVar("T")

_NOT_NOW: Final = frozenset({425, 429})
"""Statuses that ask to come later; 5xx, 408 and 499 tell of an API that failed or was slow."""
_NOTHING_DONE: Final = frozenset({Outcome.NOT_SENT, Outcome.REJECTED})

_logger: Final = logging.getLogger("aiotalonone")


async def or_none(call: Awaitable[T]) -> T | None:
    """Await a call and return its result, or ``None`` if the API is slow, down or overloaded.

    A shop then sells without discounts. ``None`` leaves nothing to be done: the API did nothing (NOT_SENT, REJECTED),
    or the call only reads, is a dry one, or updates a session that stays open, which its next update replaces. Each
    ``None`` is a line of the log at WARNING.

    Everything else is raised. A write that may have been carried out (UNKNOWN, APPLIED), such as one that closes a
    session, is to be resumed. Invalid requests, wrong keys and errors of your own are defects, not the API's state.

    Args:
        call: What a method of a client returned, or any awaitable that makes calls; the one that failed is judged, and
            not what was done before it.

    Raises:
        TalonOneError: The call failed in another way, or may have changed something.
    """
    try:
        return await call
    except TalonOneError as error:
        if not (_is_unavailable(error) and _leaves_nothing_to_do(error)):
            raise
        _logger.warning(
            "%s: continued without a result (%s, %s)", error.operation_id, type(error).__name__, error.outcome
        )
        return None


def _is_unavailable(error: TalonOneError) -> bool:
    """Return whether the API, or the way to it, is slow, down or overloaded."""
    if isinstance(error, APIStatusError):
        return error.status in _NOT_NOW or response_outcome(error.status) is Outcome.UNKNOWN
    return isinstance(error, (CircuitOpenError, TransportError))


def _leaves_nothing_to_do(error: TalonOneError) -> bool:
    if error.outcome in _NOTHING_DONE:
        return True
    call = error.call
    return call is not None and (call.retry_safety is RetrySafety.SAFE or _leaves_session_open(call))


def _leaves_session_open(call: Call[Any]) -> bool:
    """Return whether a call updates a session that stays open: it redeems and books nothing."""
    if call.operation.operation_id != "updateCustomerSessionV2":
        return False
    session = codec.loads(call.content or b"{}").get("customerSession")
    return isinstance(session, dict) and session.get("state", "open") == "open"
