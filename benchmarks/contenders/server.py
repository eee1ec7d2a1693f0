"""A server that takes profiles at once, and counts them: ``PUT`` is answered 204, ``GET`` with the count until then."""

import asyncio
import re
from typing import Final

LARGEST_REQUEST: Final = 4 * 1024 * 1024
TAKEN: Final = b"HTTP/1.1 204 No Content\r\n\r\n"
COUNT: Final = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%d"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)


class Peer(asyncio.BufferedProtocol):
    """The server's end of one connection: reads into one buffer, and looks for little in it."""

    profiles = 0
    """That came since somebody asked; on all connections."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Nothing came yet."""
        self.transport = transport
        self.buffer = bytearray(LARGEST_REQUEST)
        self.filled = 0
        self.length: int | None = None

    def get_buffer(self, _: int) -> memoryview:
        """Where the next bytes go."""
        return memoryview(self.buffer)[self.filled :]

    def buffer_updated(self, size: int) -> None:
        """Answer when the request is whole; the next one comes after its answer."""
        self.filled += size
        if self.length is None:
            self.length = self._length()
        if self.filled == self.length:
            self.transport.write(self._answer())
            self.filled, self.length = 0, None

    def _length(self) -> int | None:
        """Of the whole request, when its head is there."""
        end = self.buffer.find(b"\r\n\r\n", 0, self.filled)
        if end < 0:
            return None
        of_content = _LENGTH.search(self.buffer, 0, end + 2)
        return end + 4 + (int(of_content[1]) if of_content else 0)

    def _answer(self) -> bytes:
        if self.buffer.startswith(b"PUT "):
            Peer.profiles += self.buffer.count(b'"integrationId"', 0, self.filled)
            return TAKEN
        count, Peer.profiles = b"%d" % Peer.profiles, 0
        return COUNT % (len(count), int(count))


async def serve() -> None:
    """Print the URL, and answer until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Peer, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
