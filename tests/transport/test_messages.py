"""The head of a request, as it is sent: a server reads it as one request, and in no other way."""

import copy
import pickle

import httpx
import pytest

from aiotalonone import Outcome, TransportError
from aiotalonone.transport.failures import InvalidRequest
from aiotalonone.transport.messages import WholeRequest, request_head
from tests.support.clients import api_client
from tests.support.raw_server import response, serving

URL = "http://127.0.0.1:8080/v1/x?a=b%20c"


def request(body=b"", headers=()):
    """Return a request with these headers alone."""
    return httpx.Request("PUT", URL, headers=[("Host", "127.0.0.1:8080"), *headers], stream=httpx.ByteStream(body))


def test_head_for_a_server_and_for_a_proxy():
    """A server gets the path, a forwarding proxy the whole URL and its own headers before all others."""
    sent = request(b"{}", [("Content-Length", "2")])
    rest = b"Host: 127.0.0.1:8080\r\nContent-Length: 2\r\n\r\n"
    assert request_head(sent, b"{}", None) == b"PUT /v1/x?a=b%20c HTTP/1.1\r\n" + rest
    assert (
        request_head(sent, b"{}", [(b"Proxy-Authorization", b"Basic x")])
        == b"PUT http://127.0.0.1:8080/v1/x?a=b%20c HTTP/1.1\r\nProxy-Authorization: Basic x\r\n" + rest
    )


def unread(message):
    return message


def read(message):
    assert message.headers["HOST"] == "127.0.0.1:8080"
    return message


def changed(message):
    message.headers["host"] = "127.0.0.1:8080"
    return message


def pickled(message):
    return pickle.loads(pickle.dumps(message))  # noqa: S301 - our own


def replaced(message):
    message.headers = httpx.Headers(message.headers.raw)
    return message


@pytest.mark.parametrize("use", [unread, read, changed, replaced, copy.copy, pickled])
def test_a_whole_request_is_one_of_httpx(use):
    """A request whose headers httpx has not made is sent as one of httpx's own, whatever was done with it before."""
    pairs = [(b"Host", b"127.0.0.1:8080"), (b"Content-Length", b"2")]
    whole = use(WholeRequest("PUT", URL, list(pairs), b"{}", {"timeout": {}}))
    assert request_head(whole, b"{}", None).lower() == request_head(request(b"{}", pairs[1:]), b"{}", None).lower()
    assert (whole.content, whole.read(), whole.headers.raw[1]) == (b"{}", b"{}", pairs[1])


async def test_a_header_of_a_middleware_is_sent():
    """A header that a middleware adds to a call's request is sent with it."""
    received = []

    async def note(reader, writer):
        received.append(await reader.read(65536))
        writer.write(response())

    async def trace(exchange, call_next):
        exchange.request.headers["traceparent"] = "00-1"
        return await call_next(exchange)

    async with serving(note) as port, api_client(port, middleware=[trace]) as client:
        await client.request("POST", "/v1/x", body={})
    assert b"\r\ntraceparent: 00-1\r\n" in received[0]


INVALID = {
    "a line break": (b"", [("x", "a\r\nb")], "line break"),
    "a bare LF": (b"", [("x", "a\nb")], "line break"),
    "a bare CR": (b"", [("x", "a\rb")], "line break"),
    "NUL": (b"", [("x", "a\0b")], "line break"),
    "chunks": (b"", [("Transfer-Encoding", "chunked")], "known length"),
    "a length without body": (b"", [("Content-Length", "2")], "Content-Length"),
    "a body without length": (b"{}", [], "Content-Length"),
    "a length that is too small": (b"{} ", [("Content-Length", "2")], "Content-Length"),
    "a length that is too large": (b"{}", [("content-length", "20")], "Content-Length"),
    "a list of lengths": (b"{}", [("Content-Length", "2, 2")], "Content-Length"),
    "two lengths": (b"{}", [("Content-Length", "2"), ("CONTENT-LENGTH", "2")], "Content-Length"),
}


@pytest.mark.parametrize(("body", "headers", "reason"), INVALID.values(), ids=INVALID)
def test_invalid_request(body, headers, reason):
    """What a server could read as another request, or as several, has no head, and a retry would not help."""
    with pytest.raises(InvalidRequest, match=reason) as caught:
        request_head(request(body, headers), body, None)
    assert caught.value.permanent


async def test_middleware_that_replaces_the_body():
    """A body that a middleware has replaced without its Content-Length is not sent, in whole or in part."""
    received = []

    async def note(reader, writer):
        received.append(await reader.read(65536))
        writer.write(response())

    async def replace(exchange, call_next):
        old = exchange.request
        exchange.request = httpx.Request(old.method, old.url, headers=old.headers, content=b"GET /v1/y HTTP/1.1\r\n")
        return await call_next(exchange)

    async with serving(note) as port, api_client(port, middleware=[replace]) as client:
        with pytest.raises(TransportError, match="not as long as its Content-Length says") as caught:
            await client.request("POST", "/v1/x", body={})
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 1)
    assert received == []
