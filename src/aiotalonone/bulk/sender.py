"""One request of a job, with its retries.

Whether a failure may be retried, and the pauses between attempts, are those of a call: ``pipeline.retry_rules`` and the
loop in ``pipeline.retry``. A job adds how long it waits out an outage, and tells its concurrency limit of backpressure.
"""

from asyncio import get_running_loop
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from random import uniform
from typing import Final

from attrs import define
from tenacity import RetryCallState

from aiotalonone import codec
from aiotalonone.bulk.batches import digest_of
from aiotalonone.bulk.concurrency import AdaptiveConcurrency, Stop
from aiotalonone.bulk.kinds import RecordKind
from aiotalonone.bulk.report import Counters
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.errors import APIStatusError, TalonOneError, TransportError, TransportTimeoutError
from aiotalonone.pipeline.retry import last_result, retry_after_failure
from aiotalonone.pipeline.retry_rules import backoff_pause, should_retry
from aiotalonone.settings import RetryPolicy

_BACKPRESSURE: Final = frozenset({409, 429, 503})


@define
class Sender:
    """Sends requests through a client that does not retry, so that the job sees each attempt's result."""

    client: AsyncIntegrationClient
    kind: RecordKind
    run: str
    """ID of the job until it is finished: idempotency keys are derived from it, the position and the content."""
    retry: RetryPolicy
    concurrency: AdaptiveConcurrency
    stop: Stop
    counters: Counters

    async def send(self, first: int, content: Sequence[bytes], digest: bytes | None = None) -> None:
        """Send records, and retry if that may help.

        Args:
            first: Position of the first record in the source.
            content: Their JSON in pieces, to be joined with commas.
            digest: Hash of the content, if it is known already.

        Raises:
            TalonOneError: They were not accepted.
            StopRequestedError: The job stopped before an attempt.
        """
        attempt = partial(self._attempt, self._key(first, digest or digest_of(content)), content)
        error = await attempt()
        if error is not None:
            error = await retry_after_failure(
                error,
                attempt,
                retry=self._may_retry,
                wait=self._pause,
                stop=self._should_stop,
                before_sleep=self._count_retry,
                sleep=self.stop.pause,
            )
        if error is not None:
            raise error

    async def _attempt(self, key: str | None, content: Sequence[bytes]) -> TalonOneError | None:
        """Send a request once, and return its error, or ``None`` if it was accepted."""
        await self.concurrency.acquire()
        client = self.client if key is None else self.client.with_options(idempotency_key=key)
        started = get_running_loop().time()
        self.counters.requests += 1
        try:
            await self.kind.send(client, [*map(codec.raw_json, content)])
        except TalonOneError as error:
            self._report_backpressure(error, started)
            return error
        self.concurrency.on_success(started)
        self.counters.add_latency(get_running_loop().time() - started)
        return None

    def _key(self, first: int, digest: bytes) -> str | None:
        if not self.kind.uses_idempotency_key:
            return None
        return sha256(b"%b %d %b" % (self.run.encode(), first, digest)).hexdigest()

    def _report_backpressure(self, error: TalonOneError, started: float) -> None:
        """Lower the concurrency if an error says that the API is overloaded."""
        if isinstance(error, TransportTimeoutError):
            self.concurrency.on_backpressure(started, None)
        elif isinstance(error, APIStatusError) and error.status in _BACKPRESSURE:
            self.concurrency.on_backpressure(started, error.retry_after)

    def _may_retry(self, error: TalonOneError | None) -> bool:
        if not isinstance(error, (APIStatusError, TransportError)):
            return False
        if isinstance(error, TransportError) and error.permanent:
            return False
        return should_retry(
            self.kind.operation.retry_safety,
            error.outcome,
            error.status if isinstance(error, APIStatusError) else None,
            conflict_is_transient=True,  # another request updates one of the batch's profiles
        )

    def _pause(self, state: RetryCallState) -> float:
        error = last_result(state)
        retry_after = error.retry_after if isinstance(error, APIStatusError) else None
        return backoff_pause(state.attempt_number, self.retry, retry_after, uniform)

    def _should_stop(self, state: RetryCallState) -> bool:
        return state.attempt_number >= self.retry.attempts or self.stop.is_requested

    def _count_retry(self, _: RetryCallState) -> None:
        self.counters.retries += 1
