"""Test doubles and instruments for httpx, which replace or wrap methods of httpx's own client and transport.

respx, pytest-httpx and vcrpy replace those of the transport, also of httpcore: requests then go through httpx's
transport, where they are awaited. OpenTelemetry wraps them: its wrapper is put around our connections instead. Sentry
replaces those of the client: requests then pass through them.
"""

import ssl
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from operator import attrgetter, is_
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final

import httpx

Send = Callable[[httpx.Request], Awaitable[httpx.Response]]

_client_methods: Final = attrgetter(
    "__init__", *(name for name in dir(httpx.AsyncClient) if "send" in name or "transport" in name)
)
"""Returns the methods that a request passes through, from httpx's client to the transport."""


class HttpxTransport:
    """httpx's own transport, made when something has replaced its methods.

    Its connections are never used twice: it does not see what comes behind a response.

    Args:
        ssl_context: Whom to trust.
        proxy: What every connection goes through.
        max_connections: How many requests may be in flight at once.
    """

    def __init__(self, ssl_context: ssl.SSLContext, proxy: httpx.Proxy | None, max_connections: int) -> None:
        self._ssl_context = ssl_context
        self._proxy = proxy
        self._limits = httpx.Limits(max_connections=max_connections, max_keepalive_connections=0)
        self._transport: httpx.AsyncHTTPTransport | None = None
        self._seen: tuple[Any, Any] = (None, None)
        self._is_replaced = False
        self.wrappers: list[Any] = []
        """What is to be put around our own connections, outermost first; as of the last ``is_in_use``."""

    @property
    def is_in_use(self) -> bool:
        """Whether requests must go through httpx's transport: something awaits them there."""
        self._look()
        return self._is_replaced

    def wrap(self, send: Send) -> Send:
        """Return what sends through all wrappers."""
        for wrapper in reversed(self.wrappers):
            send = partial(_call_wrapper, wrapper, send, self)
        return send

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request through httpx's transport."""
        if self._transport is None:
            self._transport = httpx.AsyncHTTPTransport(
                verify=self._ssl_context, trust_env=False, limits=self._limits, proxy=self._proxy
            )
        return await self._transport.handle_async_request(request)

    def _look(self) -> None:
        """Notice what was replaced or wrapped since the last look."""
        httpcore = sys.modules.get("httpcore")  # whatever has not imported it cannot have replaced its methods
        method = httpx.AsyncHTTPTransport.__dict__["handle_async_request"]
        pool_method = httpcore and httpcore.AsyncConnectionPool.__dict__["handle_async_request"]
        if method is not self._seen[0] or pool_method is not self._seen[1]:  # a wrapper equals what it wraps
            self._seen = method, pool_method
            self.wrappers, method = _unwrap(method)
            self._is_replaced = not (_is_from(httpx, method) and (httpcore is None or _is_from(httpcore, pool_method)))

    async def aclose(self) -> None:
        """Close httpx's transport, if it was used."""
        if self._transport is not None:
            await self._transport.aclose()


class ClientMethods:
    """The methods of httpx's client, any of which may be replaced, and put back, at any time."""

    def __init__(self) -> None:
        self._seen: tuple[Any, ...] = ()
        self._are_replaced = False

    @property
    def are_replaced(self) -> bool:
        """Whether one on a request's way is not httpx's own: something awaits requests there."""
        methods = _client_methods(httpx.AsyncClient)
        if not (self._seen and all(map(is_, methods, self._seen))):  # a wrapper equals what it wraps
            self._seen = methods
            self._are_replaced = not all(_is_from(httpx, method) for method in methods)
        return self._are_replaced


def _unwrap(method: Any) -> tuple[list[Any], Any]:
    """Return the wrappers around a method that were made with wrapt, outermost first, and the method itself."""
    wrapt = sys.modules.get("wrapt")
    wrappers: list[Any] = []
    while wrapt is not None and issubclass(type(method), wrapt.FunctionWrapper):  # a wrapper denies its class
        wrappers.append(method._self_wrapper)  # noqa: SLF001 - wrapt documents the name
        method = method.__wrapped__
    return wrappers, method


def _call_wrapper(wrapper: Any, send: Send, instance: object, request: httpx.Request) -> Awaitable[httpx.Response]:
    awaitable: Awaitable[httpx.Response] = wrapper(send, instance, (request,), {})
    return awaitable


def _is_from(package: ModuleType, method: Any) -> bool:
    directory = Path(str(package.__file__)).parent
    return type(method) is FunctionType and Path(method.__code__.co_filename).is_relative_to(directory)
