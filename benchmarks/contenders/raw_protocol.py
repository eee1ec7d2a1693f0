"""What asyncio itself costs, as the limit: one write, and reading until the length is reached."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

from benchmarks import payloads
from benchmarks.contenders import AsyncCall
from benchmarks.contenders.target import Target, headers, path_of

_LENGTH: Final = b"content-length: "


class Connection(asyncio.Protocol):
    """One connection, whose owner waits for one response at a time."""

    def connection_made(self, transport: asyncio.WriteTransport) -> None:  # type: ignore[override]
        """Remember where requests go."""
        self.transport = transport

    def send(self, request: bytes) -> asyncio.Future[bytes]:
        """Write a request, and return what its response will be."""
        self.received = b""
        self.response: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.response

    def data_received(self, data: bytes) -> None:
        """Resolve the response when it is whole."""
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return
        start = self.received.find(_LENGTH) + len(_LENGTH)
        length = int(self.received[start : self.received.find(b"\r", start)])
        if len(self.received) == end + 4 + length:
            self.response.set_result(self.received[end + 4 :])


@asynccontextmanager
async def raw(target: Target) -> AsyncIterator[AsyncCall]:
    """Use as many connections as callers, and no more than the others have."""
    url = urlsplit(target.url)
    lines = (f"{name}: {value}\r\n" for name, value in headers().items())
    rest = f" HTTP/1.1\r\nhost: {url.netloc}\r\n{''.join(lines)}content-length: {len(payloads.REQUEST)}\r\n\r\n"
    rest_of_request = rest.encode() + payloads.REQUEST
    idle: deque[Connection] = deque()
    slots = asyncio.Semaphore(target.max_connections)
    ssl_context = target.ssl_context()

    async def connect() -> Connection:
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(Connection, url.hostname or "", url.port or 0, ssl=ssl_context))[1]

    async def update(session: str) -> bytes:
        async with slots:
            connection = idle.pop() if idle else await connect()
            content = await connection.send(f"PUT {path_of(session)}".encode() + rest_of_request)
            idle.append(connection)
            return content

    try:
        yield update
    finally:
        for connection in idle:
            connection.transport.abort()
