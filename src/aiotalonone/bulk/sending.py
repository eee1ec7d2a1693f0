"""One request of a job, sent until it has an answer that another attempt would not change."""

from asyncio import get_running_loop
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from random import uniform
from typing import Final

import orjson
from attrs import define
from tenacity import RetryCallState

from aiotalonone.bulk.batches import digest_of
from aiotalonone.bulk.pace import Pace
from aiotalonone.bulk.report import Tally
from aiotalonone.bulk.stop import Stop
from aiotalonone.bulk.subject import Subject
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.errors import APIStatusError, TalonOneError, TransportError, TransportTimeoutError
from aiotalonone.operation import RetrySafety
from aiotalonone.pipeline.retry import last_result, retry_after_failure
from aiotalonone.pipeline.retry_rules import backoff_pause, should_retry
from aiotalonone.settings import RetryPolicy

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
        failure = await attempt()
        if failure is not None:
            failure = await retry_after_failure(
                failure,
                attempt,
                retry=self._may_retry,
                wait=self._pause,
                stop=self._should_stop,
                before_sleep=self._count_retry,
                sleep=self.stop.pause,
            )
        if failure is not None:
            raise failure

    async def _attempt(self, key: str | None, content: Sequence[bytes]) -> TalonOneError | None:
        """Send a request once, and return what it failed with, if it did."""
        await self.pace.turn()
        client = self.client if key is None else self.client.with_options(idempotency_key=key)
        began = get_running_loop().time()
        self.tally.requests += 1
        try:
            await self.subject.send(client, [*map(orjson.Fragment, content)])
        except TalonOneError as failure:
            self._report_backpressure(failure, began)
            return failure
        self.pace.succeeded(began)
        self.tally.answered(get_running_loop().time() - began)
        return None

    def _key(self, first: int, digest: bytes) -> str | None:
        if not self.subject.keyed:
            return None
        return sha256(b"%b %d %b" % (self.run.encode(), first, digest)).hexdigest()

    def _report_backpressure(self, failure: TalonOneError, began: float) -> None:
        """Tell the pace of a sign of strain."""
        if isinstance(failure, TransportTimeoutError):
            self.pace.pushed_back(began, None)
        elif isinstance(failure, APIStatusError) and failure.status in _OVERLOADED:
            self.pace.pushed_back(began, failure.retry_after)

    def _may_retry(self, failure: TalonOneError | None) -> bool:
        if not isinstance(failure, (APIStatusError, TransportError)):
            return False
        if isinstance(failure, TransportError) and failure.permanent:
            return False
        return should_retry(
            RetrySafety.IDEMPOTENCY_KEY if self.subject.keyed else RetrySafety.IDEMPOTENT,
            failure.outcome,
            failure.status if isinstance(failure, APIStatusError) else None,
            conflict_is_transient=True,
        )

    def _pause(self, state: RetryCallState) -> float:
        failure = last_result(state)
        retry_after = failure.retry_after if isinstance(failure, APIStatusError) else None
        return backoff_pause(state.attempt_number, self.retry, retry_after, uniform)

    def _should_stop(self, state: RetryCallState) -> bool:
        return state.attempt_number >= self.retry.attempts or self.stop.is_requested

    def _count_retry(self, _: RetryCallState) -> None:
        self.tally.retries += 1
