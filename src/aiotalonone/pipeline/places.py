"""The places in the pool of a lent httpx client: as many attempts enter at once as it has connections.

So none waits in httpcore's own queue. Who is cancelled there, or runs out of time, in the moment in which it is given a
connection leaves that connection in the pool for good; and who stayed there without a caller would make others wait.
"""

from asyncio import timeout
from typing import Final
from weakref import WeakKeyDictionary

import httpcore
import httpx
from attrs import define

from aiotalonone.pipeline.lanes import Lanes

_PLACE: Final = "place"

_lanes: Final[WeakKeyDictionary[httpcore.AsyncConnectionPool, Lanes]] = WeakKeyDictionary()
"""One as wide as the pool for each, whichever clients share it."""


@define
class Places:
    """Those of one pool; without any limit where it cannot be known."""

    _lane: Lanes | None

    async def enter(self, seconds: float | None) -> None:
        """Take a place, first come, first served; who enters must leave.

        Raises:
            TimeoutError: None became free in time.
        """
        if self._lane is None or self._lane.try_enter(_PLACE):
            return
        async with timeout(seconds):
            await self._lane.enter(_PLACE)

    def leave(self) -> None:
        """Hand the place to the first who waits."""
        if self._lane is not None:
            self._lane.leave(_PLACE)


def places_for(http_client: httpx.AsyncClient, url: httpx.URL) -> Places:
    """The places in the pool through which the client sends requests to a URL."""
    # httpx tells neither its pool nor how large it is.
    pool = getattr(http_client._transport_for_url(url), "_pool", None)  # noqa: SLF001
    if not isinstance(pool, httpcore.AsyncConnectionPool) or pool._http2:  # noqa: SLF001 - there, many share one
        return Places(None)
    if pool not in _lanes:
        _lanes[pool] = Lanes(pool._max_connections)  # noqa: SLF001
    return Places(_lanes[pool])
