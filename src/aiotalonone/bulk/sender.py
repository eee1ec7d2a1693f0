"""One request of a job, with its retries.

Whether a failure may be retried, and the pauses between attempts, are those of a call: ``pipeline.retry_rules`` and the
loop in ``pipeline.retry``. A job adds how long it waits out an outage, and tells its concurrency limit of backpressure.
"""

import logging
from asyncio import get_running_loop
from collections.abc import Callable, Sequence
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
from aiotalonone.errors import (
    APIStatusError,
    CircuitOpenError,
    Outcome,
    TalonOneError,
    TransportError,
    TransportTimeoutError,
)
from aiotalonone.pipeline.retry import last_result, retry_after_failure
from aiotalonone.pipeline.retry_rules import backoff_pause, should_retry
from aiotalonone.settings import RetryPolicy

_BACKPRESSURE: Final = frozenset({409, 429, 503})
_NOT_SUPPORTED: Final = frozenset({501, 505})
"""Server errors that no retry can heal."""

_logger: Final = logging.getLogger("aiotalonone")


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

    async def send(
        self,
        first: int,
        content: Sequence[bytes],
        note_outcome: Callable[[Outcome], None],
        digest: bytes | None = None,
    ) -> None:
        """Send records, and retry if that may help.

        Args:
            first: Position of the first record in the source.
            content: Their JSON in pieces, to be joined with commas.
            note_outcome: Called with the outcome of each attempt.
            digest: Hash of the content, if it is known already.

        Raises:
            TalonOneError: They were not accepted.
            StopRequestedError: The job stopped before an attempt.
        """
        attempt = partial(self._attempt, self._key(first, digest or digest_of(content)), content, note_outcome)
        error = await attempt()
        if error is not None:
            try:
                error = await retry_after_failure(
                    error,
                    attempt,
                    retry=self._may_retry,
                    wait=self._pause,
                    stop=self._should_stop,
                    before_sleep=partial(self._announce_retry, first),
                    sleep=self.stop.pause,
                )
            finally:
                self.counters.end_retries(first)
        if error is not None:
            raise error

    async def _attempt(
        self, key: str | None, content: Sequence[bytes], note_outcome: Callable[[Outcome], None]
    ) -> TalonOneError | None:
        """Send a request once, and return its error, or ``None`` if it was accepted."""
        await self.concurrency.acquire()
        client = self.client if key is None else self.client.with_options(idempotency_key=key)
        started = get_running_loop().time()
        self.counters.requests += 1
        try:
            await self.kind.send(client, [*map(codec.raw_json, content)])
        except TalonOneError as error:
            note_outcome(error.outcome)
            self._adapt(error, started)
            return error
        note_outcome(Outcome.APPLIED)
        self.concurrency.on_success(started)
        self.counters.add_latency(get_running_loop().time() - started)
        return None

    def _key(self, first: int, digest: bytes) -> str | None:
        if not self.kind.uses_idempotency_key:
            return None
        return sha256(b"%b %d %b" % (self.run.encode(), first, digest)).hexdigest()

    def _adapt(self, error: TalonOneError, started: float) -> None:
        """Lower the concurrency if an error says that the API is overloaded, and pause all requests if it asks to."""
        if isinstance(error, TransportTimeoutError):
            self.concurrency.on_backpressure(started, None)
        elif isinstance(error, APIStatusError) and error.status in _BACKPRESSURE:
            self.concurrency.on_backpressure(started, self._retry_after(error))
        elif isinstance(error, CircuitOpenError):
            self.counters.requests -= 1  # none was sent
            self.concurrency.pause(self._retry_after(error) or 0.0)

    def _retry_after(self, error: TalonOneError | None) -> float | None:
        """Return how long to wait at the API's wish, or until the circuit breaker lets a request pass."""
        asked = error.retry_after if isinstance(error, (APIStatusError, CircuitOpenError)) else None
        return None if asked is None else min(asked, self.retry.max_retry_after)

    def _may_retry(self, error: TalonOneError | None) -> bool:
        if isinstance(error, CircuitOpenError):
            return True
        if not isinstance(error, (APIStatusError, TransportError)):
            return False
        if isinstance(error, TransportError) and error.permanent:
            return False
        status = error.status if isinstance(error, APIStatusError) else None
        return status not in _NOT_SUPPORTED and should_retry(
            self.kind.operation.retry_safety,
            error.outcome,
            status,
            conflict_is_transient=True,  # another request updates one of the batch's profiles
        )

    def _pause(self, state: RetryCallState) -> float:
        return backoff_pause(state.attempt_number, self.retry, self._retry_after(last_result(state)), uniform)

    def _should_stop(self, state: RetryCallState) -> bool:
        return state.attempt_number >= self.retry.attempts or self.stop.is_requested

    def _announce_retry(self, first: int, state: RetryCallState) -> None:
        error: TalonOneError = last_result(state)
        reason, attempts, seconds = str(error.args[0]), state.attempt_number, state.upcoming_sleep
        self.counters.start_retry(first, reason, attempts, seconds)
        operation_id = self.kind.operation.operation_id
        _logger.info("%s: attempt %d failed (%s), retrying in %.3f s", operation_id, attempts, reason, seconds)
