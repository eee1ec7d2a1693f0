"""What the reliability page promises of each kind of connection, played against a real server."""

import asyncio
import gzip
import re
import socket
import struct
from pathlib import Path

import pytest

from aiotalonone import (
    DeadlineExceededError,
    Outcome,
    RedirectError,
    ResponseDecodeError,
    RetryPolicy,
    Timeouts,
    TransportError,
)
from tests.support.clients import API_KEY, TRANSPORTS, make_client
from tests.support.http_server import RESPONSE, cancel_and_wait, http_proxy, http_server
from tests.support.inspect import inspect
from tests.support.raw_server import client_context, closed_port, response, server_context
from tests.support.sandbox_server import until
from tests.support.scripted_api import close_session, create_referral

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
ONCE = RetryPolicy(attempts=1)


async def response_is_the_call_s_own(kind):
    """Another response stands behind each one."""

    async def respond(_server, head, _writer):
        state = b'{"effects": [], "cart": "%b"}' % head.split()[1].rpartition(b"/")[2]
        return response(state) + RESPONSE

    async with http_server(respond) as server, make_client(kind, server.url, retry=ONCE) as client:
        for number in range(4):
            assert (await close_session(client, f"cart-{number}")).extra == {"cart": f"cart-{number}"}


async def no_connection_is_lost(kind):
    """Calls are cancelled a turn later each; afterwards as many are served at once as there are connections."""
    together = asyncio.Barrier(2)

    async def respond(_server, head, _writer):
        if b"/hold" in head:
            await asyncio.sleep(0.01)
        if b"/pair" in head:
            await together.wait()
        return RESPONSE

    async with http_server(respond) as server, make_client(kind, server.url, max_connections=2) as client:
        for turns in range(40):
            call = asyncio.create_task(close_session(client, "hold"))
            for _ in range(turns):
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.wait([call])
        await until(lambda: not inspect(client).abandoned)
        async with asyncio.timeout(5):
            await asyncio.gather(close_session(client, "pair-1"), close_session(client, "pair-2"))


async def nothing_is_sent_after_the_end(kind):
    """A call is given up while TLS shakes hands through a proxy's tunnel."""
    async with (
        http_server(ssl_context=server_context()) as server,
        http_proxy() as proxy,
        make_client(kind, server.url, proxy=proxy.url, ssl_context=client_context()) as client,
    ):
        call = asyncio.create_task(create_referral(client))
        await proxy.asked.wait()
        await asyncio.sleep(0.01)  # for the handshake to start
        await cancel_and_wait(call)
        proxy.may_pass.set()
        await until(lambda: not inspect(client).abandoned)
    assert server.heads == []


async def outcome_is_observed(kind):
    """Nothing listens; the connection ends after the request; the response ends after its head."""

    async def drop(_server, _head, writer):
        writer.close()
        return b""

    async def half(_server, _head, writer):
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{")
        writer.close()
        return b""

    async with make_client(kind, f"http://127.0.0.1:{await closed_port()}") as client:
        assert await outcome_of(create_referral(client)) is Outcome.NOT_SENT
    for respond, outcome in ((drop, Outcome.UNKNOWN), (half, Outcome.APPLIED)):
        async with http_server(respond) as server, make_client(kind, server.url) as client:
            assert await outcome_of(create_referral(client)) is outcome
        assert len(server.heads) == 1


async def outcome_of(call):
    """Return the outcome of the error that a call ends in."""
    with pytest.raises(TransportError) as caught:
        await call
    return caught.value.outcome


async def rejected_tunnel_is_not_sent(kind):
    """The proxy rejects each tunnel; the call is made three times, though it may act twice."""
    for answer in (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", b""):
        async with (
            http_proxy(answer=answer) as proxy,
            make_client(kind, "https://shop.talon.one", proxy=proxy.url) as client,
        ):
            with pytest.raises(TransportError) as caught:
                await create_referral(client)
        assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 3)
        assert all(head.startswith(b"CONNECT shop.talon.one:443") for head in proxy.heads)


async def deadline_ends_the_call(kind):
    """The server responds to the first request alone."""

    async def respond(server, _head, _writer):
        return RESPONSE if len(server.heads) == 1 else b""

    async with http_server(respond) as server, make_client(kind, server.url) as client:
        await close_session(client)
        with pytest.raises(DeadlineExceededError) as caught:
            await close_session(client.with_options(deadline=0.2))
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.UNKNOWN, 1)


async def requests_go_in_their_order(kind):
    """Five calls wait for the one connection."""
    gate = asyncio.Event()

    async def respond(_server, _head, _writer):
        await gate.wait()
        return RESPONSE

    async with http_server(respond) as server, make_client(kind, server.url, max_connections=1) as client:
        calls = [asyncio.create_task(close_session(client, f"cart-{number}")) for number in range(6)]
        await until(lambda: bool(server.heads))
        gate.set()
        await asyncio.gather(*calls)
    assert server.targets == [f"cart-{number}" for number in range(6)]


async def retry_takes_a_fresh_connection(kind):
    """All idle connections are reset at their next request, as after a load balancer's failover."""
    together, old = asyncio.Barrier(3), set()
    switched = False

    async def respond(_server, _head, writer):
        if switched and writer in old:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
            return b""
        if not switched:
            old.add(writer)
            await together.wait()
        return RESPONSE

    async with http_server(respond) as server, make_client(kind, server.url, max_connections=3) as client:
        await asyncio.gather(*(close_session(client, f"cart-{number}") for number in range(3)))
        switched = True
        await close_session(client.with_options(retry=RetryPolicy(attempts=2, initial_backoff=0)))
    assert server.connections == 4


async def line_says_why(kind):
    """The server's certificate is of an unknown authority; another is for another name."""
    async with http_server(ssl_context=server_context()) as server, make_client(kind, server.url) as client:
        with pytest.raises(TransportError, match="cannot connect: certificate not trusted") as caught:
            await create_referral(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 1)
    async with make_client(kind, f"http://127.0.0.1:{await closed_port()}", retry=ONCE) as client:
        with pytest.raises(TransportError, match="cannot connect: connection refused"):
            await create_referral(client)


async def decoded_size_is_bounded(kind):
    """A few kilobytes are millions when they are unpacked."""
    bomb = gzip.compress(bytes(10_000_000))

    async def respond(_server, _head, _writer):
        return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(bomb), bomb)

    async with http_server(respond) as server, make_client(kind, server.url, max_response_bytes=100_000) as client:
        with pytest.raises(ResponseDecodeError) as caught:
            await close_session(client)
    assert caught.value.reason == "larger than 100000 bytes"
    assert len(server.heads) == 1


async def interim_responses_are_passed_over(kind):
    """100, 102 and 103 come before the response."""

    async def respond(_server, _head, _writer):
        return b"".join(b"HTTP/1.1 %d Wait\r\nLink: x\r\n\r\n" % status for status in (100, 102, 103)) + RESPONSE

    async with http_server(respond) as server, make_client(kind, server.url) as client:
        for _ in range(2):
            assert (await close_session(client)).effects == []
    assert server.connections == 1


async def cookies_are_not_kept(kind):
    """The server sets a cookie of another name each time."""

    async def respond(server, _head, _writer):
        return RESPONSE.replace(b"\r\n", b"\r\nSet-Cookie: name-%d=value\r\n" % len(server.heads), 1)

    async with http_server(respond) as server, make_client(kind, server.url) as client:
        for _ in range(3):
            await close_session(client)
        assert not inspect(client).http_client.cookies
    assert not [head for head in server.heads if b"cookie" in head.lower()]


async def redirects_are_not_followed(kind):
    """An httpx client would follow them, and would send its own credential."""

    async def respond(server, _head, _writer):
        return b"HTTP/1.1 307 Elsewhere\r\nLocation: %b/other\r\nContent-Length: 0\r\n\r\n" % server.url.encode()

    http_options = {"follow_redirects": True, "auth": ("anna", "password")}
    async with http_server(respond) as server, make_client(kind, server.url, http_options=http_options) as client:
        with pytest.raises(RedirectError):
            await close_session(client)
    assert [b"uthorization: ApiKey-v1 %b\r\n" % API_KEY.encode() in head for head in server.heads] == [True]


async def timeouts_hold(kind):
    """The server says nothing for longer than a read may take."""

    async def hang(_server, _head, _writer):
        return b""

    async with http_server(hang) as server, make_client(kind, server.url, timeouts=Timeouts(read=0.02)) as client:
        with pytest.raises(TransportError, match="read timeout"):
            await create_referral(client)


PLAYS = {
    "A response is never that of another call": response_is_the_call_s_own,
    "No connection is lost when a call is cancelled (HTTP/1.1)": no_connection_is_lost,
    "Nothing is sent after the call has ended": nothing_is_sent_after_the_end,
    "The outcome is what was observed at the wire": outcome_is_observed,
    "A tunnel that a proxy did not make: not sent": rejected_tunnel_is_not_sent,
    "The call ends with its deadline": deadline_ends_the_call,
    "Requests that wait for a connection get one in their order": requests_go_in_their_order,
    "A retry after a broken connection takes a new one": retry_takes_a_fresh_connection,
    "The error's line says why no connection was made": line_says_why,
    "The size of a response is limited while it is decoded": decoded_size_is_bounded,
    "Interim responses (1xx) are passed over": interim_responses_are_passed_over,
    "Cookies are not kept": cookies_are_not_kept,
    "Redirects are not followed, and only our credential is sent": redirects_are_not_followed,
    "`timeouts=` limits each step": timeouts_hold,
    "HTTP/2": None,
}


def table():
    """Return the page's table: the cells of each promise, for each kind of client."""
    rows = re.findall(r"^\|(.+)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    rows = [[cell.strip() for cell in row.split("|")] for row in rows]
    start = next(number for number, row in enumerate(rows) if row[0] == "Promise")
    return {row[0]: dict(zip(TRANSPORTS, row[1:], strict=True)) for row in rows[start + 2 : start + 2 + len(PLAYS)]}


KEPT = [(promise, kind) for promise, cells in table().items() for kind, cell in cells.items() if cell.startswith("yes")]


@pytest.mark.parametrize(("promise", "kind"), KEPT)
async def test_a_promise_of_the_page_is_kept(promise, kind):
    """Each "yes" of the page's table is played with that kind of client."""
    await PLAYS[promise](kind)


def test_the_page_and_the_plays_are_the_same():
    """Every row has its play, every cell says yes, no or that it is the library's, and our own column says yes."""
    assert list(table()) == list(PLAYS)
    cells = [cell for row in table().values() for cell in row.values()]
    assert all(re.match(r"yes\b|no\b|the library's\b", cell) for cell in cells)
    assert all(row["own"].startswith("yes") for promise, row in table().items() if PLAYS[promise])
