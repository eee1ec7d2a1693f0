"""The rules of retries: which failures are retried, after which pause, and how often."""

from itertools import product
from math import isfinite
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone import RetryPolicy
from aiotalonone.errors import Outcome
from aiotalonone.operation import RetrySafety
from aiotalonone.pipeline.outcome import response_outcome
from aiotalonone.pipeline.retry_rules import RetryBudget, backoff_pause, should_retry

HARMLESS = (RetrySafety.SAFE, RetrySafety.IDEMPOTENCY_KEY, RetrySafety.IDEMPOTENT)
STATUSES = (*range(300, 309), *range(400, 432), 451, 499, *range(500, 512), *range(520, 528), 598, 599)
LOST = {"not sent": Outcome.NOT_SENT, "sent, no response": Outcome.UNKNOWN, "half a success": Outcome.APPLIED}
RETRIED_BY_ALL = {"not sent", 429}
RETRIED_IF_HARMLESS = {"sent, no response", "half a success", 408, 425, 499}


def is_retried(safety, failure, *, conflict_is_transient):
    """Return whether the failure is retried, according to the table in words."""
    if failure == 409:
        return conflict_is_transient
    if failure in RETRIED_BY_ALL:
        return True
    is_transient = failure in RETRIED_IF_HARMLESS or (isinstance(failure, int) and failure >= 500)
    return is_transient and safety in HARMLESS


@pytest.mark.parametrize("conflict_is_transient", [False, True])
@pytest.mark.parametrize("safety", RetrySafety)
@pytest.mark.parametrize("failure", [*LOST, *STATUSES])
def test_each_failure_of_each_class_is_retried_or_not(safety, failure, conflict_is_transient):
    """The operation's safety and the failure decide; an unsafe call is retried if it surely was not applied."""
    outcome, status = (LOST[failure], None) if failure in LOST else (response_outcome(failure), failure)
    decided = should_retry(safety, outcome, status, conflict_is_transient=conflict_is_transient)
    assert decided is is_retried(safety, failure, conflict_is_transient=conflict_is_transient)


@pytest.mark.parametrize("status", [None, *STATUSES])
@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.APPLIED])
def test_an_unsafe_call_that_may_be_applied_is_not_retried(outcome, status):
    """An unsafe call of which anything may be applied is not retried, not even after 429."""
    assert not should_retry(RetrySafety.UNSAFE, outcome, status, conflict_is_transient=True)


@pytest.mark.parametrize(("safety", "outcome"), list(product(RetrySafety, Outcome)))
def test_a_final_status_is_final_for_every_operation(safety, outcome):
    """A 404 is retried only if nothing was sent, whatever the operation is."""
    assert should_retry(safety, outcome, 404, conflict_is_transient=True) is (outcome is Outcome.NOT_SENT)


seconds = st.floats(min_value=0, max_value=1e300, allow_nan=False)
policies = st.builds(RetryPolicy, initial_backoff=seconds, max_backoff=seconds, max_retry_after=seconds)
attempts = st.integers(min_value=1, max_value=10**6)


@settings(deadline=None)
@given(attempts, policies, st.sampled_from([None, 0, 0.0]), st.integers())
def test_a_pause_is_within_its_span(attempt, policy, retry_after, seed):
    """The span doubles with each attempt up to the policy's maximum; a Retry-After of 0 changes nothing."""
    pause = backoff_pause(attempt, policy, retry_after, Random(seed).uniform)
    assert 0 <= pause <= policy.max_backoff
    if attempt < 60:
        assert pause <= policy.initial_backoff * 2 ** (attempt - 1)


@settings(deadline=None)
@given(policies, st.integers(min_value=1, max_value=40), st.none() | seconds)
def test_the_span_is_used_to_its_end(policy, attempt, retry_after):
    """The random part of a pause is drawn from the whole span, with or without ``Retry-After``."""
    spans = []
    backoff_pause(attempt, policy, retry_after, lambda low, high: spans.append((low, high)) or high)
    assert spans == [(0, min(policy.max_backoff, policy.initial_backoff * 2 ** (attempt - 1)))]


@settings(deadline=None)
@given(attempts, policies, seconds, st.integers())
def test_a_pause_is_never_shorter_than_the_api_asks(attempt, policy, retry_after, seed):
    """Retry-After is obeyed up to its cap, and the random part comes on top."""
    pause = backoff_pause(attempt, policy, retry_after, Random(seed).uniform)
    asked = min(retry_after, policy.max_retry_after)
    assert asked <= pause <= asked + policy.max_backoff
    assert isfinite(pause)


def test_callers_with_one_retry_after_do_not_return_together():
    """50 callers with the same ``Retry-After`` retry over the whole span of the random part."""
    draw = Random(0).uniform
    pauses = sorted(backoff_pause(1, RetryPolicy(), 1.0, draw) for _ in range(50))
    assert pauses[0] >= 1
    assert pauses[-1] - pauses[0] > 0.15
    assert all(later - earlier > 0.01 for earlier, later in zip(pauses, pauses[9:], strict=False))


def test_the_reserve_is_spent_once():
    """A budget allows as many retries as its reserve if no call succeeds."""
    budget = RetryBudget(3)
    assert [budget.take() for _ in range(5)] == [True, True, True, False, False]


def test_a_success_pays_for_a_retry():
    """Once its reserve is spent, a client makes one retry per success."""
    budget = RetryBudget(1)
    assert budget.take()
    for _ in range(100):
        budget.give_back()
        assert budget.take()
        assert not budget.take()


def test_a_budget_never_holds_more_than_its_reserve():
    """Successes fill a budget up to its reserve and no further."""
    budget = RetryBudget(2)
    for _ in range(100):
        budget.give_back()
    assert [budget.take() for _ in range(3)] == [True, True, False]


def test_a_budget_of_zero_allows_no_retry():
    """A reserve of 0 allows no retry, whatever succeeds."""
    budget = RetryBudget(0)
    budget.give_back()
    assert not budget.take()


def test_without_a_budget_retries_are_not_counted():
    """A reserve of None lets every retry pass."""
    budget = RetryBudget(None)
    assert all(budget.take() for _ in range(1000))
