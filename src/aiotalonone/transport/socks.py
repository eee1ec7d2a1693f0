"""A tunnel through a SOCKS proxy: version 5, as RFC 1928 has it, with the user and password of RFC 1929."""

import asyncio
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

import httpx

from aiotalonone.transport.failures import ConnectFailed, ProxyFailed
from aiotalonone.transport.tunnel import port_of

MAX_FIELD_BYTES: Final = 255
"""Of a user, a password or a host's name."""

_VERSION: Final = 5
_PASSWORD_VERSION: Final = 1
_NO_AUTHENTICATION: Final = 0
_PASSWORD: Final = 2
_NONE_ACCEPTABLE: Final = 0xFF
_CONNECT: Final = 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
_NOT_ALLOWED: Final = 2
_REPLIES: Final[Mapping[int, str]] = {
    1: "general failure",
    _NOT_ALLOWED: "not allowed by its rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "timeout",
    7: "command not supported",
    8: "address type not supported",
}


class SocksTunnel(asyncio.Protocol):
    """The connection to a SOCKS proxy until its tunnel is open; nothing of a request is written meanwhile.

    Args:
        auth: User and password, if the proxy may ask for them.
    """

    def __init__(self, auth: tuple[bytes, bytes] | None) -> None:
        self._auth = auth
        self._received = bytearray()
        self._is_lost = False
        self._news: asyncio.Future[None] | None = None

    async def open(self, transport: asyncio.Transport, url: httpx.URL) -> None:
        """Ask for a tunnel to the URL's host, whose name the proxy resolves.

        Raises:
            ConnectFailed: The host's name is too long.
            ProxyFailed: The proxy rejected the tunnel, or did not respond in SOCKS 5.
        """
        address = _address(url)
        await self._authenticate(transport)
        transport.write(bytes([_VERSION, _CONNECT, 0]) + address)
        version, reply, _, kind = await self._read(4)
        if version != _VERSION:
            raise _not_socks()
        if reply:
            reason = _REPLIES.get(reply, "unknown reply")
            raise ProxyFailed(f"the proxy rejected the tunnel: {reason}", permanent=reply == _NOT_ALLOWED)
        if kind not in (_IPV4, _NAME, _IPV6):
            raise _not_socks()
        length = (await self._read(1))[0] if kind == _NAME else 4 if kind == _IPV4 else 16
        await self._read(length + 2)  # the proxy's own address and port, which say nothing
        if self._received:
            raise ProxyFailed("the proxy sent more than its response")

    async def _authenticate(self, transport: asyncio.Transport) -> None:
        methods = [_NO_AUTHENTICATION] if self._auth is None else [_NO_AUTHENTICATION, _PASSWORD]
        transport.write(bytes([_VERSION, len(methods), *methods]))
        version, method = await self._read(2)
        if version != _VERSION or method not in (*methods, _NONE_ACCEPTABLE):
            raise _not_socks()
        if method == _NONE_ACCEPTABLE:
            wanted = "user and password" if self._auth is None else "another authentication than user and password"
            raise ProxyFailed(f"the proxy wants {wanted}", permanent=True)
        if self._auth is not None and method == _PASSWORD:
            user, password = self._auth
            transport.write(b"%c%c%b%c%b" % (_PASSWORD_VERSION, len(user), user, len(password), password))
            _, status = await self._read(2)
            if status:
                raise ProxyFailed("the proxy rejected user and password", permanent=True)

    async def _read(self, size: int) -> bytes:
        while len(self._received) < size:
            if self._is_lost:
                raise ProxyFailed("the proxy closed the connection")
            self._news = asyncio.get_running_loop().create_future()
            await self._news
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

    def data_received(self, data: bytes) -> None:
        """Take a part of a reply; the server behind the proxy must not speak first."""
        self._received += data
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Note the end."""
        self._is_lost = True
        self._wake()

    def _wake(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)


def _address(url: httpx.URL) -> bytes:
    """Return host and port as the protocol has them."""
    host, port = url.raw_host, port_of(url).to_bytes(2)
    try:
        ip = ip_address(host.decode())
    except ValueError:
        if len(host) > MAX_FIELD_BYTES:
            raise ConnectFailed("cannot connect: host name cannot be resolved", permanent=True) from None
        return bytes([_NAME, len(host)]) + host + port
    return bytes([_IPV4 if ip.version == 4 else _IPV6]) + ip.packed + port  # noqa: PLR2004


def _not_socks() -> ProxyFailed:
    return ProxyFailed("the proxy does not speak SOCKS 5", permanent=True)
