"""When requests of workers that share one rate may start."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotalonone.bulk.pace import SLOWEST, Schedule

CALLS = st.lists(st.tuples(st.integers(1, 20), st.floats(0, 5)), min_size=1, max_size=50)


@given(st.floats(0.1, 5000), CALLS)
def test_no_two_requests_are_closer_than_the_rate_allows(rate, calls):
    """Starts are an interval apart and never in the past, whenever and for however many requests they are reserved."""
    schedule, now, starts = Schedule(rate), 0.0, []
    for number, pause in calls:
        now += pause
        delays = schedule.reserve(number, now)
        assert len(delays) == number
        assert min(delays) >= -1e-9
        starts += [now + delay for delay in delays]
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert all(gap >= 1 / rate - 1e-6 for gap in gaps)


@given(st.floats(0.1, 5000), st.integers(1, 50), st.integers(1, 100))
def test_those_who_always_ask_get_the_whole_rate(rate, number, rounds):
    """Who asks again when the last start has come loses nothing of the rate."""
    schedule, now, started = Schedule(rate), 0.0, 0
    for _ in range(rounds):
        now += schedule.reserve(number, now)[-1]
        started += number
    assert started - 1 == pytest.approx(rate * now, rel=1e-6, abs=1e-6)


def test_an_unused_past_makes_no_burst():
    """After a pause the interval is as long as before."""
    schedule = Schedule(10)
    schedule.reserve(1, 0.0)
    assert schedule.reserve(3, 100.0) == pytest.approx([0.0, 0.1, 0.2])


def test_an_overload_halves_the_rate_once():
    """Requests that were in flight together halve the rate once, and it comes back within ten seconds."""
    schedule = Schedule(10)
    for now in (0.0, 0.1, 0.5):
        schedule.back_off(None, now)
    first, second = schedule.reserve(2, 0.5)
    assert second - first == pytest.approx(0.2, rel=0.06)
    first, second = schedule.reserve(2, 20.0)
    assert second - first == pytest.approx(0.1)


def test_a_lasting_overload_leaves_a_part_of_the_rate():
    """However often the API is overloaded, some requests start, so that its end is noticed."""
    schedule = Schedule(16)
    for now in range(100):
        schedule.back_off(None, float(now))
    first, second = schedule.reserve(2, 99.0)
    assert second - first == pytest.approx(1 / (16 * SLOWEST))


def test_nothing_starts_while_the_api_asks_for_a_pause():
    """A Retry-After holds for all, and the longest one counts."""
    schedule = Schedule(10)
    schedule.back_off(7.0, 0.0)
    schedule.back_off(2.0, 1.0)
    assert schedule.reserve(1, 1.0) == pytest.approx([6.0])


def test_a_clock_that_stands_still_recovers_nothing():
    """Two calls at one time are one moment."""
    schedule = Schedule(10)
    schedule.back_off(None, 5.0)
    first, second = schedule.reserve(2, 5.0)
    assert second - first == pytest.approx(0.2)
