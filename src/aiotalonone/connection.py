"""The httpx client that calls go through, and its life: unopened, open on one event loop, closed.

asyncio is imported where a loop runs already: it would be a seventh of what importing this package takes.
"""

# ruff: noqa: PLC0415

import os
import sys
import warnings
import weakref
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx

from aiotalonone import wire_logs
from aiotalonone._version import __version__
from aiotalonone.errors import ClientStateError
from aiotalonone.settings import Timeouts, checked_count

if TYPE_CHECKING:
    from ssl import SSLContext

    from aiotalonone.pipeline.traffic import Traffic

USER_AGENT: Final = f"aiotalonone/{__version__} httpx/{httpx.__version__}"
DEFAULT_MAX_CONNECTIONS: Final = 100
_HOME: Final = str(Path(__file__).parent)


class _State(Enum):
    UNOPENED = "the client is not open: use `async with` or `await client.open()`"
    OPEN = "open"
    CLOSED = "the client is closed"
    FORKED = "the client was opened before this process was forked: make another"


class Connection:
    """One ``httpx.AsyncClient``, made here or lent by the caller, shared by the clients that differ in options only."""

    def __init__(
        self,
        http_client: httpx.AsyncClient | None,
        *,
        max_connections: int = DEFAULT_MAX_CONNECTIONS,
        proxy: str | httpx.Proxy | None = None,
        lanes: bool | int = True,
    ) -> None:
        if http_client is not None and not isinstance(http_client, httpx.AsyncClient):
            raise TypeError(f"http_client must be an httpx.AsyncClient, not {type(http_client).__name__}")
        if http_client is not None and (proxy is not None or max_connections != DEFAULT_MAX_CONNECTIONS):
            raise ValueError("max_connections and proxy are settings of the http_client that is given")
        self._lent = http_client
        self._max_connections = checked_count("max_connections", max_connections)
        self._proxy = _checked_proxy(proxy)
        self._lane_width = _checked_lane_width(lanes)
        self._state = _State.UNOPENED
        self._traffic: Traffic
        self._made_at = _caller()

    def __del__(self) -> None:
        if getattr(self, "_state", None) is _State.OPEN and self._lent is None:
            text = f"a client made at {self._made_at} was not closed"
            warnings.warn(text, ResourceWarning, stacklevel=2, source=self)

    async def open(self) -> None:
        """Bind to the running event loop; opening twice changes nothing.

        Raises:
            ClientStateError: It was closed, or is open on another event loop.
        """
        if self._state is _State.UNOPENED:
            http_client = self._lent or await _own_http_client(self._max_connections, self._proxy)
            if self._state is _State.UNOPENED:  # neither opened nor closed by another task meanwhile
                wire_logs.install()
                self._traffic = _traffic(http_client, self._lane_width, is_lent=self._lent is not None)
                self._state = _State.OPEN
                _open_connections.add(self)
        self.ready("open")

    async def aclose(self, grace: float) -> None:
        """Let running calls finish, end those that do not, and close the httpx client where it was made here.

        Raises:
            ClientStateError: It is open on another event loop.
            ValueError: The grace is no time.
        """
        if not grace >= 0:
            raise ValueError("grace must be a number of seconds, 0 or more")
        if self._state is _State.OPEN:
            self._require_own_loop("close")
            self._state = _State.CLOSED
            await self._traffic.end(grace)
        elif self._state is _State.UNOPENED:
            self._state = _State.CLOSED

    def ready(self, operation_id: str) -> "Traffic":
        """What calls go through, where they may be made now.

        Raises:
            ClientStateError: Not open, closed, or on another event loop.
        """
        if self._state is not _State.OPEN:
            raise ClientStateError(self._state.value, operation_id=operation_id)
        if self._traffic.http_client.is_closed:
            raise ClientStateError("the httpx client it was given is closed", operation_id=operation_id)
        self._require_own_loop(operation_id)
        return self._traffic

    def forked(self) -> None:
        """Leave the sockets to the parent process."""
        self._state = _State.FORKED

    def _require_own_loop(self, operation_id: str) -> None:
        if not self._traffic.on_this_loop:
            raise ClientStateError("the client belongs to another event loop", operation_id=operation_id)


_open_connections: Final["weakref.WeakSet[Connection]"] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for connection in _open_connections:
        connection.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


def _traffic(http_client: httpx.AsyncClient, lane_width: int, *, is_lent: bool) -> "Traffic":
    from aiotalonone.pipeline.lanes import Lanes
    from aiotalonone.pipeline.traffic import Traffic

    return Traffic(http_client, is_lent=is_lent, lanes=Lanes(lane_width) if lane_width else None)


def own_ssl_context() -> "SSLContext":
    """Whom the client trusts where it brings its own httpx client."""
    return httpx.create_ssl_context(trust_env=False)


async def _own_http_client(max_connections: int, proxy: httpx.Proxy | None) -> httpx.AsyncClient:
    from asyncio import to_thread

    from aiotalonone.transport import LifoPool

    # Loading the certificates takes tens of milliseconds, in which the event loop should go on.
    ssl_context = await to_thread(own_ssl_context)
    return httpx.AsyncClient(
        transport=LifoPool(ssl_context, max_connections=max_connections, proxy=proxy),
        timeout=http_timeout(Timeouts()),
        headers={"User-Agent": USER_AGENT},
        follow_redirects=False,
        trust_env=False,
    )


def http_timeout(timeouts: Timeouts) -> httpx.Timeout:
    """Our timeouts in httpx's words."""
    return httpx.Timeout(connect=timeouts.connect, pool=timeouts.pool, write=timeouts.write, read=timeouts.read)


def _checked_lane_width(lanes: bool | int) -> int:
    return int(lanes) if isinstance(lanes, bool) else checked_count("lanes", lanes)


def _checked_proxy(proxy: str | httpx.Proxy | None) -> httpx.Proxy | None:
    """The proxy as httpx knows it; the error never shows its URL, which may hold a password."""
    if proxy is None or isinstance(proxy, httpx.Proxy):
        return proxy
    if not isinstance(proxy, str):
        raise TypeError(f"proxy must be a str or an httpx.Proxy, not {type(proxy).__name__}")
    try:
        checked = httpx.Proxy(proxy)
    except (ValueError, httpx.InvalidURL):
        raise ValueError("proxy must be a URL such as http://proxy.example:3128") from None
    if checked.url.scheme.startswith("socks") and find_spec("socksio") is None:
        raise ValueError("a SOCKS proxy needs the package socksio: install httpx[socks]")
    return checked


def _caller() -> str:
    """Where the code stands that is not of this package."""
    frame = sys._getframe(1)  # noqa: SLF001 - as warnings and logging do: traceback reads source files
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HOME):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
