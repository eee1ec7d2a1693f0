"""Lanes: updates of one session, or of one profile, go out in the order of their calls.

The API answers 409 where too many of them come at once.
"""

from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import Hashable


class Lanes:
    """As many lanes as there are updates under way; nothing is kept of the others.

    Who comes to a lane that has room passes without waiting. A lane has room only where nobody waits, since a place
    that becomes free is handed over.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._running: dict[Hashable, int] = {}
        self._waiting: dict[Hashable, deque[Future[None]]] = {}

    def __len__(self) -> int:
        return len(self._running)

    def try_enter(self, name: Hashable) -> bool:
        """Take a place in a lane, if it has room; who enters must leave."""
        running = self._running.get(name, 0)
        if running == self._width:
            return False
        self._running[name] = running + 1
        return True

    async def enter(self, name: Hashable) -> None:
        """Wait for a place, first come, first served; who enters must leave."""
        if self.try_enter(name):
            return
        turn: Future[None] = get_running_loop().create_future()
        self._waiting.setdefault(name, deque()).append(turn)
        try:
            await turn
        except BaseException:
            if turn.cancelled():
                self._forget(name, turn)
            else:  # handed the place in the moment of the cancellation
                self.leave(name)
            raise

    def leave(self, name: Hashable) -> None:
        """Hand the place to the first who waits, or give it up."""
        waiting = self._waiting.get(name)
        while waiting:
            turn = waiting[0]
            self._forget(name, turn)
            if not turn.done():
                turn.set_result(None)
                return
        running = self._running.pop(name)
        if running > 1:
            self._running[name] = running - 1

    def _forget(self, name: Hashable, turn: "Future[None]") -> None:
        """Take a turn out of the queue, where it still is in it, and the queue away with the last."""
        waiting = self._waiting.get(name, deque())
        if turn in waiting:
            waiting.remove(turn)
        if not waiting:
            self._waiting.pop(name, None)
