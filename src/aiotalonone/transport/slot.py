"""One connection, which knows how far its request has come."""

import ssl
from collections.abc import Iterable
from typing import Final

import httpcore
import httpx

from aiotalonone.transport.surplus import holds_surplus

NOTHING_WRITTEN: Final = "aiotalonone.nothing_written"
"""Extension of a request that failed: True where its transport saw that no byte of it was written."""

# Load balancers drop idle connections after a minute or more (AWS 60 s, nginx 75 s, Google 600 s). At half of the
# shortest, no request is sent on a connection that is just being dropped.
KEEP_ALIVE_SECONDS: Final = 30.0

_LIMITS: Final = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_ALIVE_SECONDS)


class Slot(httpx.AsyncHTTPTransport):
    """An httpx transport of one connection, for one request at a time."""

    def __init__(self, ssl_context: ssl.SSLContext, proxy: httpx.Proxy | None = None) -> None:
        super().__init__(verify=ssl_context, trust_env=False, limits=_LIMITS, proxy=proxy)
        # httpcore's own way to observe, its `trace` extension, costs ten awaited calls for each request.
        self._observed = _Observed(self._pool._network_backend)  # noqa: SLF001
        self._pool._network_backend = self._observed  # noqa: SLF001

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; where that fails and nothing was written, the request says so."""
        self._observed.wrote = None
        for connection in self._pool.connections:
            if holds_surplus(connection):  # it came after the slot was given back
                await connection.aclose()
        try:
            return await super().handle_async_request(request)
        except BaseException:
            request.extensions[NOTHING_WRITTEN] = self._observed.wrote is False
            raise

    @property
    def holds_surplus(self) -> bool:
        """Whether more came than the last answer, which the next request would take for its own."""
        return any(map(holds_surplus, self._pool.connections))


class _Observed(httpcore.AsyncNetworkBackend):
    """A network that notes what it is told to do."""

    def __init__(self, network: httpcore.AsyncNetworkBackend) -> None:
        self._network = network
        self.wrote: bool | None = None
        """Since the request began; ``None`` where it did not come to a connection of this network."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect: whatever follows is observed."""
        self.wrote = False
        stream = await self._network.connect_tcp(host, port, timeout, local_address, socket_options)
        return _ObservedStream(stream, self)

    async def sleep(self, seconds: float) -> None:
        """Pause."""
        await self._network.sleep(seconds)


class _ObservedStream(httpcore.AsyncNetworkStream):
    """A connection that notes when it is written to."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, network: _Observed) -> None:
        self._stream = stream
        self._network = network
        self.read = stream.read  # type: ignore[method-assign]  # as it is: it is called for every answer
        self.aclose = stream.aclose  # type: ignore[method-assign]
        self.get_extra_info = stream.get_extra_info  # type: ignore[method-assign]

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's signature
        """Note it before any byte may leave."""
        self._network.wrote = True
        await self._stream.write(buffer, timeout)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        """Encrypt; a handshake is no part of a request."""
        return _ObservedStream(await self._stream.start_tls(ssl_context, server_hostname, timeout), self._network)
