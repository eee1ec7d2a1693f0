"""Servers and proxies on loopback whose every byte is the test's, and a client of each kind before them."""

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress

import trustme
from attrs import define, field

from aiotalonone import AsyncIntegrationClient, RetryPolicy
from tests.scripted import library_of
from tests.test_outcomes import OK, STATE, read_request, serving

AT_ONCE = RetryPolicy(initial_backoff=0)
RESPONSE = OK % (len(STATE), STATE)


@asynccontextmanager
async def client_of(kind, url, *, max_connections=2, proxy=None, trusted=None, http_options=None, **options):
    """Open a client on its own connections, or on an httpx client of either library."""
    options = {"api_key": "k", "retry": AT_ONCE, **options}
    if kind == "own":
        options |= {"max_connections": max_connections, "proxy": proxy, "ssl_context": trusted}
        async with AsyncIntegrationClient(url, **options) as client:
            yield client
        return
    library = library_of(kind)
    http_options = {
        "limits": library.Limits(max_connections=max_connections),
        "proxy": proxy,
        "verify": trusted or True,
        "trust_env": False,
        **(http_options or {}),
    }
    async with (
        library.AsyncClient(**http_options) as http_client,
        AsyncIntegrationClient(url, http_client=http_client, **options) as client,
    ):
        yield client


@define
class Server:
    """Reads requests, one after the other on each connection, and has a function write what comes back."""

    respond: object
    """Awaited with the server, the request's head and the writer; what it returns is written."""
    url: str = ""
    heads: list[bytes] = field(factory=list)
    connections: int = 0

    @property
    def targets(self):
        """The last segment of each request's path, in the order in which they came."""
        return [head.split()[1].rpartition(b"/")[2].decode() for head in self.heads]

    async def serve(self, reader, writer):
        """Serve one connection."""
        self.connections += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head, _ = await read_request(reader)
                self.heads.append(head)
                writer.write(await self.respond(self, head, writer))
        writer.close()


async def success(_server, _head, _writer):
    """Respond with a session's state."""
    return RESPONSE


@asynccontextmanager
async def server_of(respond=success, ssl_context=None):
    """Run a server for as long as the block."""
    server = Server(respond)
    async with serving(server.serve, ssl_context) as port:
        server.url = f"{'https' if ssl_context else 'http'}://127.0.0.1:{port}"
        yield server


def certificates():
    """Return the TLS contexts of a server and of a client that trusts it."""
    authority = trustme.CA()
    theirs, ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(theirs)
    authority.configure_trust(ours)
    return theirs, ours


@define
class Proxy:
    """Opens each tunnel, and passes its bytes on once it may."""

    answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n"
    url: str = ""
    asked: asyncio.Event = field(factory=asyncio.Event)
    may_pass: asyncio.Event = field(factory=asyncio.Event)
    heads: list[bytes] = field(factory=list)

    async def serve(self, reader, writer):
        """Serve one tunnel."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        writer.write(self.answer)
        self.asked.set()
        if b" 200 " in self.answer:
            await self.may_pass.wait()
            host, port = head.split()[1].decode().split(":")
            there_reader, there_writer = await asyncio.open_connection(host, int(port))
            await asyncio.gather(_pass_on(reader, there_writer), _pass_on(there_reader, writer))
        writer.close()


async def _pass_on(reader, writer):
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


@asynccontextmanager
async def proxy_of(**options):
    """Run a proxy for as long as the block."""
    proxy = Proxy(**options)
    async with serving(proxy.serve) as port:
        proxy.url = f"http://127.0.0.1:{port}"
        yield proxy


async def cancelled(task):
    """Cancel a task, and wait until it is over."""
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
