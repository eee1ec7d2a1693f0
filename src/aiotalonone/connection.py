"""The httpx client that calls go through, and its life: unopened, open on one event loop, closed.

asyncio is imported where a loop runs already: it would be a seventh of what importing this package takes.
"""

# ruff: noqa: PLC0415

from enum import Enum
from typing import TYPE_CHECKING

import httpx

from aiotalonone._version import __version__
from aiotalonone.errors import ClientStateError
from aiotalonone.settings import Timeouts

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

USER_AGENT = f"aiotalonone/{__version__} httpx/{httpx.__version__}"


class _State(Enum):
    UNOPENED = "the client is not open: use `async with` or `await client.open()`"
    OPEN = "open"
    CLOSED = "the client is closed"


class Connection:
    """One ``httpx.AsyncClient``, made here or lent by the caller, shared by the clients that differ in options only."""

    def __init__(self, http_client: httpx.AsyncClient | None) -> None:
        if http_client is not None and not isinstance(http_client, httpx.AsyncClient):
            raise TypeError(f"http_client must be an httpx.AsyncClient, not {type(http_client).__name__}")
        self._lent = http_client is not None
        self._http_client = http_client
        self._state = _State.UNOPENED
        self._loop: AbstractEventLoop | None = None

    async def open(self) -> None:
        """Bind to the running event loop; opening twice changes nothing.

        Raises:
            ClientStateError: It was closed, or is open on another event loop.
        """
        from asyncio import get_running_loop

        if self._state is not _State.UNOPENED:
            self.ready("open")
            return
        if self._http_client is None:
            made = await _own_http_client()
            if self._http_client is None:
                self._http_client = made
        if self._state is _State.UNOPENED:  # neither opened nor closed by another task meanwhile
            self._loop = get_running_loop()
            self._state = _State.OPEN

    async def aclose(self) -> None:
        """Close the httpx client where it was made here; closing twice changes nothing.

        Raises:
            ClientStateError: It is open on another event loop.
        """
        if self._state is _State.OPEN and not self._lent:
            self._require_own_loop("close")
        if self._state is not _State.CLOSED:
            self._state = _State.CLOSED
            if self._http_client is not None and not self._lent:
                await self._http_client.aclose()

    def ready(self, operation_id: str) -> httpx.AsyncClient:
        """The httpx client, where calls may be made now.

        Raises:
            ClientStateError: Not open, closed, or on another event loop.
        """
        if self._state is not _State.OPEN or self._http_client is None:
            raise ClientStateError(self._state.value, operation_id=operation_id)
        if self._http_client.is_closed:
            raise ClientStateError("the httpx client it was given is closed", operation_id=operation_id)
        self._require_own_loop(operation_id)
        return self._http_client

    def _require_own_loop(self, operation_id: str) -> None:
        from asyncio import get_running_loop

        if get_running_loop() is not self._loop:
            raise ClientStateError("the client belongs to another event loop", operation_id=operation_id)


async def _own_http_client() -> httpx.AsyncClient:
    from asyncio import to_thread

    from aiotalonone.transport import LifoPool

    # Loading the certificates takes tens of milliseconds, in which the event loop should go on.
    ssl_context = await to_thread(httpx.create_ssl_context, trust_env=False)
    return httpx.AsyncClient(
        transport=LifoPool(ssl_context),
        timeout=http_timeout(Timeouts()),
        headers={"User-Agent": USER_AGENT},
        follow_redirects=False,
        trust_env=False,
    )


def http_timeout(timeouts: Timeouts) -> httpx.Timeout:
    """Our timeouts in httpx's words."""
    return httpx.Timeout(connect=timeouts.connect, pool=timeouts.pool, write=timeouts.write, read=timeouts.read)
