"""Lanes: updates of one session, or of one profile, go out in the order of their calls.

The API answers 409 where too many of them come at once.
"""

from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import Hashable

from attrs import define, field


@define
class _Lane:
    running: int = 0
    waiting: "deque[Future[None]]" = field(factory=deque)


class Lanes:
    """As many lanes as there are updates under way; nothing is kept of the others."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._lanes: dict[Hashable, _Lane] = {}

    def __len__(self) -> int:
        return len(self._lanes)

    async def enter(self, name: Hashable) -> None:
        """Wait for a place in a lane, first come, first served; who enters must leave."""
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = _Lane()
        if lane.running < self._width:  # then nobody waits: a place is handed over before it is free
            lane.running += 1
        else:
            await self._wait(name, lane)

    def leave(self, name: Hashable) -> None:
        """Hand the place to the first who waits, or give the lane up."""
        lane = self._lanes[name]
        while lane.waiting:
            turn = lane.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        lane.running -= 1
        if not lane.running:
            del self._lanes[name]

    async def _wait(self, name: Hashable, lane: _Lane) -> None:
        turn: Future[None] = get_running_loop().create_future()
        lane.waiting.append(turn)
        try:
            await turn
        except BaseException:
            if not turn.cancelled():  # handed the place in the moment of the cancellation
                self.leave(name)
            elif turn in lane.waiting:
                lane.waiting.remove(turn)
            raise
