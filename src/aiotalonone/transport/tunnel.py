"""A tunnel through an HTTP proxy: CONNECT, as RFC 9110 has it."""

import asyncio
from typing import Final

import httpx

from aiotalonone.transport.failures import ProxyFailed, TransportFailure
from aiotalonone.transport.response_parser import ResponseParser

_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_AUTHENTICATION_REQUIRED: Final = 407


class Tunnel(asyncio.Protocol):
    """The connection to a proxy until its tunnel is open; nothing of a request is written meanwhile.

    It keeps no transport, and no parser but while it opens: uvloop tells no end of a connection whose making was
    cancelled, so nothing else would part them.

    Args:
        headers: For the proxy alone.
    """

    def __init__(self, headers: list[tuple[bytes, bytes]]) -> None:
        self._headers = headers
        self._responded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._failure: ProxyFailed | None = None
        self._parser: ResponseParser | None = None

    async def open(self, transport: asyncio.Transport, url: httpx.URL) -> None:
        """Ask for a tunnel to the URL's host.

        Raises:
            ProxyFailed: The proxy rejected the tunnel, or did not respond in HTTP.
        """
        authority = _authority(url)
        lines = [
            b"CONNECT %b HTTP/1.1" % authority,
            b"Host: " + authority,
            *(b"%b: %b" % pair for pair in self._headers),
        ]
        self._parser = ResponseParser(0, expects_body=False)
        transport.write(b"\r\n".join([*lines, b"", b""]))
        try:
            await self._responded
        finally:
            self._parser.close()
        if self._failure is not None:
            raise self._failure
        status = self._parser.status
        if not _is_accepted(status):
            raise ProxyFailed(f"the proxy rejected the tunnel: {status}", permanent=status == _AUTHENTICATION_REQUIRED)

    def data_received(self, data: bytes) -> None:
        """Take the proxy's response, before which it says nothing; the server behind it must not speak first."""
        parser = self._parser
        if parser is None:
            self._fail("the proxy sent more than its response")
            return
        try:
            parser.feed(data)
        except TransportFailure as failure:
            self._fail(f"the proxy did not open the tunnel: {failure.reason}")
            return
        if _is_accepted(parser.status) and parser.has_surplus:
            self._fail("the proxy sent more than its response")
        elif parser.status and not self._responded.done():
            self._responded.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Note the end, unless the tunnel is open."""
        self._fail("the proxy closed the connection")

    def _fail(self, reason: str) -> None:
        if not self._responded.done():
            self._failure = ProxyFailed(reason)  # if opening was cancelled, no future is left with an exception
            self._responded.set_result(None)


def _is_accepted(status: int) -> bool:
    return 200 <= status < 300  # noqa: PLR2004


def port_of(url: httpx.URL) -> int:
    """Return the URL's port, or that of its scheme."""
    return url.port or _DEFAULT_PORTS[url.scheme]


def _authority(url: httpx.URL) -> bytes:
    host = url.raw_host
    return b"%b:%d" % (b"[%b]" % host if b":" in host else host, port_of(url))
