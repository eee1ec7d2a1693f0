"""Idempotency keys: a request with the same key gets the first response again for 24 hours."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus

from attrs import define

from aiotalonone.sandbox import json
from aiotalonone.sandbox.account.programs import Assumptions
from aiotalonone.sandbox.http.messages import Reply
from aiotalonone.sandbox.http.problems import invalid_parameter
from aiotalonone.sandbox.validation import MAX_IDEMPOTENCY_KEY_LENGTH, TOO_LONG

HEADER = "Idempotency-Key"
LIFETIME = timedelta(hours=24)
MAX_REPLIES = 100_000
MAX_BYTES = 64 * 2**20
PASSING_STATUSES = (409, 429)
"""Errors that are never replayed: the same request may succeed a moment later."""


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
    """A reply, when it was stored, and for which body."""

    reply: Reply
    since: datetime
    body_hash: bytes


class ReplyStore:
    """The replies to requests with a key; the oldest make room if they are too many or too large together."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        assumptions: Assumptions,
        *,
        max_replies: int = MAX_REPLIES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._clock = clock
        self.assumptions = assumptions
        self._max_replies = max_replies
        self._max_bytes = max_bytes
        self._stored: OrderedDict[Scope, StoredReply] = OrderedDict()
        self._bytes = 0
        self._in_flight: dict[Scope, asyncio.Event] = {}

    def __len__(self) -> int:
        return len(self._stored)

    async def once(self, scope: Scope, content: bytes, perform: Callable[[], Awaitable[Reply]]) -> Reply:
        """Perform the first request of a scope, which returns errors as well, and replay its reply to the others."""
        if len(scope.key) > MAX_IDEMPOTENCY_KEY_LENGTH:
            details = f"{HEADER} must have at most {MAX_IDEMPOTENCY_KEY_LENGTH} characters"
            raise invalid_parameter(HEADER, details, TOO_LONG)
        while scope in self._in_flight:
            await self._in_flight[scope].wait()
        body_hash = sha256(content).digest()
        stored = self._stored.get(scope)
        if stored is not None and not self._is_expired(stored):
            if self.assumptions.idempotency_keys_bind_bodies and stored.body_hash != body_hash:
                raise invalid_parameter(HEADER, f"{HEADER} was used with another body")
            return stored.reply
        return await self._perform_first(scope, body_hash, perform)

    async def _perform_first(self, scope: Scope, body_hash: bytes, perform: Callable[[], Awaitable[Reply]]) -> Reply:
        done = self._in_flight[scope] = asyncio.Event()
        try:
            reply = await perform()
            if reply.status < HTTPStatus.BAD_REQUEST or self._stores_error(reply.status):
                self._store(scope, StoredReply(reply, self._clock(), body_hash))
        finally:
            del self._in_flight[scope]
            done.set()
        return reply

    def _stores_error(self, status: int) -> bool:
        is_final = status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in PASSING_STATUSES
        return is_final and self.assumptions.idempotency_stores_errors

    def _store(self, scope: Scope, stored: StoredReply) -> None:
        self._drop(scope)
        self._stored[scope] = stored
        self._bytes += _size(scope, stored)
        while self._stored and self._has_to_shrink():
            self._drop(next(iter(self._stored)))

    def _has_to_shrink(self) -> bool:
        oldest = next(iter(self._stored.values()))
        return len(self._stored) > self._max_replies or self._bytes > self._max_bytes or self._is_expired(oldest)

    def _is_expired(self, stored: StoredReply) -> bool:
        return self._clock() - stored.since >= LIFETIME

    def _drop(self, scope: Scope) -> None:
        stored = self._stored.pop(scope, None)
        if stored is not None:
            self._bytes -= _size(scope, stored)

    def forget(self, profile_id: str, session_ids: Collection[str]) -> None:
        """Drop each reply about a customer or one of their sessions, and any other that contains the customer's ID."""
        quoted_id, erased = json.dumps(profile_id), {profile_id, *session_ids}
        for scope, stored in list(self._stored.items()):
            if not erased.isdisjoint(scope.path) or quoted_id in stored.reply.body:
                self._drop(scope)


def _size(scope: Scope, stored: StoredReply) -> int:
    return len(stored.reply.body) + len(scope.key) + sum(map(len, scope.path))
