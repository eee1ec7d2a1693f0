"""A server on loopback in a process of its own, which answers at once, or badly where a request's path says so."""

import asyncio
import multiprocessing
import re
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BODY = (
    b'{"effects":[{"campaignId":1,"rulesetId":1,"ruleIndex":0,"ruleName":"Half","effectType":"setDiscount",'
    b'"props":{"name":"Half","value":1.5}}]}'
)
HEAD = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
ANSWER = HEAD % (b"200 OK", len(BODY)) + BODY
REFUSAL = HEAD % (b"503 Service Unavailable", 2) + b"{}"
FAULTS = ("fault-503", "fault-drop", "fault-half")
"""As the end of a path: what its first request meets."""
HOLD_SECONDS = 1.0
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Server:
    """What all connections share."""

    def __init__(self) -> None:
        self.met: set[bytes] = set()
        """Paths that had their fault."""
        self.held: list[asyncio.WriteTransport] = []
        self.timer: asyncio.TimerHandle | None = None

    def hold(self, transport: asyncio.WriteTransport, number: int) -> None:
        """Answer when so many are held at the same time, or no further one comes."""
        self.held.append(transport)
        if len(self.held) == number:
            self.release()
        elif len(self.held) == 1:
            self.timer = asyncio.get_running_loop().call_later(HOLD_SECONDS, self.release)

    def release(self) -> None:
        """Answer all that are held."""
        if self.timer is not None:
            self.timer.cancel()
        for transport in self.held:
            transport.write(ANSWER)
        self.held.clear()


class Peer(asyncio.Protocol):
    """The server's end of one connection."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def connection_made(self, transport: asyncio.WriteTransport) -> None:
        """Remember where answers go."""
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        """Answer each request that has come whole."""
        self.received += data
        while path := self.next_path():
            self.answer(path)

    def next_path(self) -> bytes:
        """Take one request out of what was received."""
        head, end, rest = self.received.partition(b"\r\n\r\n")
        length = int(found[1]) if (found := _LENGTH.search(head)) else 0
        if not end or len(rest) < length:
            return b""
        self.received = rest[length:]
        return head.split(b" ", 2)[1]

    def answer(self, path: bytes) -> None:
        """Well, unless the path wants a fault or to be held."""
        if path.startswith(b"/hold/"):
            self.server.hold(self.transport, int(path.rpartition(b"/")[2]))
        elif b"fault-" not in path or path in self.server.met:
            self.transport.write(ANSWER)
        else:
            self.server.met.add(path)
            self.fail(path)

    def fail(self, path: bytes) -> None:
        """As the path says."""
        if path.endswith(b"503"):
            self.transport.write(REFUSAL)
            return
        if path.endswith(b"half"):
            self.transport.write(ANSWER[: -len(BODY) // 2])
        self.transport.close()


async def serve(ports: Connection) -> None:
    """Tell the port, and answer until the process is ended."""
    server = Server()
    listening = await asyncio.get_running_loop().create_server(lambda: Peer(server), "127.0.0.1", 0, backlog=1000)
    ports.send(listening.sockets[0].getsockname()[1])
    await listening.serve_forever()


def run_server(ports: Connection) -> None:
    """What the server's process does."""
    asyncio.run(serve(ports))


@contextmanager
def server_url() -> "Iterator[str]":
    """A server, for as long as this lasts."""
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    process = spawning.Process(target=run_server, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()
