"""Concurrent updates of one profile or session: one runs, two wait, any further one gets a 409."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from attrs import define, field

from aiotalonone.sandbox.http.problems import ApiProblem
from aiotalonone.sandbox.state import State
from aiotalonone.sandbox.validation import JsonObject

MAX_CONCURRENT_UPDATES = 3


@define(frozen=True, order=True)
class EntityKey:
    """A profile or session that is updated by one request at a time."""

    kind: str
    integration_id: str


def profile_key(integration_id: str) -> EntityKey:
    """Return the key of a profile."""
    return EntityKey("profile", integration_id)


def session_keys(session_id: str, members: JsonObject, state: State) -> list[EntityKey]:
    """Return the keys of a session and of its customer, who is named in the request or known from before."""
    profile_id = members.text("profileId")
    if profile_id is None and session_id in state.sessions:
        profile_id = state.sessions[session_id].profile_id
    session = EntityKey("session", session_id)
    return [session, profile_key(profile_id)] if profile_id else [session]


@define
class _Queue:
    lock: asyncio.Lock = field(factory=asyncio.Lock)
    updates: int = 0


class EntityLocks:
    """Serialises the updates of each profile and session."""

    def __init__(self) -> None:
        self._queues: dict[EntityKey, _Queue] = {}

    @asynccontextmanager
    async def acquire(self, keys: Collection[EntityKey]) -> AsyncIterator[None]:
        """Wait for all of the entities; raise a 409 if too many updates of one of them are in flight."""
        for key in keys:
            if key in self._queues and self._queues[key].updates >= MAX_CONCURRENT_UPDATES:
                raise ApiProblem(409, f"Too many requests are updating this {key.kind} at the same time")
        async with AsyncExitStack() as held:
            queues = [held.enter_context(self._queue(key)) for key in sorted(keys)]
            for queue in queues:
                # Locked in sorted order, so that two updates cannot wait for each other.
                await held.enter_async_context(queue.lock)
            yield

    @contextmanager
    def _queue(self, key: EntityKey) -> Iterator[_Queue]:
        queue = self._queues.setdefault(key, _Queue())
        queue.updates += 1
        try:
            yield queue
        finally:
            queue.updates -= 1
            if not queue.updates:
                del self._queues[key]
