"""Requests through SOCKS proxies: what the proxy is told, and its failures."""

import asyncio
from pathlib import Path

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, Outcome, RetryPolicy, Timeouts, TransportError
from tests.support.await_points import assert_no_cancellation_leaks
from tests.support.clients import api_client, pool_client, url_of
from tests.support.raw_server import closed_port, read_request, relay, responding, response, server_context, serving
from tests.support.scripted_api import create_referral

IS_HERE = response(b'{"is": "here"}')
ACCEPTED = b"\x05\x00"
WANTS_PASSWORD = b"\x05\x02"
OPENED = b"\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90"
TARGET = b"\x05\x01\x00\x01\x7f\x00\x00\x01"
"""A request for a tunnel to 127.0.0.1, but for its port."""


def socks_proxy(*replies, opens=True, pieces=1024):
    """Return a proxy that gives its replies in turn, and passes bytes on after the last one; and what it received."""
    received = []

    async def handle(reader, writer):
        for reply in replies:
            received.append(await reader.read(1024))
            for start in range(0, len(reply), pieces):
                writer.write(reply[start : start + pieces])
                await writer.drain()
                await asyncio.sleep(0)
        if not opens:
            return
        await relay(reader, writer, "127.0.0.1", int.from_bytes(received[-1][-2:]))

    return handle, received


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize("pieces", [1024, 1])
async def test_tunnel_is_reused(tls, scheme, pieces):
    """A call through a proxy opens a tunnel, which further calls use again, however the proxy's replies are cut."""
    proxy, received = socks_proxy(ACCEPTED, OPENED, pieces=pieces)
    async with (
        serving(responding(IS_HERE), server_context() if tls else None) as port,
        serving(proxy) as proxy_port,
        api_client(port, tls=tls, proxy=f"{scheme}://127.0.0.1:{proxy_port}") as client,
    ):
        for _ in range(3):
            assert await client.request("GET", "/v1/x") == {"is": "here"}
    assert received == [b"\x05\x01\x00", TARGET + port.to_bytes(2)]


async def test_user_and_password():
    """A proxy that wants user and password gets them, and the server does not."""
    proxy, received = socks_proxy(WANTS_PASSWORD, b"\x01\x00", OPENED)
    heads = []

    async def target(reader, writer):
        heads.append((await read_request(reader))[0])
        writer.write(IS_HERE)

    async with (
        serving(target) as port,
        serving(proxy) as proxy_port,
        api_client(port, proxy=f"socks5://user:p%40ss@127.0.0.1:{proxy_port}") as client,
    ):
        await client.request("GET", "/v1/x")
    assert received == [b"\x05\x02\x00\x02", b"\x01\x04user\x04p@ss", TARGET + port.to_bytes(2)]
    assert b"p@ss" not in heads[0]
    assert heads[0].startswith(b"GET /v1/x HTTP/1.1\r\n")


async def test_password_that_no_proxy_wants():
    """User and password stay here if the proxy does not ask for them."""
    proxy, received = socks_proxy(ACCEPTED, OPENED)
    async with (
        serving(responding(IS_HERE)) as port,
        serving(proxy) as proxy_port,
        api_client(port, proxy=f"socks5://user:hush@127.0.0.1:{proxy_port}") as client,
    ):
        await client.request("GET", "/v1/x")
    assert received == [b"\x05\x02\x00\x02", TARGET + port.to_bytes(2)]


ADDRESSES = {
    "https://shop.example": b"\x03\x0cshop.example\x01\xbb",
    "https://b\xfccher.example:8443": b"\x03\x15xn--bcher-kva.example\x20\xfb",
    "https://192.0.2.7": b"\x01\xc0\x00\x02\x07\x01\xbb",
    "https://[2001:db8::1]:444": b"\x04\x20\x01\x0d\xb8" + bytes(11) + b"\x01\x01\xbc",
    "http://shop.example": b"\x03\x0cshop.example\x00\x50",
}


@pytest.mark.parametrize(("url", "address"), ADDRESSES.items())
async def test_address(url, address):
    """The proxy is given the host as it stands in the base URL, and resolves a name itself."""
    proxy, received = socks_proxy(ACCEPTED, b"\x05\x04\x00\x01" + bytes(6), opens=False)
    async with serving(proxy) as proxy_port:
        options = {"proxy": f"socks5://127.0.0.1:{proxy_port}", "retry": RetryPolicy(attempts=1), "allow_http": True}
        async with AsyncIntegrationClient(url, api_key="k", **options) as client:
            with pytest.raises(TransportError, match="the proxy rejected the tunnel: host unreachable"):
                await create_referral(client)
    assert received[-1] == b"\x05\x01\x00" + address


async def test_name_that_is_too_long():
    """A host's name that the protocol cannot hold is an error, of which the proxy hears nothing."""
    proxy, received = socks_proxy(ACCEPTED, OPENED)
    async with serving(proxy) as proxy_port:
        url = f"https://{'a.' * 128}example"
        async with AsyncIntegrationClient(url, api_key="k", proxy=f"socks5://127.0.0.1:{proxy_port}") as client:
            with pytest.raises(TransportError, match="host name cannot be resolved") as caught:
                await create_referral(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 1)
    assert not any(received)


NO_SOCKS = "the proxy does not speak SOCKS 5"
FAILURES = {
    "general failure": ([ACCEPTED, b"\x05\x01\x00\x01" + bytes(6)], "rejected the tunnel: general failure", 3),
    "not allowed": ([ACCEPTED, b"\x05\x02\x00\x01" + bytes(6)], "rejected the tunnel: not allowed by its rules", 1),
    "closed port": ([ACCEPTED, b"\x05\x05\x00\x01" + bytes(6)], "rejected the tunnel: connection refused", 3),
    "unknown reply": ([ACCEPTED, b"\x05\x63\x00\x01" + bytes(6)], "rejected the tunnel: unknown reply", 3),
    "wants a password": ([b"\x05\xff"], "the proxy wants user and password", 1),
    "unknown method": ([b"\x05\x07"], NO_SOCKS, 1),
    "method that was not offered": ([WANTS_PASSWORD], NO_SOCKS, 1),
    "HTTP": ([response(b"what?", 400)], NO_SOCKS, 1),
    "SOCKS 4": ([b"\x00\x5b" + bytes(6)], NO_SOCKS, 1),
    "another version in the reply": ([ACCEPTED, b"\x04\x00\x00\x01" + bytes(6)], NO_SOCKS, 1),
    "unknown kind of address": ([ACCEPTED, b"\x05\x00\x00\x02" + bytes(6)], NO_SOCKS, 1),
    "surplus": ([ACCEPTED, OPENED + b"HTTP/1.1 200"], "the proxy sent more than its response", 3),
    "flood": ([ACCEPTED, OPENED[:4] + bytes(100_000)], "the proxy", 3),
    "leaves at once": ([b""], "the proxy closed the connection", 3),
    "leaves after the greeting": ([ACCEPTED, b""], "the proxy closed the connection", 3),
    "leaves within its reply": ([ACCEPTED, OPENED[:-1]], "the proxy closed the connection", 3),
}


@pytest.mark.parametrize(("replies", "reason", "attempts"), FAILURES.values(), ids=FAILURES)
async def test_tunnel_is_not_opened(replies, reason, attempts):
    """Whatever a proxy does instead of opening a tunnel: nothing was sent, even if the call may act twice."""
    proxy, _ = socks_proxy(*replies, opens=False)
    async with serving(proxy) as proxy_port, api_client(80, proxy=f"socks5://127.0.0.1:{proxy_port}") as client:
        with pytest.raises(TransportError) as caught:
            await create_referral(client)
    assert reason in str(caught.value)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, attempts)


@pytest.mark.parametrize(
    ("replies", "reason"),
    [
        ([b"\x05\xff"], "the proxy wants another authentication than user and password"),
        ([WANTS_PASSWORD, b"\x01\x01"], "the proxy rejected user and password"),
    ],
)
async def test_password_that_does_not_open_the_tunnel(replies, reason):
    """A password that the proxy does not take is not tried again, and is not shown."""
    proxy, received = socks_proxy(*replies, opens=False)
    async with (
        serving(proxy) as proxy_port,
        api_client(80, proxy=f"socks5://user:hush@127.0.0.1:{proxy_port}") as client,
    ):
        with pytest.raises(TransportError, match=reason) as caught:
            await create_referral(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 1)
    assert len(received) == len(replies)
    assert "hush" not in repr(caught.value)


async def test_silent_proxy():
    """A proxy that does not reply is a connect timeout, and nothing was sent."""
    proxy, _ = socks_proxy(ACCEPTED, opens=False)

    async def silent(reader, writer):
        await proxy(reader, writer)
        await reader.read(1024)
        await reader.read()

    timeouts = Timeouts(connect=0.05)
    async with (
        serving(silent) as proxy_port,
        api_client(80, proxy=f"socks5://127.0.0.1:{proxy_port}", timeouts=timeouts) as client,
    ):
        with pytest.raises(TransportError, match="connect timeout") as caught:
            await create_referral(client)
    assert caught.value.outcome is Outcome.NOT_SENT


async def test_proxy_that_is_not_there():
    """A proxy that cannot be connected to is told apart from the server."""
    async with api_client(80, proxy=f"socks5://127.0.0.1:{await closed_port()}") as client:
        with pytest.raises(TransportError, match="cannot connect to the proxy: connection refused") as caught:
            await create_referral(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 3)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted on Linux")
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
async def test_cancelled_at_every_await_of_a_tunnel(tls):
    """A request that is cancelled at any await of its tunnel leaves no socket and no task."""
    async with (
        serving(responding(IS_HERE), server_context() if tls else None) as port,
        serving(socks_proxy(ACCEPTED, OPENED, pieces=3)[0]) as proxy_port,
    ):
        proxy = httpx.Proxy(url_of(proxy_port).replace("http:", "socks5:"))
        await assert_no_cancellation_leaks(lambda: pool_client(port, tls=tls, proxy=proxy))
