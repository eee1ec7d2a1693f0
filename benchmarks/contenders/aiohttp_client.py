"""``aiohttp`` by itself: bytes in, bytes out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from benchmarks import payloads
from benchmarks.contenders import AsyncCall
from benchmarks.contenders.target import TIMEOUT, Target, headers, path_of


@asynccontextmanager
async def bare_aiohttp(target: Target) -> AsyncIterator[AsyncCall]:
    """Use ``aiohttp.ClientSession``."""
    timeout = aiohttp.ClientTimeout(total=2 * TIMEOUT)
    connector = aiohttp.TCPConnector(limit=target.max_connections, ssl=target.ssl_context() or True)
    async with aiohttp.ClientSession(
        target.url, connector=connector, timeout=timeout, raise_for_status=True
    ) as http_session:

        async def update(session: str) -> bytes:
            async with http_session.put(path_of(session), data=payloads.REQUEST, headers=headers()) as response:
                return await response.read()

        yield update
