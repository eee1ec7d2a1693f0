import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from aiotalonone.cli.exits import CommandError, Exit
from aiotalonone.cli.probe import probe
from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults import Fault
from tests.sandbox.wire import serving
from tests.speaking import http, speaking

SESSION = "updateCustomerSessionV2"


async def test_all_is_well(program):
    """Host, key and latency are told, and nothing is stored."""
    sandbox = Sandbox()
    async with serving(sandbox.app) as server:
        host = server.url.removeprefix("http://")
        done = await program("check", url=server.url)
    assert (done.code, done.err) == (0, "")
    told = dict(line.split(None, 1) for line in done.out.replace("API key", "API-key").splitlines())
    assert told["host"] == host
    assert (told["connection"], told["API-key"]) == ("without TLS", "accepted")
    assert " ms (" in told["latency"]
    assert not sandbox.state.sessions
    assert sandbox.applied(SESSION) == 0


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (401, "without ApiKey-v1 before it"),
        (403, "an Integration API key of the Application"),
        (404, "without /v1 or /v2 behind it"),
        (302, "the address that is redirected to"),
        (429, "try again later"),
        (503, "try again later"),
        (418, "otherwise than Talon.One does"),
        (200, "what answers is not Talon.One"),
    ],
)
async def test_what_to_fix_where_the_answer_is_another(program, status, remedy):
    """The one line has the status and the remedy, and no key."""

    async def answer(_, writer):
        writer.write(http(status, b"<html>", "Location: https://elsewhere.example/c-1"))

    async with speaking(answer) as url:
        done = await program("check", url=url)
    [line] = done.err.splitlines()
    assert (done.code, str(status) in line, remedy in line) == (1, True, True)
    assert "sandbox-key" not in done.out + done.err


async def test_a_call_without_an_answer(program):
    """It is the call's fault, not the host's."""
    sandbox = Sandbox()
    sandbox.faults.add(SESSION, Fault.DROP_BEFORE_READING)
    async with serving(sandbox.app) as server:
        done = await program("check", url=server.url)
    assert (done.code, "a gateway that ends it" in done.err) == (1, True)


def test_the_embedded_sandbox_is_well(command):
    """So that the command can be tried."""
    done = command("check", "--sandbox")
    assert (done.code, "accepted" in done.out) == (0, True)


def test_nobody_to_ask(command, monkeypatch):
    """Without a terminal the key is not asked for."""
    monkeypatch.setenv("TALON_ONE_BASE_URL", "https://acme.example")
    done = command("check")
    assert (done.code, done.err) == (2, "Error: TALON_ONE_API_KEY is not set; --sandbox needs no account\n")


async def failure(url, trusted=None):
    with pytest.raises(CommandError) as caught:
        await probe(url, trusted or ssl.create_default_context())
    assert caught.value.code is Exit.FAILED
    return str(caught.value)


async def test_nobody_listens(unused_port):
    """Refused is another thing than unknown."""
    assert "cannot be reached (refused)" in await failure(f"http://127.0.0.1:{unused_port}")


async def test_there_is_no_such_host():
    """A name that is reserved for not being one."""
    assert "there is no host nowhere.invalid" in await failure("https://nowhere.invalid")


@pytest.fixture
async def unused_port():
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


async def tls_server(authority, **certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", **certificate).configure_cert(context)

    async def part(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(part, "127.0.0.1", 0, ssl=context)
    return server, f"https://localhost:{server.sockets[0].getsockname()[1]}"


async def test_the_handshake_is_told():
    """Its version, and when the certificate ends."""
    authority, trusted = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trusted)
    ends = (datetime.now(UTC) + timedelta(days=30)).replace(microsecond=0)
    server, url = await tls_server(authority, not_after=ends)
    async with server:
        facts = await probe(url, trusted)
    assert (facts.version, facts.expires) == ("TLSv1.3", ends)


@pytest.mark.parametrize(
    ("is_trusted", "days", "message"),
    [(False, 30, "is not trusted: "), (True, -1, "is not trusted: certificate has expired")],
)
async def test_a_certificate_that_is_not_trusted(is_trusted, days, message):
    """Whose it is, and why."""
    authority, trusted = trustme.CA(), ssl.create_default_context()
    if is_trusted:
        authority.configure_trust(trusted)
    server, url = await tls_server(authority, not_after=datetime.now(UTC) + timedelta(days=days))
    async with server:
        assert f"the certificate of localhost {message}" in await failure(url, trusted)


async def test_a_host_without_tls():
    """The URL says https, the server does not."""

    def answer(_, writer):
        writer.write(http(400))
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert "speaks no TLS" in await failure(f"https://127.0.0.1:{port}")
