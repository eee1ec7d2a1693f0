"""One connection against a transport that does what a random script says: whatever happens, in whatever order."""

import asyncio
from math import inf

import pytest
from attrs import define
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone.transport.connection import PIECE, State
from aiotalonone.transport.failures import ConnectionBroken, TransportFailure
from tests.support.fake_transport import HEAD, OK, RESPONSE, FakeTls, Wire
from tests.support.virtual_time import in_virtual_time

RESPONSES = {
    # bytes: whether they may leave the connection idle
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
        """Start a request unless one is in flight."""
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
    for place in range(1, len(response)):
        assert play_in(response[:place], response[place:]) == whole
