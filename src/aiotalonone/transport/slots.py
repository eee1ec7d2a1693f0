"""Bookkeeping of the pool. It never awaits while it changes state, so a cancellation cannot leave it inconsistent."""

import asyncio
from collections import OrderedDict, deque
from math import inf

from aiotalonone.transport.connection import Connection


class Slots:
    """As many slots as there may be connections; each is taken, idle or free.

    A request waits only while no connection is idle and no slot is free, and whatever becomes free is handed to the
    request that has waited longest: no newcomer overtakes it.
    """

    def __init__(self, limit: int) -> None:
        self.is_closed: bool = False
        self.taken: set[Connection] = set()
        """Connections with a request in flight."""
        self._free = limit
        self._idle: deque[Connection] = deque()  # the one used last is at the right
        self._waiting: OrderedDict[asyncio.Future[Connection | None], None] = OrderedDict()

    async def acquire(self, *, fresh: bool, seconds: float | None) -> Connection | None:
        """Return the idle connection used last; ``None`` if the caller has a slot now, and must connect.

        The caller must ``release`` the connection or ``free`` the slot.

        Args:
            fresh: Take no connection that is idle now.
            seconds: How long to wait at most.

        Raises:
            TimeoutError: Nothing became free in time.
            RuntimeError: The pool is closed, or was closed meanwhile.
        """
        self._require_open()
        if fresh:
            self.close_idle()
        if (idle := self._pop_idle()) is not None:
            return idle
        if self._free:
            self._free -= 1
            return None
        turn: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting[turn] = None
        try:
            if seconds is None:
                connection = await turn  # awaited here: thousands of requests may end their waiting at one instant
            else:
                async with asyncio.timeout(seconds):
                    connection = await turn
        except BaseException:
            self._leave(turn)
            raise
        if connection is not None and not connection.is_usable:  # it has ended since it was handed over
            self.abort(connection)
            return None
        return connection

    def take(self, connection: Connection) -> None:
        """Put a new connection into the slot that its request has acquired.

        Raises:
            RuntimeError: The pool was closed while the connection was made.
        """
        self._require_open()
        self.taken.add(connection)

    def abort(self, connection: Connection) -> None:
        """End a connection that was acquired and turned out to be useless; its slot remains the request's."""
        self.taken.discard(connection)
        connection.abort()

    def release(self, connection: Connection, idle_until: float) -> None:
        """Pass a connection that can be used again to the first request that waits, or keep it idle."""
        self.taken.discard(connection)
        connection.idle_until = idle_until
        if self.is_closed:
            connection.abort()
        elif turn := self._next_waiting():
            self.taken.add(connection)
            turn.set_result(connection)
        else:
            self._idle.append(connection)

    def free(self, connection: Connection | None = None) -> None:
        """Give up a slot, and the connection in it; the first request that waits may connect."""
        if connection is not None:
            self.taken.discard(connection)
            connection.abort()
        if turn := self._next_waiting():
            turn.set_result(None)
        else:
            self._free += 1

    def forget_idle(self, connection: Connection) -> None:
        """Drop an idle connection that has ended."""
        if connection in self._idle:
            self._idle.remove(connection)
            self._free += 1

    def close_idle(self) -> None:
        """End all idle connections: one of their age has just failed."""
        self._free += len(self._idle)
        while self._idle:
            self._idle.pop().abort()

    def close_expired(self, now: float) -> float:
        """End the connections that have been idle for too long, and return when the next one expires."""
        for connection in [connection for connection in self._idle if connection.idle_until <= now]:
            connection.abort()
            self.forget_idle(connection)
        return min((connection.idle_until for connection in self._idle), default=inf)

    def close(self) -> None:
        """End all connections, and the waiting of requests; nothing is acquired from now on."""
        self.is_closed = True
        self.close_idle()
        for connection in list(self.taken):
            connection.fail_closed()
        while turn := self._next_waiting():
            turn.set_exception(_closed_error())

    def _pop_idle(self) -> Connection | None:
        """Take the idle connection used last; end those that turn out to be useless."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable:
                self.taken.add(connection)
                return connection
            connection.abort()
            self._free += 1
        return None

    def _require_open(self) -> None:
        if self.is_closed:
            raise _closed_error()

    def _leave(self, turn: "asyncio.Future[Connection | None]") -> None:
        """Drop the turn of a request that waits no more; what it was given at the same moment goes to the next."""
        if turn in self._waiting:
            del self._waiting[turn]
        elif not turn.cancelled() and turn.exception() is None:
            connection = turn.result()
            if connection is None:
                self.free()
            else:
                self.release(connection, connection.idle_until)

    def _next_waiting(self) -> "asyncio.Future[Connection | None] | None":
        while self._waiting:
            turn, _ = self._waiting.popitem(last=False)
            if not turn.done():
                return turn
        return None


def _closed_error() -> RuntimeError:
    return RuntimeError("the connection pool is closed")
