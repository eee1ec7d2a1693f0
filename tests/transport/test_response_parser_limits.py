"""The parser of responses: how much of a response is read."""

import tracemalloc

import pytest

from aiotalonone.transport.failures import InvalidResponse, ResponseTooLarge
from aiotalonone.transport.response_parser import MAX_CHUNK_OVERHEAD, MAX_HEAD_BYTES, MAX_HEADERS, ResponseParser
from tests.support.parsed_response import CHUNKED, LAST_CHUNK, LIMIT, OK, UNFRAMED, parse


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
