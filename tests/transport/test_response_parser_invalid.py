"""The parser of responses: what is none, and what is not whole."""

import pytest

from aiotalonone.transport.failures import ConnectionBroken, InvalidResponse
from tests.support.parsed_response import CHUNKED, LENGTH_2, OK, bytewise, parse

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
