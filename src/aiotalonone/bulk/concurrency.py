"""How many requests a job has in flight, how many it starts per second, and when it starts no more."""

from asyncio import FIRST_COMPLETED, Event, ensure_future, get_running_loop, timeout, wait
from collections.abc import Callable, Coroutine
from contextlib import suppress
from statistics import median
from typing import Any, Final

from aiotalonone.bulk.pace import Pace

INITIAL_CONCURRENCY: Final = 4
SLOWDOWN_FACTOR: Final = 2.0
"""Multiple of the baseline latency from which the API counts as overloaded."""
BASELINE_GROWTH: Final = 1.02
"""Growth of the latency baseline per round, so that a lasting slowdown becomes the new baseline."""


class StopRequestedError(Exception):
    """The job is stopping: no further request is started."""


class Stop:
    """Whether a job has been asked to stop."""

    def __init__(self) -> None:
        self._requested = Event()
        self._callbacks: list[Callable[[], object]] = []

    @property
    def is_requested(self) -> bool:
        """Whether the job has been asked to stop."""
        return self._requested.is_set()

    def request(self) -> None:
        """Stop the job as soon as the requests in flight are finished."""
        if self.is_requested:  # a second cancellation would cut short how the source is closed
            return
        self._requested.set()
        for callback in tuple(self._callbacks):
            callback()

    def add_callback(self, callback: Callable[[], object]) -> None:
        """Have a function called when the job is asked to stop, at once if it was."""
        self._callbacks.append(callback)
        if self.is_requested:
            callback()

    def remove_callback(self, callback: Callable[[], object]) -> None:
        """Forget a function: others may share this stop for longer."""
        self._callbacks.remove(callback)

    def check(self) -> None:
        """Check that the job has not been asked to stop.

        Raises:
            StopRequestedError: It has.
        """
        if self.is_requested:
            raise StopRequestedError

    async def pause(self, seconds: float) -> None:
        """Pause, but no longer than until the job is asked to stop."""
        with suppress(TimeoutError):
            async with timeout(seconds):
                await self._requested.wait()

    async def interrupt(self, waiting: Coroutine[Any, Any, object]) -> None:
        """Wait for something, but no longer than until the job is asked to stop."""
        awaited, stopped = ensure_future(waiting), ensure_future(self._requested.wait())
        try:
            await wait([awaited, stopped], return_when=FIRST_COMPLETED)
            if awaited.done():
                awaited.result()
        finally:
            awaited.cancel()
            stopped.cancel()


class AdaptiveConcurrency:
    """Limit of requests in flight: one more after each good round, half as many after backpressure (AIMD).

    Args:
        max_limit: Upper bound of the limit.
        pace: When requests may start; ``None`` for at once.
        stop: Ends every wait.
    """

    def __init__(self, max_limit: int, pace: Pace | None, stop: Stop) -> None:
        self.limit: int = min(INITIAL_CONCURRENCY, max_limit)
        self._max_limit = max_limit
        self._pace = pace
        self.stop: Stop = stop
        """Ends every wait."""
        self._round: list[float] = []
        self._baseline = float("inf")
        self._decreased_at = float("-inf")
        self._paused_until = float("-inf")

    async def acquire(self) -> None:
        """Wait until a request may start.

        Raises:
            StopRequestedError: The job is stopping.
        """
        await self._wait_out_pause()
        while self._pace is not None:
            await self.stop.interrupt(self._pace.acquire())
            if not await self._wait_out_pause():  # a start that fell into a pause is lost, so that no burst follows it
                break
        self.stop.check()

    def on_success(self, started: float) -> None:
        """Note that the request started at this time was accepted; a full round of them changes the limit."""
        self._round.append(get_running_loop().time() - started)
        if len(self._round) < self.limit:
            return
        latency, self._round = median(self._round), []
        if latency > SLOWDOWN_FACTOR * self._baseline:
            self._decrease(started)
        else:
            self.limit = min(self.limit + 1, self._max_limit)
        self._baseline = min(self._baseline * BASELINE_GROWTH, latency)

    def on_backpressure(self, started: float, retry_after: float | None) -> None:
        """Note that the request started at this time met an overloaded API, which may ask for a pause in seconds."""
        self._decrease(started)
        if retry_after is not None:
            self.pause(retry_after)
        if self._pace is not None:
            self._pace.back_off(retry_after)

    def pause(self, seconds: float) -> None:
        """Start no request for some seconds."""
        self._paused_until = max(self._paused_until, get_running_loop().time() + seconds)

    async def _wait_out_pause(self) -> bool:
        """Wait while no request may start, and return whether this was so."""
        was_paused = False
        while (seconds := self._paused_until - get_running_loop().time()) > 0 and not self.stop.is_requested:
            await self.stop.pause(seconds)
            was_paused = True
        return was_paused

    def _decrease(self, started: float) -> None:
        """Halve the limit, once for all requests that were in flight together."""
        if started >= self._decreased_at:
            self.limit = max(1, self.limit // 2)
            self._decreased_at = get_running_loop().time()
            self._round = []
