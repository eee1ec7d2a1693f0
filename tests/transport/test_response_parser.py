"""The parser of responses: what is one, in whatever pieces it comes, and whether its connection serves another."""

import pytest

from aiotalonone.transport.failures import ConnectionBroken
from aiotalonone.transport.response_parser import ResponseParser
from tests.support.parsed_response import CHUNKED, LAST_CHUNK, LENGTH_2, LIMIT, OK, TAILS, UNFRAMED, bytewise, parse

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
