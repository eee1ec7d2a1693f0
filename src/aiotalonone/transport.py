"""The pool of connections under the client's own httpx client.

httpcore's pool looks through all its connections for every request, and a request that is cancelled before its new
connection stands leaves that connection in the pool for good (httpcore issues 830 and 1093). Here every slot is an
httpcore pool of one connection. It serves one request at a time, and is thrown away after anything but a whole answer.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from functools import partial
from time import monotonic
from typing import Any, Protocol, TypeAlias, cast

import httpx

# Load balancers drop idle connections after a minute or more (AWS 60 s, nginx 75 s, Google 600 s). At half of the
# shortest, no request is sent on a connection that is just being dropped.
KEEP_ALIVE_SECONDS = 30.0
CLOSE_SECONDS = 1.0

_Slot: TypeAlias = httpx.AsyncHTTPTransport


class LifoPool(httpx.AsyncBaseTransport):
    """Sends each request on the connection that was used last among the free ones.

    Few connections stay warm, the others expire. Where all are busy, requests wait in the order in which they came, no
    longer than their pool timeout.
    """

    def __init__(self, ssl_context: ssl.SSLContext, *, max_connections: int = 100) -> None:
        self._slots = _Slots(partial(_make_slot, ssl_context), max_connections)

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

    async def _slot_for(self, request: httpx.Request) -> _Slot:
        timeout = request.extensions.get("timeout", {}).get("pool")
        try:
            return await self._slots.take(timeout)
        except TimeoutError:
            raise httpx.PoolTimeout(f"no connection became free within {timeout} s", request=request) from None

    async def _release(self, slot: _Slot, *, reusable: bool) -> None:
        if not reusable:
            await self._discard(slot)
            return
        self._slots.give_back(slot)
        # One a request: after a peak no single request pays for closing all that it left behind.
        if expired := self._slots.pop_expired():
            await self._discard(expired)

    async def _discard(self, slot: _Slot) -> None:
        try:
            await _close(slot)
        finally:
            self._slots.replace(slot)


class _Slots:
    """Which slot is whose, and who waits for one: bookkeeping between awaits, where no cancellation can interrupt it.

    A request waits only where no slot is idle and none may be made, so that nobody overtakes those who wait.
    """

    def __init__(self, make: Callable[[], _Slot], limit: int) -> None:
        self.closed = False
        self._make = make
        self._limit = limit
        self._all: set[_Slot] = set()
        self._idle: deque[tuple[float, _Slot]] = deque()  # since when; the one used last is at the right
        self._waiting: deque[asyncio.Future[_Slot]] = deque()

    async def take(self, seconds: float | None) -> _Slot:
        """The idle slot used last, or a new one, or the next to become free.

        Raises:
            TimeoutError: None became free in time.
            RuntimeError: The pool is closed, or was while this waited.
        """
        self._require_open()
        if self._idle:
            return self._idle.pop()[1]
        if len(self._all) < self._limit:
            return self._new()
        slot = await self._wait(seconds)
        self._require_open()
        return slot

    def give_back(self, slot: _Slot) -> None:
        """Pass a slot to the first who waits, or keep it."""
        if not self.closed and not self._hand_over(slot):
            self._idle.append((monotonic(), slot))

    def replace(self, slot: _Slot) -> None:
        """Forget a slot; the first who waits gets a new one."""
        self._all.discard(slot)
        if self._waiting and not self.closed:
            self.give_back(self._new())

    def pop_expired(self) -> _Slot | None:
        """The slot that has been idle longest, where that is too long; it is to be replaced."""
        if self._idle and monotonic() - self._idle[0][0] > KEEP_ALIVE_SECONDS:
            return self._idle.popleft()[1]
        return None

    def close(self) -> list[_Slot]:
        """Let nobody take or wait from now on, and name all slots."""
        self.closed = True
        for turn in self._waiting:
            if not turn.done():
                turn.set_exception(_closed())
        slots = list(self._all)
        self._waiting.clear()
        self._idle.clear()
        self._all.clear()
        return slots

    def _require_open(self) -> None:
        if self.closed:
            raise _closed()

    def _new(self) -> _Slot:
        slot = self._make()
        self._all.add(slot)
        return slot

    async def _wait(self, seconds: float | None) -> _Slot:
        turn: asyncio.Future[_Slot] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(seconds):
                return await turn
        except BaseException:
            self._leave(turn)
            raise

    def _leave(self, turn: asyncio.Future[_Slot]) -> None:
        """Drop a turn that nobody waits for any more; a slot it was given at the same moment goes to the next."""
        if turn in self._waiting:
            self._waiting.remove(turn)
        elif not turn.cancelled() and turn.exception() is None:
            self.give_back(turn.result())

    def _hand_over(self, slot: _Slot) -> bool:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(slot)
                return True
        return False


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


def _make_slot(ssl_context: ssl.SSLContext) -> _Slot:
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_ALIVE_SECONDS)
    return httpx.AsyncHTTPTransport(verify=ssl_context, trust_env=False, limits=limits)


def _closed() -> RuntimeError:
    return RuntimeError("the connection pool is closed")


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
