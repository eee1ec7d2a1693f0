"""A server on a real socket that answers each request with whatever bytes a test wants."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from attrs import frozen


@frozen
class Heard:
    """A request as it came."""

    head: bytes
    body: bytes

    @property
    def target(self) -> str:
        """Path and query, percent-encoded."""
        return self.head.split(b" ", 2)[1].decode()

    def header(self, name: str) -> str:
        """The value of a header, empty where it did not come."""
        for line in self.head.decode().split("\r\n")[1:]:
            if line.lower().startswith(f"{name}:"):
                return line.partition(":")[2].strip()
        return ""


Answer = Callable[[Heard, asyncio.StreamWriter], Awaitable[None]]
"""Writes what comes back; the connection is closed afterwards."""


@asynccontextmanager
async def speaking(answer: Answer) -> AsyncIterator[str]:
    """The URL of the server, for as long as the block."""
    conversations: set[asyncio.Task[None]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversations.add(asyncio.current_task())
        with suppress(ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = Heard(head, b"").header("content-length")
            await answer(Heard(head, await reader.readexactly(int(length or 0))), writer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for conversation in conversations:
            conversation.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)


def http(status: int, body: bytes | Any = b"", *headers: str, length: int | None = None) -> bytes:
    """An answer in HTTP/1.1; a body that is no bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} Answer", f"Content-Length: {len(content) if length is None else length}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + content
