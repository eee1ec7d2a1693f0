"""The outcome of a call over real sockets: nothing is claimed that was not observed."""

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest
import trustme

from aiotalonone import Outcome, RetryPolicy, Timeouts, TransportError, TransportTimeoutError
from tests.support.clients import TRANSPORTS, make_client, url_of
from tests.support.raw_server import (
    OK,
    PATIENCE,
    TlsRecords,
    client_context,
    closed_port,
    read_request,
    response,
    serving,
    silent,
)
from tests.support.scripted_api import close_session, create_referral

STATE = b'{"effects": []}'
HEAD_LENGTH = len(response(bytes(10_000))) - 10_000
both_transports = pytest.mark.parametrize("transport", TRANSPORTS)


@both_transports
async def test_where_nobody_listens_nothing_is_sent(transport):
    """So even what may act twice is tried again, and the outcome is certain."""
    async with make_client(transport, url_of(await closed_port())) as client:
        with pytest.raises(TransportError, match="cannot connect: connection refused") as caught:
            await create_referral(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 3)


@both_transports
async def test_a_host_without_a_name_is_not_sent_to(transport):
    """A typing error in the configuration loses nothing."""
    async with make_client(transport, "https://no-such-host.invalid") as client:
        with pytest.raises(TransportError) as caught:
            await create_referral(client)
    assert caught.value.outcome is Outcome.NOT_SENT


@both_transports
async def test_a_server_of_unknown_certificate_gets_nothing(transport):
    """A failed TLS handshake is not part of the request: its outcome is NOT_SENT."""
    seen = []

    async def note(reader, writer):
        seen.append(await reader.read())
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with serving(note, context) as port, make_client(transport, f"https://127.0.0.1:{port}") as client:
        with pytest.raises(TransportError) as caught:
            await create_referral(client)
    assert caught.value.outcome is Outcome.NOT_SENT
    assert not any(seen)


@both_transports
async def test_without_a_free_slot_nothing_is_sent(transport):
    """The request never had a connection."""
    async with (
        serving(silent) as port,
        make_client(transport, url_of(port), max_connections=1, deadline=PATIENCE) as client,
    ):
        held = asyncio.create_task(create_referral(client))
        await asyncio.sleep(0.02)
        with pytest.raises(TransportTimeoutError, match="pool timeout") as caught:
            await create_referral(client.with_options(timeouts=Timeouts(pool=0.01)))
        assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 3)
        held.cancel()
        await asyncio.wait([held])


@both_transports
async def test_a_request_that_left_may_have_arrived(transport):
    """The server read it, and said nothing."""
    async with serving(silent) as port, make_client(transport, url_of(port)) as client:
        with pytest.raises(TransportTimeoutError, match="read timeout") as caught:
            await create_referral(client.with_options(timeouts=Timeouts(read=0.02)))
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.UNKNOWN, 1)


@both_transports
async def test_the_head_of_a_success_settles_it(transport):
    """If the head of a success came and the rest is lost, the outcome is APPLIED."""

    async def half(reader, writer):
        await read_request(reader)
        writer.write(OK + b"content-length: 100\r\n\r\n" + STATE)
        writer.close()

    async with serving(half) as port, make_client(transport, url_of(port)) as client:
        with pytest.raises(TransportError) as caught:
            await create_referral(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.APPLIED, 1)


@both_transports
async def test_half_a_rejection_is_a_rejection(transport):
    """Its status has come; the message is lost."""

    async def half(reader, writer):
        await read_request(reader)
        writer.write(b'HTTP/1.1 400 Bad Request\r\ncontent-length: 100\r\n\r\n{"mess')
        writer.close()

    async with serving(half) as port, make_client(transport, url_of(port)) as client:
        with pytest.raises(Exception, match="400 Bad Request") as caught:
            await create_referral(client)
    assert caught.value.outcome is Outcome.REJECTED


@both_transports
async def test_a_connection_that_the_server_closed_meanwhile_is_replaced(transport):
    """Nothing of the second request goes to the dead connection, so that even what may act twice is sent."""
    requests = []

    async def once(reader, writer):
        requests.append(await read_request(reader))
        writer.write(response(STATE))
        await writer.drain()
        writer.close()

    async with serving(once) as port, make_client(transport, url_of(port)) as client:
        for _ in range(3):
            await close_session(client)
            await asyncio.sleep(0.01)
    assert len(requests) == 3


@pytest.mark.parametrize("surplus", [b"x", response(STATE), b"\r\nHTTP/1.1 200 OK\r\n"])
async def test_what_comes_after_an_answer_is_not_the_next_one(surplus):
    """A customer must never see what was meant for another."""

    async def talkative(reader, writer):
        try:
            while True:
                head, _ = await read_request(reader)
                name = head.split()[1].rpartition(b"/")[2]
                state = b'{"effects": [], "cart": "%b"}' % name
                writer.write(response(state) + surplus)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    once = RetryPolicy(attempts=1)
    async with serving(talkative) as port, make_client("own", url_of(port), retry=once) as client:
        for number in range(5):
            state = await close_session(client, f"cart-{number}")
            assert state.extra == {"cart": f"cart-{number}"}


@asynccontextmanager
async def surplus_server(size, *, tls):
    """A server whose response is padded to ``size`` bytes and followed by a stranger's response, in one segment.

    Over TLS the stranger's response is a TLS record of its own.
    """

    async def respond(reader, writer):
        tunnel = TlsRecords(reader, writer) if tls else writer
        read = tunnel.read_request if tls else partial(read_request, reader)
        with suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            if tls:
                await tunnel.shake_hands()
            while True:
                head, _ = await read()
                name = head.split()[1].rpartition(b"/")[2]
                state = b'{"effects": [], "cart": "%b"}' % name
                state = state.ljust(size - HEAD_LENGTH)
                stranger = b'{"effects": [], "cart": "stranger"}'
                if tls:
                    tunnel.write(response(state), response(stranger))
                else:
                    writer.write(response(state) + response(stranger))
        writer.close()

    async with serving(respond) as port:
        yield port


@pytest.mark.parametrize(
    ("size", "tls"), [(0, True), (16_384, True), (65_536, True), (0, False), (65_536, False), (131_072, False)]
)
async def test_a_strangers_response_in_a_layer_below_the_parser_is_not_the_next_one(size, tls):
    """A second response that waits in the TLS layer or in the socket's buffer never becomes another call's response."""
    once = RetryPolicy(attempts=1)
    async with (
        surplus_server(size, tls=tls) as port,
        make_client("own", url_of(port, tls=tls), retry=once, ssl_context=client_context()) as client,
    ):
        for number in range(6):
            state = await close_session(client, f"cart-{number}")
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
        make_client(transport, url_of(port), max_response_bytes=1_000_000) as client,
    ):
        with pytest.raises(Exception, match="cannot be decoded") as caught:
            await close_session(client)
        await asyncio.wait_for(closed.wait(), PATIENCE)
    error = caught.value
    assert (error.outcome, error.attempts, error.content) == (Outcome.APPLIED, 1, b"")
    assert error.reason == "larger than 1000000 bytes"
