"""How connections are made, and why some are not: each reason in words, and nothing sent."""

import asyncio
import errno
import gc
import re
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path

import httpx
import pytest
import trustme

from aiotalonone import Outcome, RetryPolicy, Timeouts, TransportError
from aiotalonone.transport import connect
from aiotalonone.transport.progress import PROGRESS, RequestProgress
from aiotalonone.transport.tls import create_ssl_context
from tests.support.await_points import cancel_at_await
from tests.support.clients import api_client, pool_client, url_of
from tests.support.raw_server import (
    TlsRecords,
    authority,
    closed_port,
    descriptors,
    responding,
    response,
    server_context,
    serving,
    silent,
    tunnelling,
    until,
)
from tests.support.scripted_api import create_referral

needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted on Linux")


@cache
def stranger():
    """Return an authority that the tests do not trust."""
    return trustme.CA()


def expired_context():
    """Return the TLS of a server whose certificate was valid until yesterday."""
    return server_context(not_after=datetime.now(UTC).replace(microsecond=0) - timedelta(days=1))


async def leave(_reader, _writer):
    """Close the connection at once."""


async def fail_to_connect(client):
    """Return what a call comes to that must not be retried once it was sent."""
    with pytest.raises(TransportError) as caught:
        await create_referral(client)
    return caught.value


CERTIFICATES = {
    "untrusted": (lambda: server_context(issuer=stranger), "certificate not trusted"),
    "expired": (expired_context, "certificate expired"),
    "of another host": (lambda: server_context("localhost"), "certificate is for another host"),
    "of another address": (lambda: server_context("127.0.0.2"), "certificate is for another host"),
}


@pytest.mark.parametrize(("context", "reason"), CERTIFICATES.values(), ids=CERTIFICATES)
async def test_certificate(context, reason):
    """A server whose certificate is not right gets nothing, and a retry would not help; the error says what it is."""
    requests = []

    async def note(reader, _writer):
        requests.append(await reader.read())

    async with serving(note, context()) as port, api_client(port, tls=True) as client:
        error = await fail_to_connect(client)
    assert f"cannot connect: {reason}" in str(error)
    assert (error.outcome, error.attempts) == (Outcome.NOT_SENT, 1)
    assert not any(requests)


async def test_fully_qualified_name(monkeypatch):
    """A name that ends with a dot, which spares the resolver its search, is that of the certificate without it."""
    asked = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert("localhost").configure_cert(context)
    context.sni_callback = lambda _connection, name, _context: asked.append(name)
    async with serving(responding(response(b"here")), context) as port:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_args, **_options: asked.append(host) or found)
        async with pool_client(port, tls=True, host="localhost.") as client:
            assert (await client.get("/")).text == "here"
    assert asked == [b"localhost.", "localhost"]


async def test_server_requires_a_certificate_of_the_client():
    """If the server wants a certificate of the client, the error says so, and a retry would not help."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert("127.0.0.1").configure_cert(context)
    authority().configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED

    async def reject(reader, writer):
        server = TlsRecords(reader, writer, context)
        with suppress(ssl.SSLError):
            await server.shake_hands()
        server.flush()
        await reader.read()

    async with serving(reject) as port, api_client(port, tls=True) as client:
        error = await fail_to_connect(client)
    assert "the server requires a certificate of the client" in str(error)
    assert (error.outcome, error.attempts) == (Outcome.UNKNOWN, 1)


async def test_own_context_offers_http1_alone(tmp_path):
    """The client's own context asks for HTTP/1.1, so that a server which prefers HTTP/2 speaks that."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert("127.0.0.1").configure_cert(context)
    context.set_alpn_protocols(["h2", "http/1.1"])
    authority().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    agreed = []

    async def respond(reader, writer):
        agreed.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await responding(response(b'{"is": "here"}'))(reader, writer)

    own = create_ssl_context(tmp_path / "ca.pem")
    async with serving(respond, context) as port, api_client(port, tls=True, ssl_context=own) as client:
        assert await client.request("GET", "/v1/x") == {"is": "here"}
    assert agreed == ["http/1.1"]


@pytest.mark.parametrize("is_tunnelled", [False, True], ids=["straight", "through a tunnel"])
async def test_context_that_offers_http2(is_tunnelled):
    """If the caller's context offers HTTP/2 and the server takes it, nothing is sent, and a retry would not help."""
    contexts = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority().issue_cert("127.0.0.1").configure_cert(contexts[0])
    authority().configure_trust(contexts[1])
    for context in contexts:
        context.set_alpn_protocols(["h2", "http/1.1"])
    requests = []

    async def note(reader, _writer):
        requests.append(await reader.read())

    async with serving(note, contexts[0]) as port, serving(tunnelling([])) as proxy_port:
        proxy = url_of(proxy_port) if is_tunnelled else None
        async with api_client(port, tls=True, ssl_context=contexts[1], proxy=proxy) as client:
            error = await fail_to_connect(client)
    assert "cannot connect: the ssl_context offers HTTP/2" in str(error)
    assert (error.outcome, error.attempts) == (Outcome.NOT_SENT, 1)
    assert not any(requests)


@pytest.mark.parametrize("greeting", [response(b"", 400), b"SSH-2.0-OpenSSH_9.7\r\n", b"220 mail ESMTP\r\n" * 20])
async def test_no_tls_at_the_port(greeting):
    """A server that does not speak TLS gets nothing, and a retry would not help."""

    async def greet(reader, writer):
        writer.write(greeting)
        await writer.drain()
        await reader.read()

    async with serving(greet) as port, api_client(port, tls=True) as client:
        error = await fail_to_connect(client)
    assert "cannot connect: the server does not speak TLS" in str(error)
    assert (error.outcome, error.attempts) == (Outcome.NOT_SENT, 1)


async def test_server_leaves_during_the_handshake():
    """A server that leaves during the handshake is tried again, since this may pass."""
    async with serving(leave) as port, api_client(port, tls=True) as client:
        error = await fail_to_connect(client)
    assert re.search("cannot connect: connection (closed by the peer|reset)", str(error))
    assert (error.outcome, error.attempts) == (Outcome.NOT_SENT, 3)


async def test_closed_port():
    """A port where no server listens is tried again, and the error says so."""
    async with api_client(await closed_port()) as client:
        error = await fail_to_connect(client)
    assert "cannot connect: connection refused" in str(error)
    assert (error.outcome, error.attempts) == (Outcome.NOT_SENT, 3)


async def test_silent_handshake():
    """A server that never shakes hands is a connect timeout."""
    timeouts = Timeouts(connect=0.02)
    async with serving(silent) as port, api_client(port, tls=True, timeouts=timeouts) as client:
        error = await fail_to_connect(client)
    assert "connect timeout" in str(error)
    assert (error.outcome, error.attempts) == (Outcome.NOT_SENT, 3)


async def test_unknown_host(monkeypatch):
    """A host name that cannot be resolved is tried again, and the error says so, without the name."""

    def fail(*_args, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    async with api_client(443, tls=True, host="shop.invalid") as client:
        error = await fail_to_connect(client)
    assert "cannot connect: host name cannot be resolved" in str(error)
    assert "shop" not in str(error)
    assert (error.outcome, error.attempts) == (Outcome.NOT_SENT, 3)


async def test_hanging_name_server(monkeypatch):
    """A name server that hangs costs its own calls their time, and holds up no other use of the loop's threads."""
    answered = threading.Event()

    def hang(*_args, **_options):
        answered.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    once = {"timeouts": Timeouts(connect=0.05), "retry": RetryPolicy(attempts=1)}
    try:
        async with api_client(443, tls=True, host="shop.invalid", **once) as client:
            calls = [asyncio.create_task(fail_to_connect(client)) for _ in range(50)]
            await asyncio.sleep(0.01)
            done = await asyncio.gather(*(asyncio.to_thread(int) for _ in range(50)))
            assert done == [0] * 50
            errors = await asyncio.gather(*calls)
    finally:
        answered.set()
    assert {error.outcome for error in errors} == {Outcome.NOT_SENT}
    assert all("connect timeout" in str(error) for error in errors)


async def test_closing_while_names_are_resolved(monkeypatch):
    """A pool that is closed while many names are being resolved cancels no task that waits for them."""
    answered = threading.Event()
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", await closed_port()))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: answered.wait(30) and found)
    client = pool_client(80, host="localhost", max_connections=20)
    requests = [asyncio.create_task(client.get("/")) for _ in range(20)]
    await asyncio.sleep(0.01)
    await client.aclose()
    answered.set()
    done, _ = await asyncio.wait(requests, timeout=5)
    assert len(done) == 20
    assert not any(request.cancelled() for request in done)
    assert all(isinstance(request.exception(), (RuntimeError, httpx.ConnectError)) for request in done)


def silent_address():
    """Return a socket that completes no further handshake: its queue is full."""
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    waiting = [socket.socket() for _ in range(3)]
    for one in waiting:
        one.setblocking(False)  # noqa: FBT003 - the standard library's signature
        with suppress(BlockingIOError):
            one.connect(full.getsockname())
    return full, waiting


class Stubborn(socket.socket):
    """A socket that does not take an option, as on macOS after the peer has left."""

    def setsockopt(self, *option):
        """Set another option."""
        if option[1] == socket.SO_KEEPALIVE:
            raise OSError(errno.EINVAL, "Invalid argument")
        super().setsockopt(*option)


@pytest.mark.parametrize("kind", [socket.socket, Stubborn])
async def test_keep_alive_of_tcp(monkeypatch, kind):
    """Sockets have TCP's keep-alive on; one that does not take the option is used without it."""
    sockets = []

    async def start(*arguments, **options):
        sock = await start_connection(*arguments, **options)
        sockets.append(kind(fileno=sock.detach()))
        return sockets[-1]

    start_connection = connect.start_connection
    monkeypatch.setattr(connect, "start_connection", start)
    async with serving(responding(response(b"here"))) as port, pool_client(port) as client:
        assert (await client.get("/")).text == "here"
        (sock,) = sockets
        assert bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)) is (kind is socket.socket)


@pytest.mark.parametrize("order", [1, -1], ids=["silent first", "silent last"])
async def test_happy_eyeballs(monkeypatch, order):
    """If one address of a host is silent, the next one is tried beside it."""
    full, waiting = silent_address()
    async with serving(responding(response(b"here"))) as port:
        ports = [full.getsockname()[1], port][::order]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", number)) for number in ports]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: found)
        monkeypatch.setattr(connect, "HAPPY_EYEBALLS_DELAY", 0.01)
        async with pool_client(port, host="localhost") as client:
            assert (await client.get("/")).text == "here"
    for one in [full, *waiting]:
        one.close()


async def test_all_addresses_reset(monkeypatch):
    """If every address of a host rejects the connection, the error says so."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", await closed_port())) for _ in range(3)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: found)
    async with api_client(80, host="localhost") as client:
        error = await fail_to_connect(client)
    assert "cannot connect: connection refused" in str(error)


@pytest.fixture
def no_collector():
    """Leave nothing to the garbage collector."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@needs_proc
@pytest.mark.usefixtures("no_collector")
async def test_cancelled_handshakes():
    """100 handshakes that are cancelled leave no socket, at once and without the garbage collector."""
    async with serving(silent) as port, pool_client(port, tls=True, max_connections=10) as client:
        before = descriptors()
        for number in range(100):
            task = asyncio.create_task(client.get("/"))
            await asyncio.sleep(0.002 if number % 2 else 0)
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()
        await until(lambda: descriptors() <= before + 1)  # the executor's own pipe may have come


@needs_proc
@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
async def test_cancelled_at_every_await_of_connecting(tls):
    """A request that is cancelled at any await of name resolution, connecting and handshake leaves no socket."""
    context = server_context() if tls else None
    async with serving(responding(response()), context) as port:
        async with pool_client(port, tls=tls) as client:
            await client.get("/")
        await until(lambda: len(asyncio.all_tasks()) == 1)
        before = descriptors()
        for suspension in count():
            async with pool_client(port, tls=tls) as client:
                progress = RequestProgress()
                cancelled = await cancel_at_await(suspension, client.get("/", extensions={PROGRESS: progress}))
            await until(lambda: descriptors() <= before)
            if not cancelled:
                break
    assert suspension > 2


@needs_proc
@pytest.mark.usefixtures("no_collector")
async def test_given_up_among_silent_addresses(monkeypatch):
    """A request that is given up while several addresses are tried leaves no socket and no task."""
    full, waiting = silent_address()
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", full.getsockname())] * 4
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: found)
    monkeypatch.setattr(connect, "HAPPY_EYEBALLS_DELAY", 0.005)
    async with pool_client(80, host="localhost", timeout=httpx.Timeout(5, connect=0.03)) as client:
        with pytest.raises(httpx.ConnectTimeout):
            await client.get("/")
        await until(lambda: len(asyncio.all_tasks()) == 1)
        before = descriptors()
        for turn in range(20):
            task = asyncio.create_task(client.get("/"))
            await asyncio.sleep(0.001 * turn)
            task.cancel()
            await asyncio.wait([task])
        await until(lambda: len(asyncio.all_tasks()) == 1)
        await until(lambda: descriptors() <= before)
    for one in [full, *waiting]:
        one.close()


async def test_trusted_certificate():
    """A server that shows a certificate of an authority that is trusted gets the request."""
    context = ssl.create_default_context()
    authority().configure_trust(context)
    async with (
        serving(responding(response(b'{"is": "here"}')), server_context()) as port,
        api_client(port, tls=True, ssl_context=context) as client,
    ):
        assert await client.request("GET", "/v1/x") == {"is": "here"}
