"""What the logger ``aiotalonone`` logs: one line per call and per retry; metadata, never an ID or a body."""

import logging
import os
from collections import Counter
from typing import Any, Final

import httpx

from aiotalonone import codec
from aiotalonone.errors import TalonOneError, TransportError
from aiotalonone.pipeline.middleware import Exchange

LOG_VARIABLE: Final = "TALON_ONE_LOG"
MAX_PLACES: Final = 100
"""Of an open client's responses that are not what their schemas say."""
MAX_SEARCHED: Final = 100
"""Responses of an operation that are not what their schema says and are all searched for further places."""

_logger: Final = logging.getLogger("aiotalonone")
_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO}
_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def configure_from_environment() -> None:
    """Write the log to stderr if ``TALON_ONE_LOG`` is ``debug`` or ``info``."""
    if name := os.environ.get(LOG_VARIABLE, ""):
        write_to_stderr(name)


def write_to_stderr(level_name: str) -> None:
    """Write the log to stderr from ``debug`` or ``info`` on; a second time changes nothing.

    If the program has handlers of its own at the root, they alone get the lines.
    """
    if any(handler.name == LOG_VARIABLE for handler in _logger.handlers):
        return
    handler = logging.StreamHandler()
    handler.name = LOG_VARIABLE
    handler.addFilter(lambda _: not logging.getLogger().handlers)
    handler.setFormatter(logging.Formatter(_FORMAT))
    _logger.addHandler(handler)
    if (level := _LEVELS.get(level_name.lower())) is None:
        _logger.warning("%s must be debug or info", LOG_VARIABLE)
    else:
        _logger.setLevel(level)


def is_enabled() -> bool:
    """Return whether anything of a call is logged."""
    return _logger.isEnabledFor(logging.INFO)


def log_retry(exchange: Exchange, failure: httpx.Response | TransportError, pause: float) -> None:
    """Log a line at INFO before the pause."""
    _logger.info(
        "%s: attempt %d failed (%s), retrying in %.3f s",
        exchange.operation.operation_id,
        exchange.attempts,
        failure.status_code if isinstance(failure, httpx.Response) else type(failure).__name__,
        pause,
    )


def log_end(exchange: Exchange, failure: BaseException | None) -> None:
    """Log a line when a call is over: at DEBUG after success, at INFO after a failure."""
    operation = exchange.operation
    _logger.log(
        logging.DEBUG if failure is None else logging.INFO,
        "%s: %s %s in %.3f s (attempts: %d)",
        operation.operation_id,
        f"{operation.method} {operation.path}".rstrip(),  # the path of ``client.request`` may contain personal data
        f"returned {exchange.status}" if failure is None else f"failed ({_describe_failure(exchange, failure)})",
        exchange.elapsed,
        exchange.attempts,
    )


def log_circuit_state(state: str, failures: int, open_for: float) -> None:
    """Log a line when the circuit breaker changes its state: at WARNING if calls fail at once from now on."""
    if state == "open":
        _logger.warning("circuit breaker open after %d failed attempts in a row, for %g s", failures, open_for)
    else:
        _logger.info("circuit breaker %s", state)


class MismatchLog:
    """Logs at WARNING where responses are not what their schemas say: each operation and place once, and not all.

    The search takes several times as long as reading, so that not every response is searched: those that reading met
    something in, and of the others the first, second, fourth, eighth and so on of an operation.
    """

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()
        self._counts: Counter[tuple[str, bool]] = Counter()

    def inspect(self, operation_id: str, value: object, model: type[Any], is_mismatch: bool) -> None:
        """Log the places of a response that were not logged before.

        Args:
            operation_id: What was called.
            value: The response's JSON object or list.
            model: What its schema says.
            is_mismatch: Whether reading met something else.
        """
        self._counts[operation_id, is_mismatch] += 1
        count = self._counts[operation_id, is_mismatch]
        is_power_of_two = not count & (count - 1)
        if not is_power_of_two and (not is_mismatch or count > MAX_SEARCHED):
            return
        if len(self._told) >= MAX_PLACES or not _logger.isEnabledFor(logging.WARNING):
            return
        for place in codec.mismatches(value, model):
            key = operation_id, place.pointer
            if key not in self._told and len(self._told) < MAX_PLACES:
                self._told.add(key)
                _logger.warning("%s: the response is not what its schema says at %s: %s", *key, place.problem)


def _describe_failure(exchange: Exchange, failure: BaseException) -> str:
    outcome = failure.outcome if isinstance(failure, TalonOneError) else exchange.outcome
    status = "" if exchange.status is None else f"{exchange.status}, "
    return f"{status}{type(failure).__name__}, {outcome}"
