"""When a failed attempt is followed by another, after which pause, and how many retries a client may send."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from aiotalonone.errors import Outcome
from aiotalonone.operation import RetrySafety
from aiotalonone.settings import RetryPolicy

_CONFLICT: Final = 409
_TOO_MANY_REQUESTS: Final = 429
_TRANSIENT: Final = frozenset({408, 425, 499})
"""What a server or a gateway says that stopped waiting, or that did not want to start yet."""
_SERVER_ERROR: Final = 500

_SECONDS: Final = re.compile(r"\d+(?:\.\d*)?", re.ASCII)
_MAX_SECONDS: Final = timedelta.max.total_seconds()


def should_retry(safety: RetrySafety, outcome: Outcome, status: int | None, *, conflict_is_transient: bool) -> bool:
    """Return whether sending a request again is safe and may help, now that an attempt has failed.

    Args:
        safety: What a retry does once the request may have been carried out.
        outcome: What became of the request so far. An outcome of all attempts is as good as that of the latest.
        status: Status of the failed attempt's response; ``None`` if no whole response came.
        conflict_is_transient: Whether 409 means that too many requests update one session or profile at once.
    """
    is_unsafe = safety is RetrySafety.UNSAFE
    if is_unsafe and outcome in (Outcome.UNKNOWN, Outcome.APPLIED):
        return False
    if status is None or outcome is Outcome.NOT_SENT or status == _TOO_MANY_REQUESTS:
        return True
    if status == _CONFLICT:
        return conflict_is_transient
    return not is_unsafe and (status >= _SERVER_ERROR or status in _TRANSIENT)


def backoff_pause(
    attempt: int, policy: RetryPolicy, retry_after: float | None, uniform: Callable[[float, float], float]
) -> float:
    """Return the pause after a failed attempt, in seconds.

    It is a random part of a span that doubles with each attempt (full jitter). What the API asks for comes on top, so
    that callers who are told the same do not return at the same moment.

    Args:
        attempt: Number of the attempt that failed, from 1.
        policy: Its limits hold for both parts.
        retry_after: Seconds that the API asks for, if it does.
        uniform: Draws a number between two.
    """
    doublings = min(attempt - 1, 60)  # more than any limit needs, and no overflow
    jitter = uniform(0.0, min(policy.max_backoff, policy.initial_backoff * 2**doublings))
    return min(retry_after or 0.0, policy.max_retry_after) + jitter


def parse_retry_after(header: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks to wait, or ``None`` if it is absent or malformed.

    Args:
        header: A number of seconds, or a date. A date in the past is 0.
        now: From when on to count, aware of its time zone.
    """
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), _MAX_SECONDS)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:  # "-0000" means UTC (RFC 5322)
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())


class RetryBudget:
    """A token bucket that keeps a client's retries from bringing a failing API down.

    A retry takes a token, a call that succeeds gives one back. Beyond its reserve a client thus never retries more
    often than it succeeds. Retries of what never reached the API cost nothing.

    Args:
        reserve: Its size; ``None`` lets every retry pass.
    """

    def __init__(self, reserve: int | None) -> None:
        self.reserve: int | None = reserve
        self._tokens = reserve or 0

    def take(self) -> bool:
        """Pay for a retry; return False if the bucket is empty."""
        if self.reserve is None:
            return True
        if not self._tokens:
            return False
        self._tokens -= 1
        return True

    def give_back(self) -> None:
        """Note a success."""
        if self.reserve is not None and self._tokens < self.reserve:
            self._tokens += 1
