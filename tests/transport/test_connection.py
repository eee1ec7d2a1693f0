"""One connection against a transport that does what a script says: whatever happens, in whatever order."""

import asyncio
import socket
import ssl
from itertools import pairwise
from math import inf

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone.transport.connection import KEEP_ALIVE_SECONDS, PIECE, Connection, State
from aiotalonone.transport.failures import (
    ConnectionBroken,
    DeadlinePassed,
    InvalidResponse,
    ReadTimedOut,
    TransportFailure,
    WriteTimedOut,
)
from aiotalonone.transport.progress import RequestProgress
from tests.support.virtual_time import in_virtual_time

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


async def test_request_and_response():
    """A request that is sent, and its whole response, leave the connection idle; the next one reuses it."""
    with Wire() as wire:
        for reused in (False, True):
            response = wire.start(b"body")
            assert (wire.connection.state, wire.progress.written) == (State.WAITING, True)
            assert wire.progress.reused_connection is reused
            wire.connection.data_received(RESPONSE)
            assert (response.result().body, wire.progress.status) == (b"ab", 200)
            assert wire.connection.state is State.IDLE
            assert wire.connection.is_usable
        assert wire.transport.written == (HEAD + b"body") * 2


async def test_deadline():
    """At its deadline, a request is not written; the connection remains as it is."""
    with Wire() as wire:
        progress = RequestProgress(asyncio.get_running_loop().time())
        with pytest.raises(DeadlinePassed):
            wire.start(progress=progress)
        assert not progress.written
        assert wire.connection.is_usable


async def test_closed_connection_takes_no_request():
    """A connection that has ended, or is ending, takes no request, and counts nothing as written."""
    for end in (Connection.abort, lambda connection: connection._transport.abort()):
        with Wire() as wire:
            end(wire.connection)
            assert not wire.connection.is_usable
            with pytest.raises(ConnectionBroken):
                wire.start()
            assert not wire.progress.written


async def test_bytes_in_the_kernel_make_a_connection_unusable():
    """Bytes that have arrived, and that no event told of yet, are seen before a request is written."""
    with Wire() as wire:
        wire.transport.theirs.send(b"x")
        assert not wire.connection.is_usable


async def test_end_in_the_kernel_makes_a_connection_unusable():
    """The end of a connection that no event told of yet is seen before a request is written."""
    with Wire() as wire:
        wire.transport.theirs.close()
        assert not wire.connection.is_usable


async def test_expired_connection_is_not_usable():
    """A connection that should have been closed by a timer is not used if the timer is late."""
    with Wire() as wire:
        wire.connection.idle_until = asyncio.get_running_loop().time()
        assert not wire.connection.is_usable


@pytest.mark.parametrize("event", ["bytes", "eof", "lost"])
async def test_idle_connection_ends_with_any_event(event):
    """Whatever arrives while a connection is idle ends it, and its pool is told once."""
    with Wire() as wire:
        if event == "bytes":
            wire.connection.data_received(b"\r\n")
            assert wire.transport.is_closed
        elif event == "eof":
            wire.connection.eof_received()
        wire.transport.end()
        assert wire.connection.state is State.CLOSED
        assert wire.closed == [wire.connection]


async def test_events_before_the_connection_is_made():
    """A server may speak or leave before the transport is known, as through a tunnel: the connection is not used."""
    for event in (
        lambda connection: connection.data_received(b"x"),
        lambda connection: connection.eof_received(),
        lambda connection: connection.connection_lost(None),
    ):
        closed = []
        connection = Connection(ORIGIN, LIMIT, on_closed=closed.append, watch=lambda _: None)
        event(connection)
        assert connection.state is State.CLOSED
        transport = FakeTransport(connection)
        assert transport.is_closed
        assert not connection.is_usable
        transport.close_sockets()


async def test_large_body_is_written_in_pieces():
    """A body above 64 KiB is written while the peer takes it, and the read timeout starts with its end."""
    body = bytes(range(256)) * 1024
    with Wire(room=100_000) as wire:
        wire.start(body)
        assert wire.connection.state is State.SENDING
        while wire.transport.is_paused:
            assert wire.connection.state is State.SENDING
            assert len(wire.transport.written) < len(HEAD) + 100_000 + 2 * PIECE + len(body)
            wire.transport.drain(PIECE)
        assert wire.transport.written == HEAD + body
        assert wire.connection.state is State.WAITING
        wire.connection.data_received(RESPONSE)
        assert wire.connection.is_usable


@pytest.mark.parametrize("status", [b"200", b"413"])
async def test_early_response(status):
    """A whole response that comes before its request is sent is taken; nothing more is written on the connection."""
    with Wire(room=100_000) as wire:
        response = wire.start(bytes(500_000))
        written = wire.transport.written
        wire.connection.data_received(b"HTTP/1.1 %b x\r\ncontent-length: 2\r\n\r\na" % status)
        wire.transport.drain(10**6)
        assert wire.transport.written == written
        wire.connection.data_received(b"b")
        assert (response.result().body, response.result().failure) == (b"ab", None)
        assert wire.transport.is_closed


async def test_early_response_to_a_small_request():
    """A response counts as early as long as a part of its request waits in the transport."""
    with Wire(room=10) as wire:
        response = wire.start()
        assert wire.connection.state is State.SENDING
        wire.connection.data_received(RESPONSE)
        assert response.result().body == b"ab"
        assert wire.transport.is_closed


@pytest.mark.parametrize("interim", [100, 102, 103])
async def test_interim_response(interim):
    """An interim response changes nothing: neither what is sent, nor when the time is over."""
    with Wire(room=100_000) as wire:
        response = wire.start(bytes(200_000))
        due = wire.connection.due
        wire.connection.data_received(b"HTTP/1.1 %d x\r\n\r\n" % interim)
        assert (wire.connection.state, wire.connection.due, wire.progress.status) == (State.SENDING, due, None)
        wire.transport.drain(10**6)
        due = wire.connection.due
        wire.connection.data_received(b"HTTP/1.1 %d x\r\n\r\n" % interim)
        assert (wire.connection.state, wire.connection.due) == (State.WAITING, due)
        wire.connection.data_received(RESPONSE)
        assert response.result().status == 200
        assert wire.connection.is_usable


@pytest.mark.parametrize(("end", "is_whole"), [("close_notify", True), ("cut off", False), ("error", False)], ids=str)
async def test_unframed_body_over_tls(end, is_whole):
    """A body that ends with the connection is whole only if the peer has said so: not if TLS was cut off."""
    with Wire(tls=FakeTls(is_closed=end == "close_notify")) as wire:
        response = wire.start()
        wire.connection.data_received(OK + b"\r\nabc")
        if end != "error":
            wire.connection.eof_received()
        wire.transport.end(ConnectionResetError() if end == "error" else None)
        result = response.result()
        assert (result.status, result.body, result.is_whole) == (200, b"abc", is_whole)
        assert (result.failure is None) is is_whole


async def test_head_response_closes():
    """A server may send a body behind the response to HEAD: its connection is not used again."""
    with Wire() as wire:
        response = wire.start(is_head=True)
        wire.connection.data_received(OK + b"content-length: 2\r\n\r\n")
        assert response.result().is_whole
        assert wire.transport.is_closed


@in_virtual_time
async def test_read_timeout_counts_from_the_last_progress():
    """Each part of the response gives the server the whole read timeout again, and the pool is told of it."""
    loop = asyncio.get_running_loop()
    with Wire(room=10) as wire:
        wire.start(read_timeout=2.0, write_timeout=100.0)
        assert wire.connection.due == 100.0
        wire.connection.data_received(OK)  # a part of a head is not progress: an endless one would have no end
        assert wire.connection.due == 100.0
        wire.connection.data_received(b"content-length: 9\r\n\r\n")
        for _ in range(3):
            assert wire.connection.due == wire.watched[-1] == loop.time() + 2.0
            await asyncio.sleep(1)
            wire.connection.data_received(b"a")


@in_virtual_time
async def test_write_timeout_counts_from_the_last_progress():
    """Each time that the peer takes a part of the request, it has the whole write timeout again."""
    loop = asyncio.get_running_loop()
    with Wire(room=100_000) as wire:
        wire.start(bytes(300_000))
        for _ in range(3):
            assert wire.connection.due == loop.time() + 3.0
            await asyncio.sleep(1)
            wire.transport.drain(PIECE)
        wire.transport.drain(10**6)
        assert wire.connection.due == loop.time() + 5.0


@pytest.mark.parametrize(("room", "failure"), [(10, WriteTimedOut), (1000, ReadTimedOut)])
async def test_timeout(room, failure):
    """A request that is not sent in time is a write timeout, one without response a read timeout."""
    with Wire(room=room) as wire:
        response = wire.start()
        wire.connection.time_out()
        assert isinstance(response.exception(), failure)
        assert wire.transport.is_closed


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(b"", KEEP_ALIVE_SECONDS), (b"timeout=0", 0), (b"timeout=1", 0.5), (b"timeout=5", 4), (b"timeout=600", 30)],
)
async def test_keep_alive_seconds(header, seconds):
    """An idle connection is given up some time before the server would close it."""
    with Wire() as wire:
        wire.start()
        wire.connection.data_received(OK + b"keep-alive: " + header + b"\r\ncontent-length: 0\r\n\r\n")
        assert wire.connection.keep_alive_seconds == seconds


# Random scripts.

RESPONSES = {
    # bytes: whether they may leave the connection idle, and how many of them are the response
    RESPONSE: True,
    OK + b"content-length: 0\r\n\r\n": True,
    OK + b"transfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n": True,
    b"HTTP/1.1 204 x\r\n\r\n": True,
    b"HTTP/1.1 100 x\r\n\r\nHTTP/1.1 103 x\r\n\r\n" + RESPONSE: True,
    b"HTTP/1.1 503 x\r\ncontent-length: 2\r\n\r\nab": True,
    RESPONSE + b"x": False,
    RESPONSE + RESPONSE: False,
    OK + b"\r\nab": False,
    OK + b"connection: close\r\ncontent-length: 2\r\n\r\nab": False,
    OK + b"content-length: 99\r\n\r\nab": False,
    OK + b"content-length: 9999\r\n\r\nab": False,
    OK + b"transfer-encoding: gzip\r\n\r\nab": False,
    b"HTTP/1.1 101 x\r\n\r\n": False,
    b"garbage": False,
}
EVENTS = ("start", "receive", "receive", "receive", "receive all", "drain", "drain", "stray", "pass time", "pass time")
ENDS = ("eof", "lost", "reset", "abort", "close pool")


@define
class Play:
    """A script on one connection, and what must hold after each step."""

    wire: Wire
    future: object = None
    request: bytes = b""
    is_reusable: bool = False
    incoming: bytes = b""
    received: int = 0
    is_abandoned: bool = False
    facts: tuple = (False, None)
    written_before: int = 0
    is_stray: bool = False
    """Bytes came that are no part of the response: they may look like one, such as within a reason phrase."""

    @property
    def is_waiting(self):
        """Whether a request is in flight."""
        return self.future is not None and not self.future.done()

    def start(self, body, response):
        """Start a request if the connection is idle."""
        if self.is_waiting or self.is_abandoned:
            return
        is_usable = self.wire.connection.state is State.IDLE and not self.wire.transport.is_closed
        progress, written_before = self.wire.progress, len(self.wire.transport.written)
        try:
            future = self.wire.start(body)
        except ConnectionBroken:
            assert not is_usable
            assert not self.wire.progress.written
            self.wire.progress = progress
            return
        assert is_usable
        self.future, self.request, self.written_before = future, HEAD + body, written_before
        self.incoming, self.received, self.is_reusable = response, 0, RESPONSES[response]
        self.facts, self.is_stray = (True, None), False

    def receive(self, number):
        """Receive a part of the response; its rest may come when nothing is expected any more."""
        data = self.incoming[self.received : self.received + number]
        if data and not self.wire.transport.is_lost:
            self.received += len(data)
            self.wire.connection.data_received(data)

    def stray(self, data):
        """Receive bytes that are not a response."""
        if not self.wire.transport.is_lost:
            self.is_stray = self.is_stray or self.is_waiting
            self.wire.connection.data_received(data)
            assert self.is_waiting or self.wire.connection.state is not State.IDLE or self.is_stray

    async def pass_time(self, seconds):
        """Let the pool's timer ring, as the pool does."""
        await asyncio.sleep(seconds)
        if self.is_waiting and self.wire.connection.due <= asyncio.get_running_loop().time():
            self.wire.connection.time_out()

    def end(self, how):
        """End it from either side."""
        connection, transport = self.wire.connection, self.wire.transport
        if how == "abort":
            self.is_abandoned = True
            connection.abort()
        elif how == "close pool":
            connection.fail_closed()
            self.is_abandoned = True  # also an idle connection is not used again
            connection.abort()
        elif not transport.is_lost:
            if how == "eof":
                connection.eof_received()
            transport.end(ConnectionResetError() if how == "reset" else None)

    def check(self):
        """Check what must always hold."""
        connection, transport, progress = self.wire.connection, self.wire.transport, self.wire.progress
        was_written, status = self.facts
        assert progress.written or not was_written
        assert progress.status == status or status is None
        self.facts = (progress.written, progress.status)
        assert (connection.state is State.CLOSED) <= transport.is_closed
        assert transport.is_closed <= (connection.state is State.CLOSED)
        assert len(self.wire.closed) <= 1
        assert (connection.due < inf) == self.is_waiting or self.is_abandoned
        assert transport.written[self.written_before :] == self.request[: len(transport.written) - self.written_before]
        if connection.state is State.CLOSED and not self.is_abandoned:
            assert not self.is_waiting
        if connection.state is State.IDLE and self.future is not None:
            assert self.is_stray or self.is_reusable
            assert self.is_stray or self.received == len(self.incoming)
            assert transport.written[self.written_before :] == self.request
            assert not transport.is_paused
        self.check_result()

    def check_result(self):
        """Check what the request was told: a whole response, a broken one, or a failure before its head."""
        if self.future is None or not self.future.done():
            return
        if error := self.future.exception():
            assert isinstance(error, TransportFailure)
            assert self.wire.progress.status is None
            return
        result = self.future.result()
        assert result.status == self.wire.progress.status
        assert result.is_whole == (result.failure is None)
        assert self.is_stray or b"ab".startswith(result.body)


steps = st.tuples(
    st.sampled_from(EVENTS + ENDS),
    st.integers(min_value=1, max_value=40),
    st.sampled_from([b"", b"body", bytes(3 * PIECE)]),
    st.sampled_from(list(RESPONSES)),
)


async def play(script, room, tls):
    """Play a script."""
    with Wire(room=room, tls=tls) as wire:
        game = Play(wire)
        for event, number, body, response in script:
            match event:
                case "start":
                    game.start(body, response)
                case "receive":
                    game.receive(number)
                case "receive all":
                    game.receive(len(response) * 10)
                case "drain":
                    wire.transport.drain(number * 10_000)
                case "stray":
                    game.stray(b"x" * number)
                case "pass time":
                    await game.pass_time(number / 10)
                case _:
                    game.end(event)
            game.check()


scripts = st.lists(steps, max_size=25).map(lambda script: [("start", 1, b"", RESPONSE), *script])
rooms = st.sampled_from([0, 10, 100_000, 10**9])
tls_ends = st.sampled_from([None, FakeTls(is_closed=True), FakeTls(is_closed=False)])


@settings(deadline=None, max_examples=300)
@given(scripts, rooms, tls_ends)
@in_virtual_time
async def test_any_order_of_events(script, room, tls):
    """Whatever happens in whatever order: each request hears once of its end, and only a clean connection is kept."""
    await play(script, room, tls)


@pytest.mark.soak
@settings(deadline=None, max_examples=20_000)
@given(scripts, rooms, tls_ends)
@in_virtual_time
async def test_any_order_of_events_for_long(script, room, tls):
    """Among 20,000 scripts: each request hears once of its end, and only a clean connection is kept."""
    await play(script, room, tls)


@pytest.mark.parametrize("response", RESPONSES, ids=lambda response: repr(response[:50]))
async def test_response_cut_anywhere(response):
    """A response comes to the same end wherever it is cut in two, and the connection with it."""

    def play_in(*pieces):
        with Wire() as wire:
            future = wire.start()
            for piece in pieces:
                wire.connection.data_received(piece)
            wire.transport.end(None)
            error = future.exception()
            outcome = type(error) if error else (future.result().status, future.result().body, future.result().is_whole)
            return outcome, wire.progress.status

    whole = play_in(response)
    for (start, _), (_, _) in pairwise((place, place) for place in range(len(response) + 1)):
        assert play_in(response[:start], response[start:]) == whole


async def test_invalid_response_is_not_taken_for_a_broken_one():
    """The reason why a response was rejected is kept, also if the connection ends at the same moment."""
    with Wire() as wire:
        response = wire.start()
        wire.connection.data_received(b"garbage")
        wire.transport.end(ConnectionResetError())
        assert isinstance(response.exception(), InvalidResponse)
