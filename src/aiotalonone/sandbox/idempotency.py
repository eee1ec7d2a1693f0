"""Idempotency keys: a request with the same key gets the first response again for 24 hours."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta

from attrs import define

from aiotalonone.sandbox import json
from aiotalonone.sandbox.http import Reply, invalid_parameter
from aiotalonone.sandbox.validation import MAX_IDEMPOTENCY_KEY_LENGTH

HEADER = "Idempotency-Key"
LIFETIME = timedelta(hours=24)


@define(frozen=True)
class Scope:
    """What a key belongs to: one caller, one operation, one path."""

    caller: str
    operation_id: str
    path: tuple[str, ...]
    """Decoded path values."""
    key: str


@define(frozen=True)
class StoredReply:
    """A reply and when it was stored."""

    reply: Reply
    since: datetime


class ReplyStore:
    """The replies to requests with a key; errors are not stored."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._stored: dict[Scope, StoredReply] = {}
        self._in_flight: dict[Scope, asyncio.Event] = {}

    async def once(self, scope: Scope, perform: Callable[[], Awaitable[Reply]]) -> Reply:
        """Perform the first request of a scope, and replay its reply to the others."""
        if len(scope.key) > MAX_IDEMPOTENCY_KEY_LENGTH:
            raise invalid_parameter(f"{HEADER} must have at most {MAX_IDEMPOTENCY_KEY_LENGTH} characters", HEADER)
        while scope in self._in_flight:
            await self._in_flight[scope].wait()
        stored = self._stored.get(scope)
        if stored is not None and self._clock() - stored.since < LIFETIME:
            return stored.reply
        return await self._perform_first(scope, perform)

    async def _perform_first(self, scope: Scope, perform: Callable[[], Awaitable[Reply]]) -> Reply:
        done = self._in_flight[scope] = asyncio.Event()
        try:
            reply = await perform()
            self._stored[scope] = StoredReply(reply, self._clock())
        finally:
            del self._in_flight[scope]
            done.set()
        return reply

    def forget(self, profile_id: str, session_ids: Collection[str]) -> None:
        """Drop each reply about a customer or one of their sessions, and any other that contains the customer's ID."""
        quoted_id, erased = json.dumps(profile_id), {profile_id, *session_ids}
        self._stored = {
            scope: stored
            for scope, stored in self._stored.items()
            if erased.isdisjoint(scope.path) and quoted_id not in stored.reply.body
        }
