"""httpx and httpx2, which are used alike."""

import sys
from collections.abc import Coroutine
from functools import cache
from types import ModuleType
from typing import Any, Protocol

import httpx


class AsyncHttpClient(Protocol):
    """What is used of a client that a caller brings: an ``httpx.AsyncClient``, or an ``httpx2.AsyncClient``."""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        ...

    def build_request(self, method: str, url: Any, *, content: Any, headers: Any, extensions: Any) -> Any:
        """Return a request, with what the client adds to each."""
        ...

    def send(self, request: Any, *, stream: bool, auth: Any, follow_redirects: bool) -> Coroutine[Any, Any, Any]:
        """Send a request."""
        ...


def validate_http_client(http_client: object) -> None:
    """Check that a caller's own client can be used.

    Raises:
        TypeError: It is not an ``AsyncClient`` of httpx or httpx2.
    """
    if not isinstance(http_client, library_classes("AsyncClient")):
        raise TypeError(
            f"http_client must be an httpx.AsyncClient or an httpx2.AsyncClient, not {type(http_client).__name__}"
        )


def library_classes(name: str) -> tuple[type[Any], ...]:
    """Return the classes of that name of httpx, and of httpx2 if it is in use."""
    return _classes(name, sys.modules.get("httpx2"))


@cache
def _classes(name: str, httpx2: ModuleType | None) -> tuple[type[Any], ...]:
    return tuple(getattr(library, name) for library in (httpx, httpx2) if library is not None)
