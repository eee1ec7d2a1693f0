"""The feed of what happens to the sandbox: any number of subscribers, each with a queue of limited length."""

import asyncio
from collections import deque
from typing import Any, Final, Self
from weakref import WeakSet

from attrs import define, field

MAX_HISTORY: Final = 500
MAX_WAITING: Final = 1000

REQUEST, RESET, SEED, CAMPAIGNS, CLOCK, FAULTS = "request", "reset", "seed", "campaigns", "clock", "faults"


@define(frozen=True)
class SandboxEvent:
    """Something that happened to the sandbox."""

    id: int
    """Its number, from 1, which no other event of the sandbox has."""
    kind: str
    """``request`` when one is done; ``reset``, ``seed``; ``campaigns``, ``clock`` and ``faults`` when they were set."""
    data: Any = None
    """The `RecordedRequest`, in an event of that kind."""


@define(eq=False)
class Subscription:
    """An endless iterator over the events from now on; beyond 1000 that wait, the oldest are dropped."""

    _waiting: deque[SandboxEvent] = field(factory=lambda: deque(maxlen=MAX_WAITING), init=False)
    _arrived: asyncio.Event = field(factory=asyncio.Event, init=False)

    def put(self, event: SandboxEvent) -> None:
        """Add an event."""
        self._waiting.append(event)
        self._arrived.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SandboxEvent:
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()


@define
class Feed:
    """Tells subscribers what happens, and remembers the last 500 events for those who come back."""

    last_id: int = 0
    """The number of the latest event, 0 before the first one."""
    _history: deque[SandboxEvent] = field(factory=lambda: deque(maxlen=MAX_HISTORY), init=False)
    _subscriptions: WeakSet[Subscription] = field(factory=WeakSet, init=False)

    def publish(self, kind: str, data: Any = None) -> None:
        """Tell all subscribers."""
        self.last_id += 1
        event = SandboxEvent(self.last_id, kind, data)
        self._history.append(event)
        for subscription in self._subscriptions:
            subscription.put(event)

    def forget(self) -> None:
        """Drop the history: a subscriber that comes back is told that it missed something."""
        self._history.clear()

    def subscribe(self, after: int | None = None) -> Subscription:
        """Return an iterator over the events that follow, for as long as the caller keeps it.

        Args:
            after: The last event that the subscriber knows: those since then come first. If some of them are not
                remembered any more, an event ``reset`` comes in their place.
        """
        subscription = Subscription()
        if after is not None and after != self.last_id:
            missed = [event for event in self._history if event.id > after]
            is_complete = after < self.last_id and len(missed) == self.last_id - after
            for event in missed if is_complete else [SandboxEvent(self.last_id, RESET)]:
                subscription.put(event)
        self._subscriptions.add(subscription)
        return subscription
