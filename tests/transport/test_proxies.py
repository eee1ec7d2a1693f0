"""Requests through proxies: tunnels, their failures, and plain requests that a proxy forwards."""

import asyncio
import ssl
from base64 import b64encode
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, Outcome, RetryPolicy, Timeouts, TransportError
from aiotalonone.transport.failures import ProxyFailed
from aiotalonone.transport.tunnel import Tunnel
from tests.support.await_points import assert_no_cancellation_leaks
from tests.support.clients import PATIENT, api_client, pool_client, url_of
from tests.support.raw_server import (
    TlsRecords,
    authority,
    closed_port,
    read_request,
    responding,
    response,
    server_context,
    serving,
    tunnelling,
    until,
)
from tests.support.scripted_api import create_referral

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
IS_HERE = response(b'{"is": "here"}')


@asynccontextmanager
async def through_proxy(proxy, *, proxy_tls=False, target=None, userinfo="", **options):
    """Open a client whose server is behind a proxy."""
    handle = responding(IS_HERE) if target is None else target
    async with (
        serving(handle, server_context()) as port,
        serving(proxy, server_context() if proxy_tls else None) as proxy_port,
        api_client(
            port,
            tls=True,
            proxy=url_of(proxy_port, tls=proxy_tls).replace("//", f"//{userinfo}"),
            **options,
        ) as client,
    ):
        yield client, port


@pytest.mark.parametrize("proxy_tls", [False, True], ids=["http proxy", "https proxy"])
async def test_tunnel_is_reused(proxy_tls):
    """A call through a proxy opens a tunnel, which further calls use again; the proxy sees nothing but that."""
    heads = []
    async with through_proxy(tunnelling(heads), proxy_tls=proxy_tls) as (client, port):
        for _ in range(3):
            assert await client.request("GET", "/v1/secret") == {"is": "here"}
    assert heads == [b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % (port, port)]


async def test_proxy_authorization():
    """User and password of the proxy's URL go to the proxy, and not to the server."""
    heads, server_heads = [], []

    async def target(reader, writer):
        server_heads.append((await read_request(reader))[0])
        writer.write(IS_HERE)

    async with through_proxy(tunnelling(heads), target=target, userinfo="user:p%40ss@") as (client, _):
        await client.request("GET", "/v1/x")
    assert b"\r\nProxy-Authorization: Basic %b\r\n" % b64encode(b"user:p@ss") in heads[0]
    assert b"authorization: apikey-v1" not in heads[0].lower()
    assert b"proxy-authorization" not in server_heads[0].lower()


def saying(data, *, then="wait"):
    """Return a proxy that meets every CONNECT with the same bytes."""

    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        await writer.drain()
        if then == "wait":
            await reader.read()

    return handle


UNOPENED_TUNNELS = {
    "407": (saying(response(b"<html>who?", 407)), "the proxy rejected the tunnel: 407", 1),
    "502": (saying(response(b"", 502)), "the proxy rejected the tunnel: 502", 3),
    "302": (saying(response(b"", 302, b"location: http://portal.example/")), "the proxy rejected the tunnel: 302", 3),
    "403 without length": (
        saying(b"HTTP/1.1 403 x\r\n\r\n<html>", then="close"),
        "the proxy rejected the tunnel: 403",
        3,
    ),
    "502 in HTTP/1.0": (saying(b"HTTP/1.0 502 x\r\n\r\n", then="close"), "the proxy rejected the tunnel: 502", 3),
    "a dropped connection": (saying(b"", then="close"), "the proxy closed the connection", 3),
    "half a head": (saying(b"HTTP/1.1 200 O", then="close"), "the proxy closed the connection", 3),
    "garbage": (saying(b"SSH-2.0-OpenSSH\r\n"), "the proxy did not open the tunnel: not an HTTP response", 3),
    "101": (saying(b"HTTP/1.1 101 x\r\n\r\n"), "the proxy did not open the tunnel: unexpected response status 101", 3),
    "bytes behind its head": (saying(ESTABLISHED + b"x"), "the proxy sent more than its response", 3),
    "no TLS inside": (saying(ESTABLISHED + b""), "connect timeout", 3),
    "an end inside": (saying(ESTABLISHED, then="close"), "cannot connect: connection ", 3),
    "silence": (saying(b""), "connect timeout", 3),
    "endless headers": (saying(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 20_000), "response head larger than", 3),
}


@pytest.mark.parametrize(("proxy", "reason", "attempts"), UNOPENED_TUNNELS.values(), ids=UNOPENED_TUNNELS)
@pytest.mark.parametrize("proxy_tls", [False, True], ids=["http proxy", "https proxy"])
async def test_tunnel_is_not_opened(proxy, reason, attempts, proxy_tls):
    """Whatever a proxy does instead of opening a tunnel: nothing of the request was sent, and the error says why."""
    requests = []

    async def note(reader, _writer):
        requests.append(await reader.read())

    timeouts = Timeouts(connect=0.05 if reason == "connect timeout" else 5)
    async with through_proxy(proxy, proxy_tls=proxy_tls, target=note, timeouts=timeouts) as (client, _):
        with pytest.raises(TransportError) as caught:
            await create_referral(client)
    assert reason in str(caught.value)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, attempts)
    assert requests == []


async def test_server_inside_the_tunnel_is_verified():
    """A certificate that is not right inside the tunnel is an error like one without proxy."""
    heads = []
    async with (
        serving(responding(IS_HERE), server_context("localhost")) as port,
        serving(tunnelling(heads)) as proxy_port,
        api_client(port, tls=True, proxy=url_of(proxy_port)) as client,
    ):
        with pytest.raises(TransportError, match="cannot connect: certificate is for another host") as caught:
            await create_referral(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 1)


async def test_no_tls_inside_the_tunnel():
    """A server inside the tunnel that does not speak TLS gets nothing."""
    async with (
        serving(responding(response(b"", 400))) as port,
        serving(tunnelling([])) as proxy_port,
        api_client(port, tls=True, proxy=url_of(proxy_port), timeouts=Timeouts(connect=0.1)) as client,
    ):
        with pytest.raises(TransportError) as caught:
            await create_referral(client)
    assert caught.value.outcome is Outcome.NOT_SENT


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_proxy_that_is_not_there(scheme):
    """A proxy that cannot be connected to is told apart from the server."""
    proxy = f"{scheme}://127.0.0.1:{await closed_port()}"
    async with api_client(443, tls=True, proxy=proxy) as client:
        with pytest.raises(TransportError, match="cannot connect to the proxy: connection refused") as caught:
            await create_referral(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 3)


async def test_certificate_of_the_proxy():
    """A proxy's certificate is verified like a server's, and a retry would not help."""
    async with (
        serving(tunnelling([]), server_context("localhost")) as proxy_port,
        api_client(443, tls=True, proxy=url_of(proxy_port, tls=True)) as client,
    ):
        with pytest.raises(TransportError, match="cannot connect to the proxy: certificate is for another") as caught:
            await create_referral(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 1)


async def test_tls_context_of_the_proxy():
    """A proxy of the caller's may be trusted by a context of its own."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    async with (
        serving(responding(IS_HERE), server_context()) as port,
        serving(tunnelling([]), server_context("localhost")) as proxy_port,
        api_client(port, tls=True, proxy=httpx.Proxy(url_of(proxy_port, tls=True), ssl_context=context)) as client,
    ):
        assert await client.request("GET", "/v1/x") == {"is": "here"}


async def test_ipv6_authority():
    """A tunnel to an IPv6 address is asked for with its brackets."""
    heads = []
    async with (
        serving(responding(IS_HERE), server_context("::1"), host="::1") as port,
        serving(tunnelling(heads)) as proxy_port,
        api_client(port, tls=True, host="[::1]", proxy=url_of(proxy_port)) as client,
    ):
        assert await client.request("GET", "/v1/x") == {"is": "here"}
    assert heads == [b"CONNECT [::1]:%d HTTP/1.1\r\nHost: [::1]:%d\r\n\r\n" % (port, port)]


async def test_default_port_in_a_tunnel():
    """A tunnel to a URL without port is asked for with the port of its scheme."""
    heads = []

    async def handle(reader, _writer):
        heads.append(await reader.readuntil(b"\r\n\r\n"))

    once = RetryPolicy(attempts=1)
    async with serving(handle) as proxy_port:
        proxy = url_of(proxy_port)
        async with AsyncIntegrationClient("https://shop.invalid", api_key="k", proxy=proxy, retry=once) as client:
            with pytest.raises(TransportError):
                await create_referral(client)
    assert heads[0].startswith(b"CONNECT shop.invalid:443 HTTP/1.1\r\nHost: shop.invalid:443\r\n")


@pytest.mark.parametrize("proxy_tls", [False, True], ids=["http proxy", "https proxy"])
async def test_plain_request_through_a_proxy(proxy_tls):
    """A request without TLS goes to the proxy in absolute form, on a connection that is reused."""
    heads, connections = [], []

    async def forward(reader, writer):
        connections.append(writer)
        while True:
            heads.append((await read_request(reader))[0])
            writer.write(IS_HERE)

    async with serving(forward, server_context() if proxy_tls else None) as proxy_port:
        proxy = url_of(proxy_port, tls=proxy_tls).replace("//", "//user:pass@")
        async with api_client(80, host="127.0.0.1", proxy=proxy) as client:
            for _ in range(2):
                assert await client.request("GET", "/v1/x", query={"a": "b c"}) == {"is": "here"}
    assert len(connections) == 1
    assert heads[0].startswith(b"GET http://127.0.0.1/v1/x?a=b%20c HTTP/1.1\r\n")
    assert b"\r\nProxy-Authorization: Basic %b\r\n" % b64encode(b"user:pass") in heads[0]
    assert heads[0].lower().count(b"\r\nhost: ") == 1


@pytest.mark.parametrize("is_tunnelled", [False, True], ids=["straight", "through a tunnel"])
@pytest.mark.parametrize("words", [b"HTTP/1.1 400 x\r\n\r\n", None], ids=["bytes", "close_notify"])
@pytest.mark.asyncio(loop_factories=["asyncio"])  # uvloop delivers them after the request: an early response
async def test_server_speaks_first(words, is_tunnelled):
    """A server that speaks or leaves with the last bytes of the handshake has not been sent anything."""
    received = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # there the server has the last word
    authority().issue_cert("127.0.0.1").configure_cert(context)

    async def hasty(reader, writer):
        records = TlsRecords(reader, writer, context)
        await records.shake_hands(words, say_goodbye=words is None)
        received.append(await reader.read())

    problems = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    async with serving(hasty) as port, serving(tunnelling([])) as proxy_port:
        proxy = url_of(proxy_port) if is_tunnelled else None
        async with api_client(port, tls=True, proxy=proxy, retry=RetryPolicy(attempts=1)) as client:
            with pytest.raises(TransportError) as caught:
                await create_referral(client)
    assert caught.value.outcome is Outcome.NOT_SENT
    assert not any(b"\x17\x03\x03" in data for data in received)  # no record of application data
    assert problems == []


async def test_cancelled_tunnel():
    """A call that ends while its tunnel is made is not sent afterwards, and leaves no connection."""
    ends = []

    async def slow(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ESTABLISHED)
        await writer.drain()
        ends.append((await reader.read())[:3])

    async with through_proxy(slow, deadline=0.2, timeouts=PATIENT) as (client, _):
        with pytest.raises(TransportError) as caught:
            await create_referral(client)
        await until(lambda: len(ends) == 1)
    assert caught.value.outcome is Outcome.NOT_SENT
    assert ends == [b"\x16\x03\x01"]  # a TLS ClientHello, and nothing of the request


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted on Linux")
@pytest.mark.parametrize("proxy_tls", [False, True], ids=["http proxy", "https proxy"])
async def test_cancelled_at_every_await_of_a_tunnel(proxy_tls):
    """A request that is cancelled at any await of its tunnel, TLS inside it included, leaves no socket and no task."""
    async with (
        serving(responding(IS_HERE), server_context()) as port,
        serving(tunnelling([]), server_context() if proxy_tls else None) as proxy_port,
    ):
        proxy = httpx.Proxy(url_of(proxy_port, tls=proxy_tls))
        await assert_no_cancellation_leaks(lambda: pool_client(port, tls=True, proxy=proxy))


class _Written(asyncio.Transport):
    """A transport that takes everything."""

    def write(self, data):
        """Take it."""


async def test_a_proxy_that_speaks_first_opens_no_tunnel():
    """What a proxy sends before it was asked for a tunnel is not taken for its response."""
    tunnel = Tunnel([])
    tunnel.data_received(ESTABLISHED)
    with pytest.raises(ProxyFailed, match="more than its response"):
        await tunnel.open(_Written(), httpx.URL("https://shop.talon.one"))
