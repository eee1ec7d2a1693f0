"""Requests and responses on real sockets, plain and over TLS: what comes when, and how connections end."""

import asyncio
import tracemalloc
from functools import partial
from pathlib import Path

import httpx
import pytest

from aiotalonone import Outcome, TransportError
from aiotalonone.transport.progress import PROGRESS, RequestProgress
from tests.support.clients import MEBIBYTE, api_client, pool_client
from tests.support.raw_server import (
    OK,
    TlsRecords,
    chunked,
    deaf,
    read_request,
    reset,
    responding,
    response,
    server_context,
    serving,
    until,
)
from tests.support.scripted_api import create_referral

encrypted_or_not = pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
STRANGER = response(b"stranger")


def context_if(tls):
    """Return a server's TLS, if it has any."""
    return server_context() if tls else None


def padded(size, body, framing):
    """Return a response of exactly so many bytes, if it is not longer anyway."""
    make = response if framing == "length" else chunked
    data = make(body)
    while len(data) < size:
        body += b" " * (size - len(data))
        data = make(body)
        if len(data) > size:
            body = body[: size - len(data)]
            data = make(body)
    return data


@encrypted_or_not
@pytest.mark.parametrize("framing", ["length", "chunks"])
@pytest.mark.parametrize("size", [0, 16_384, 65_536, 131_072, 262_144])
async def test_second_response_at_once(size, framing, tls):
    """A second response in the same segment, or in the next TLS record of it, never becomes another request's."""

    async def handle(reader, writer):
        records = TlsRecords(reader, writer) if tls else None
        read = records.read_request if records else partial(read_request, reader)
        if records:
            await records.shake_hands()
        while True:
            path = (await read())[0].split()[1]
            own = padded(size, path, framing)
            if records:
                records.write(own, STRANGER)
            else:
                writer.write(own + STRANGER)

    async with serving(handle) as port, pool_client(port, tls=tls) as client:
        for number in range(4):
            body = (await client.get(f"/{number}")).text
            assert body.strip() == f"/{number}"
            await asyncio.sleep(0)


@encrypted_or_not
@pytest.mark.parametrize("late", [STRANGER, b"\r\n", b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n"])
async def test_late_bytes(late, tls):
    """What arrives while a connection is idle, such as a proxy's 408, ends it; the next request has another one."""
    connections = []

    async def handle(reader, writer):
        connections.append(writer)
        path = (await read_request(reader))[0].split()[1]
        writer.write(response(path))
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.write(late)
        assert await reader.read() == b""

    async with serving(handle, context_if(tls)) as port, pool_client(port, tls=tls) as client:
        for number in range(3):
            assert (await client.get(f"/{number}")).text == f"/{number}"
            await asyncio.sleep(0.03)
    assert len(connections) == 3


@encrypted_or_not
@pytest.mark.parametrize("status", [204, 304])
async def test_body_of_a_response_that_has_none(status, tls):
    """A response without body that announces one is its connection's last: the next request would meet the body."""

    async def handle(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 %d x\r\ncontent-length: %d\r\n\r\n" % (status, len(STRANGER)))
        await read_request(reader)
        writer.write(STRANGER)

    async with serving(handle, context_if(tls)) as port, pool_client(port, tls=tls) as client:
        assert [(await client.get("/")).status_code for _ in range(2)] == [status] * 2


@encrypted_or_not
async def test_interim_responses(tls):
    """Interim responses before and while a request is sent, and before its response, change nothing."""

    async def handle(reader, writer):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await writer.drain()
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split()[0]) // 2)
            writer.write(b"HTTP/1.1 102 x\r\n\r\nHTTP/1.1 103 x\r\nlink: </a>\r\n\r\n")
            await reader.readexactly(4 * MEBIBYTE // 2)
            writer.write(b"HTTP/1.1 103 x\r\n\r\n" + response(b"done"))

    async with serving(handle, context_if(tls)) as port, pool_client(port, tls=tls) as client:
        for reused in (False, True):
            progress = RequestProgress()
            result = await client.post("/", content=bytes(4 * MEBIBYTE), extensions={PROGRESS: progress})
            assert (result.status_code, result.text, progress.reused_connection) == (200, "done", reused)


@encrypted_or_not
@pytest.mark.parametrize("status", [200, 413])
async def test_response_before_the_request_is_sent(status, tls):
    """A response that does not wait for the body is taken, the sending ends, and the connection is closed."""
    received = []

    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.pause_reading()
        writer.write(response(b"early", status))
        await asyncio.sleep(0.02)
        writer.transport.resume_reading()
        received.append(len(await reader.read()))

    async with serving(handle, context_if(tls)) as port, pool_client(port, tls=tls) as client:
        for _ in range(2):
            progress = RequestProgress()
            result = await client.post("/", content=bytes(16 * MEBIBYTE), extensions={PROGRESS: progress})
            assert (result.status_code, result.text, progress.reused_connection) == (status, "early", False)
        await until(lambda: len(received) == 2)
    assert max(received) < 16 * MEBIBYTE


@encrypted_or_not
@pytest.mark.parametrize("ending", ["close", "reset"])
async def test_server_leaves_while_the_request_is_written(ending, tls):
    """A server that leaves in the middle of a request may have it, or not: it counts as written."""

    async def handle(reader, writer):
        await reader.read(100_000)
        if ending == "reset":
            reset(writer)

    async with serving(handle, context_if(tls)) as port, pool_client(port, tls=tls) as client:
        progress = RequestProgress()
        with pytest.raises(httpx.ReadError, match="connection closed"):
            await client.post("/", content=bytes(16 * MEBIBYTE), extensions={PROGRESS: progress})
        assert (progress.written, progress.status) == (True, None)


@pytest.mark.parametrize(
    "head",
    [
        b"content-length: 2\r\ncontent-length: 3\r\n",
        b"content-length: 2\r\ntransfer-encoding: chunked\r\n",
        b"transfer-encoding: chunked\r\ncontent-length: 2\r\n",
    ],
)
async def test_contradicting_lengths(head):
    """A response whose lengths contradict each other says nothing about the request, which is not sent again."""
    async with serving(responding(OK + head + b"\r\n{}")) as port, api_client(port) as client:
        with pytest.raises(TransportError, match="invalid response") as caught:
            await create_referral(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.UNKNOWN, 1)


ENDS = {
    # how the server ends, whether by TLS: whether a body without length is whole
    ("close_notify", True): True,
    ("FIN", True): False,
    ("RST", True): False,
    ("FIN", False): True,
    ("RST", False): False,
}


@pytest.mark.parametrize(("end", "is_whole"), ENDS.items(), ids=lambda end: f"{end}")
@pytest.mark.parametrize("head", [OK, OK + b"content-length: 9\r\n", OK + b"transfer-encoding: chunked\r\n"])
async def test_truncation(head, end, is_whole):
    """A body without length is whole after a clean end alone: FIN without TLS, close_notify with it."""
    how, tls = end

    async def handle(reader, writer):
        data = head + b"\r\n" + (b"3\r\nabc\r\n" if b"chunked" in head else b"abc")
        if tls:
            records = TlsRecords(reader, writer)
            await records.shake_hands()
            await records.read_request()
            records.write(data)
        else:
            await read_request(reader)
            writer.write(data)
        await asyncio.sleep(0.01)  # RST overtakes what the peer has not read
        if how == "RST":
            reset(writer)
        elif how == "close_notify":
            records.say_goodbye()

    async with serving(handle) as port, pool_client(port, tls=tls) as client:
        result = await client.get("/")
    assert (result.status_code, result.content) == (200, b"abc")
    assert (result.failure is None) is (is_whole and head == OK)
    assert result.failure is None or isinstance(result.failure, httpx.ReadError)


@encrypted_or_not
async def test_large_bodies(tls):
    """16 MiB travel in both directions on one connection, again and again."""

    async def handle(reader, writer):
        while True:
            _, body = await read_request(reader)
            writer.write(response(body))
            await writer.drain()

    body = bytes(range(256)) * (16 * MEBIBYTE // 256)
    async with (
        serving(handle, context_if(tls), limit=MEBIBYTE) as port,
        pool_client(port, tls=tls, max_response_bytes=16 * MEBIBYTE) as client,
    ):
        for reused in (False, True):
            progress = RequestProgress()
            result = await client.post("/", content=body, extensions={PROGRESS: progress})
            assert result.content == body
            assert progress.reused_connection is reused


@encrypted_or_not
async def test_write_timeout(tls):
    """A server that takes nothing more is a write timeout, and no more than a part of the body waits in memory."""
    body = bytes(16 * MEBIBYTE)
    timeout = httpx.Timeout(5, write=0.05)
    async with (
        serving(deaf, context_if(tls), limit=1024) as port,
        pool_client(port, tls=tls, timeout=timeout) as client,
    ):
        progress = RequestProgress()
        tracemalloc.start()
        try:
            with pytest.raises(httpx.WriteTimeout):
                await client.post("/", content=body, extensions={PROGRESS: progress})
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert progress.written
    assert peak < 4 * MEBIBYTE


@encrypted_or_not
async def test_slow_reader(tls):
    """A server that takes a request slowly has the whole write timeout for each part."""

    async def handle(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        left = int(head.lower().partition(b"content-length: ")[2].split()[0])
        while left:
            left -= len(await reader.read(2 * MEBIBYTE))
            await asyncio.sleep(0.005)
        writer.write(response(b"done"))

    timeout = httpx.Timeout(5, write=0.2)
    async with (
        serving(handle, context_if(tls)) as port,
        pool_client(port, tls=tls, timeout=timeout) as client,
    ):
        assert (await client.post("/", content=bytes(8 * MEBIBYTE))).text == "done"


@encrypted_or_not
@pytest.mark.parametrize("head", [OK + b"\r\n", OK + b"content-length: 9\r\n\r\n"])
async def test_read_timeout(head, tls):
    """A response that stops within its body is told with the time-out as its failure."""
    async with (
        serving(responding(head, b"abc"), context_if(tls)) as port,
        pool_client(port, tls=tls, timeout=httpx.Timeout(5, read=0.03)) as client,
    ):
        result = await client.get("/")
    assert (result.status_code, result.content) == (200, b"abc")
    assert isinstance(result.failure, httpx.ReadTimeout)


async def test_slow_response():
    """The read timeout counts from the last part of the response, so that a slow one may take longer in all."""
    parts = [OK, b"content-length: 6\r\n\r\n", *[b"a"] * 6]
    async with (
        serving(responding(*parts, pause=0.02)) as port,
        pool_client(port, timeout=httpx.Timeout(5, read=0.1)) as client,
    ):
        result = await client.get("/")
    assert (result.content, result.failure) == (b"aaaaaa", None)


@encrypted_or_not
async def test_keep_alive_of_the_server(tls):
    """A connection that the server keeps open for no time is closed without another request."""
    connections, closed = [], []

    async def handle(reader, writer):
        connections.append(writer)
        await read_request(reader)
        writer.write(response(b"{}", 200, b"keep-alive: timeout=0"))
        closed.append(await reader.read())

    async with serving(handle, context_if(tls)) as port, pool_client(port, tls=tls) as client:
        for number in range(1, 3):
            await client.get("/")
            await until(lambda number=number: len(closed) == number)
    assert closed == [b"", b""]
    assert len(connections) == 2


def states_of(port):
    """Return the states of all TCP connections to a port, as the kernel numbers them."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [fields[3] for fields in lines if fields[2].endswith(f":{port:04X}")]


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="the kernel's table of connections is Linux'")
@encrypted_or_not
async def test_connections_that_the_server_closes_while_idle(tls):
    """Idle connections that the server closes are closed at once on this side too, without any further call."""
    everyone = asyncio.Event()
    served = []

    async def handle(reader, writer):
        await read_request(reader)
        served.append(writer)
        if len(served) == 30:
            everyone.set()
        await everyone.wait()
        writer.write(response())
        await writer.drain()
        await asyncio.sleep(0.02)

    established, close_wait = "01", "08"
    async with serving(handle, context_if(tls)) as port, pool_client(port, tls=tls, max_connections=30) as client:
        await asyncio.gather(*(client.get("/") for _ in range(30)))
        await until(lambda: not {established, close_wait} & set(states_of(port)))
