"""The one place where a benchmark reaches into the client."""

import inspect
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from aiotalonone import AsyncIntegrationClient
from benchmarks.errors import NotSupportedError

if TYPE_CHECKING:
    import httpx

OWN_POOLS: Final = (
    ("aiotalonone.transport.pool", "ConnectionPool"),
    ("aiotalonone.transport", "LifoPool"),
)


@contextmanager
def _replaced(module_name: str, name: str, value: object) -> Iterator[None]:
    """Replace what a module holds; unittest.mock would warm up half of the standard library."""
    module = import_module(module_name)
    original = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, original)


def _is_there(module_name: str, name: str) -> bool:
    try:
        return hasattr(import_module(module_name), name)
    except ModuleNotFoundError:
        return False


@contextmanager
def own_pool_replaced(transport: "httpx.AsyncBaseTransport") -> Iterator[None]:
    """Give clients that are opened now another transport in place of their own connections.

    Raises:
        NotSupportedError: The class of their connections is not where it is expected.
    """
    place = next((place for place in OWN_POOLS if _is_there(*place)), None)
    if place is None:
        raise NotSupportedError("the client's own connections cannot be replaced")
    with _replaced(*place, lambda *_, **__: transport):
        yield


def own_response_class() -> "Callable[[int, list[tuple[bytes, bytes]], bytes], httpx.Response]":
    """Return what makes a response as the client's own connections do."""
    if _is_there("aiotalonone.transport.response", "WholeResponse"):
        whole: Callable[..., httpx.Response] = import_module("aiotalonone.transport.response").WholeResponse
        return whole
    return streamed_response


def streamed_response(status: int, headers: list[tuple[bytes, bytes]], content: bytes) -> "httpx.Response":
    """Return a response as httpx's connections do."""
    import httpx  # noqa: PLC0415 - not before the client loads it

    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content))


@contextmanager
def trusting(ssl_context: ssl.SSLContext | None) -> Iterator[dict[str, Any]]:
    """Yield the options of a client that trusts the server of the benchmarks."""
    if ssl_context is None:
        yield {}
    elif "ssl_context" in inspect.signature(AsyncIntegrationClient).parameters:
        yield {"ssl_context": ssl_context}
    else:
        with _replaced("aiotalonone.connection", "own_ssl_context", lambda: ssl_context):
            yield {}


async def warm_up(client: AsyncIntegrationClient) -> None:
    """Prepare the client for its first call.

    Raises:
        NotSupportedError: It has no such method.
    """
    method = getattr(client, "warm_up", None)
    if method is None:
        raise NotSupportedError("the client has no warm_up()")
    await method()
