"""One HTTP/1.1 response out of bytes, without I/O: heads and chunks are read by llhttp, the framing is decided here.

llhttp tells neither how many bytes it used nor where a message ends, and knows no limits. So each head is given to it
apart from what follows, and only chunked bodies pass through it.
"""

from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from aiotalonone.transport.failures import ConnectionBroken, InvalidResponse, ResponseTooLarge, TransportFailure

MAX_HEAD_BYTES: Final = 64 * 1024
"""Of all heads of one response together, interim ones included."""
MAX_HEADERS: Final = 256
MAX_CHUNK_OVERHEAD: Final = 16 * 1024
"""Bytes of chunk heads and trailers beyond 16 for each chunk and twice the body."""

_START: Final = b"HTTP/"
_END_OF_HEAD: Final = b"\r\n\r\n"
_BLANKS: Final = b" \t"
_SWITCHING_PROTOCOLS: Final = 101
_OK: Final = 200
_BODILESS: Final = frozenset({204, 304})
_NO_PARSER: Final = HttpResponseParser(object())


class ResponseParser:
    """Parses the response to one request, in pieces of any size.

    Args:
        max_body_bytes: A longer body is not read.
        expects_body: False for the response to HEAD, or to a CONNECT that succeeds: it ends with its head.
    """

    def __init__(self, max_body_bytes: int, *, expects_body: bool = True) -> None:
        self.status: int = 0
        """Of the final response; 0 until its head is complete."""
        self.headers: list[tuple[bytes, bytes]] = []
        self.is_whole: bool = False
        self.has_surplus: bool = False
        """Bytes came after the response: the connection cannot be trusted."""
        self.failure: TransportFailure | None = None
        """Why the body is not whole, if the connection ended behind the head."""
        self.keep_alive: bool = False
        """The server promises to keep the connection open; known once the response is whole."""
        self.content_encoding: bytes = b""
        """How the body is encoded, all such headers joined."""
        self.keep_alive_seconds: int | None = None
        """For how long, if the server said so."""
        self._max_body_bytes = max_body_bytes
        self._expects_body = expects_body
        self._body = bytearray()
        self._head_bytes = 0
        self._remaining: int | None = None
        self._is_chunked = False
        self._chunks = 0
        self._chunked_bytes = 0
        self._is_chunked_end = False
        self._start_head()

    @property
    def body(self) -> bytes:
        """What came of the body so far, still encoded as its Content-Encoding says."""
        return bytes(self._body)

    @property
    def ends_with_connection(self) -> bool:
        """Whether only the end of the connection tells where the body ends."""
        return bool(self.status) and not self.is_whole and self._remaining is None and not self._is_chunked

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            InvalidResponse: They are not, or not any more, a response.
            ResponseTooLarge: The body is longer than what is read.
        """
        while data and not self.status:
            data = self._feed_head(data)
        if not data:
            return
        if self.is_whole:
            self.has_surplus = True
        elif self._is_chunked:
            self._feed_chunks(data)
        else:
            self._feed_plain(data)

    def feed_end(self, *, is_clean: bool) -> None:
        """Take the end of the connection, which ends some bodies.

        Args:
            is_clean: The peer closed the connection, rather than it broke, or was cut off within TLS.

        Raises:
            ConnectionBroken: The response is not whole.
        """
        if self.is_whole:
            return
        if not (self.ends_with_connection and is_clean):
            reason = "before the response was complete" if self._head_bytes else "without a response"
            raise ConnectionBroken(f"connection closed {reason}")
        self.is_whole = True

    def close(self) -> None:
        """Let go of llhttp, which refers back to this parser: no garbage collector need part them."""
        self._parser = _NO_PARSER

    def _start_head(self) -> None:
        self._parser = HttpResponseParser(self)
        self._is_head_complete = False
        self._start = b""
        self._tail = b""

    def _feed_head(self, data: bytes) -> bytes:
        """Take bytes up to the end of a head, and return those behind it."""
        if not self._start:
            data = self._skip_empty_lines(data)
        self._check_start(data)
        joined = self._tail + data
        end = joined.find(_END_OF_HEAD)
        if end < 0:
            head, rest, self._tail = data, b"", joined[-3:]
        else:
            split = end + len(_END_OF_HEAD) - len(self._tail)
            head, rest, self._tail = data[:split], data[split:], b""
        self._head_bytes += len(head)
        if self._head_bytes > MAX_HEAD_BYTES:
            raise InvalidResponse(f"response head larger than {MAX_HEAD_BYTES} bytes")
        rejection = self._feed_llhttp(head)
        if self._is_head_complete:
            self._judge_head()
        elif rejection:
            raise InvalidResponse(rejection)
        return rest

    def _skip_empty_lines(self, data: bytes) -> bytes:
        """Return what comes behind empty lines, as llhttp would; each of them looks like the end of a head."""
        text = data.lstrip(b"\r\n")
        self._head_bytes += len(data) - len(text)
        return text

    def _check_start(self, data: bytes) -> None:
        """Reject other protocols at the first byte: llhttp would parse RTSP, too."""
        if len(self._start) < len(_START):
            self._start = (self._start + data[: len(_START)])[: len(_START)]
            if not _START.startswith(self._start):
                raise InvalidResponse("not an HTTP response")

    def _feed_llhttp(self, data: bytes) -> str | None:
        """Return why llhttp takes no more, which may be since it has all that it is given it for."""
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            return f"invalid response ({error})"  # llhttp's own words, which quote nothing
        except HttpParserUpgrade:
            return "unexpected upgrade in the response"
        return None

    def _judge_head(self) -> None:
        if self._parser.get_http_version() not in ("1.0", "1.1"):
            raise InvalidResponse("unsupported HTTP version in the response")
        if len(self.headers) > MAX_HEADERS:
            raise InvalidResponse(f"more than {MAX_HEADERS} response headers")
        status = self._parser.get_status_code()
        if status < 100 or status == _SWITCHING_PROTOCOLS:  # noqa: PLR2004
            raise InvalidResponse(f"unexpected response status {status:03}")
        if status < _OK:
            self.headers = []
            self._start_head()
            return
        self.status = status
        raw, self.headers = self.headers, [(name, value.strip(_BLANKS)) for name, value in self.headers]
        self._frame(raw)

    def _frame(self, headers: list[tuple[bytes, bytes]]) -> None:
        """Decide where the body ends, in the order of RFC 9112, section 6.3."""
        codings, length = self._read_headers(headers)
        if not self._expects_body or self.status in _BODILESS:
            self.is_whole = True
            self.keep_alive = self.keep_alive and not (codings or length)  # a body that is announced may still come
        elif codings:
            if codings != [b"chunked"]:
                raise InvalidResponse("unsupported transfer coding in the response")
            self._is_chunked = True
            self.keep_alive = self.keep_alive and self._parser.get_http_version() == "1.1"
        elif length is not None:
            if length > self._max_body_bytes:
                raise self._too_large()
            self._remaining = length
            self.is_whole = not length

    def _read_headers(self, headers: list[tuple[bytes, bytes]]) -> tuple[list[bytes], int | None]:
        """Take what the connection and the body need to know; return transfer codings and content length."""
        codings: list[bytes] = []
        length: int | None = None
        promises = b""
        for name, value in headers:
            match name.lower():
                case b"connection":  # in HTTP/1.0, llhttp asks for keep-alive alone
                    self.keep_alive = self.keep_alive and b"close" not in map(_word, value.split(b","))
                case b"content-encoding":
                    self.content_encoding += b"," + value
                case b"content-length":
                    length = int(value.strip(_BLANKS).lstrip(b"0") or b"0")  # int() rejects thousands of zeros
                case b"keep-alive":
                    promises += b"," + value
                case b"transfer-encoding":
                    codings.append(value.strip(b" ").lower())  # llhttp does not know it with a tab behind it
        self.keep_alive_seconds = _keep_alive_seconds(promises) if promises else None
        return codings, length

    def _feed_plain(self, data: bytes) -> None:
        if self._remaining is not None:
            if len(data) > self._remaining:
                self.has_surplus = True
                data = data[: self._remaining]
            self._remaining -= len(data)
            self.is_whole = not self._remaining
        self.on_body(data)
        self._check_size()

    def _feed_chunks(self, data: bytes) -> None:
        self._chunked_bytes += len(data)
        self._tail = (self._tail + data)[-5:]
        rejection = self._feed_llhttp(data)
        self._check_size()
        if self._is_chunked_end:
            self.is_whole = True
            # An empty line ends the trailers; llhttp passes over further ones in silence.
            if not self._tail.endswith(_END_OF_HEAD) or self._tail.startswith(b"\n"):
                self.has_surplus = True
        elif rejection:
            raise InvalidResponse(rejection)
        elif self._chunked_bytes - 3 * len(self._body) - 16 * self._chunks > MAX_CHUNK_OVERHEAD:
            raise InvalidResponse("more chunk overhead than body")

    def _check_size(self) -> None:
        if len(self._body) > self._max_body_bytes:
            raise self._too_large()

    def _too_large(self) -> TransportFailure:
        return ResponseTooLarge(f"larger than {self._max_body_bytes} bytes")

    # llhttp calls these.

    def on_message_begin(self) -> None:
        """Note a message that starts where the response has ended."""
        if self._is_chunked_end:
            self.has_surplus = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; those of the trailers do not count."""
        if not self._is_head_complete:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Note the end of a head; llhttp forgets the keep-alive with the end of the message."""
        self._is_head_complete = True
        self.keep_alive = self._parser.should_keep_alive()

    def on_chunk_header(self) -> None:
        """Count a chunk."""
        self._chunks += 1

    def on_body(self, data: bytes) -> None:
        """Take a part of the body; what llhttp reads behind the last chunk is the body of another response."""
        if not self._is_chunked_end:
            self._body += data

    def on_message_complete(self) -> None:
        """Note the end of a chunked body; a trailer may have ended the keep-alive."""
        if self._is_chunked:
            self._is_chunked_end = True
            self.keep_alive = self.keep_alive and self._parser.should_keep_alive()


def _word(text: bytes) -> bytes:
    return text.strip(_BLANKS).lower()


def _keep_alive_seconds(value: bytes) -> int | None:
    """Return the shortest ``timeout`` of a Keep-Alive header, in seconds."""
    timeouts = []
    for parameter in value.split(b","):
        name, _, number = parameter.partition(b"=")
        digits = number.strip(_BLANKS + b'"')
        if _word(name) == b"timeout" and digits.isdigit() and len(digits) <= 9:  # noqa: PLR2004
            timeouts.append(int(digits))
    return min(timeouts, default=None)
