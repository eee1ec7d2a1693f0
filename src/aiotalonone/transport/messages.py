"""The two messages between httpx and a connection: a request, its head as bytes, and a whole response."""

from collections.abc import AsyncIterator
from typing import Any

import httpx

from aiotalonone.transport.failures import InvalidRequest

RawHeaders = list[tuple[bytes, bytes]]


class WholeMessage:
    """A message with all of its body; httpx's headers are made when they are first asked for: most never are."""

    raw_headers: httpx.Headers | RawHeaders
    body: bytes

    @property
    def headers(self) -> httpx.Headers:
        """The headers as httpx has them, which may be changed."""
        if not isinstance(self.raw_headers, httpx.Headers):
            self.raw_headers = httpx.Headers(self.raw_headers)
        return self.raw_headers

    @headers.setter
    def headers(self, headers: httpx.Headers) -> None:
        self.raw_headers = headers

    @property
    def content(self) -> bytes:
        """The body: that of a response as it came, until it is decoded."""
        return self.body

    def read(self) -> bytes:
        """Return the body."""
        return self.body

    async def aread(self) -> bytes:
        """Return the body."""
        return self.body


class WholeRequest(WholeMessage, httpx.Request):
    """A request whose body is known."""

    def __init__(
        self,
        method: str,
        url: httpx.URL | str,
        headers: httpx.Headers | RawHeaders,
        body: bytes,
        extensions: dict[str, Any] | None,
    ) -> None:
        super().__init__(method, url, stream=httpx.ByteStream(body), extensions=extensions)
        self.raw_headers = headers
        self.body = body


def request_head(request: httpx.Request, body: bytes, proxy_headers: RawHeaders | None) -> bytes:
    """Return the head of a request as it is sent.

    Args:
        request: What to send.
        body: Its body.
        proxy_headers: For a proxy that forwards the request; ``None`` if the connection leads to the server.

    Raises:
        InvalidRequest: A header would end its line, or the body has no length, or another than the head says.
    """
    headers = _header_pairs(request)
    url = request.url
    target = url.raw_path
    if proxy_headers is not None:
        headers = [*proxy_headers, *headers]
        target = b"%b://%b%b" % (url.raw_scheme, url.netloc, target)
    head = b"%b %b HTTP/1.1\r\n%b\r\n\r\n" % (
        request.method.encode("ascii"),
        target,
        b"\r\n".join(map(b": ".join, headers)),
    )
    lines = len(headers) + 2
    if head.count(b"\n") != lines or head.count(b"\r") != lines or b"\0" in head:
        raise InvalidRequest("a header of the request contains a line break", permanent=True)
    lowered = head.lower()
    if b"\r\ntransfer-encoding:" in lowered:
        raise InvalidRequest("a request must have a body of known length", permanent=True)
    # The server would take what is beyond the length for another request, whose response the next call would get.
    lengths = lowered.count(b"\r\ncontent-length:")
    if lengths > 1 or ((lengths or body) and b"\r\ncontent-length: %d\r\n" % len(body) not in lowered):
        raise InvalidRequest("the body of the request is not as long as its Content-Length says", permanent=True)
    return head


def _header_pairs(request: httpx.Request) -> RawHeaders:
    headers = request.raw_headers if isinstance(request, WholeRequest) else request.headers
    return headers.raw if isinstance(headers, httpx.Headers) else headers


class WholeResponse(WholeMessage, httpx.Response):
    """A response whose body has been received, and whose connection serves other requests already.

    Attributes:
        content_encoding: How the body is encoded, as long as it is.
        failure: Why the body is not whole; ``None`` if it is.
    """

    content_encoding: bytes
    failure: Exception | None

    def __init__(
        self,
        status_code: int,
        headers: httpx.Headers | RawHeaders,
        body: bytes,
        *,
        request: httpx.Request | None = None,
        content_encoding: bytes = b"",
        failure: Exception | None = None,
    ) -> None:
        super().__init__(status_code, stream=_RECEIVED, request=request)
        self.raw_headers = headers
        self.body = body
        self.failure = failure
        self.content_encoding = content_encoding
        self.is_closed = True
        self.is_stream_consumed = True

    @property
    def stream(self) -> httpx.AsyncByteStream:
        """A stream without parts: what httpx puts in its place would refer to the response, and it to the stream."""
        return _RECEIVED

    @stream.setter
    def stream(self, stream: httpx.AsyncByteStream) -> None:
        pass


class _Received(httpx.AsyncByteStream):
    """What httpx requires of a response: a stream. This one has been read."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        return
        yield b""


_RECEIVED = _Received()
