"""What the logger ``aiotalonone`` is told: one line a call, one a repetition; metadata, never an ID or a body."""

import logging
from asyncio import get_running_loop
from collections.abc import Awaitable
from typing import Final

import httpx

from aiotalonone.errors import TalonOneError, TransportError
from aiotalonone.pipeline.contract import Exchange, Proceed

_logger: Final = logging.getLogger("aiotalonone")


def log_call(exchange: Exchange, proceed: Proceed) -> Awaitable[httpx.Response]:
    """One line at the end of the call, DEBUG after success, INFO after failure; no step at all where nobody listens."""
    return _logged(exchange, proceed) if _logger.isEnabledFor(logging.INFO) else proceed(exchange)


def log_retry(exchange: Exchange, ending: httpx.Response | TransportError, pause: float) -> None:
    """One INFO line before the pause."""
    _logger.info(
        "%s: attempt %d came to %s, the next follows in %.3f s",
        exchange.operation.operation_id,
        exchange.attempts,
        ending.status_code if isinstance(ending, httpx.Response) else type(ending).__name__,
        pause,
    )


async def _logged(exchange: Exchange, proceed: Proceed) -> httpx.Response:
    try:
        response = await proceed(exchange)
    except BaseException as failure:
        outcome = failure.outcome if isinstance(failure, TalonOneError) else exchange.outcome
        _log_end(logging.INFO, exchange, f"{type(failure).__name__}, {outcome.value}")
        raise
    _log_end(logging.DEBUG if response.is_success else logging.INFO, exchange, str(response.status_code))
    return response


def _log_end(level: int, exchange: Exchange, ending: str) -> None:
    operation = exchange.operation
    seconds = get_running_loop().time() - exchange.started
    _logger.log(
        level,
        "%s: %s %s came to %s in %.3f s (attempts: %d)",
        operation.operation_id,
        operation.method,
        operation.path,
        ending,
        seconds,
        exchange.attempts,
    )
