"""When requests may start: in even intervals, for one job or for all workers of one account."""

from asyncio import get_running_loop, sleep
from collections.abc import Sequence
from math import inf
from typing import Final, Protocol

SLOWEST: Final = 1 / 16
"""The part of its rate that a schedule keeps at least while the API is overloaded."""
_SLOWDOWN: Final = 0.5
_SECONDS_BETWEEN_SLOWDOWNS: Final = 1.0
"""Requests in flight together meet one overload, and count as one."""
_RECOVERY: Final = 0.05
"""The part of its rate that a slowed-down schedule gets back each second."""


class Pace(Protocol):
    """What decides when a job's requests start. Jobs that share one have one rate between them."""

    async def acquire(self) -> None:
        """Wait until a request may start."""
        ...

    def back_off(self, seconds: float | None) -> None:
        """Note that the API is overloaded, and how long it asks to be left alone."""
        ...


class Schedule:
    """Start times in even intervals, further apart while the API is overloaded. It reads no clock.

    Args:
        rate: Requests per second.

    Raises:
        TypeError: ``rate`` is not a number.
        ValueError: ``rate`` is not above 0.
    """

    def __init__(self, rate: float) -> None:
        self._rate = validate_rate(rate)
        self._part = 1.0
        self._next = -inf
        self._slowed_at = -inf
        self._recovered_at = -inf

    def ahead(self, now: float) -> float:
        """Return in how many seconds the next request may start."""
        return max(0.0, self._next - now)

    def reserve(self, number: int, now: float) -> Sequence[float]:
        """Return how many seconds after now each of some requests may start.

        What was not used in the past is lost: no burst makes up for it.
        """
        self._recover(now)
        first, interval = max(self._next, now), 1 / (self._rate * self._part)
        self._next = first + number * interval
        return [first + index * interval - now for index in range(number)]

    def back_off(self, seconds: float | None, now: float) -> None:
        """Halve the rate, once for all that meet one overload, and start nothing for some seconds."""
        self._recover(now)
        if now - self._slowed_at >= _SECONDS_BETWEEN_SLOWDOWNS:
            self._part = max(SLOWEST, self._part * _SLOWDOWN)
            self._slowed_at = now
        self._next = max(self._next, now + (seconds or 0.0))

    def _recover(self, now: float) -> None:
        if self._part < 1:
            self._part = min(1.0, self._part + _RECOVERY * max(0.0, now - self._recovered_at))
        self._recovered_at = now


class LocalPace:
    """The pace of a job that has its rate for itself; a job pauses by itself when the API is overloaded.

    Args:
        rate: Requests per second.

    Raises:
        TypeError: ``rate`` is not a number.
        ValueError: ``rate`` is not above 0.
    """

    def __init__(self, rate: float) -> None:
        self._schedule = Schedule(rate)

    async def acquire(self) -> None:
        """Wait until a request may start."""
        [delay] = self._schedule.reserve(1, get_running_loop().time())
        await sleep(delay)

    def back_off(self, seconds: float | None) -> None:
        """Leave it to the job."""


def validate_rate(rate: float) -> float:
    """Return a rate.

    Raises:
        TypeError: It is not a number.
        ValueError: It is not above 0.
    """
    if isinstance(rate, bool) or not isinstance(rate, (int, float)):
        raise TypeError(f"rate must be a number of requests per second, not {type(rate).__name__}")
    if not 0 < rate < inf:
        raise ValueError("rate must be a number of requests per second above 0, or None for no limit")
    return rate
