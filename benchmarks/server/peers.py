"""The server's end of a connection, one class for each kind of response."""

import asyncio
import re
from typing import Final

from benchmarks import payloads

HEAD: Final = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
FAULTS: Final = ("fault-503", "fault-drop", "fault-half")
"""As the end of a path: what its first request meets."""
HOLD_SECONDS: Final = 1.0
DELAY_SECONDS: Final = 0.005
LARGEST_REQUEST: Final = 4 * 1024 * 1024
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)
_HOLD: Final = re.compile(rb"/hold-([0-9]+)-")


def response(content: bytes, status: bytes = b"200 OK") -> bytes:
    """Return a whole response."""
    return HEAD % (status, len(content)) + content


def content_length(head: bytes | bytearray, end: int) -> int:
    """Return the length of the content that follows a head, which ends there."""
    found = _LENGTH.search(head, 0, end + 2)
    return int(found[1]) if found else 0


class Peer(asyncio.Protocol):
    """Respond to each request at once, always with the same bytes."""

    response = response(payloads.RESPONSE)

    def connection_made(self, transport: asyncio.WriteTransport) -> None:  # type: ignore[override]
        """Remember where responses go."""
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        """Respond to each request that has arrived whole."""
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            whole = end + 4 + content_length(self.received, end)
            if len(self.received) < whole:
                return
            request, self.received = self.received[:whole], self.received[whole:]
            self.respond(request)

    def respond(self, request: bytes) -> None:  # noqa: ARG002 - for those that look at it
        """Respond to one request."""
        self.transport.write(self.response)


class LargePeer(Peer):
    """Respond with a state of 31 KB."""

    response = response(payloads.STATE)


class SlowPeer(Peer):
    """Respond after some milliseconds, as a server does that works."""

    def respond(self, request: bytes) -> None:  # noqa: ARG002
        """Respond later."""
        asyncio.get_running_loop().call_later(DELAY_SECONDS, self.transport.write, self.response)


class FaultyPeer(Peer):
    """Fail, or hold a request until others are there, as its path asks; ``GET`` returns how many were held at once."""

    met: Final[set[bytes]] = set()
    """Paths that had their fault."""
    held: Final[list[asyncio.WriteTransport]] = []
    max_held = 0
    timer: asyncio.TimerHandle | None = None

    def respond(self, request: bytes) -> None:
        """Do as the path says."""
        method, path, _ = request.split(b" ", 2)
        if method == b"GET":
            self.transport.write(response(b"%d" % FaultyPeer.max_held))
            FaultyPeer.max_held = 0
        elif hold := _HOLD.search(path):
            self.hold(int(hold[1]))
        elif b"fault-" not in path or path in self.met:
            self.transport.write(self.response)
        else:
            self.met.add(path)
            self.fail(path)

    def hold(self, number: int) -> None:
        """Respond when so many are held at the same time, or no further one arrives."""
        self.held.append(self.transport)
        if len(self.held) == number:
            self.release()
        elif len(self.held) == 1:
            FaultyPeer.timer = asyncio.get_running_loop().call_later(HOLD_SECONDS, self.release)

    def release(self) -> None:
        """Respond to all that are held."""
        FaultyPeer.max_held = max(self.max_held, len(self.held))
        if FaultyPeer.timer is not None:
            FaultyPeer.timer.cancel()
        for transport in self.held:
            transport.write(self.response)
        self.held.clear()

    def fail(self, path: bytes) -> None:
        """Reject the request, drop the connection, or break off within the response."""
        if path.endswith(b"503"):
            self.transport.write(response(b"{}", b"503 Service Unavailable"))
            return
        if path.endswith(b"half"):
            self.transport.write(self.response[: len(self.response) // 2])
        self.transport.close()


class ProfilesPeer(asyncio.BufferedProtocol):
    """Accept profiles and count them: ``PUT`` returns 204, ``GET`` the count since the last ``GET``."""

    profiles = 0
    """Of all connections."""

    def connection_made(self, transport: asyncio.WriteTransport) -> None:  # type: ignore[override]
        """Read into one buffer, since requests are large."""
        self.transport = transport
        self.buffer = bytearray(LARGEST_REQUEST)
        self.filled = 0
        self.whole: int | None = None

    def get_buffer(self, _: int) -> memoryview:
        """Return where the next bytes go."""
        return memoryview(self.buffer)[self.filled :]

    def buffer_updated(self, size: int) -> None:
        """Respond when the request is whole; the next one comes after its response."""
        self.filled += size
        if self.whole is None:
            end = self.buffer.find(b"\r\n\r\n", 0, self.filled)
            self.whole = end + 4 + content_length(self.buffer, end) if end >= 0 else None
        if self.filled == self.whole:
            self.transport.write(self._response())
            self.filled, self.whole = 0, None

    def _response(self) -> bytes:
        if self.buffer.startswith(b"PUT "):
            ProfilesPeer.profiles += self.buffer.count(b'"integrationId"', 0, self.filled)
            return b"HTTP/1.1 204 No Content\r\n\r\n"
        count, ProfilesPeer.profiles = ProfilesPeer.profiles, 0
        return response(b"%d" % count)
