"""Attempts after a failed one: ``retry_rules`` allows them and spaces them, the client's budget pays for them."""

from asyncio import get_running_loop, sleep
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from random import uniform
from typing import Any, Final, TypeVar

import httpx
from attrs import define
from tenacity import AsyncRetrying, RetryCallState, retry_if_result

from aiotalonone.errors import Outcome, TransportError
from aiotalonone.pipeline.log import log_retry
from aiotalonone.pipeline.middleware import CallNext, Exchange, is_of_another_call
from aiotalonone.pipeline.outcome import is_success, response_outcome
from aiotalonone.pipeline.retry_rules import RetryBudget, backoff_pause, parse_retry_after, should_retry
from aiotalonone.settings import RetryPolicy

T = TypeVar("T")

_MAX_SEARCHED: Final = 4096
"""Bytes of a response that are searched for what its status leaves open."""

AttemptResult = httpx.Response | TransportError
"""What an attempt ended in: a whole response of any status, or an error."""


async def retry_after_failure(
    failure: T,
    attempt: Callable[[], Awaitable[T]],
    *,
    retry: Callable[[T], bool],
    wait: Callable[[RetryCallState], float],
    stop: Callable[[RetryCallState], bool],
    before_sleep: Callable[[RetryCallState], None],
    sleep: Callable[[float], Awaitable[None]] = sleep,
) -> T:
    """Make further attempts after a failed one, and return what the last of them came to.

    tenacity counts and waits. It is entered only after a failure that may be retried, so that other calls do not pay
    for it, and is given that failure as the result of its first attempt.

    Args:
        failure: What the first attempt came to.
        attempt: Makes another one. An exception that it raises is not retried.
        retry: Whether a result is a failure that may be retried.
        wait: The pause before the next attempt, in seconds.
        stop: Whether no attempt follows all the same, now that the pause is known.
        before_sleep: Called before the pause.
        sleep: Pauses.
    """
    if not retry(failure):
        return failure
    first = [failure]

    async def next_result() -> T:
        return first.pop() if first else await attempt()

    retrying = AsyncRetrying(
        sleep=sleep,
        retry=retry_if_result(retry),
        wait=wait,
        stop=stop,
        before_sleep=before_sleep,
        retry_error_callback=last_result,
    )
    result: T = await retrying(next_result)
    return result


def last_result(state: RetryCallState) -> Any:
    """Return the result of the latest attempt."""
    assert state.outcome is not None  # noqa: S101 - tenacity asks after an attempt
    return state.outcome.result()


@define
class Retry:
    """Makes attempts until one succeeds, or no other may follow."""

    policy: RetryPolicy
    budget: RetryBudget
    call_next: CallNext

    async def run(self, exchange: Exchange) -> httpx.Response:
        """Return the response of the last attempt, or raise the error that it ended in."""
        result: AttemptResult
        try:
            result = await self.call_next(exchange)
        except TransportError as error:
            if is_of_another_call(error):
                raise
            result = error
        if isinstance(result, TransportError) or not is_success(result.status_code):
            result = await _RetryLoop(self, exchange).run(result)
            if isinstance(result, TransportError):
                try:
                    raise result
                finally:
                    del result  # which holds this frame: it would stay until the garbage collector comes
            if not is_success(result.status_code):
                return result
        self.budget.give_back()
        return result


@define
class _RetryLoop:
    """The further attempts of one call."""

    retry: Retry
    exchange: Exchange

    async def run(self, failure: AttemptResult) -> AttemptResult:
        """Return what the last attempt came to."""
        return await retry_after_failure(
            self._judge(failure),
            self._next_attempt,
            retry=self._may_retry,
            wait=self._pause,
            stop=self._should_stop,
            before_sleep=self._log,
        )

    async def _next_attempt(self) -> AttemptResult:
        try:
            return self._judge(await self.retry.call_next(self.exchange))
        except TransportError as error:
            if is_of_another_call(error):
                raise
            return self._judge(error)

    def _judge(self, result: AttemptResult) -> AttemptResult:
        """Note what an attempt came to, since a middleware may have failed by itself, unseen by any transport."""
        if isinstance(result, TransportError):
            self.exchange.raise_outcome(result.outcome)
        elif self._already_deleted(result):
            return httpx.Response(HTTPStatus.NO_CONTENT)
        elif not is_success(result.status_code):
            self.exchange.raise_outcome(response_outcome(result.status_code))
        return result

    def _already_deleted(self, response: httpx.Response) -> bool:
        """Return whether an earlier attempt may have deleted what this one does not find."""
        return (
            response.status_code == HTTPStatus.NOT_FOUND
            and self.exchange.operation.method == "DELETE"
            and self.exchange.earlier_outcome in (Outcome.UNKNOWN, Outcome.APPLIED)
        )

    def _may_retry(self, result: AttemptResult) -> bool:
        if _succeeded(result):
            return False
        if isinstance(result, TransportError) and (
            result.permanent or self.exchange.attempt_outcome is Outcome.REJECTED
        ):
            return False  # a retry cannot help, or the API rejected the request before a hook failed
        response = result if isinstance(result, httpx.Response) else None
        return should_retry(
            self.exchange.call.retry_safety,
            self.exchange.outcome,
            response.status_code if response is not None else None,
            conflict_is_transient=self._conflict_is_transient(response),
        )

    def _conflict_is_transient(self, response: httpx.Response | None) -> bool:
        """Return whether a 409 means that too many requests update one session or profile at once.

        Of an operation whose thing may exist already, the message has to say so.
        """
        operation = self.exchange.operation
        if operation.lookup is None or response is None or response.status_code != HTTPStatus.CONFLICT:
            return operation.entity is not None
        return b"too many requests" in response.content[:_MAX_SEARCHED].lower()

    def _pause(self, state: RetryCallState) -> float:
        result: AttemptResult = last_result(state)
        header = result.headers.get("retry-after") if isinstance(result, httpx.Response) else None
        retry_after = parse_retry_after(header, datetime.now(UTC))
        return backoff_pause(state.attempt_number, self.retry.policy, retry_after, uniform)

    def _should_stop(self, state: RetryCallState) -> bool:
        """Return whether no attempt is left, the pause would outlive the deadline, or the budget is exhausted."""
        if state.attempt_number >= self.retry.policy.attempts:
            return True
        if get_running_loop().time() + state.upcoming_sleep >= self.exchange.deadline:
            return True
        self.exchange.retry_budget_exhausted = not (self._cost_nothing(last_result(state)) or self.retry.budget.take())
        return self.exchange.retry_budget_exhausted

    def _cost_nothing(self, failure: AttemptResult) -> bool:
        """Return whether a failed attempt did not reach the API, which the budget protects."""
        return isinstance(failure, TransportError) and self.exchange.attempt_outcome is Outcome.NOT_SENT

    def _log(self, state: RetryCallState) -> None:
        log_retry(self.exchange, last_result(state), state.upcoming_sleep)


def _succeeded(result: AttemptResult) -> bool:
    return isinstance(result, httpx.Response) and is_success(result.status_code)
