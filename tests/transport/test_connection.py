"""One connection against a transport that does what it is told: each event in each state."""

import asyncio

import pytest

from aiotalonone.transport.connection import KEEP_ALIVE_SECONDS, PIECE, Connection, State
from aiotalonone.transport.failures import (
    ConnectionBroken,
    DeadlinePassed,
    InvalidResponse,
    ReadTimedOut,
    WriteTimedOut,
)
from aiotalonone.transport.progress import RequestProgress
from tests.support.fake_transport import HEAD, LIMIT, OK, ORIGIN, RESPONSE, FakeTls, FakeTransport, Wire
from tests.support.virtual_time import in_virtual_time


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


@pytest.mark.parametrize(
    ("header", "is_reused"),
    [
        (b"content-length: 2\r\n", False),
        (b"transfer-encoding: chunked\r\n", False),
        (b"content-length: 0\r\n", True),
        (b"", False),
    ],
)
async def test_response_to_head(header, is_reused):
    """A server may send the body that its response to HEAD announces: that connection is not used again."""
    with Wire() as wire:
        response = wire.start(is_head=True)
        wire.connection.data_received(OK + header + b"\r\n")
        assert response.result().is_whole
        assert wire.connection.is_usable is is_reused


@in_virtual_time
async def test_read_timeout_counts_from_the_last_progress():
    """Each part of the response gives the server the whole read timeout again, and the pool is told of it."""
    loop = asyncio.get_running_loop()
    with Wire(room=10) as wire:
        wire.start(read_timeout=2.0, write_timeout=100.0)
        assert wire.connection.due == 100.0
        wire.connection.data_received(OK)  # a part of a head does not count: an endless one would have no end
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


async def test_invalid_response_is_not_taken_for_a_broken_one():
    """The reason why a response was rejected is kept, also if the connection ends at the same moment."""
    with Wire() as wire:
        response = wire.start()
        wire.connection.data_received(b"garbage")
        wire.transport.end(ConnectionResetError())
        assert isinstance(response.exception(), InvalidResponse)
