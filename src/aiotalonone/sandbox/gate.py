"""Parallel updates: one runs, two wait, and any further one is turned away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import define, field

from aiotalonone.sandbox.problems import ProblemError

MOST_AT_ONCE = 3


@define(frozen=True)
class Lane:
    """What an update must have for itself: a profile or a session."""

    kind: str
    integration_id: str


@define
class Queue:
    """The updates of one lane."""

    lock: asyncio.Lock = field(factory=asyncio.Lock)
    present: int = 0


class Gate:
    """Lets updates of the same profile or session through one after the other."""

    def __init__(self) -> None:
        self._queues: dict[Lane, Queue] = {}

    @asynccontextmanager
    async def enter(self, lane: Lane | None) -> AsyncIterator[None]:
        """Waits for the lane; raises a 409 where too many wait already."""
        if lane is None:
            yield
            return
        queue = self._queues.setdefault(lane, Queue())
        if queue.present >= MOST_AT_ONCE:
            raise ProblemError(409, f"Too many requests are updating this {lane.kind} at the same time")
        queue.present += 1
        try:
            async with queue.lock:
                yield
        finally:
            queue.present -= 1
            if not queue.present:
                del self._queues[lane]
