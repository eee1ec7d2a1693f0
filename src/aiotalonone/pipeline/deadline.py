"""The deadlines of calls, and the one timer that aborts the calls whose time is over.

One timer per call would be the most expensive step of the pipeline; with a shared timer a call only adds itself to a
list of the calls that are due at the same instant.
"""

from asyncio import Event, Task, TimerHandle, current_task, get_running_loop, timeout
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from enum import Enum
from heapq import heappop, heappush
from math import inf
from numbers import Real
from typing import Any, Final, Optional

from attrs import define

from aiotalonone.settings import validate_seconds

__all__ = ["deadline"]

CLEANUP_TIMEOUT: Final = 1.0
"""Seconds that an aborted call may take to clean up, before it is cancelled again."""
_MAX_STALE_ENTRIES: Final = 64
"""Scheduled calls that have ended, besides as many as there are calls in flight."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Give all calls of a block one deadline that they share, in place of their clients' own.

    It holds for calls that are started before the block is left, also by tasks that were started inside. If blocks
    are nested, the earliest deadline holds.

    Args:
        seconds: How long the block's calls may take together, counted from here. Infinity sets no deadline, not the
            clients' own either.

    Raises:
        TypeError: It is not a number.
        ValueError: It is not above 0.
        RuntimeError: No event loop is running.
    """
    if isinstance(seconds, Real) and not isinstance(seconds, (bool, int)):
        seconds = float(seconds)  # a number of numpy would make all sums numbers of its own, some less exact
    validate_seconds("deadline", seconds)
    block = _Block(get_running_loop().time() + seconds, _open_block())
    token = _innermost_block.set(block)
    try:
        yield
    finally:
        block.ended = True
        with suppress(ValueError):  # left in another context, such as an async fixture or generator: its end counts
            _innermost_block.reset(token)


@define(eq=False)
class _Block:
    """A ``with deadline(…)`` block. The tasks that were started inside share it, and so see its end."""

    deadline: float
    outer: Optional["_Block"]
    ended: bool = False


_innermost_block: Final[ContextVar[_Block | None]] = ContextVar("aiotalonone.deadline", default=None)


def _open_block(block: _Block | None = None) -> _Block | None:
    """Return the innermost block that has not ended, of this task or around a block."""
    block = _innermost_block.get() if block is None else block.outer
    while block is not None and block.ended:
        block = block.outer
    return block


def deadline_of(started: float, seconds: float | None) -> float:
    """Return when a call must end: with the earliest of its blocks, or else so many seconds after its start."""
    block = _open_block()
    if block is None:
        return inf if seconds is None else started + seconds
    earliest = inf
    while block is not None:
        earliest = min(earliest, block.deadline)
        block = _open_block(block)
    return earliest


class AbortReason(Enum):
    """Why a call is ended before its response."""

    DEADLINE = "no response within the deadline"
    CLOSED = "the client was closed before the response"


class InFlightCall:
    """A call between its start and its end."""

    __slots__ = ("_cancellations", "_earlier_cancellations", "_reason", "task")

    def __init__(self, task: Task[Any]) -> None:
        self.task: Task[Any] = task
        self._reason: AbortReason | None = None
        self._cancellations = 0
        self._earlier_cancellations = task.cancelling()

    def abort(self, reason: AbortReason) -> None:
        """Cancel what the call waits for. The first reason stands."""
        self._reason = self._reason or reason
        self._cancellations += 1
        self.task.cancel()

    def end(self) -> None:
        """Take the cancellations back, which were meant for this call alone."""
        if self._cancellations:
            for _ in range(min(self._cancellations, self._pending_cancellations)):
                self.task.uncancel()
        del self.task  # the schedule may keep its entry of this call until its deadline

    @property
    def abort_reason(self) -> AbortReason | None:
        """Why the call was aborted; ``None`` if its caller cancelled it as well, which takes precedence."""
        return None if self._pending_cancellations > self._cancellations else self._reason

    @property
    def _pending_cancellations(self) -> int:
        """Cancellations of the task since the call was started, from any source."""
        return self.task.cancelling() - self._earlier_cancellations


class CallsInFlight:
    """Every call between its start and its end."""

    def __init__(self) -> None:
        self._calls: set[InFlightCall] = set()
        self._schedule: dict[float, list[InFlightCall]] = {}
        """Which calls are to be cancelled at which instant."""
        self._instants: list[float] = []
        """A heap of the schedule's instants."""
        self._scheduled = 0
        self._due = inf
        self._timer: TimerHandle | None = None
        self._idle: Event | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._calls)

    def check_startable(self, deadline: float) -> AbortReason | None:
        """Return why a call may not start or continue, if a step around it took its time."""
        if self._closed:
            return AbortReason.CLOSED
        return AbortReason.DEADLINE if deadline <= get_running_loop().time() else None

    def start(self, deadline: float) -> InFlightCall:
        """Start a call in the current task, to be aborted at its deadline unless it is finished by then."""
        call = InFlightCall(current_task())  # type: ignore[arg-type]  # calls are awaited, so there is a task
        self._calls.add(call)
        if deadline < inf:
            self._cancel_at(deadline, call)
        return call

    def finish(self, call: InFlightCall) -> None:
        """End a call."""
        self._calls.discard(call)
        call.end()
        if self._scheduled > 2 * len(self._calls) + _MAX_STALE_ENTRIES:
            self._drop_stale_entries()
        if self._idle is not None and not self._calls:
            self._idle.set()

    async def end(self, grace: float) -> None:
        """Let the calls finish, for as long as the grace; abort the others, and wait until they have cleaned up."""
        try:
            await self._wait_until_idle(grace)
        finally:
            self._closed = True
            now = get_running_loop().time()
            for call in self._calls:
                self._abort(call, AbortReason.CLOSED, now)
            await self._wait_until_idle(CLEANUP_TIMEOUT)
            if self._timer is not None and not self._calls:
                self._timer.cancel()

    async def _wait_until_idle(self, seconds: float) -> None:
        if self._calls:
            self._idle = Event()
            with suppress(TimeoutError):
                async with timeout(seconds):
                    await self._idle.wait()

    def _cancel_at(self, time: float, call: InFlightCall) -> None:
        self._scheduled += 1
        if time in self._schedule:
            self._schedule[time].append(call)
            return
        self._schedule[time] = [call]
        heappush(self._instants, time)
        if time < self._due:
            self._set_timer(time)

    def _drop_stale_entries(self) -> None:
        in_flight = ((time, [call for call in calls if call in self._calls]) for time, calls in self._schedule.items())
        self._schedule = {time: calls for time, calls in in_flight if calls}
        self._instants = sorted(self._schedule)  # which is a heap
        self._scheduled = sum(map(len, self._schedule.values()))

    def _abort(self, call: InFlightCall, reason: AbortReason, now: float) -> None:
        """Cancel a call now, and again later if a step of it swallows that."""
        call.abort(reason)
        self._cancel_at(now + CLEANUP_TIMEOUT, call)

    def _set_timer(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = get_running_loop().call_at(due, self._on_timer)

    def _on_timer(self) -> None:
        """Abort every call whose time is over by now: on a busy loop, that is later than the timer was due."""
        now = max(self._due, get_running_loop().time())
        self._due, self._timer = inf, None
        due: list[InFlightCall] = []
        while self._instants and self._instants[0] <= now:
            due += self._pop_earliest()
        for call in due:
            if call in self._calls:
                self._abort(call, AbortReason.DEADLINE, now)
        while self._instants and not self._calls.intersection(self._schedule[self._instants[0]]):
            self._pop_earliest()
        if self._instants:
            self._set_timer(self._instants[0])

    def _pop_earliest(self) -> list[InFlightCall]:
        calls = self._schedule.pop(heappop(self._instants))
        self._scheduled -= len(calls)
        return calls
