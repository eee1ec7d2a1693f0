"""The pool of connections under the client's own httpx client.

httpcore's pool looks through all its connections for every request, and a request that is cancelled before its new
connection stands leaves that connection in the pool for good (httpcore issues 830 and 1093). Here every slot is an
httpcore pool of one connection. It serves one request at a time, and is thrown away after anything but a whole answer.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Coroutine
from functools import partial
from typing import Any, Protocol, cast

import httpx

from aiotalonone.transport.slot import NOTHING_WRITTEN, Slot
from aiotalonone.transport.slots import Slots

CLOSE_SECONDS = 1.0


class LifoPool(httpx.AsyncBaseTransport):
    """Sends each request on the connection that was used last among the free ones.

    Few connections stay warm, the others expire. Where all are busy, requests wait in the order in which they came, no
    longer than their pool timeout.
    """

    def __init__(
        self, ssl_context: ssl.SSLContext, *, max_connections: int = 100, proxy: httpx.Proxy | None = None
    ) -> None:
        self._slots = Slots(partial(Slot, ssl_context, proxy), max_connections)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; its slot is free again when the response is closed.

        Raises:
            httpx.PoolTimeout: No slot became free in time.
            RuntimeError: The pool is closed.
        """
        slot = await self._slot_for(request)
        try:
            response = await slot.handle_async_request(request)
            if self._slots.closed:
                await _refuse(response)
        except BaseException:
            await self._discard(slot)
            raise
        if response.is_closed:  # a patched transport may answer with a body that is read already
            await self._release(slot, reusable=True)
        else:
            body = cast("httpx.AsyncByteStream", response.stream)
            response.stream = _Body(body, partial(self._release, slot))
        return response

    async def aclose(self) -> None:
        """Close every connection, also under running requests; requests that wait for one fail."""
        await _close(*self._slots.close())

    async def _slot_for(self, request: httpx.Request) -> Slot:
        timeout = request.extensions.get("timeout", {}).get("pool")
        try:
            return await self._slots.take(timeout)
        except BaseException as failure:
            request.extensions[NOTHING_WRITTEN] = True
            if isinstance(failure, TimeoutError):
                raise httpx.PoolTimeout(f"no connection became free within {timeout} s", request=request) from None
            raise

    async def _release(self, slot: Slot, *, reusable: bool) -> None:
        if not reusable or slot.holds_surplus:
            await self._discard(slot)
            return
        self._slots.give_back(slot)
        # One a request: after a peak no single request pays for closing all that it left behind.
        if expired := self._slots.pop_expired():
            await self._discard(expired)

    async def _discard(self, slot: Slot) -> None:
        try:
            await _close(slot)
        finally:
            self._slots.replace(slot)


class _Release(Protocol):
    def __call__(self, *, reusable: bool) -> Awaitable[None]: ...


class _Body(httpx.AsyncByteStream):
    """A response's body that releases the slot it comes from, once."""

    def __init__(self, body: httpx.AsyncByteStream, release: _Release) -> None:
        self._body = body
        self._release = release
        self._read_whole = False
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._body:
            yield part
        self._read_whole = True

    async def aclose(self) -> None:
        """Release the slot, for use where the body was read to its end."""
        if self._closed:
            return
        self._closed = True
        reusable = False
        try:
            await self._body.aclose()
            reusable = self._read_whole
        finally:
            await self._release(reusable=reusable)


class _Closable(Protocol):
    def aclose(self) -> Coroutine[Any, Any, None]: ...


async def _refuse(response: httpx.Response) -> None:
    """End a request whose connection was made while the pool was closed: closing its slot did not reach it."""
    await _close(response)
    raise httpx.ReadError("the connection pool was closed before the answer was read")


async def _close(*closables: _Closable) -> None:
    """Close all, even if the caller is cancelled meanwhile; it learns of that afterwards."""
    # A connection that cannot be closed properly is given up all the same.
    closing = asyncio.gather(*map(_close_in_time, closables), return_exceptions=True)
    cancellation = None
    while not closing.done():
        try:
            await asyncio.wait([closing])
        except asyncio.CancelledError as error:
            cancellation = error
    if cancellation:
        raise cancellation


async def _close_in_time(closable: _Closable) -> None:
    async with asyncio.timeout(CLOSE_SECONDS):
        await closable.aclose()
