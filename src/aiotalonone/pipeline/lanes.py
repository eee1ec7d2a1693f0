"""Lanes: updates of one session, or of one profile, are sent in the order of their calls.

The API responds with 409 if too many of them come at once.
"""

from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import Hashable


class Lanes:
    """As many lanes as there are updates in flight; nothing is kept of the others.

    An update whose lane has room does not wait. A lane has room only while no update waits, since a place that becomes
    free is handed over.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._running: dict[Hashable, int] = {}
        self._waiting: dict[Hashable, deque[Future[None]]] = {}

    def __len__(self) -> int:
        return len(self._running)

    def try_enter(self, name: Hashable) -> bool:
        """Take a place in a lane if it has room, and return whether it had; a call that enters must leave."""
        running = self._running.get(name, 0)
        if running == self._width:
            return False
        self._running[name] = running + 1
        return True

    async def enter(self, name: Hashable) -> None:
        """Wait for a place, first come, first served; a call that enters must leave."""
        if self.try_enter(name):
            return
        turn: Future[None] = get_running_loop().create_future()
        self._waiting.setdefault(name, deque()).append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():  # handed the place in the moment of the cancellation
                self.leave(name)
            else:
                self._forget(name, turn)
            raise

    def leave(self, name: Hashable) -> None:
        """Hand the place to the call that has waited longest, or give it up."""
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
        """Drop a turn from its queue if it is still there, and the queue with its last turn."""
        waiting = self._waiting.get(name, deque())
        if turn in waiting:
            waiting.remove(turn)
        if not waiting:
            self._waiting.pop(name, None)
