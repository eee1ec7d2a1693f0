"""One HTTP/1.1 connection on asyncio: it sends one request at a time and reads its response.

    IDLE ──start──▶ SENDING ──all written──▶ WAITING ──final head──▶ READING ──whole──▶ IDLE or CLOSED
                       └───────────────final head───────────────────────▲

Every change of state is synchronous. Whatever goes wrong ends in CLOSED, in the same step: the transport is aborted, so
that nothing is left to wait for. Nothing but a whole response to a request that was sent whole leads back to IDLE.
"""

import asyncio
import select
from collections.abc import Callable
from enum import Enum
from math import inf
from typing import Final, cast

from aiotalonone.transport.failures import (
    ConnectionBroken,
    DeadlinePassed,
    ReadTimedOut,
    TransportFailure,
    WriteTimedOut,
)
from aiotalonone.transport.progress import RequestProgress
from aiotalonone.transport.response_parser import ResponseParser
from aiotalonone.transport.tls import requires_certificate, was_closed_cleanly

# Load balancers drop idle connections after a minute or more (AWS 60 s, nginx 75 s, Google 600 s). At half of the
# shortest, no request is sent on a connection that is just being dropped.
KEEP_ALIVE_SECONDS: Final = 30.0
PIECE: Final = 64 * 1024
"""Larger requests are written in pieces: over TLS, nothing else tells how much the peer has taken."""

Origin = tuple[bytes, bytes, int | None]
"""Scheme, host and port of a server."""


class State(Enum):
    """Who owns the connection, and what it waits for."""

    IDLE = "the pool owns it; whatever arrives ends it"
    SENDING = "a request is being written; its response may come already"
    WAITING = "the request is written, no final head came"
    READING = "the final head came, the body is being read"
    CLOSED = "it can be used no more"


class _NoTransport(asyncio.Transport):
    """Stands for the transport until the connection is made."""

    def abort(self) -> None:
        """Do nothing: the transport is aborted when it is known."""


_NO_TRANSPORT: Final = _NoTransport()
_NO_RESPONSE: Final = ResponseParser(0)


class Connection(asyncio.Protocol):
    """A connection to one server.

    Args:
        origin: The server that it leads to.
        max_body_bytes: A longer response is not read.
        on_closed: Called when the connection ends while it is idle.
        watch: Called with each time, on the event loop's clock, at which ``time_out`` may be due.
    """

    def __init__(
        self,
        origin: Origin,
        max_body_bytes: int,
        *,
        on_closed: Callable[["Connection"], None],
        watch: Callable[[float], None],
    ) -> None:
        self.state: State = State.IDLE
        self.origin: Origin = origin
        self.due: float = inf
        """When the peer must have made progress, on the event loop's clock."""
        self.idle_until: float = inf
        """When an idle connection expires."""
        self.served: int = 0
        """Requests whose responses were whole."""
        self._max_body_bytes = max_body_bytes
        self._on_closed = on_closed
        self._watch = watch
        self._transport: asyncio.Transport = _NO_TRANSPORT
        self._is_readable: Callable[[], bool]
        self._loop = asyncio.get_running_loop()
        self._parser: ResponseParser = _NO_RESPONSE
        self._progress: RequestProgress
        self._response: asyncio.Future[ResponseParser] | None = None
        self._promised_seconds: int | None = None
        self._unwritten = memoryview(b"")
        self._is_paused = False
        self._was_sent_before_head = False
        self._read_timeout: float = inf
        self._write_timeout: float = inf

    # The owner's side.

    @property
    def keep_alive_seconds(self) -> float:
        """For how long it may stay idle: not to the last moment of what the server promised."""
        promised = self._promised_seconds
        return KEEP_ALIVE_SECONDS if promised is None else min(KEEP_ALIVE_SECONDS, promised - min(1.0, promised / 2))

    @property
    def is_usable(self) -> bool:
        """Whether an idle connection can take a request: open, and nothing has arrived that no event told of yet.

        A timer that is late, such as after a pause of the whole process, has not ended an expired one yet.
        """
        return (
            self.state is State.IDLE
            and self.idle_until > self._loop.time()
            and not self._transport.is_closing()
            and not self._is_readable()
        )

    def start(
        self,
        head: bytes,
        body: bytes,
        progress: RequestProgress,
        *,
        is_head: bool,
        read_timeout: float,
        write_timeout: float,
    ) -> "asyncio.Future[ResponseParser]":
        """Write a request and return the future of its response, which is whole, or broken after its head.

        Args:
            head: Of the request.
            body: Of the request.
            progress: Where it is noted how far the request comes.
            is_head: The method is HEAD.
            read_timeout: Seconds that the next part of the response may take.
            write_timeout: Seconds that the peer may take to take the next part of the request.

        Raises:
            DeadlinePassed: The call's time is over; nothing was written.
            ConnectionBroken: The connection has ended; nothing was written.
        """
        now = self._loop.time()
        if now >= progress.deadline:
            raise DeadlinePassed("no time left to send the request")
        if self.state is not State.IDLE or self._transport.is_closing():
            raise ConnectionBroken("connection closed before the request was sent")
        self._progress = progress
        progress.reused_connection = self.served > 0
        self._parser = ResponseParser(self._max_body_bytes, expects_body=not is_head)
        self._read_timeout, self._write_timeout = read_timeout, write_timeout
        self._response = self._loop.create_future()
        self.state = State.SENDING
        progress.written = True
        if len(body) <= PIECE:
            self._transport.write(head + body)  # one segment, one TLS record
            self._note_written()
        else:
            self._transport.write(head)
            self._unwritten = memoryview(body)
            self._write_pieces()
        if self.state is State.SENDING:
            self._set_due(now + write_timeout)
        return self._response

    def abort(self) -> None:
        """End the connection at once, whatever it is doing."""
        if self.state is not State.CLOSED:
            self.state = State.CLOSED
            self.due = inf
            self._unwritten = memoryview(b"")
            self._forget_response()
            self._transport.abort()

    def time_out(self) -> None:
        """End a connection whose peer made no progress in time."""
        if self.state is State.SENDING:
            self._fail(WriteTimedOut("write timeout"))
        else:
            self._fail(ReadTimedOut("read timeout"))

    def fail_closed(self) -> None:
        """End the connection since its pool is closed."""
        self._fail(ConnectionBroken("the connection pool was closed"))

    # The event loop's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; through a tunnel, bytes or the end of the connection may come before it."""
        self._transport = cast("asyncio.Transport", transport)
        if self.state is State.CLOSED or self._transport.is_closing():
            self.state = State.CLOSED
            self._transport.abort()
            return
        self._is_readable = _readiness_check(transport.get_extra_info("socket").fileno())
        if transport.get_extra_info("ssl_object") is None:
            # Then writing is paused while anything is left in the buffer. TLS would pause at each write.
            self._transport.set_write_buffer_limits(0)

    def data_received(self, data: bytes) -> None:
        """Take bytes of the response; while no response is expected, they end the connection."""
        if self.state is State.IDLE:
            self._close_idle()
        elif self.state is not State.CLOSED:
            self._feed(data)

    def eof_received(self) -> None:
        """Take the peer's end."""
        self._end(is_clean=self._is_clean_end())

    def connection_lost(self, exc: Exception | None) -> None:
        """Take the end of the transport."""
        if self.state in {State.SENDING, State.WAITING} and requires_certificate(exc):
            self._fail(ConnectionBroken("the server requires a certificate of the client", permanent=True))
        else:
            self._end(is_clean=exc is None and self._is_clean_end())

    def pause_writing(self) -> None:
        """Stop writing until the buffer has room."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """Resume writing: the peer has taken what was given."""
        self._is_paused = False
        if self.state is State.SENDING:
            self._set_due(self._loop.time() + self._write_timeout)
            self._write_pieces()

    # What happens then.

    def _write_pieces(self) -> None:
        while self._unwritten and not self._is_paused:
            piece, self._unwritten = self._unwritten[:PIECE], self._unwritten[PIECE:]
            self._transport.write(piece)
        self._note_written()

    @property
    def _is_sent(self) -> bool:
        return not self._unwritten and not self._is_paused

    def _note_written(self) -> None:
        if self.state is State.SENDING and self._is_sent:
            self.state = State.WAITING
            self._set_due(self._loop.time() + self._read_timeout)

    def _set_due(self, due: float) -> None:
        self.due = due
        self._watch(due)

    def _feed(self, data: bytes) -> None:
        parser = self._parser
        try:
            parser.feed(data)
        except TransportFailure as failure:
            self._note_head()
            self._fail(failure)
            return
        self._note_head()
        if parser.is_whole:
            self._finish(may_be_reused=not parser.has_surplus)
        elif self.state is State.READING:
            self._set_due(self._loop.time() + self._read_timeout)

    def _note_head(self) -> None:
        """Note the final head, which ends the writing: the server has decided."""
        if self._parser.status and self.state is not State.READING:
            self._progress.status = self._parser.status
            self._was_sent_before_head = self._is_sent
            self.state = State.READING

    def _finish(self, *, may_be_reused: bool) -> None:
        """Give the whole response to the owner, and keep the connection or close it."""
        response, parser = self._response, self._parser
        self.due = inf
        if may_be_reused and self._was_sent_before_head and parser.keep_alive:
            self.served += 1
            self._promised_seconds = parser.keep_alive_seconds
            self.state = State.IDLE
            self._forget_response()
        else:
            self.abort()
        if response is not None and not response.done():
            response.set_result(parser)

    def _fail(self, failure: TransportFailure) -> None:
        """End the connection; if the final head came, the owner is given it, with the failure of its body."""
        response, parser = self._response, self._parser
        self.abort()
        if response is None or response.done():
            return
        if parser.status:
            parser.failure = failure
            response.set_result(parser)
        else:
            response.set_exception(failure)

    def _forget_response(self) -> None:
        """Keep nothing of the response: an idle connection may live for long."""
        self._response = None
        self._parser.close()
        self._parser = _NO_RESPONSE

    def _end(self, *, is_clean: bool) -> None:
        if self.state is State.IDLE:
            self._close_idle()
        elif self.state is not State.CLOSED:
            try:
                self._parser.feed_end(is_clean=is_clean)
            except TransportFailure as failure:
                self._fail(failure)
            else:
                self._finish(may_be_reused=False)

    def _is_clean_end(self) -> bool:
        """Return whether the peer ended the connection on purpose; asked for bodies that end with the connection.

        asyncio and uvloop report a TLS connection that was cut off like one that was closed.
        """
        if self.state is not State.READING or not self._parser.ends_with_connection:
            return True
        tls = self._transport.get_extra_info("ssl_object")
        return tls is None or was_closed_cleanly(tls)

    def _close_idle(self) -> None:
        self.abort()
        self._on_closed(self)


def _readiness_check(descriptor: int) -> Callable[[], bool]:
    """Return a function that tells whether bytes or the end of a connection wait in the kernel."""
    if not hasattr(select, "poll"):  # Windows
        return lambda: bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return lambda: bool(poll.poll(0))
