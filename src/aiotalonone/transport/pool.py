"""The pool of connections under the client's own httpx client: last in, first out, and fair to requests that wait."""

import asyncio
import ssl
from collections.abc import Mapping
from functools import partial
from math import inf

import httpx

from aiotalonone.transport.connect import Connector, origin_of
from aiotalonone.transport.connection import Connection, State
from aiotalonone.transport.failures import PoolTimedOut, TransportFailure
from aiotalonone.transport.messages import WholeResponse, request_head
from aiotalonone.transport.patched import ClientMethods, HttpxTransport
from aiotalonone.transport.progress import PROGRESS, RequestProgress
from aiotalonone.transport.slots import Slots

Seconds = Mapping[str, float | None]


class ConnectionPool(httpx.AsyncBaseTransport):
    """Sends each request on the connection that was used last among the idle ones.

    Few connections stay warm, the others expire. If all are busy, requests wait in the order in which they came.

    Args:
        ssl_context: Whom to trust.
        max_connections: How many requests may be in flight at once.
        max_response_bytes: A longer response is not read.
        proxy: What every connection goes through.
    """

    def __init__(
        self,
        ssl_context: ssl.SSLContext,
        *,
        max_connections: int = 100,
        max_response_bytes: int = 16 * 1024 * 1024,
        proxy: httpx.Proxy | None = None,
    ) -> None:
        self._slots = Slots(max_connections)
        make = partial(
            Connection, max_body_bytes=max_response_bytes, on_closed=self._slots.forget_idle, watch=self._watch
        )
        self._connector = Connector(make, ssl_context, proxy)
        self._patched = HttpxTransport(ssl_context, proxy, max_connections)
        self._client_methods = ClientMethods()
        self._timer: asyncio.TimerHandle | None = None
        self._due = inf

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return its response, which is whole, or broken behind its head.

        Raises:
            httpx.TransportError: There is no response; how far the request came stands in its ``PROGRESS`` extension.
            RuntimeError: The pool is closed.
        """
        if self._patched.is_in_use:
            return await self._patched.handle_async_request(request)
        if self._patched.wrappers:
            return await self._patched.wrap(self.send)(request)
        return await self.send(request)

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send one request on a connection of our own; what wraps ``handle_async_request`` does not see it.

        Raises:
            httpx.TransportError: There is no response.
            RuntimeError: The pool is closed.
        """
        progress: RequestProgress = request.extensions.get(PROGRESS) or RequestProgress()
        progress.observed = True
        seconds: Seconds = request.extensions.get("timeout", {})
        body = await request.aread()
        head = request_head(request, body, self._connector.forwarding_headers(request.url))
        connection = await self._connection_for(request.url, progress, seconds)
        has_failed = False
        try:
            response = await connection.start(
                head,
                body,
                progress,
                is_head=request.method == "HEAD",
                read_timeout=_or_inf(seconds.get("read")),
                write_timeout=_or_inf(seconds.get("write")),
            )
            has_failed = response.failure is not None
        except TransportFailure:
            has_failed = True
            raise
        finally:
            self._give_back(connection)
            if has_failed and progress.reused_connection:
                self._slots.close_idle()
        return WholeResponse(
            response.status,
            response.headers,
            response.body,
            request=request,
            content_encoding=response.content_encoding,
            failure=response.failure,
        )

    @property
    def is_observed(self) -> bool:
        """Whether a test double or an instrument awaits requests in httpx's client or transport."""
        return self._patched.is_in_use or bool(self._patched.wrappers) or self._client_methods.are_replaced

    async def warm_up(self, url: httpx.URL, seconds: float | None) -> None:
        """Have a connection for the URL, idle, so that the next request finds it; under a test double, do nothing.

        Args:
            url: Of requests to come.
            seconds: How long connecting may take.

        Raises:
            httpx.TransportError: No connection was made.
            RuntimeError: The pool is closed.
        """
        if not self._patched.is_in_use:
            connection = await self._connection_for(url, RequestProgress(), {"connect": seconds})
            self._give_back(connection)

    async def aclose(self) -> None:
        """End every connection, also under requests in flight; requests that wait for one fail."""
        self._slots.close()
        self._connector.close()
        if self._timer is not None:
            self._timer.cancel()
        await self._patched.aclose()

    async def _connection_for(self, url: httpx.URL, progress: RequestProgress, seconds: Seconds) -> Connection:
        try:
            connection = await self._slots.acquire(fresh=progress.needs_fresh_connection, seconds=seconds.get("pool"))
        except TimeoutError:
            raise PoolTimedOut("pool timeout") from None
        if connection is not None:
            if connection.origin == origin_of(url):  # a middleware may have changed the URL
                return connection
            self._slots.abort(connection)
        try:
            connection = await self._connector.connect(url, seconds.get("connect"), progress.deadline)
        except BaseException:
            self._slots.free()
            raise
        try:
            self._slots.take(connection)
        except RuntimeError:
            self._slots.free(connection)
            raise
        return connection

    def _give_back(self, connection: Connection) -> None:
        if connection.state is State.IDLE:
            idle_until = asyncio.get_running_loop().time() + connection.keep_alive_seconds
            self._slots.release(connection, idle_until)
            self._watch(idle_until)
        else:
            self._slots.free(connection)

    # One timer for all connections: one for each request would be the most expensive step of the transport.

    def _watch(self, due: float) -> None:
        if due < self._due:
            if self._timer is not None:
                self._timer.cancel()
            self._due = due
            self._timer = asyncio.get_running_loop().call_at(due, self._on_timer)

    def _on_timer(self) -> None:
        now = max(self._due, asyncio.get_running_loop().time())
        self._due, self._timer = inf, None
        for connection in list(self._slots.taken):
            if connection.due <= now:
                connection.time_out()
        due = min((connection.due for connection in self._slots.taken), default=inf)
        self._watch(min(due, self._slots.close_expired(now)))


def _or_inf(seconds: float | None) -> float:
    return inf if seconds is None else seconds
