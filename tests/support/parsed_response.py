"""Bytes of responses, and what the parser makes of them."""

from attrs import frozen

from aiotalonone.transport.failures import TransportFailure
from aiotalonone.transport.response_parser import ResponseParser

LIMIT = 100_000
OK = b"HTTP/1.1 200 OK\r\n"
LENGTH_2 = b"content-length: 2\r\n\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
UNFRAMED = OK + b"\r\n"
TAILS = (
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\0",
    b" ",
    b"x",
    b"x\r\n\r\n",
    b"HTTP/1.1 204 x\r\n\r\n",
    OK + LENGTH_2 + b"zz",
)
"""What may come behind a response."""


@frozen
class Parsed:
    """What came of some bytes, and of the end of the connection if it came."""

    status: int
    body: bytes
    is_whole: bool
    is_reusable: bool
    has_surplus: bool
    headers: tuple
    failure: type | None = None
    reason: str = ""


def parse(*pieces, end=None, expects_body=True, limit=LIMIT):
    """Feed pieces, and then a clean (True) or a torn (False) end."""
    parser = ResponseParser(limit, expects_body=expects_body)
    failure = None
    try:
        for piece in pieces:
            parser.feed(piece)
        if end is not None:
            parser.feed_end(is_clean=end)
    except TransportFailure as error:
        failure = error
    reusable = failure is None and parser.is_whole and parser.keep_alive and not parser.has_surplus
    return Parsed(
        parser.status,
        parser.body,
        parser.is_whole,
        reusable,
        parser.has_surplus,
        tuple(parser.headers),
        failure and type(failure),
        failure.reason if failure else "",
    )


def bytewise(data):
    """Every byte a piece of its own."""
    return [data[index : index + 1] for index in range(len(data))]
