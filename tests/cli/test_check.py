import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from aiotalonone.cli.target import connection_hint
from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults import Fault
from aiotalonone.transport.tls import _NETWORK, _describe_certificate
from tests.cli.network import serve, tls
from tests.support.raw_server import http_response, raw_server
from tests.support.sandbox_server import serving

SESSION = "updateCustomerSessionV2"


def days(number):
    """Return the time ``number`` days from now."""
    return datetime.now(UTC) + timedelta(days=number)


@pytest.fixture
def authority_file(folder):
    """A certificate authority, and its file."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    return authority, "ca.pem"


async def test_a_good_deployment_is_reported_and_nothing_is_stored(program):
    """Host, connection, key and latency have a row each, and the calls store nothing."""
    sandbox = Sandbox()
    async with serving(sandbox.app) as server:
        host = server.url.removeprefix("http://")
        done = await program("check", url=server.url)
    assert (done.code, done.err) == (0, "")
    rows = dict(line.split(None, 1) for line in done.out.replace("API key", "API-key").splitlines())
    assert rows["host"] == host
    assert (rows["connection"], rows["API-key"]) == ("without TLS", "accepted")
    assert " ms (" in rows["latency"]
    assert not sandbox.state.sessions
    assert sandbox.applied(SESSION) == 0


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (401, "without ApiKey-v1 in front of it"),
        (403, "an Integration API key of the Application"),
        (404, "without /v1 or /v2 at its end"),
        (302, "the redirect's target"),
        (429, "try again later"),
        (503, "try again later"),
        (418, "not as Talon.One does"),
        (200, "the server is not Talon.One"),
    ],
)
async def test_unexpected_response_is_reported(run, status, hint):
    """The line about an unexpected response has the status and what to fix."""

    async def reply(_, writer):
        writer.write(http_response(status, b"<html>", "Location: https://elsewhere.example/c-1"))

    async with raw_server(reply) as url:
        done = await run("check", url=url)
    [line] = done.err.splitlines()
    assert (done.code, str(status) in line, hint in line) == (1, True, True)


async def test_call_without_a_response_is_reported(run):
    """A call that is dropped after the connection was made hints at what lies between, not at the host."""
    sandbox = Sandbox()
    sandbox.faults.add(SESSION, Fault.DROP_BEFORE_READING)
    async with serving(sandbox.app) as server:
        done = await run("check", url=server.url)
    assert (done.code, "check for a proxy or gateway that drops it" in done.err) == (1, True)


def test_the_embedded_sandbox_can_be_checked(command):
    """A check of the embedded sandbox succeeds, so that the command can be tried."""
    done = command("check", "--sandbox")
    assert (done.code, "accepted" in done.out) == (0, True)


def test_without_a_terminal_a_missing_key_is_an_error(command, monkeypatch):
    """A missing key is an error, not a prompt, if there is no terminal."""
    monkeypatch.setenv("TALON_ONE_BASE_URL", "https://acme.example")
    done = command("check")
    assert (done.code, done.err) == (2, "Error: TALON_ONE_API_KEY is not set; --sandbox needs no account\n")


async def test_a_socks_proxy_that_does_not_listen_is_reported(run, unused_port):
    """The line about a SOCKS proxy without a server says that it is the proxy."""
    done = await run("check", "--proxy", f"socks5://127.0.0.1:{unused_port}", url="https://acme.example")
    assert done.code == 1
    assert "cannot connect to the proxy: connection refused. Check the proxy's URL" in done.err


async def test_a_port_without_a_server_is_reported(run, unused_port):
    """The line about a port without a server says that the connection was refused."""
    done = await run("check", url=f"https://127.0.0.1:{unused_port}")
    assert (done.code, done.err) == (
        1,
        f"Error: 127.0.0.1:{unused_port}: cannot connect: connection refused. Check host and port of the base URL.\n",
    )


async def test_a_host_without_a_name_is_reported(run):
    """A host name that cannot be resolved is one line with a hint at the base URL."""
    done = await run("check", url="https://nowhere.invalid")
    assert done.code == 1
    assert "nowhere.invalid: cannot connect: host name cannot be resolved. Check the base URL for a" in done.err


@pytest.fixture
async def unused_port():
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


async def test_the_handshake_is_shown(run, authority_file):
    """The TLS version and the end of the certificate are in one row."""
    authority, path = authority_file
    async with serving(Sandbox().app) as server, tls(authority, server.url, not_after=days(30)) as url:
        done = await run("check", "--ca-file", path, url=url)
    assert f"connection  TLSv1.3, certificate until {days(30):%Y-%m-%d} (" in done.out


@pytest.mark.parametrize(
    ("certificate", "reason", "hint"),
    [
        ({"not_after": days(-1)}, "certificate expired", "the server needs a new certificate"),
        ({"not_before": days(1)}, "certificate not yet valid", "this machine's clock"),
        ({"name": "acme.example"}, "certificate is for another host", "the host in the base URL"),
    ],
)
async def test_an_invalid_certificate_is_reported(run, authority_file, certificate, reason, hint):
    """The line of a certificate that is not valid, or not for the host, has the reason and what to check."""
    authority, path = authority_file
    async with tls(authority, **certificate) as url:
        done = await run("check", "--ca-file", path, url=url)
    [line] = done.err.splitlines()
    assert (done.code, f"cannot connect: {reason}. " in line, hint in line) == (1, True, True)


async def test_a_host_without_tls_is_reported(run):
    """An https base URL of a server that does not speak TLS is one line with a hint at the port."""

    async def reply(_, writer):
        writer.write(http_response(400))
        await writer.drain()

    async with serve(reply) as port:
        done = await run("check", url=f"https://127.0.0.1:{port}")
    assert (done.code, "the server does not speak TLS. Check the port" in done.err) == (1, True)


@pytest.mark.parametrize("reason", sorted({*_NETWORK.values(), *map(_describe_certificate, (9, 10, 18, 62))}))
def test_each_reason_of_the_transport_has_a_hint(reason):
    """A reason that the transport gives is followed by more than the general hint, unless the connection just broke."""
    is_general = connection_hint(f"cannot connect: {reason}") == connection_hint("cannot connect: network error")
    assert is_general is (reason in {"connection reset", "connection closed by the peer"})


@pytest.mark.parametrize("reason", ["pool timeout", "read timeout", "the client was closed"])
def test_a_failure_of_another_kind_has_no_hint(reason):
    """A call that failed while it waited, or after it was sent, says nothing of how to connect."""
    assert not connection_hint(reason)
