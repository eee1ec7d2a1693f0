"""A server and a proxy on loopback whose every byte is the test's."""

import asyncio
from contextlib import asynccontextmanager, suppress

from attrs import define, field

from tests.support.raw_server import read_request, relay, response, serving

RESPONSE = response(b'{"effects": []}')


@define
class HttpServer:
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
async def http_server(respond=success, ssl_context=None):
    """Run a server for as long as the block."""
    server = HttpServer(respond)
    async with serving(server.serve, ssl_context) as port:
        server.url = f"{'https' if ssl_context else 'http'}://127.0.0.1:{port}"
        yield server


@define
class HttpProxy:
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
            await relay(reader, writer, host, int(port))
        writer.close()


@asynccontextmanager
async def http_proxy(**options):
    """Run a proxy for as long as the block."""
    proxy = HttpProxy(**options)
    async with serving(proxy.serve) as port:
        proxy.url = f"http://127.0.0.1:{port}"
        yield proxy


async def cancel_and_wait(task):
    """Cancel a task, and wait until it is over."""
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
