"""The time that calls have, and the one timer that ends those whose time is over.

A timer for each call would be the dearest part of the whole way: here a call costs an entry in a set.
"""

from asyncio import CancelledError, Event, Task, TimerHandle, current_task, get_running_loop, timeout
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from enum import Enum
from math import inf
from types import TracebackType
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


class CutShortError(Exception):
    """A call was ended; ``cut`` says why."""

    def __init__(self, cut: Cut) -> None:
        super().__init__(cut.value)
        self.cut = cut


class CallsInFlight:
    """Every call between its start and its end."""

    def __init__(self) -> None:
        self._calls: set[Guard] = set()
        self._timer: TimerHandle | None = None
        self._landed: Event | None = None

    def __len__(self) -> int:
        return len(self._calls)

    def guard(self, deadline: float) -> "Guard":
        """What a call runs in: it is cancelled at its deadline, and tells that apart from its caller's cancellation."""
        return Guard(self, deadline)

    def add(self, call: "Guard") -> None:
        """A call starts."""
        self._calls.add(call)
        if call.deadline != inf and (self._timer is None or call.deadline < self._timer.when()):
            self._set_timer(call.deadline)

    def discard(self, call: "Guard") -> None:
        """A call ends."""
        self._calls.discard(call)
        if self._landed is not None and not self._calls:
            self._landed.set()

    async def end(self, grace: float, patience: float) -> None:
        """Let the calls finish, for as long as the grace; end the others, and wait until they are."""
        try:
            await self._wait_for_all(grace)
        finally:
            for call in self._calls:
                call.end(Cut.CLOSED)
            await self._wait_for_all(patience)
            self._drop_timer()

    async def _wait_for_all(self, seconds: float) -> None:
        if self._calls:
            self._landed = Event()
            with suppress(TimeoutError):
                async with timeout(seconds):
                    await self._landed.wait()

    def _set_timer(self, when: float) -> None:
        self._drop_timer()
        self._timer = get_running_loop().call_at(when, self._ring, when)

    def _drop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self, due: float) -> None:
        self._timer = None
        for call in self._calls:
            if call.deadline <= due:
                call.end(Cut.DEADLINE)
        if next_due := min((call.deadline for call in self._calls if not call.cut), default=None):
            self._set_timer(next_due)


class Guard:
    """A call while it runs; ends with CutShortError where it is cut short."""

    __slots__ = ("_calls", "_cancelling", "_task", "cut", "deadline")

    def __init__(self, calls: CallsInFlight, deadline: float) -> None:
        self.deadline = deadline
        self.cut: Cut | None = None
        self._calls = calls

    def __enter__(self) -> None:
        self._task: Task[Any] = current_task()  # type: ignore[assignment]  # calls are awaited, so there is one
        self._cancelling = self._task.cancelling()
        self._calls.add(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._calls.discard(self)
        # As asyncio.timeout does: where the caller cancels as well, that comes first.
        if self.cut and self._task.uncancel() <= self._cancelling and kind is CancelledError:
            raise CutShortError(self.cut)

    def end(self, cut: Cut) -> None:
        """Cancel what the call waits for, once."""
        if self.cut is None:
            self.cut = cut
            self._task.cancel()
