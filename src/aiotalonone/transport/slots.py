"""Which slot is whose, and who waits for one."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

from aiotalonone.transport.slot import KEEP_ALIVE_SECONDS, Slot


class Slots:
    """The books of a pool, kept between awaits, where no cancellation can interrupt it.

    A request waits only where no slot is idle and none may be made, so that nobody overtakes those who wait.
    """

    def __init__(self, make: Callable[[], Slot], limit: int) -> None:
        self.closed: bool = False
        self._make = make
        self._limit = limit
        self._all: set[Slot] = set()
        self._idle: deque[tuple[float, Slot]] = deque()  # since when; the one used last is at the right
        self._waiting: deque[asyncio.Future[Slot]] = deque()

    async def take(self, seconds: float | None) -> Slot:
        """The idle slot used last, or a new one, or the next to become free.

        Raises:
            TimeoutError: None became free in time.
            RuntimeError: The pool is closed, or was while this waited.
        """
        self._require_open()
        if self._idle:
            return self._idle.pop()[1]
        if len(self._all) < self._limit:
            return self._new()
        slot = await self._wait(seconds)
        self._require_open()
        return slot

    def give_back(self, slot: Slot) -> None:
        """Pass a slot to the first who waits, or keep it."""
        if not self.closed and not self._hand_over(slot):
            self._idle.append((monotonic(), slot))

    def replace(self, slot: Slot) -> None:
        """Forget a slot; the first who waits gets a new one."""
        self._all.discard(slot)
        if self._waiting and not self.closed:
            self.give_back(self._new())

    def pop_expired(self) -> Slot | None:
        """The slot that has been idle longest, where that is too long; it is to be replaced."""
        if self._idle and monotonic() - self._idle[0][0] > KEEP_ALIVE_SECONDS:
            return self._idle.popleft()[1]
        return None

    def close(self) -> list[Slot]:
        """Let nobody take or wait from now on, and name all slots."""
        self.closed = True
        for turn in self._waiting:
            if not turn.done():
                turn.set_exception(closed_error())
        slots = list(self._all)
        self._waiting.clear()
        self._idle.clear()
        self._all.clear()
        return slots

    def _require_open(self) -> None:
        if self.closed:
            raise closed_error()

    def _new(self) -> Slot:
        slot = self._make()
        self._all.add(slot)
        return slot

    async def _wait(self, seconds: float | None) -> Slot:
        turn: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(seconds):
                return await turn
        except BaseException:
            self._leave(turn)
            raise

    def _leave(self, turn: asyncio.Future[Slot]) -> None:
        """Drop a turn that nobody waits for any more; a slot it was given at the same moment goes to the next."""
        if turn in self._waiting:
            self._waiting.remove(turn)
        elif not turn.cancelled() and turn.exception() is None:
            self.give_back(turn.result())

    def _hand_over(self, slot: Slot) -> bool:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(slot)
                return True
        return False


def closed_error() -> RuntimeError:
    """What a request meets whose pool is closed."""
    return RuntimeError("the connection pool is closed")
