"""What became of a call, as real sockets show it: nothing is claimed that nobody saw."""

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress
from functools import partial

import httpx
import pytest
import trustme

from aiotalonone import AsyncIntegrationClient, Outcome, RetryPolicy, Timeouts, TransportError, TransportTimeoutError
from tests.scripted import TRANSPORTS, close_cart, library_of, mint
from tests.support.raw_server import TlsRecords

PATIENCE = 5.0
STATE = b'{"effects": []}'
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
PATIENT = Timeouts(connect=PATIENCE, pool=PATIENCE, write=PATIENCE, read=PATIENCE)
AT_ONCE = RetryPolicy(initial_backoff=0)
both_transports = pytest.mark.parametrize("transport", TRANSPORTS)


@asynccontextmanager
async def client_of(transport, url, slots=1, trusted=None, **options):
    """A client with few slots, on real sockets."""
    options = {"timeouts": PATIENT, "retry": AT_ONCE, **options}
    if transport == "own":
        async with AsyncIntegrationClient(url, api_key="k", max_connections=slots, **options) as client:
            yield client
        return
    limits = httpx.Limits(max_connections=slots)
    async with (
        library_of(transport).AsyncClient(limits=limits, trust_env=False, verify=trusted or True) as http_client,
        AsyncIntegrationClient(url, api_key="k", http_client=http_client, **options) as client,
    ):
        yield client


@asynccontextmanager
async def serving(handle, ssl_context=None):
    """A server on loopback and its port; with the block its connections end."""
    connections = set()

    async def serve(reader, writer):
        connections.add(asyncio.current_task())
        await handle(reader, writer)
        with suppress(OSError):
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=ssl_context) as server:
        yield server.sockets[0].getsockname()[1]
    if connections:  # Python 3.11 does not wait for them
        await asyncio.wait(connections, timeout=PATIENCE)


async def read_request(reader):
    """Head and body of one request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    return head, await reader.readexactly(length)


async def hold(reader, writer):
    """Read, and never answer."""
    await reader.read()
    writer.close()


async def closed_port():
    """A port where nobody listens."""
    async with serving(hold) as port:
        return port


@both_transports
async def test_where_nobody_listens_nothing_is_sent(transport):
    """So even what may act twice is tried again, and the outcome is certain."""
    async with client_of(transport, f"http://127.0.0.1:{await closed_port()}") as client:
        with pytest.raises(TransportError, match="cannot connect: connection refused") as caught:
            await mint(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 3)


@both_transports
async def test_a_host_without_a_name_is_not_sent_to(transport):
    """A typing error in the configuration loses nothing."""
    async with client_of(transport, "https://no-such-host.invalid") as client:
        with pytest.raises(TransportError) as caught:
            await mint(client)
    assert caught.value.outcome is Outcome.NOT_SENT


@both_transports
async def test_a_server_of_unknown_certificate_gets_nothing(transport):
    """TLS is verified, and a handshake is no part of the request."""
    seen = []

    async def note(reader, writer):
        seen.append(await reader.read())
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with serving(note, context) as port, client_of(transport, f"https://127.0.0.1:{port}") as client:
        with pytest.raises(TransportError) as caught:
            await mint(client)
    assert caught.value.outcome is Outcome.NOT_SENT
    assert not any(seen)


@both_transports
async def test_without_a_free_slot_nothing_is_sent(transport):
    """The request never had a connection."""
    async with serving(hold) as port, client_of(transport, f"http://127.0.0.1:{port}", deadline=PATIENCE) as client:
        held = asyncio.create_task(mint(client))
        await asyncio.sleep(0.02)
        with pytest.raises(TransportTimeoutError, match="pool timeout") as caught:
            await mint(client.with_options(timeouts=Timeouts(pool=0.01)))
        assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 3)
        held.cancel()
        await asyncio.wait([held])


@both_transports
async def test_a_request_that_left_may_have_arrived(transport):
    """The server read it, and said nothing."""
    async with serving(hold) as port, client_of(transport, f"http://127.0.0.1:{port}") as client:
        with pytest.raises(TransportTimeoutError, match="read timeout") as caught:
            await mint(client.with_options(timeouts=Timeouts(read=0.02)))
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.UNKNOWN, 1)


@both_transports
async def test_the_head_of_a_success_settles_it(transport):
    """The server did what was asked; the rest of its answer is lost."""

    async def half(reader, writer):
        await read_request(reader)
        writer.write(OK % (100, STATE))
        writer.close()

    async with serving(half) as port, client_of(transport, f"http://127.0.0.1:{port}") as client:
        with pytest.raises(TransportError) as caught:
            await mint(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.APPLIED, 1)


@both_transports
async def test_half_a_refusal_is_a_refusal(transport):
    """Its status has come; the message is lost."""

    async def half(reader, writer):
        await read_request(reader)
        writer.write(b'HTTP/1.1 400 Bad Request\r\ncontent-length: 100\r\n\r\n{"mess')
        writer.close()

    async with serving(half) as port, client_of(transport, f"http://127.0.0.1:{port}") as client:
        with pytest.raises(Exception, match="400 Bad Request") as caught:
            await mint(client)
    assert caught.value.outcome is Outcome.REJECTED


@both_transports
async def test_a_connection_that_the_server_closed_meanwhile_is_replaced(transport):
    """Nothing of the second request goes to the dead connection, so that even what may act twice is sent."""
    requests = []

    async def once(reader, writer):
        requests.append(await read_request(reader))
        writer.write(OK % (len(STATE), STATE))
        await writer.drain()
        writer.close()

    async with serving(once) as port, client_of(transport, f"http://127.0.0.1:{port}") as client:
        for _ in range(3):
            await close_cart(client)
            await asyncio.sleep(0.01)
    assert len(requests) == 3


@pytest.mark.parametrize("surplus", [b"x", OK % (len(STATE), STATE), b"\r\nHTTP/1.1 200 OK\r\n"])
async def test_what_comes_after_an_answer_is_not_the_next_one(surplus):
    """A customer must never see what was meant for another."""

    async def talkative(reader, writer):
        try:
            while True:
                head, _ = await read_request(reader)
                name = head.split()[1].rpartition(b"/")[2]
                state = b'{"effects": [], "cart": "%b"}' % name
                writer.write(OK % (len(state), state) + surplus)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    once = RetryPolicy(attempts=1)
    async with serving(talkative) as port, client_of("own", f"http://127.0.0.1:{port}", retry=once) as client:
        for number in range(5):
            state = await close_cart(client, f"cart-{number}")
            assert state.extra == {"cart": f"cart-{number}"}


@asynccontextmanager
async def surplus_server(size, *, tls):
    """A server whose response is padded to ``size`` bytes and followed by a stranger's response, in one segment.

    Over TLS the stranger's response is a TLS record of its own.
    """
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)

    async def respond(reader, writer):
        tunnel = TlsRecords(reader, writer, context) if tls else writer
        read = tunnel.read_request if tls else partial(read_request, reader)
        with suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            if tls:
                await tunnel.shake_hands()
            while True:
                head, _ = await read()
                name = head.split()[1].rpartition(b"/")[2]
                state = b'{"effects": [], "cart": "%b"}' % name
                padding = size - len(OK % (10_000, state))
                state += b" " * max(padding, 0)
                stranger = b'{"effects": [], "cart": "stranger"}'
                response = OK % (len(state), state)
                if tls:
                    tunnel.write(response, OK % (len(stranger), stranger))
                else:
                    writer.write(response + OK % (len(stranger), stranger))
        writer.close()

    async with serving(respond) as port:
        yield port, trusted


@pytest.mark.parametrize(
    ("size", "tls"), [(0, True), (16_384, True), (65_536, True), (0, False), (65_536, False), (131_072, False)]
)
async def test_a_strangers_response_in_a_layer_below_the_parser_is_not_the_next_one(size, tls):
    """A second response that waits in the TLS layer or in the socket's buffer never becomes another call's response."""
    once = RetryPolicy(attempts=1)
    async with surplus_server(size, tls=tls) as (port, trusted):
        scheme = "https" if tls else "http"
        async with client_of("own", f"{scheme}://127.0.0.1:{port}", retry=once, ssl_context=trusted) as client:
            for number in range(6):
                state = await close_cart(client, f"cart-{number}")
                assert state.extra == {"cart": f"cart-{number}"}
                await asyncio.sleep(0)


@both_transports
async def test_an_answer_larger_than_allowed_is_not_read(transport):
    """A proxy gone wrong must not fill the memory; what it answered for is done."""
    closed = asyncio.Event()

    async def endless(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
                await writer.drain()
        except ConnectionError:
            closed.set()

    async with (
        serving(endless) as port,
        client_of(transport, f"http://127.0.0.1:{port}", max_response_bytes=1_000_000) as client,
    ):
        with pytest.raises(Exception, match="cannot be decoded") as caught:
            await close_cart(client)
        await asyncio.wait_for(closed.wait(), PATIENCE)
    error = caught.value
    assert (error.outcome, error.attempts, error.content) == (Outcome.APPLIED, 1, b"")
    assert error.reason == "larger than 1000000 bytes"
