"""Parallel updates: one runs, two wait, and any further one is turned away."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from attrs import define, field

from aiotalonone.sandbox.problems import ProblemError

MOST_AT_ONCE = 3


@define(frozen=True, order=True)
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
    async def enter(self, lanes: Collection[Lane]) -> AsyncIterator[None]:
        """Waits for all of the lanes; raises a 409 where too many wait for one already."""
        for lane in lanes:
            if lane in self._queues and self._queues[lane].present >= MOST_AT_ONCE:
                raise ProblemError(409, f"Too many requests are updating this {lane.kind} at the same time")
        async with AsyncExitStack() as held:
            queues = [held.enter_context(self._joined(lane)) for lane in sorted(lanes)]
            for queue in queues:
                # In the order of the lanes, so that no two updates wait for each other.
                await held.enter_async_context(queue.lock)
            yield

    @contextmanager
    def _joined(self, lane: Lane) -> Iterator[Queue]:
        queue = self._queues.setdefault(lane, Queue())
        queue.present += 1
        try:
            yield queue
        finally:
            queue.present -= 1
            if not queue.present:
                del self._queues[lane]
