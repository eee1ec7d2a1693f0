"""How long a pause may be, over all policies."""

from math import isfinite
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone import RetryPolicy
from aiotalonone.pipeline.backoff import pause_before_next

seconds = st.floats(min_value=0, max_value=1e308, allow_nan=False)
policies = st.builds(RetryPolicy, first_backoff=seconds, longest_backoff=seconds, longest_retry_after=seconds)
attempts = st.integers(min_value=1, max_value=10**6)


@settings(deadline=None)
@given(attempts, policies, st.integers())
def test_a_pause_is_within_its_span(attempt, policy, seed):
    """The span doubles with each attempt, up to the policy's longest, and never overflows."""
    pause = pause_before_next(attempt, policy, None, Random(seed).uniform)  # noqa: S311
    assert 0 <= pause <= policy.longest_backoff
    if attempt < 60:
        assert pause <= policy.first_backoff * 2 ** (attempt - 1)


@settings(deadline=None)
@given(policies, st.integers(min_value=1, max_value=40))
def test_the_span_is_used_to_its_end(policy, attempt):
    """What is drawn from it is all of it: neither half of it nor a fixed pause."""
    spans = []
    pause_before_next(attempt, policy, None, lambda least, most: spans.append((least, most)) or most)
    assert spans == [(0, min(policy.longest_backoff, policy.first_backoff * 2 ** (attempt - 1)))]


@settings(deadline=None)
@given(attempts, policies, seconds)
def test_the_api_s_wish_is_obeyed_up_to_the_cap(attempt, policy, retry_after):
    """To the second, whichever attempt it is; nothing is drawn."""
    pause = pause_before_next(attempt, policy, retry_after, None)
    assert pause == min(retry_after, policy.longest_retry_after)
    assert isfinite(pause)
