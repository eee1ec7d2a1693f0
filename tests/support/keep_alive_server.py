"""A server that keeps its connections open and counts them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from attrs import define, field

from tests.support.raw_server import serving

STATE = {"effects": []}


@define
class KeepAliveServer:
    """Answers every request with a session's state, or with the statuses that it is given, one after the other."""

    port: int = 0
    connections: int = 0
    requests: list[tuple[str, dict[str, str], bytes]] = field(factory=list)
    """Target, headers by lower-case name, and body of each request."""
    statuses: list[int] = field(factory=list)

    @property
    def url(self) -> str:
        """The server's base URL."""
        return f"http://127.0.0.1:{self.port}"

    def headers(self, name: str) -> list[str | None]:
        """Return one header of every request."""
        return [headers.get(name) for _, headers, _ in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until the client closes it."""
        self.connections += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await self.respond(reader, writer)
        writer.close()

    async def respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request."""
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().rstrip().split("\r\n")
        pairs = [line.split(": ", 1) for line in lines]
        headers = {name.lower(): value for name, value in pairs}
        assert len(headers) == len(pairs), "a header came twice"
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append((first.split()[1], headers, body))
        status = self.statuses.pop(0) if self.statuses else 200
        content = json.dumps(STATE).encode()
        head = f"HTTP/1.1 {status} Word\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        writer.write(head.encode() + content)


@asynccontextmanager
async def keep_alive_server() -> AsyncIterator[KeepAliveServer]:
    """Run the server on loopback for as long as the block."""
    server = KeepAliveServer()
    async with serving(server.serve) as server.port:
        yield server
