"""How connections are made: the host's name, a socket, a tunnel if there is a proxy, TLS."""

import asyncio
import encodings.idna  # noqa: F401 - socket and ssl load it for the first host name
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from typing import Final, TypeVar

import httpx
from aiohappyeyeballs import AddrInfoType, addr_to_addr_infos, start_connection

from aiotalonone.transport.connection import Connection, Origin
from aiotalonone.transport.failures import ConnectFailed, ConnectTimedOut, DeadlinePassed
from aiotalonone.transport.socks import SocksTunnel
from aiotalonone.transport.tls import describe_failure
from aiotalonone.transport.tunnel import Tunnel, port_of

P = TypeVar("P", bound=asyncio.Protocol)

HAPPY_EYEBALLS_DELAY: Final = 0.25
"""Seconds until the next address is tried beside one that is silent (RFC 8305)."""
RESOLVER_THREADS: Final = 4
_NO_PROXY: Final = "cannot connect to the proxy"


class Connector:
    """Makes connections, straight to servers or through one proxy.

    Names are resolved in threads of its own: hanging name servers then hold up nothing else in the process.

    Args:
        make_connection: The protocol of a new connection.
        ssl_context: Whom to trust.
        proxy: What every connection goes through.
    """

    def __init__(
        self, make_connection: Callable[[Origin], Connection], ssl_context: ssl.SSLContext, proxy: httpx.Proxy | None
    ) -> None:
        self._make_connection = make_connection
        self._ssl_context = ssl_context
        self._proxy = proxy
        self._proxy_headers = [] if proxy is None else _proxy_headers(proxy)
        self._is_socks = proxy is not None and proxy.url.scheme.startswith("socks")
        self._resolvers = ThreadPoolExecutor(RESOLVER_THREADS, "aiotalonone-resolver")
        self._is_closed = False

    def close(self) -> None:
        """Let the resolving threads end; lookups that they have not started fail."""
        self._is_closed = True
        self._resolvers.shutdown(wait=False)  # cancelling its futures would cancel the tasks that wait for them

    def forwarding_headers(self, url: httpx.URL) -> list[tuple[bytes, bytes]] | None:
        """Return the headers that a forwarding proxy gets with each request; ``None`` if there is no such proxy."""
        is_forwarding = self._proxy is not None and not self._is_socks and url.scheme == "http"
        return self._proxy_headers if is_forwarding else None

    async def connect(self, url: httpx.URL, seconds: float | None, deadline: float) -> Connection:
        """Return a connection on which a request for the URL can be sent.

        Args:
            url: Of the request.
            seconds: How long it may take.
            deadline: On the event loop's clock; from then on no connection is made.

        Raises:
            DeadlinePassed: There is no time left.
            ConnectFailed: No connection was made; its reason says why.
            ConnectTimedOut: No connection was made in time.
            ProxyFailed: The proxy rejected the tunnel, or closed the connection.
        """
        if asyncio.get_running_loop().time() >= deadline:
            raise DeadlinePassed("no time left to connect")
        try:
            async with asyncio.timeout(seconds):
                if self._proxy is None:
                    return await self._connect_straight(url)
                return await self._connect_through(self._proxy, url)
        except TimeoutError:
            raise ConnectTimedOut("connect timeout") from None

    async def _connect_straight(self, url: httpx.URL) -> Connection:
        _, connection = await self._dial(
            url, partial(self._make_connection, origin_of(url)), self._ssl_context, "cannot connect"
        )
        return connection

    async def _connect_through(self, proxy: httpx.Proxy, url: httpx.URL) -> Connection:
        context = proxy.ssl_context or self._ssl_context
        if self.forwarding_headers(url) is not None:
            make = partial(self._make_connection, origin_of(url))
            _, connection = await self._dial(proxy.url, make, context, _NO_PROXY)
            return connection

        def make_tunnel() -> Tunnel | SocksTunnel:
            return SocksTunnel(proxy.raw_auth) if self._is_socks else Tunnel(self._proxy_headers)

        transport, tunnel = await self._dial(proxy.url, make_tunnel, context, _NO_PROXY)
        try:
            await tunnel.open(transport, url)
            if url.scheme == "http":
                return self._take_over(transport, url)
            return await self._start_tls(transport, url)
        except BaseException:
            transport.abort()
            raise

    def _take_over(self, transport: asyncio.Transport, url: httpx.URL) -> Connection:
        connection = self._make_connection(origin_of(url))
        transport.set_protocol(connection)
        connection.connection_made(transport)
        return connection

    async def _start_tls(self, transport: asyncio.Transport, url: httpx.URL) -> Connection:
        connection = self._make_connection(origin_of(url))
        loop = asyncio.get_running_loop()
        try:
            encrypted = await loop.start_tls(
                transport, connection, self._ssl_context, server_hostname=_name_for_tls(url)
            )
        except OSError as failure:
            raise _connect_failure("cannot connect", failure) from failure
        if encrypted is None or encrypted.is_closing():
            raise ConnectFailed("cannot connect: connection closed by the peer")
        _require_http1(encrypted, "cannot connect")
        connection.connection_made(encrypted)
        return connection

    async def _dial(
        self, url: httpx.URL, make_protocol: Callable[[], P], ssl_context: ssl.SSLContext, failed: str
    ) -> tuple[asyncio.Transport, P]:
        is_tls = url.scheme == "https"
        try:
            sock = await start_connection(await self._resolve(url), happy_eyeballs_delay=HAPPY_EYEBALLS_DELAY)
            with suppress(
                OSError
            ):  # some systems say so if the connection has ended already, which the next step notices
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            transport, protocol = await asyncio.get_running_loop().create_connection(
                make_protocol,
                sock=sock,
                ssl=ssl_context if is_tls else None,
                server_hostname=_name_for_tls(url) if is_tls else None,
            )
        except OSError as failure:
            raise _connect_failure(failed, failure) from failure
        _require_http1(transport, failed)
        return transport, protocol

    async def _resolve(self, url: httpx.URL) -> Sequence[AddrInfoType]:
        lookup = partial(self._look_up, url.raw_host, port_of(url))
        with suppress(ValueError):
            ip_address(url.raw_host.decode())  # an address needs no name server, and no thread
            return addr_to_addr_infos((url.raw_host.decode(), port_of(url))) or ()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._resolvers, lookup)
        except UnicodeError:  # a label that is empty or too long
            raise ConnectFailed("cannot connect: host name cannot be resolved", permanent=True) from None

    def _look_up(self, host: bytes, port: int) -> Sequence[AddrInfoType]:
        if self._is_closed:
            raise ConnectFailed("the connection pool was closed")
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def origin_of(url: httpx.URL) -> Origin:
    """Return which server a URL leads to."""
    return url.raw_scheme, url.raw_host, url.port


def _name_for_tls(url: httpx.URL) -> str:
    """Return the name that the server is asked for, and must show: without the dot that ends a fully qualified one."""
    return url.raw_host.decode().removesuffix(".")


def _require_http1(transport: asyncio.Transport, failed: str) -> None:
    """Reject a connection on which HTTP/2 was agreed; httpx lets any context offer it that one of its clients uses."""
    tls = transport.get_extra_info("ssl_object")
    if tls is not None and tls.selected_alpn_protocol() == "h2":
        transport.abort()
        raise ConnectFailed(f"{failed}: the ssl_context offers HTTP/2", permanent=True)


def _connect_failure(failed: str, failure: OSError) -> ConnectFailed:
    reason, permanent = describe_failure(failure)
    return ConnectFailed(f"{failed}: {reason}", permanent=permanent)


def _proxy_headers(proxy: httpx.Proxy) -> list[tuple[bytes, bytes]]:
    headers = list(proxy.headers.raw)
    if proxy.raw_auth is not None:
        headers.append((b"Proxy-Authorization", b"Basic " + b64encode(b":".join(proxy.raw_auth))))
    return headers
