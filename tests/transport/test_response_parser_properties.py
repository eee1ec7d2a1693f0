"""The parser of responses: what holds for all bytes."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aiotalonone.transport.failures import TransportFailure
from aiotalonone.transport.response_parser import ResponseParser
from tests.support.parsed_response import OK, TAILS, bytewise, parse

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
