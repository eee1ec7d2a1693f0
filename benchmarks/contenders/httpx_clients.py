"""``httpx`` and ``httpx2`` by themselves: bytes in, bytes out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import httpx

from benchmarks import payloads
from benchmarks.contenders import AsyncCall
from benchmarks.contenders.target import TIMEOUT, Target, headers, path_of


def _client(library: ModuleType, target: Target) -> Any:
    limits = library.Limits(max_connections=target.max_connections, max_keepalive_connections=target.max_connections)
    verify = target.ssl_context() or True
    return library.AsyncClient(base_url=target.url, verify=verify, limits=limits, timeout=TIMEOUT, trust_env=False)


def httpx_client(target: Target) -> httpx.AsyncClient:
    """Return a client of httpx."""
    made: httpx.AsyncClient = _client(httpx, target)
    return made


def httpx2_client(target: Target) -> Any:
    """Return a client of httpx2."""
    import httpx2  # noqa: PLC0415 - may not be installed

    return _client(httpx2, target)


def update_with(opened: Any) -> AsyncCall:
    """Return the call that is measured."""

    async def update(session: str) -> object:
        response = await opened.put(path_of(session), content=payloads.REQUEST, headers=headers())
        return response.raise_for_status().content

    return update


@asynccontextmanager
async def bare_httpx(target: Target) -> AsyncIterator[AsyncCall]:
    """Use ``httpx.AsyncClient``."""
    async with httpx_client(target) as opened:
        yield update_with(opened)


@asynccontextmanager
async def bare_httpx2(target: Target) -> AsyncIterator[AsyncCall]:
    """Use ``httpx2.AsyncClient``."""
    async with httpx2_client(target) as opened:
        yield update_with(opened)
