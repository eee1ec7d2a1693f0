"""The Retry-After header, whatever a server or a gateway writes into it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone.pipeline.retry_rules import parse_retry_after

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DATE_LIKE = "0123456789 :,-+.GMTUCJanFebSunday\t²٣"

numbers = st.one_of(st.integers(min_value=-1, max_value=100), st.integers()).map(str)
almost_dates = st.lists(numbers, min_size=6, max_size=6).map(lambda parts: "Sun, {} Jan {} {}:{}:{} {}".format(*parts))
dates = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2068, 12, 31))  # noqa: DTZ001 - made aware below


def imf_fixdate(date):
    """The one that servers shall write."""
    return format_datetime(date, usegmt=True)


def rfc_850(date):
    """With the day in full and two digits for the year."""
    return date.strftime("%A, %d-%b-%y %H:%M:%S GMT")


def asctime(date):
    """Without a zone, the year at its end."""
    return date.strftime(f"%a %b {date.day:2} %H:%M:%S %Y")


@settings(deadline=None)
@given(st.one_of(st.none(), st.text(), st.text(DATE_LIKE), almost_dates))
def test_any_text_is_a_time_or_nothing(text):
    """Any Retry-After is a finite, non-negative time or is ignored."""
    seconds = parse_retry_after(text, NOW)
    assert seconds is None or (isfinite(seconds) and seconds >= 0)


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=10**12), st.sampled_from(["{}", " {} ", "{}.0", "{}."]))
def test_seconds_are_what_they_say(seconds, spelling):
    """Whole ones and others, in whatever room."""
    assert parse_retry_after(spelling.format(seconds), NOW) == seconds


@settings(deadline=None)
@given(dates, st.sampled_from([imf_fixdate, rfc_850, asctime]), st.integers(min_value=0, max_value=10**8))
def test_a_date_is_as_far_as_it_is(now, spelling, seconds):
    """In each of the three formats of HTTP, to the second; a date that is past means not at all."""
    now = now.replace(microsecond=0, tzinfo=UTC)
    then = min(now + timedelta(seconds=seconds), datetime(2068, 12, 31, tzinfo=UTC))
    assert parse_retry_after(spelling(then), now) == max(0.0, (then - now).total_seconds())
    assert parse_retry_after(spelling(now), then) == 0


@pytest.mark.parametrize("number", ["9" * 30, "9" * 400, f"{'9' * 400}.5"])
def test_a_number_beyond_all_time_is_still_a_wish_to_wait(number):
    """A cap can be applied to it; as nothing it would mean to come back at once."""
    assert 10**9 < parse_retry_after(number, NOW) < 10**15


@pytest.mark.parametrize(
    "text",
    ["", " ", "-1", "+1", "1e3", "0x10", "1,5", "nan", "inf", "soon", "٣", "²", "1 2", "Sun, 99 Nov 2030", "1_0"],
)
def test_what_is_neither_seconds_nor_a_date_says_nothing(text):
    """Digits of other scripts are no digits here."""
    assert parse_retry_after(text, NOW) is None


def test_a_date_without_a_zone_is_in_utc():
    """RFC 5322's -0000 says no more than that."""
    assert parse_retry_after("Fri, 02 Jan 2026 03:04:15 -0000", NOW) == 10
