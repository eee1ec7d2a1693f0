"""The sandbox on a real socket, and raw connections to it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

from attrs import define

from aiotalonone.sandbox.server import Server


class GuestServer(Server):
    """A server that leaves signals to the test run, and stops as soon as it is asked to."""

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self.leaving = asyncio.Event()

    async def main_loop(self) -> None:
        """Wait for the end, which uvicorn would check every tenth of a second."""
        await self.on_tick(0)  # builds the headers of all responses
        await self.leaving.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture no signal, so that a test run can be interrupted."""
        yield


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[Server]:
    """Serve an application on a free port, for as long as the block."""
    server = GuestServer(app)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve())
        await until(lambda: server.started)
        try:
            yield server
        finally:
            server.leaving.set()


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until a condition holds."""
    async with asyncio.timeout(30):  # what waits for a disk may take seconds on a busy machine
        while not condition():  # noqa: ASYNC110 - the server has no event for any of this
            await asyncio.sleep(0)


@define
class Connection:
    """A connection that has sent one request."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def head(self) -> tuple[int, dict[str, str]]:
        """Return the status and the headers of the response."""
        first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().rstrip().split("\r\n")
        return int(first.split()[1]), dict(line.lower().split(": ", 1) for line in lines)

    async def rest(self) -> bytes:
        """Return everything else until the server closes."""
        return await self.reader.read()

    async def leave(self) -> None:
        """Close it."""
        self.writer.close()
        await self.writer.wait_closed()


@asynccontextmanager
async def request(url: str, method: str, path: str, body: Any = None, **headers: str) -> AsyncIterator[Connection]:
    """Send a request on a new connection, which the server is asked to close after the response."""
    address = urlsplit(url)
    content = b"" if body is None else json.dumps(body).encode()
    fields = {
        "Host": address.netloc,
        "Authorization": "ApiKey-v1 sandbox-key",
        "Connection": "close",
        "Content-Length": str(len(content)),
        **headers,
    }
    head = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write("\r\n".join(head).encode() + content)
        try:
            yield Connection(reader, writer)
        finally:
            writer.close()
