"""Connect to a server once and say what the connection is like; no request is sent."""

import ssl
from asyncio import BaseTransport
from datetime import UTC, datetime
from math import inf

import httpx
from attrs import frozen

from aiotalonone.transport.connect import Connector
from aiotalonone.transport.connection import Connection, Origin


@frozen
class TLSFacts:
    """What a TLS handshake has agreed on."""

    version: str
    expires: datetime
    """When the server's certificate ends."""


class _ProbeConnection(Connection):
    """A connection that remembers its TLS."""

    tls: ssl.SSLObject | None = None

    def __init__(self, origin: Origin) -> None:
        super().__init__(origin, 0, on_closed=lambda _: None, watch=lambda _: None)

    def connection_made(self, transport: BaseTransport) -> None:
        """Take the transport."""
        super().connection_made(transport)
        self.tls = transport.get_extra_info("ssl_object")


async def probe(url: str, ssl_context: ssl.SSLContext, *, proxy: str | None, seconds: float) -> TLSFacts | None:
    """Connect as a request for the URL would, and close; return ``None`` if the URL is plain http.

    Args:
        url: Of the server.
        ssl_context: Whom to trust.
        proxy: URL of an http or https proxy.
        seconds: How long to wait at most.

    Raises:
        TransportFailure: There is no connection; its reason says why.
    """
    connector = Connector(_ProbeConnection, ssl_context, None if proxy is None else httpx.Proxy(proxy))
    try:
        connection = await connector.connect(httpx.URL(url), seconds, deadline=inf)
    finally:
        connector.close()
    connection.abort()
    tls = connection.tls if isinstance(connection, _ProbeConnection) else None
    # Plain http through an https proxy: that TLS is the proxy's.
    return None if tls is None or httpx.URL(url).scheme == "http" else _facts(tls)


def _facts(tls: ssl.SSLObject) -> TLSFacts:
    certificate = tls.getpeercert() or {}
    expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    return TLSFacts(tls.version() or "", expires)
