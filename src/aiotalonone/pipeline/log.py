"""What the logger ``aiotalonone`` is told: one line a call, one a repetition; metadata, never an ID or a body."""

import logging
from collections.abc import Awaitable
from typing import Final

import httpx

from aiotalonone.errors import TalonOneError, TransportError
from aiotalonone.pipeline.contract import Exchange, Proceed

_logger: Final = logging.getLogger("aiotalonone")


def log_call(exchange: Exchange, proceed: Proceed) -> Awaitable[httpx.Response]:
    """One line at the end of the call, DEBUG after success, INFO after failure, where somebody listens."""
    if _logger.isEnabledFor(logging.INFO):
        exchange.at_end(_log_end)
    return proceed(exchange)


def log_retry(exchange: Exchange, ending: httpx.Response | TransportError, pause: float) -> None:
    """One INFO line before the pause."""
    _logger.info(
        "%s: attempt %d came to %s, the next follows in %.3f s",
        exchange.operation.operation_id,
        exchange.attempts,
        ending.status_code if isinstance(ending, httpx.Response) else type(ending).__name__,
        pause,
    )


def _log_end(exchange: Exchange, failure: BaseException | None) -> None:
    operation = exchange.operation
    _logger.log(
        logging.DEBUG if failure is None else logging.INFO,
        "%s: %s came to %s in %.3f s (attempts: %d)",
        operation.operation_id,
        f"{operation.method} {operation.path}".rstrip(),  # the path of ``client.request`` is nobody's business
        exchange.status if failure is None else _in_words(exchange, failure),
        exchange.elapsed,
        exchange.attempts,
    )


def _in_words(exchange: Exchange, failure: BaseException) -> str:
    outcome = failure.outcome if isinstance(failure, TalonOneError) else exchange.outcome
    status = "" if exchange.status is None else f"{exchange.status}, "
    return f"{status}{type(failure).__name__}, {outcome.value}"
