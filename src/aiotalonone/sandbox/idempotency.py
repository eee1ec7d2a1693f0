"""Idempotency keys: a repeated request gets the first one's answer for a day."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta

import orjson
from attrs import define

from aiotalonone.sandbox.limits import IDEMPOTENCY_KEY_LENGTH
from aiotalonone.sandbox.problems import invalid_parameter

HEADER = "Idempotency-Key"
LIFETIME = timedelta(hours=24)


@define(frozen=True)
class Scope:
    """Where a key counts: one caller, one operation, one path."""

    caller: str
    operation_id: str
    path: str
    key: str


@define(frozen=True)
class Reply:
    """An answer as it went over the wire."""

    status: int
    body: bytes


@define(frozen=True)
class Kept:
    """A reply and when it was given."""

    reply: Reply
    since: datetime


class Replies:
    """The replies to requests with a key; errors are not kept."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: dict[Scope, Kept] = {}
        self._running: dict[Scope, asyncio.Event] = {}

    async def once(self, scope: Scope, perform: Callable[[], Awaitable[Reply]]) -> Reply:
        """Performs the first request of a scope, and replays its reply to the others."""
        if len(scope.key) > IDEMPOTENCY_KEY_LENGTH:
            raise invalid_parameter(f"{HEADER} must have at most {IDEMPOTENCY_KEY_LENGTH} characters", HEADER)
        while scope in self._running:
            await self._running[scope].wait()
        kept = self._kept.get(scope)
        if kept is not None and self._clock() - kept.since < LIFETIME:
            return kept.reply
        return await self._first(scope, perform)

    async def _first(self, scope: Scope, perform: Callable[[], Awaitable[Reply]]) -> Reply:
        done = self._running[scope] = asyncio.Event()
        try:
            reply = await perform()
            self._kept[scope] = Kept(reply, self._clock())
        finally:
            del self._running[scope]
            done.set()
        return reply

    def forget(self, profile_id: str, session_ids: Collection[str]) -> None:
        """Drops every reply about a customer or their sessions, and every other one that names the customer."""
        name, paths = orjson.dumps(profile_id), {profile_id, *session_ids}
        self._kept = {
            scope: kept for scope, kept in self._kept.items() if scope.path not in paths and name not in kept.reply.body
        }
