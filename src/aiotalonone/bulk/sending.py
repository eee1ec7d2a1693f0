"""One request of a job, sent until it has an answer that another attempt would not change."""

from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from itertools import chain, repeat
from random import uniform
from typing import Final

import orjson
from attrs import define
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from aiotalonone.bulk.batches import digest_of
from aiotalonone.bulk.pace import Pace
from aiotalonone.bulk.report import Tally
from aiotalonone.bulk.stop import Stop
from aiotalonone.bulk.subject import Subject
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.errors import (
    APIStatusError,
    ConflictError,
    RateLimitError,
    ServerError,
    TalonOneError,
    TransportError,
    TransportTimeoutError,
)
from aiotalonone.pipeline.backoff import pause_before_next
from aiotalonone.settings import RetryPolicy

Attempt = Callable[[], Awaitable[None]]

_PASSES: Final = (TransportError, RateLimitError, ServerError, ConflictError)
"""What another attempt may not meet again."""
_OVERLOADED: Final = frozenset({409, 429, 503})


@define
class Sender:
    """Sends through a client that repeats nothing by itself, so that the pace hears of every answer."""

    client: AsyncIntegrationClient
    subject: Subject
    run: str
    """What keys are derived from, besides place and content: it is that of one job until it is finished."""
    retry: RetryPolicy
    pace: Pace
    stop: Stop
    tally: Tally

    async def send(self, first: int, content: Sequence[bytes], digest: bytes | None = None) -> None:
        """Send records.

        Args:
            first: Position of the first one in the source.
            content: Their JSON in pieces, commas between them make it an array's.
            digest: What the content is known by, where that has been found.

        Raises:
            TalonOneError: They were not accepted.
            StopRequestedError: The job stops before they are sent.
        """
        attempt = partial(self._attempt, self._key(first, digest or digest_of(content)), content)
        try:
            await attempt()
        except _PASSES as failure:
            await self._repeat(attempt, failure)

    async def _repeat(self, attempt: Attempt, failure: TalonOneError) -> None:
        """Attempts after one that failed: tenacity counts and waits, at a tenth of what a request costs."""
        attempts: Iterator[Attempt] = chain([partial(_fail_with, failure)], repeat(attempt))

        async def next_attempt() -> None:
            await next(attempts)()

        retrying = AsyncRetrying(
            sleep=self.stop.pause,
            retry=retry_if_exception_type(_PASSES),
            wait=self._pause,
            stop=self._is_over,
            before_sleep=self._count_retry,
            reraise=True,
        )
        await retrying(next_attempt)

    async def _attempt(self, key: str | None, content: Sequence[bytes]) -> None:
        await self.pace.turn()
        client = self.client if key is None else self.client.with_options(idempotency_key=key)
        began = get_running_loop().time()
        self.tally.requests += 1
        try:
            await self.subject.send(client, [*map(orjson.Fragment, content)])
        except (APIStatusError, TransportTimeoutError) as failure:
            self._hear(failure, began)
            raise
        self.pace.succeeded(began)
        self.tally.answered(get_running_loop().time() - began)

    def _key(self, first: int, digest: bytes) -> str | None:
        if not self.subject.keyed:
            return None
        return sha256(b"%b %d %b" % (self.run.encode(), first, digest)).hexdigest()

    def _hear(self, failure: APIStatusError | TransportTimeoutError, began: float) -> None:
        """Tell the pace of a sign of strain."""
        if isinstance(failure, TransportTimeoutError):
            self.pace.pushed_back(began, None)
        elif failure.status in _OVERLOADED:
            self.pace.pushed_back(began, failure.retry_after)

    def _pause(self, state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        retry_after = failure.retry_after if isinstance(failure, APIStatusError) else None
        return pause_before_next(state.attempt_number, self.retry, retry_after, uniform)

    def _is_over(self, state: RetryCallState) -> bool:
        return state.attempt_number >= self.retry.attempts or self.stop.is_requested

    def _count_retry(self, _: RetryCallState) -> None:
        self.tally.retries += 1


async def _fail_with(failure: TalonOneError) -> None:
    raise failure
