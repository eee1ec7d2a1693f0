"""The parser of responses: a table of bytes, and properties over all bytes."""

import tracemalloc
from itertools import pairwise

import pytest
from attrs import frozen
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aiotalonone.transport.failures import ConnectionBroken, InvalidResponse, ResponseTooLarge, TransportFailure
from aiotalonone.transport.response_parser import MAX_CHUNK_OVERHEAD, MAX_HEAD_BYTES, MAX_HEADERS, ResponseParser

LIMIT = 100_000
OK = b"HTTP/1.1 200 OK\r\n"
LENGTH_2 = b"content-length: 2\r\n\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
UNFRAMED = OK + b"\r\n"


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


# name: bytes, status, body, whether the connection may serve another request
WHOLE = {
    "a length": (OK + LENGTH_2 + b"ab", 200, b"ab", True),
    "a length of 0": (OK + b"content-length: 0\r\n\r\n", 200, b"", True),
    "a length with leading zeros": (OK + b"content-length: 0002\r\n\r\nab", 200, b"ab", True),
    "a length with 5,000 leading zeros": (OK + b"content-length: " + b"0" * 5000 + b"2\r\n\r\nab", 200, b"ab", True),
    "a length between blanks": (OK + b"content-length: \t 2 \t\r\n\r\nab", 200, b"ab", True),
    "names in capitals": (OK + b"CONTENT-LENGTH: 2\r\n\r\nab", 200, b"ab", True),
    "empty lines before the status line": (b"\r\n\r\n" + OK + LENGTH_2 + b"ab", 200, b"ab", True),
    "no reason phrase": (b"HTTP/1.1 200\r\n" + LENGTH_2 + b"ab", 200, b"ab", True),
    "an empty reason phrase": (b"HTTP/1.1 200 \r\n" + LENGTH_2 + b"ab", 200, b"ab", True),
    "a reason phrase beyond ASCII": (b"HTTP/1.1 200 \xc3\xbc\r\n" + LENGTH_2 + b"ab", 200, b"ab", True),
    "a reason phrase with a tab": (b"HTTP/1.1 200 O\tK\r\n" + LENGTH_2 + b"ab", 200, b"ab", True),
    "a header value beyond ASCII": (OK + b"a: \xff\xe9\r\n" + LENGTH_2 + b"ab", 200, b"ab", True),
    "a header without value": (OK + b"a:\r\n" + LENGTH_2 + b"ab", 200, b"ab", True),
    "a header of blanks": (OK + b"a: \t \r\n" + LENGTH_2 + b"ab", 200, b"ab", True),
    "a name of all characters": (OK + b"!#$%&'*+-.^_`|~09azAZ: b\r\n" + LENGTH_2 + b"ab", 200, b"ab", True),
    "names like those that frame": (
        OK + b"content-length-x: 9\r\ntransfer_encoding: chunked\r\n" + LENGTH_2 + b"ab",
        200,
        b"ab",
        True,
    ),
    "connection: close": (OK + b"connection: close\r\n" + LENGTH_2 + b"ab", 200, b"ab", False),
    "Connection: Close among others": (OK + b"connection: x, Close\r\n" + LENGTH_2 + b"ab", 200, b"ab", False),
    "close between blanks and commas": (
        OK + b"connection: , x\t,\tclose \t,\r\n" + LENGTH_2 + b"ab",
        200,
        b"ab",
        False,
    ),
    "keep-alive and close": (OK + b"connection: keep-alive, close\r\n" + LENGTH_2 + b"ab", 200, b"ab", False),
    "close, then keep-alive": (
        OK + b"connection: close\r\nconnection: keep-alive\r\n" + LENGTH_2 + b"ab",
        200,
        b"ab",
        False,
    ),
    "words like close": (OK + b"connection: closed, xclose, close-x\r\n" + LENGTH_2 + b"ab", 200, b"ab", True),
    "an offer to upgrade": (OK + b"connection: upgrade\r\nupgrade: h2\r\n" + LENGTH_2 + b"ab", 200, b"ab", True),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\n" + LENGTH_2 + b"ab", 200, b"ab", False),
    "HTTP/1.0 kept alive": (b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n" + LENGTH_2 + b"ab", 200, b"ab", True),
    "HTTP/1.0 kept alive and closed": (
        b"HTTP/1.0 200 OK\r\nconnection: keep-alive, close\r\n" + LENGTH_2 + b"ab",
        200,
        b"ab",
        False,
    ),
    "HTTP/1.0 kept alive, then closed": (
        b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\nconnection: Close\r\n" + LENGTH_2 + b"ab",
        200,
        b"ab",
        False,
    ),
    "chunked HTTP/1.0 kept alive": (
        b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n" + LAST_CHUNK,
        200,
        b"ab",
        False,
    ),
    "199 then 200": (b"HTTP/1.1 199 x\r\n\r\n" + OK + LENGTH_2 + b"ab", 200, b"ab", True),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", True),
    "204 with a length of 0": (b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n", 204, b"", True),
    "204 with a length": (b"HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n", 204, b"", False),
    "204 with a transfer coding": (b"HTTP/1.1 204 x\r\ntransfer-encoding: gzip\r\n\r\n", 204, b"", False),
    "205 with a body": (b"HTTP/1.1 205 x\r\n" + LENGTH_2 + b"ab", 205, b"ab", True),
    "304": (b"HTTP/1.1 304 x\r\n\r\n", 304, b"", True),
    "304 with the length of what it stands for": (b"HTTP/1.1 304 x\r\ncontent-length: 9\r\n\r\n", 304, b"", False),
    "304 with a transfer coding": (b"HTTP/1.1 304 x\r\ntransfer-encoding: chunked\r\n\r\n", 304, b"", False),
    "600": (b"HTTP/1.1 600 x\r\ncontent-length: 0\r\n\r\n", 600, b"", True),
    "999": (b"HTTP/1.1 999 x\r\ncontent-length: 0\r\n\r\n", 999, b"", True),
    "100": (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + LENGTH_2 + b"ab", 200, b"ab", True),
    "100 in HTTP/1.0": (b"HTTP/1.0 100 Continue\r\n\r\n" + OK + LENGTH_2 + b"ab", 200, b"ab", True),
    "100 and an empty line": (b"HTTP/1.1 100 Continue\r\n\r\n\r\n" + OK + LENGTH_2 + b"ab", 200, b"ab", True),
    "an interim response that offers to upgrade": (
        b"HTTP/1.1 103 x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n" + OK + LENGTH_2 + b"ab",
        200,
        b"ab",
        True,
    ),
    "102, 103 with headers": (
        b"HTTP/1.1 102 x\r\n\r\nHTTP/1.1 103 x\r\nlink: </a>\r\n\r\n" + OK + LENGTH_2 + b"ab",
        200,
        b"ab",
        True,
    ),
    "100 interim responses": (b"HTTP/1.1 103 x\r\na: b\r\n\r\n" * 100 + OK + LENGTH_2 + b"ab", 200, b"ab", True),
    "an interim response with a length": (
        b"HTTP/1.1 103 x\r\ncontent-length: 5\r\n\r\n" + OK + LENGTH_2 + b"ab",
        200,
        b"ab",
        True,
    ),
    "an interim response with a transfer coding": (
        b"HTTP/1.1 103 x\r\ntransfer-encoding: gzip\r\n\r\n" + OK + LENGTH_2 + b"ab",
        200,
        b"ab",
        True,
    ),
    "an interim response that says close": (
        b"HTTP/1.1 100 x\r\nconnection: close\r\n\r\n" + OK + LENGTH_2 + b"ab",
        200,
        b"ab",
        True,
    ),
    "chunks": (CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n" + LAST_CHUNK, 200, b"abcde", True),
    "no chunk but the last": (CHUNKED + LAST_CHUNK, 200, b"", True),
    "chunk sizes in both cases": (
        CHUNKED + b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
        200,
        b"0123456789" * 2,
        True,
    ),
    "chunk sizes with leading zeros": (CHUNKED + b"0" * 100 + b"2\r\nab\r\n00\r\n\r\n", 200, b"ab", True),
    "chunk extensions": (CHUNKED + b'2;a=b;c="d;\\""\r\nab\r\n0;e\r\n\r\n', 200, b"ab", True),
    "a chunk extension without value": (CHUNKED + b"2;a=\r\nab\r\n0\r\n\r\n", 200, b"ab", True),
    "chunks, and an offer to upgrade": (
        OK + b"connection: upgrade\r\nupgrade: h2c\r\n" + CHUNKED[len(OK) :] + b"2\r\nab\r\n" + LAST_CHUNK,
        200,
        b"ab",
        True,
    ),
    "many tiny chunks": (CHUNKED + b"1\r\na\r\n" * 20_000 + LAST_CHUNK, 200, b"a" * 20_000, True),
    "trailers": (CHUNKED + b"2\r\nab\r\n0\r\na: b\r\n\r\n", 200, b"ab", True),
    "a trailer that says close": (CHUNKED + b"2\r\nab\r\n0\r\nconnection: close\r\n\r\n", 200, b"ab", False),
    "chunked, and close": (OK + b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 200, b"", False),
    "Chunked in capitals": (OK + b"Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n", 200, b"", True),
    "chunked, and a blank": (OK + b"transfer-encoding: chunked \r\n\r\n0\r\n\r\n", 200, b"", True),
}


@pytest.mark.parametrize("split", [lambda data: [data], bytewise], ids=["in one piece", "byte by byte"])
@pytest.mark.parametrize("row", WHOLE.values(), ids=WHOLE)
def test_whole_response(row, split):
    """A valid response is whole with its last byte and not before, in whatever pieces it comes."""
    data, status, body, is_reusable = row
    assert not parse(*split(data[:-1])).is_whole
    parsed = parse(*split(data))
    assert (parsed.failure, parsed.reason) == (None, "")
    assert (parsed.status, parsed.body, parsed.is_whole, parsed.is_reusable) == (status, body, True, is_reusable)
    assert not parsed.has_surplus


# name: bytes, whether the final head has come, a part of the reason
REJECTED = {
    "HTTP/0.9": (b"HTTP/0.9 200 OK\r\n\r\n", False, "unsupported HTTP version"),
    "HTTP/1.2": (b"HTTP/1.2 200 OK\r\n\r\n", False, "Invalid HTTP version"),
    "HTTP/2.0": (b"HTTP/2.0 200 OK\r\n\r\n", False, "unsupported HTTP version"),
    "HTTP/3": (b"HTTP/3 200 OK\r\n\r\n", False, "invalid response"),
    "HTTP/1.1.1": (b"HTTP/1.1.1 200 OK\r\n" + LENGTH_2, False, "invalid response"),
    "HTTP/11.1": (b"HTTP/11.1 200 OK\r\n" + LENGTH_2, False, "invalid response"),
    "no blank behind the version": (b"HTTP/1.1200 OK\r\n" + LENGTH_2, False, "invalid response"),
    "two blanks behind the version": (b"HTTP/1.1  200 OK\r\n" + LENGTH_2, False, "invalid response"),
    "a tab behind the version": (b"HTTP/1.1\t200 OK\r\n" + LENGTH_2, False, "invalid response"),
    "frames of HTTP/2": (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", False, "not an HTTP response"),
    "a byte-order mark": (b"\xef\xbb\xbf" + OK, False, "not an HTTP response"),
    "a page without head": (b"<html>" + OK, False, "not an HTTP response"),
    "RTSP": (b"RTSP/1.0 200 OK\r\n" + LENGTH_2, False, "not an HTTP response"),
    "ICE": (b"ICE/1.0 200 OK\r\n" + LENGTH_2, False, "not an HTTP response"),
    "http": (b"http/1.1 200 OK\r\n" + LENGTH_2, False, "not an HTTP response"),
    "SSH": (b"SSH-2.0-OpenSSH_9\r\n", False, "not an HTTP response"),
    "a TLS alert": (b"\x15\x03\x01\x00\x02\x02\x46", False, "not an HTTP response"),
    "a request": (b"GET / HTTP/1.1\r\n\r\n", False, "not an HTTP response"),
    "a blank before the status line": (b" " + OK, False, "not an HTTP response"),
    "status 000": (b"HTTP/1.1 000 x\r\n\r\n", False, "unexpected response status 000"),
    "status 099": (b"HTTP/1.1 099 x\r\n\r\n", False, "unexpected response status 099"),
    "status 101": (b"HTTP/1.1 101 x\r\n\r\n", False, "unexpected response status 101"),
    "status 101 with an upgrade": (
        b"HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
        False,
        "unexpected response status 101",
    ),
    "a status of two digits": (b"HTTP/1.1 20 OK\r\n\r\n", False, "invalid response"),
    "a status of four digits": (b"HTTP/1.1 2000 OK\r\n\r\n", False, "invalid response"),
    "a status in letters": (b"HTTP/1.1 OK\r\n\r\n", False, "invalid response"),
    "a status with a sign": (b"HTTP/1.1 -200 OK\r\n\r\n", False, "invalid response"),
    "a status and a letter": (b"HTTP/1.1 200OK\r\n\r\n", False, "invalid response"),
    "a status and a tab": (b"HTTP/1.1 200\tOK\r\n\r\n", False, "invalid response"),
    "no status": (b"HTTP/1.1\r\n\r\n", False, "invalid response"),
    "a folded header": (OK + b"a: b\r\n c\r\n" + LENGTH_2, False, "invalid response"),
    "a folded length": (OK + b"content-length:\r\n 2\r\n\r\nab", False, "invalid response"),
    "a folded transfer coding": (OK + b"transfer-encoding:\r\n\tchunked\r\n\r\n", False, "invalid response"),
    "a folded close": (OK + b"connection: x,\r\n close\r\n" + LENGTH_2, False, "invalid response"),
    "bare LF behind the status line": (b"HTTP/1.1 200 OK\n" + LENGTH_2, False, "invalid response"),
    "bare LF behind a header": (OK + b"a: b\n" + LENGTH_2, False, "invalid response"),
    "bare LF behind the head": (OK + b"content-length: 2\r\n\nab", False, "invalid response"),
    "bare CR in a header": (OK + b"a: b\rc\r\n" + LENGTH_2, False, "invalid response"),
    "bare CR in the reason phrase": (b"HTTP/1.1 200 O\rK\r\n" + LENGTH_2, False, "invalid response"),
    "two CR behind a header": (OK + b"a: b\r\r\n" + LENGTH_2, False, "invalid response"),
    "bare CR behind all lines": (b"HTTP/1.1 200 OK\rcontent-length: 2\r\rab", False, "invalid response"),
    "bare LF before the end of the head": (OK + b"content-length: 2\n\r\nab", False, "invalid response"),
    "NUL in a header": (OK + b"a: b\0c\r\n" + LENGTH_2, False, "invalid response"),
    "NUL in a header's name": (OK + b"a\0b: c\r\n" + LENGTH_2, False, "invalid response"),
    "DEL in a header": (OK + b"a: b\x7fc\r\n" + LENGTH_2, False, "invalid response"),
    "a vertical tab in a header": (OK + b"a: b\x0bc\r\n" + LENGTH_2, False, "invalid response"),
    "a blank within a name": (OK + b"content length: 2\r\n\r\nab", False, "invalid response"),
    "NUL behind a framing name": (OK + b"transfer-encoding\0: chunked\r\n" + LENGTH_2, False, "invalid response"),
    "a blank before the colon": (OK + b"a : b\r\n" + LENGTH_2, False, "invalid response"),
    "a blank before the first header": (OK + b" a: b\r\n" + LENGTH_2, False, "invalid response"),
    "a header's name beyond ASCII": (OK + b"\xe9: b\r\n" + LENGTH_2, False, "invalid response"),
    "a header without name": (OK + b": b\r\n" + LENGTH_2, False, "invalid response"),
    "a header without colon": (OK + b"abc\r\n" + LENGTH_2, False, "invalid response"),
    "a positive length": (OK + b"content-length: +2\r\n\r\nab", False, "Content-Length"),
    "a negative length": (OK + b"content-length: -2\r\n\r\nab", False, "Content-Length"),
    "a hexadecimal length": (OK + b"content-length: 0x2\r\n\r\nab", False, "Content-Length"),
    "a length of two words": (OK + b"content-length: 2 2\r\n\r\nab", False, "Content-Length"),
    "a length with a fraction": (OK + b"content-length: 2.0\r\n\r\nab", False, "Content-Length"),
    "a length with an underscore": (OK + b"content-length: 0_2\r\n\r\nab", False, "Content-Length"),
    "a length with a parameter": (OK + b"content-length: 2;q=1\r\n\r\nab", False, "Content-Length"),
    "a length in quotes": (OK + b'content-length: "2"\r\n\r\nab', False, "Content-Length"),
    "a length behind a no-break space": (OK + b"content-length: \xa02\r\n\r\nab", False, "Content-Length"),
    "a length in other digits": (OK + b"content-length: \xb2\r\n\r\nab", False, "Content-Length"),
    "a length and a comma": (OK + b"content-length: 2,\r\n\r\nab", False, "Content-Length"),
    "a list of equal lengths": (OK + b"content-length: 2, 2\r\n\r\nab", False, "Content-Length"),
    "an empty length": (OK + b"content-length:\r\n\r\nab", False, "Content-Length"),
    "equal lengths": (OK + b"content-length: 2\r\n" + LENGTH_2 + b"ab", False, "Content-Length"),
    "unequal lengths": (OK + b"content-length: 3\r\n" + LENGTH_2 + b"ab", False, "Content-Length"),
    "a length of 2^64": (OK + b"content-length: 18446744073709551616\r\n\r\n", False, "Content-Length"),
    "a length of 30 digits": (OK + b"content-length: " + b"9" * 30 + b"\r\n\r\n", False, "Content-Length"),
    "a length, then chunked": (
        OK + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n",
        False,
        "Transfer-Encoding",
    ),
    "chunked, then a length": (
        OK + b"transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n",
        False,
        "Content-Length",
    ),
    "identity, then a length": (
        OK + b"transfer-encoding: identity\r\ncontent-length: 2\r\n\r\n",
        False,
        "Content-Length",
    ),
    "an empty transfer coding": (OK + b"transfer-encoding:\r\n\r\n", False, "invalid response"),
    "a body behind an interim response": (
        b"HTTP/1.1 103 x\r\ncontent-length: 5\r\n\r\nhello" + OK + LENGTH_2,
        False,
        "not an HTTP response",
    ),
    "another protocol behind an interim response": (
        b"HTTP/1.1 103 x\r\n\r\nRTSP/1.0 200 OK\r\n\r\n",
        False,
        "not an HTTP response",
    ),
    "gzip, chunked": (OK + b"transfer-encoding: gzip, chunked\r\n\r\n", True, "transfer coding"),
    "chunked, chunked": (OK + b"transfer-encoding: chunked, chunked\r\n\r\n", True, "transfer coding"),
    "chunked and a comma": (OK + b"transfer-encoding: chunked,\r\n\r\n", True, "transfer coding"),
    "chunked and a tab": (OK + b"transfer-encoding: chunked\t\r\n\r\n", True, "transfer coding"),
    "a comma and chunked": (OK + b"transfer-encoding: ,chunked\r\n\r\n", True, "transfer coding"),
    "chunked with a parameter": (OK + b"transfer-encoding: chunked;q=1\r\n\r\n", True, "transfer coding"),
    "chunked in quotes": (OK + b'transfer-encoding: "chunked"\r\n\r\n', True, "transfer coding"),
    "a word that ends like chunked": (OK + b"transfer-encoding: xchunked\r\n\r\n", True, "transfer coding"),
    "chunked, then identity": (
        OK + b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n",
        True,
        "transfer coding",
    ),
    "chunked, twice": (OK + b"transfer-encoding: chunked\r\n" + CHUNKED[len(OK) :], True, "transfer coding"),
    "gzip": (OK + b"transfer-encoding: gzip\r\n\r\n", True, "transfer coding"),
    "identity": (OK + b"transfer-encoding: identity\r\n\r\n", True, "transfer coding"),
    "a size in other letters": (CHUNKED + b"g\r\n", True, "chunk size"),
    "a negative size": (CHUNKED + b"-2\r\nab\r\n", True, "chunk size"),
    "a size with prefix": (CHUNKED + b"0x2\r\nab\r\n", True, "chunk size"),
    "a blank behind the size": (CHUNKED + b"2 \r\nab\r\n", True, "chunk size"),
    "a size of 2^64": (CHUNKED + b"10000000000000000\r\n", True, "Chunk size overflow"),
    "no size": (CHUNKED + b"\r\nab\r\n", True, "chunk size"),
    "bare LF behind the size": (CHUNKED + b"2\nab\r\n", True, "invalid response"),
    "bare CR behind the size": (CHUNKED + b"2\rab\r\n", True, "invalid response"),
    "a positive size": (CHUNKED + b"+2\r\nab\r\n", True, "chunk size"),
    "a size with an underscore": (CHUNKED + b"0_2\r\nab\r\n", True, "chunk size"),
    "a blank before the size": (CHUNKED + b" 2\r\nab\r\n", True, "chunk size"),
    "bare LF in a quoted extension": (CHUNKED + b'2;a="\n"\r\nab\r\n', True, "chunk extensions"),
    "bare LF behind an extension": (CHUNKED + b"2;a\nab\r\n", True, "invalid response"),
    "bare CR in an extension": (CHUNKED + b"2;a\rb\r\nab\r\n", True, "invalid response"),
    "NUL in an extension": (CHUNKED + b"2;a\0\r\nab\r\n", True, "chunk extensions"),
    "bare LF behind a chunk": (CHUNKED + b"2\r\nab\n0\r\n\r\n", True, "chunk data"),
    "a chunk shorter than its size": (CHUNKED + b"3\r\nab\r\n0\r\n\r\n", True, "chunk data"),
    "no line break behind a chunk": (CHUNKED + b"2\r\nab0\r\n\r\n", True, "chunk data"),
    "a chunk longer than its size": (CHUNKED + b"2\r\nabc\r\n0\r\n\r\n", True, "chunk data"),
    "bare LF behind the last chunk": (CHUNKED + b"0\r\n\n", True, "invalid response"),
    "a length in the trailers": (CHUNKED + b"0\r\ncontent-length: 2\r\n\r\n", True, "Content-Length"),
    "a trailer without colon": (CHUNKED + b"0\r\nabc\r\n\r\n", True, "invalid response"),
    "a folded trailer": (CHUNKED + b"0\r\na: b\r\n c\r\n\r\n", True, "invalid response"),
    "NUL in a trailer": (CHUNKED + b"0\r\na: \0\r\n\r\n", True, "invalid response"),
    "data behind the last chunk": (CHUNKED + b"0\r\nab\r\n\r\n", True, "invalid response"),
}


@pytest.mark.parametrize("split", [lambda data: [data], bytewise], ids=["in one piece", "byte by byte"])
@pytest.mark.parametrize("row", REJECTED.values(), ids=REJECTED)
def test_invalid_response(row, split):
    """What is ambiguous or not HTTP/1.1 is rejected, before the final head counts or behind it, and never whole."""
    data, has_head, reason = row
    parsed = parse(*split(data))
    assert parsed.failure is InvalidResponse
    assert reason in parsed.reason or parsed.reason.startswith("invalid response (")
    assert bool(parsed.status) is has_head
    assert not parsed.is_whole


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
FRAMINGS = {
    "a length": (OK + LENGTH_2, b"ab"),
    "a length of 0": (OK + b"content-length: 0\r\n\r\n", b""),
    "chunks": (CHUNKED + b"2\r\nab\r\n" + LAST_CHUNK, b""),
    "chunks and trailers": (CHUNKED + b"2\r\nab\r\n0\r\na: b\r\n\r\n", b""),
    "204": (b"HTTP/1.1 204 x\r\n\r\n", b""),
    "304": (b"HTTP/1.1 304 x\r\ncontent-length: 5\r\n\r\n", b""),
}


@pytest.mark.parametrize("split", [lambda data: [data], bytewise], ids=["in one piece", "byte by byte"])
@pytest.mark.parametrize(
    "tail", [*TAILS, CHUNKED + b"2\r\nzz\r\n" + LAST_CHUNK, b"z" * 70_000], ids=lambda tail: repr(tail[:12])
)
@pytest.mark.parametrize("framing", FRAMINGS.values(), ids=FRAMINGS)
def test_surplus(framing, tail, split):
    """Whatever comes behind a response marks the connection, and is not a part of the response."""
    data = b"".join(framing)
    alone, followed = parse(data), parse(*split(data + tail))
    assert followed.has_surplus
    assert not followed.is_reusable
    assert (followed.status, followed.body, followed.is_whole) == (alone.status, alone.body, True)
    assert followed.failure is None


def test_surplus_behind_close():
    """Bytes behind a response that ends the connection change nothing: it is not used again anyway."""
    parsed = parse(
        OK + b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n" + LAST_CHUNK + OK + LENGTH_2
    )
    assert (parsed.body, parsed.is_whole, parsed.is_reusable, parsed.failure) == (b"ab", True, False, None)


@pytest.mark.parametrize(
    "headers", [LENGTH_2, b"transfer-encoding: chunked\r\n\r\n", b"content-encoding: gzip\r\n\r\n"]
)
def test_head(headers):
    """The response to HEAD ends with its head, whatever it announces; a body that comes all the same is surplus."""
    parsed = parse(OK + headers, expects_body=False)
    assert (parsed.status, parsed.body, parsed.is_whole, parsed.has_surplus) == (200, b"", True, False)
    assert parse(OK + headers + b"ab", expects_body=False).has_surplus


def test_trailers_are_no_headers():
    """A trailer cannot switch on a content coding."""
    parsed = parse(CHUNKED + b"2\r\nab\r\n0\r\ncontent-encoding: gzip\r\nkeep-alive: timeout=1\r\n\r\n")
    assert parsed.headers == ((b"transfer-encoding", b"chunked"),)


@pytest.mark.parametrize("split", [lambda data: [data], bytewise], ids=["in one piece", "byte by byte"])
def test_headers_of_interim_responses_are_dropped(split):
    """Only the final head's headers are the response's, without blanks around their values."""
    parsed = parse(*split(b"HTTP/1.1 103 x\r\nlink: a\r\n\r\n" + OK + b"A:\t b c \t\r\n" + LENGTH_2))
    assert parsed.headers == ((b"A", b"b c"), (b"content-length", b"2"))


@pytest.mark.parametrize("body", [b"", b"ab", b"a" * 70_000])
def test_unframed_body(body):
    """A body without length ends with a clean end of the connection, and with nothing else."""
    assert not parse(UNFRAMED + body).is_whole
    clean = parse(UNFRAMED, body, end=True)
    assert (clean.body, clean.is_whole, clean.is_reusable) == (body, True, False)
    torn = parse(UNFRAMED, body, end=False)
    assert (torn.status, torn.is_whole, torn.failure) == (200, False, ConnectionBroken)


CUT = {
    "nothing": b"",
    "an empty line": b"\r\n",
    "half a head": b"HTTP/1.1 200 OK\r\ncontent",
    "an interim response": b"HTTP/1.1 100 x\r\n\r\n",
    "half a body": OK + b"content-length: 5\r\n\r\nab",
    "a chunk": CHUNKED + b"2\r\nab\r\n",
    "half a chunk": CHUNKED + b"5\r\nab",
    "no end of the trailers": CHUNKED + b"0\r\na: b\r\n",
    "no end of the last chunk": CHUNKED + b"0\r\n",
}


@pytest.mark.parametrize("end", [True, False], ids=["clean", "torn"])
@pytest.mark.parametrize("data", CUT.values(), ids=CUT)
def test_incomplete_response(data, end):
    """A framed response that the connection's end cuts short is a failure, however the connection ends."""
    parsed = parse(data, end=end)
    assert (parsed.failure, parsed.is_whole) == (ConnectionBroken, False)
    assert bool(parsed.status) is (data.startswith(OK) and b"\r\n\r\n" in data)


def test_end_behind_a_whole_response():
    """The connection's end does not take back a whole response."""
    assert parse(OK + LENGTH_2 + b"ab", end=False).failure is None


def head_of(size):
    """Return a response without body whose head has so many bytes."""
    fixed = b"HTTP/1.1 204 x\r\na: %b\r\n\r\n"
    return fixed % (b"v" * (size - len(fixed) + 2))


def test_head_limit():
    """A head may have 64 KiB, and not a byte more."""
    assert parse(head_of(MAX_HEAD_BYTES)).is_whole
    assert "response head larger" in parse(head_of(MAX_HEAD_BYTES + 1)).reason
    interim = b"HTTP/1.1 103 x\r\n\r\n"
    assert parse(interim + head_of(MAX_HEAD_BYTES - len(interim))).is_whole
    assert "response head larger" in parse(interim + head_of(MAX_HEAD_BYTES - len(interim) + 1)).reason


ENDLESS = {
    "a header's value": (OK + b"a: ", b"v" * 1000),
    "a header's name": (OK, b"n" * 1000),
    "the reason phrase": (b"HTTP/1.1 200 ", b"r" * 1000),
    "headers": (OK, b"a: b\r\n" * 100),
    "empty lines": (b"", b"\r\n" * 500),
    "interim responses": (b"", b"HTTP/1.1 100 x\r\n\r\n" * 50),
    "a chunk extension": (CHUNKED + b"2;", b"e" * 1000),
    "zeros of a chunk size": (CHUNKED, b"0" * 1000),
    "a trailer's value": (CHUNKED + b"0\r\na: ", b"v" * 1000),
    "trailers": (CHUNKED + b"0\r\n", b"a: b\r\n" * 100),
}


@pytest.mark.parametrize(("start", "more"), ENDLESS.values(), ids=ENDLESS)
def test_endless(start, more):
    """An endless head or chunk overhead is given up after some 64 KiB of head, or 16 KiB of chunk overhead."""
    for pieces in ([start + more * 1000], [start, *[more] * 1000]):
        parsed = parse(*pieces)
        assert parsed.failure is InvalidResponse
    allowed = max(MAX_HEAD_BYTES, MAX_CHUNK_OVERHEAD)
    assert parse(start, *[more] * (allowed // len(more) + 2)).failure is InvalidResponse


@pytest.mark.parametrize(("number", "is_allowed"), [(MAX_HEADERS, True), (MAX_HEADERS + 1, False)])
def test_number_of_headers(number, is_allowed):
    """A head may have 256 headers, and not one more."""
    parsed = parse(b"HTTP/1.1 204 x\r\n" + b"a: b\r\n" * number + b"\r\n")
    assert parsed.is_whole is is_allowed
    assert is_allowed or "more than 256 response headers" in parsed.reason


BODIES = {
    "a length": lambda body: OK + b"content-length: %d\r\n\r\n%b" % (len(body), body),
    "chunks": lambda body: CHUNKED + b"%x\r\n%b\r\n" % (len(body), body) + LAST_CHUNK,
    "the end of the connection": lambda body: UNFRAMED + body,
}


@pytest.mark.parametrize("make", BODIES.values(), ids=BODIES)
def test_body_limit(make):
    """A body may have as many bytes as allowed, and not one more; its status has come."""
    assert parse(make(b"a" * LIMIT), end=True).is_whole
    parsed = parse(make(b"a" * (LIMIT + 1)), end=True)
    assert (parsed.failure, parsed.status, parsed.is_whole) == (ResponseTooLarge, 200, False)
    assert parsed.reason == f"larger than {LIMIT} bytes"


@pytest.mark.parametrize("length", [LIMIT + 1, 2**31, 2**63, 2**64 - 1])
def test_announced_length(length):
    """A body that is announced as too large is not waited for."""
    parsed = parse(OK + b"content-length: %d\r\n\r\n" % length)
    assert (parsed.failure, parsed.status) == (ResponseTooLarge, 200)


def test_announced_chunk():
    """A chunk that is announced as too large ends the response as soon as too much of it has come."""
    parsed = parse(CHUNKED + b"7fffffffffffffff\r\n", b"a" * LIMIT, b"a")
    assert parsed.failure is ResponseTooLarge


@pytest.mark.parametrize(("chunk", "number"), [(b"2\r\nab\r\n", 20_000), (b"ab", 20_000)])
def test_memory_of_tiny_pieces(chunk, number):
    """A body in the smallest pieces takes memory in proportion to its size, and not to the number of pieces."""
    parser = ResponseParser(1_000_000)
    parser.feed(CHUNKED if b"\r" in chunk else UNFRAMED)
    tracemalloc.start()
    try:
        for _ in range(number):
            parser.feed(chunk)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(parser.body) == 2 * number
    assert held < 4 * len(parser.body)


KEEP_ALIVE = {
    "timeout=5": 5,
    "timeout=5, max=100": 5,
    "max=100, Timeout = 5": 5,
    'timeout="5"': 5,
    "timeout=5, timeout=2, timeout=x": 2,
    "timeout=5\r\nKeep-Alive: max=100": 5,
    "timeout=0": 0,
    "max=100": None,
    "timeout": None,
    "timeout=": None,
    "timeout=-1": None,
    "timeout=1.5": None,
    "timeout=9999999999": None,
    "timeout=\xb2": None,
    "": None,
}


@pytest.mark.parametrize(("value", "seconds"), KEEP_ALIVE.items())
def test_keep_alive_seconds(value, seconds):
    """The server's Keep-Alive header says for how long; what is not a number of seconds says nothing."""
    parser = ResponseParser(LIMIT)
    parser.feed(OK + b"keep-alive: " + value.encode("latin-1") + b"\r\n" + LENGTH_2 + b"ab")
    assert parser.keep_alive_seconds == seconds


# Properties.

tokens = st.text("abcXYZ019!#$%&'*+-.^_`|~", min_size=1, max_size=12).map(str.encode)
values = st.binary(max_size=30).map(
    lambda value: bytes(byte for byte in value if byte >= 0x20 and byte != 0x7F).strip()
)
FRAMING_NAMES = {b"content-length", b"transfer-encoding", b"connection", b"proxy-connection", b"upgrade", b"keep-alive"}
headers = st.lists(st.tuples(tokens.filter(lambda name: name.lower() not in FRAMING_NAMES), values), max_size=5)
phrases = st.sampled_from([b"", b" ", b" OK", b" Not Quite \xc3\xbc"])
interims = st.lists(
    st.tuples(st.sampled_from([100, 102, 103, 150, 199]), headers).map(lambda pair: head(*pair, b" x")), max_size=3
)


def head(status, fields, phrase):
    """Return a head."""
    lines = b"".join(b"%b: %b\r\n" % field for field in fields)
    return b"HTTP/1.1 %d%b\r\n%b\r\n" % (status, phrase, lines)


@st.composite
def chunks(draw):
    """Draw a chunked body, and what it stands for."""
    parts = draw(st.lists(st.binary(min_size=1, max_size=40), max_size=5))
    extension = draw(st.sampled_from([b"", b";a", b";a=b", b';a="b c"']))
    size = draw(st.sampled_from([b"%x", b"%X", b"00%x"]))
    coded = b"".join(size % len(part) + extension + b"\r\n" + part + b"\r\n" for part in parts)
    trailers = b"".join(b"%b: %b\r\n" % field for field in draw(headers))
    return coded + b"0" + extension + b"\r\n" + trailers + b"\r\n", b"".join(parts)


@st.composite
def responses(draw):
    """Draw the bytes of a valid response, what it says, and whether only the end of the connection completes it."""
    status = draw(st.sampled_from([200, 201, 204, 299, 304, 400, 404, 429, 500, 503, 600, 999]))
    fields, body, coded, is_unframed = draw(headers), b"", b"", False
    if status not in (204, 304):
        match draw(st.sampled_from(["length", "chunks", "end"])):
            case "length":
                body = coded = draw(st.binary(max_size=200))
                fields.append((draw(st.sampled_from([b"Content-Length", b"content-length"])), b"%d" % len(body)))
            case "chunks":
                coded, body = draw(chunks())
                fields.append((b"Transfer-Encoding", b"chunked"))
            case _:
                body = coded = draw(st.binary(max_size=200))
                is_unframed = True
    empty_lines = draw(st.sampled_from([b"", b"", b"\r\n", b"\r\n\r\n", b"\n"]))
    data = b"".join([empty_lines, *draw(interims), head(status, fields, draw(phrases)), coded])
    return data, status, tuple(fields), body, is_unframed


def cut(data, places):
    """Cut bytes at places, given as fractions."""
    bounds = [0, *sorted(int(place * len(data)) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(bounds)]


places = st.lists(st.floats(min_value=0, max_value=1), max_size=6)


@settings(deadline=None, max_examples=200)
@given(responses(), places)
def test_any_response_in_any_pieces(response, places):
    """A valid response comes out as it was made, however it is cut."""
    data, status, fields, body, is_unframed = response
    whole = parse(*cut(data, places), end=True if is_unframed else None)
    assert whole.failure is None
    assert (whole.status, whole.headers, whole.body, whole.is_whole) == (status, fields, body, True)
    assert whole.is_reusable is not is_unframed
    assert parse(*bytewise(data), end=True if is_unframed else None) == whole


@settings(deadline=None, max_examples=100)
@given(
    responses().filter(lambda response: not response[-1]),
    st.one_of(st.sampled_from(TAILS), responses().map(lambda r: r[0])),
)
def test_any_surplus_at_any_split(response, tail):
    """Wherever response and surplus are cut in two, the response is itself, and the connection marked."""
    data, status, fields, body, _ = response
    for place in range(len(data) + len(tail) + 1):
        parsed = parse((data + tail)[:place], (data + tail)[place:])
        assert (parsed.status, parsed.headers, parsed.body) == (status, fields, body)
        assert parsed.is_whole
        assert parsed.has_surplus


def mutations(data):
    """Return a strategy of bytes that differ from a response in some places."""
    edit = st.tuples(st.integers(0, max(len(data) - 1, 0)), st.integers(0, 3), st.binary(max_size=6))

    def apply(edits):
        changed = data
        for place, removed, added in edits:
            changed = changed[:place] + added + changed[place + removed :]
        return changed

    return st.lists(edit, max_size=4).map(apply)


anything = st.one_of(st.binary(max_size=300), responses().flatmap(lambda response: mutations(response[0])))


ends = st.sampled_from(["clean", "torn"])


def check_anything(data, places, end):
    """Feed any bytes: nothing but a TransportFailure is raised, and what was told is never taken back."""
    parser = ResponseParser(50)
    was_whole, status, body = False, 0, b""
    failure = None
    try:
        for piece in cut(data, places):
            parser.feed(piece)
            assert parser.status == status or not status
            assert not was_whole or (parser.is_whole and parser.body == body)
            was_whole, status, body = parser.is_whole, parser.status, parser.body
            assert len(body) <= 50
        parser.feed_end(is_clean=end == "clean")
    except TransportFailure as error:
        failure = error
    assert failure is None or (not was_whole and failure.reason.isprintable())
    assert failure is not None or parser.is_whole
    assert not (parser.is_whole and parser.ends_with_connection)
    assert parser.status == 0 or 200 <= parser.status <= 999


@settings(deadline=None, max_examples=250)
@given(anything, places, ends)
@example(b"HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", [], "clean")
@example(OK + b"content-length: " + b"0" * 5000 + b"\r\n\r\n", [], "clean")
def test_any_bytes(data, places, end):
    """No bytes make the parser raise anything but a TransportFailure, or take back what it told."""
    check_anything(data, places, end)


@pytest.mark.soak
@settings(deadline=None, max_examples=20_000)
@given(anything, places, ends)
def test_any_bytes_for_long(data, places, end):
    """No bytes among 20,000 make the parser raise anything but a TransportFailure, or take back what it told."""
    check_anything(data, places, end)
