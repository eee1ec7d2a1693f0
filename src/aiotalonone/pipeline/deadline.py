"""The time that calls have, and the one timer that ends those whose time is over.

A timer for each call would be the dearest part of the whole way: here a call costs an entry in a set.
"""

from asyncio import Event, Task, TimerHandle, current_task, get_running_loop, timeout
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from enum import Enum
from math import inf
from typing import Any, Final

__all__ = ["deadline"]

_block_ends: Final[ContextVar[float]] = ContextVar("aiotalonone.deadline", default=inf)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Give all calls of a block one time that they share, in place of their clients' own deadlines.

    Within another such block, the earlier end holds.

    Args:
        seconds: How long the block's calls may take together, counted from here.

    Raises:
        ValueError: It is not above 0.
        RuntimeError: No event loop is running.
    """
    if not seconds > 0:
        raise ValueError("a deadline must be a number of seconds above 0")
    token = _block_ends.set(min(_block_ends.get(), get_running_loop().time() + seconds))
    try:
        yield
    finally:
        _block_ends.reset(token)


def deadline_of(started: float, seconds: float | None) -> float:
    """When a call must end: with its block, or else so many seconds after its start."""
    block_ends = _block_ends.get()
    if block_ends != inf:
        return block_ends
    return inf if seconds is None else started + seconds


class Cut(Enum):
    """Why a call is ended before its answer."""

    DEADLINE = "no answer within its deadline"
    CLOSED = "the client was closed before an answer came"


class Flight:
    """A call between its start and its end."""

    __slots__ = ("_cancelling", "cut", "deadline", "task")

    def __init__(self, deadline: float, task: Task[Any]) -> None:
        self.deadline: float = deadline
        self.task: Task[Any] = task
        self.cut: Cut | None = None
        self._cancelling = task.cancelling()

    def end(self, cut: Cut) -> None:
        """Cancel what the call waits for, once."""
        if self.cut is None:
            self.cut = cut
            self.task.cancel()

    @property
    def cut_alone(self) -> Cut | None:
        """Why the call was ended; ``None`` where its caller cancelled it as well, which comes first."""
        return self.cut if self.task.cancelling() == self._cancelling + 1 else None


class CallsInFlight:
    """Every call between its start and its end."""

    def __init__(self) -> None:
        self._flights: set[Flight] = set()
        self._due = inf
        self._timer: TimerHandle | None = None
        self._landed: Event | None = None
        self._ended = False

    def __len__(self) -> int:
        return len(self._flights)

    def refusal(self, deadline: float) -> Cut | None:
        """Why a call may not start any more, a step around it having taken its time."""
        if self._ended:
            return Cut.CLOSED
        return Cut.DEADLINE if deadline <= get_running_loop().time() else None

    def start(self, deadline: float) -> Flight:
        """A call starts: from now on it is cancelled at its deadline, until it is finished."""
        task: Task[Any] = current_task()  # type: ignore[assignment]  # calls are awaited, so there is one
        flight = Flight(deadline, task)
        self._flights.add(flight)
        if deadline < self._due:
            self._set_timer(deadline)
        return flight

    def finish(self, flight: Flight) -> None:
        """A call ends."""
        self._flights.discard(flight)
        if flight.cut is not None:
            flight.task.uncancel()
        if self._landed is not None and not self._flights:
            self._landed.set()

    async def end(self, grace: float, patience: float) -> None:
        """Let the calls finish, for as long as the grace; end the others, and wait until they are."""
        try:
            await self._wait_for_all(grace)
        finally:
            self._ended = True
            self._drop_timer()
            for flight in self._flights:
                flight.end(Cut.CLOSED)
            await self._wait_for_all(patience)

    async def _wait_for_all(self, seconds: float) -> None:
        if self._flights:
            self._landed = Event()
            with suppress(TimeoutError):
                async with timeout(seconds):
                    await self._landed.wait()

    def _set_timer(self, due: float) -> None:
        self._drop_timer()
        self._due = due
        self._timer = get_running_loop().call_at(due, self._ring)

    def _drop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._due = inf

    def _ring(self) -> None:
        due = self._due
        self._drop_timer()
        for flight in self._flights:
            if flight.deadline <= due:
                flight.end(Cut.DEADLINE)
        next_due = min((flight.deadline for flight in self._flights if flight.cut is None), default=inf)
        if next_due < inf:
            self._set_timer(next_due)
