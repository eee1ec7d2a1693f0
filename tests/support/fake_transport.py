"""A connection on a transport that does what a script says."""

import asyncio
import socket
import ssl

from attrs import define, field

from aiotalonone.transport.connection import Connection, State
from aiotalonone.transport.progress import RequestProgress

OK = b"HTTP/1.1 200 OK\r\n"
HEAD = b"POST / HTTP/1.1\r\n\r\n"
RESPONSE = OK + b"content-length: 2\r\n\r\nab"
ORIGIN = (b"http", b"127.0.0.1", None)
LIMIT = 1000


class FakeTls:
    """What is left of a TLS connection at its end."""

    def __init__(self, *, is_closed: bool) -> None:
        self.is_closed = is_closed

    def read(self, _: int) -> bytes:
        """Return nothing after a close_notify."""
        if self.is_closed:
            return b""
        raise ssl.SSLWantReadError


class FakeTransport(asyncio.Transport):
    """Takes as many bytes at once as there is room for."""

    def __init__(self, protocol, room=10**9, tls=None):
        super().__init__()
        self.ours, self.theirs = socket.socketpair()
        self.protocol = protocol
        self.written = b""
        self.room = room
        self.tls = tls
        self.is_closed = self.is_lost = self.is_paused = False
        protocol.connection_made(self)

    def get_extra_info(self, name, default=None):
        """Return the socket, or TLS."""
        return {"socket": self.ours, "ssl_object": self.tls}.get(name, default)

    def set_write_buffer_limits(self, high=None, low=None):
        """Pause as soon as anything is left."""

    def is_closing(self):
        """Return whether nothing can be written any more."""
        return self.is_closed

    def write(self, data):
        """Take bytes; a connection that has ended must not write."""
        assert not self.is_closed
        assert self.protocol.state is not State.CLOSED
        self.written += bytes(data)
        self.room -= len(data)
        if self.room < 0 and not self.is_paused:
            self.is_paused = True
            self.protocol.pause_writing()

    def drain(self, room):
        """Let the peer read."""
        self.room += room
        if self.is_paused and self.room >= 0 and not self.is_closed:
            self.is_paused = False
            self.protocol.resume_writing()

    def abort(self):
        """Close; the protocol hears of it later."""
        self.is_closed = True

    def end(self, error=None):
        """Report the end once."""
        self.is_closed = True
        if not self.is_lost:
            self.is_lost = True
            self.protocol.connection_lost(error)

    def close_sockets(self):
        """Leave no descriptor."""
        self.ours.close()
        self.theirs.close()


@define
class Wire:
    """A connection, its transport, and what the pool hears of it."""

    room: int = 10**9
    tls: object = None
    closed: list = field(factory=list)
    watched: list = field(factory=list)
    progress: RequestProgress = field(init=False, factory=RequestProgress)
    connection: Connection = field(init=False)
    transport: FakeTransport = field(init=False)

    def __attrs_post_init__(self):
        self.connection = Connection(ORIGIN, LIMIT, on_closed=self.closed.append, watch=self.watched.append)
        self.transport = FakeTransport(self.connection, self.room, self.tls)

    def start(self, body=b"", progress=None, **options):
        """Start a request."""
        self.progress = progress or RequestProgress()
        options = {"is_head": False, "read_timeout": 5.0, "write_timeout": 3.0, **options}
        return self.connection.start(HEAD, body, self.progress, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.transport.close_sockets()
