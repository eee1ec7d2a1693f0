"""Attempts after one that failed: ``decision`` permits them, the budget pays for them, ``backoff`` spaces them."""

from asyncio import get_running_loop, sleep
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from random import uniform
from typing import Final

import httpx
from attrs import define
from tenacity import AsyncRetrying, RetryCallState

from aiotalonone.errors import Outcome, TransportError
from aiotalonone.pipeline import log
from aiotalonone.pipeline.backoff import pause_before_next
from aiotalonone.pipeline.budget import RetryBudget
from aiotalonone.pipeline.contract import Exchange, Proceed
from aiotalonone.pipeline.decision import Phase, may_repeat, outcome_of
from aiotalonone.retry_after import seconds_to_wait
from aiotalonone.settings import RetryPolicy

Ending = httpx.Response | TransportError
"""What an attempt came to."""

_LEAST_SUCCESS, _GREATEST_SUCCESS = 200, 299  # plain numbers: this is asked of every answer

_PHASES: Final[Mapping[Outcome, Phase]] = {
    Outcome.NOT_SENT: Phase.NOTHING_WRITTEN,
    Outcome.UNKNOWN: Phase.WRITTEN,
    Outcome.APPLIED: Phase.ANSWERED,
}


@define
class Retry:
    """Makes attempts until one succeeds, or no other may follow."""

    policy: RetryPolicy
    budget: RetryBudget
    proceed: Proceed

    async def run(self, exchange: Exchange) -> httpx.Response:
        """The answer of the last attempt, or the error that it ended in."""
        ending: Ending
        try:
            ending = await self.proceed(exchange)
        except TransportError as failure:
            ending = failure
        if not _is_success(ending):
            ending = await _Repetition(self, exchange, ending).run()
        if isinstance(ending, TransportError):
            raise ending
        if _is_success(ending):
            self.budget.give_back()
        return ending


@define
class _Repetition:
    """The further attempts of one call: tenacity counts and waits."""

    retry: Retry
    exchange: Exchange
    first: Ending | None

    async def run(self) -> Ending:
        """What the last attempt came to."""
        retrying = AsyncRetrying(
            sleep=sleep,
            retry=self._may_be_repeated,
            wait=self._pause,
            stop=self._is_over,
            before_sleep=self._log,
            retry_error_callback=_ending,
        )
        ending: Ending = await retrying(self._attempt)
        return ending

    async def _attempt(self) -> Ending:
        """What an attempt came to, noted; at first that of the first one."""
        ending, self.first = self.first, None
        if ending is None:
            ending = await self._another()
        if not _is_success(ending):
            self.exchange.came_to(outcome_of(*_how_far(ending)))
        return ending

    async def _another(self) -> Ending:
        try:
            answer = await self.retry.proceed(self.exchange)
        except TransportError as failure:
            return failure
        return httpx.Response(HTTPStatus.NO_CONTENT) if self._finds_it_deleted(answer) else answer

    def _finds_it_deleted(self, answer: httpx.Response) -> bool:
        """Whether an attempt before may have deleted what this one does not find."""
        return (
            answer.status_code == HTTPStatus.NOT_FOUND
            and self.exchange.operation.method == "DELETE"
            and self.exchange.outcome in (Outcome.UNKNOWN, Outcome.APPLIED)
        )

    def _may_be_repeated(self, state: RetryCallState) -> bool:
        if state.outcome is None or state.outcome.failed:  # cancelled, or what is not for us to judge
            return False
        ending = _ending(state)
        phase, status = _how_far(ending)
        return not _is_success(ending) and may_repeat(
            self.exchange.call.repeat,
            phase,
            status,
            state.attempt_number,
            attempts=self.retry.policy.attempts,
            one_at_a_time=self.exchange.operation.lane is not None,
        )

    def _pause(self, state: RetryCallState) -> float:
        ending = _ending(state)
        header = ending.headers.get("retry-after") if isinstance(ending, httpx.Response) else None
        retry_after = seconds_to_wait(header, datetime.now(UTC))
        return pause_before_next(state.attempt_number, self.retry.policy, retry_after, uniform)

    def _is_over(self, state: RetryCallState) -> bool:
        """Whether the pause would outlive the deadline, or nothing is left to pay for another attempt."""
        if get_running_loop().time() + state.upcoming_sleep >= self.exchange.deadline:
            return True
        self.exchange.retry_budget_exhausted = not self.retry.budget.take()
        return self.exchange.retry_budget_exhausted

    def _log(self, state: RetryCallState) -> None:
        log.log_retry(self.exchange, _ending(state), state.upcoming_sleep)


def _is_success(ending: Ending) -> bool:
    return isinstance(ending, httpx.Response) and _LEAST_SUCCESS <= ending.status_code <= _GREATEST_SUCCESS


def _how_far(ending: Ending) -> tuple[Phase, int | None]:
    """Phase and status."""
    if isinstance(ending, TransportError):
        return _PHASES[ending.outcome], None
    return Phase.ANSWERED, ending.status_code


def _ending(state: RetryCallState) -> Ending:
    assert state.outcome is not None  # noqa: S101 - tenacity asks after an attempt
    ending: Ending = state.outcome.result()
    return ending
