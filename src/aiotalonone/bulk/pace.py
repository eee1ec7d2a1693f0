"""How fast a job goes: as many requests at once as the API bears, evenly spread where a rate is asked for."""

from asyncio import get_running_loop
from statistics import median
from typing import TYPE_CHECKING, Final

from aiotalonone.bulk.stop import Stop

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

FIRST_LIMIT: Final = 4
SLOWER: Final = 2.0
"""Times the usual latency that tell of an API under strain."""
FORGETTING: Final = 1.02
"""By how much the usual latency is trusted less after each round, so that an API that became slower is found so."""


class Pace:
    """How many requests may be under way: one more after each good round, half as many after a sign of strain.

    Args:
        most: Never more than so many.
        rate: Requests per second, one after the other in even intervals; ``None`` for no limit.
        stop: Ends every wait.
    """

    def __init__(self, most: int, rate: float | None, stop: Stop) -> None:
        self.limit: int = min(FIRST_LIMIT, most)
        self._most = most
        self._limiter = _limiter(rate)
        self._stop = stop
        self._round: list[float] = []
        self._usual = float("inf")
        self._lowered = float("-inf")
        self._resumes = float("-inf")

    async def turn(self) -> None:
        """Wait until a request may begin.

        Raises:
            StopRequestedError: None may, since the job stops.
        """
        while (seconds := self._resumes - get_running_loop().time()) > 0 and not self._stop.is_requested:
            await self._stop.pause(seconds)
        if self._limiter is not None:
            await self._limiter.acquire()
        self._stop.check()

    def succeeded(self, began: float) -> None:
        """A request that began then was answered."""
        self._round.append(get_running_loop().time() - began)
        if len(self._round) < self.limit:
            return
        latency, self._round = median(self._round), []
        if latency > SLOWER * self._usual:
            self._lower(began)
        else:
            self.limit = min(self.limit + 1, self._most)
        self._usual = min(self._usual * FORGETTING, latency)

    def pushed_back(self, began: float, retry_after: float | None) -> None:
        """A request that began then met an API under strain, which may ask for a pause of so many seconds."""
        self._lower(began)
        if retry_after is not None:
            self._resumes = max(self._resumes, get_running_loop().time() + retry_after)

    def _lower(self, began: float) -> None:
        """Once for all the requests that were under way together."""
        if began >= self._lowered:
            self.limit = max(1, self.limit // 2)
            self._lowered = get_running_loop().time()
            self._round = []


def _limiter(rate: float | None) -> "AsyncLimiter | None":
    if rate is None:
        return None
    if not rate > 0:
        raise ValueError("rate must be a number of requests per second above 0, or None")
    try:
        from aiolimiter import AsyncLimiter  # noqa: PLC0415 - needed for a rate alone
    except ModuleNotFoundError:
        raise ValueError("a rate needs the package aiolimiter: install aiotalonone[bulk]") from None
    return AsyncLimiter(1, 1 / rate)
