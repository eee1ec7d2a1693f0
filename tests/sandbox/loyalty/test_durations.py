from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from aiotalonone.sandbox.loyalty.durations import Duration
from aiotalonone.sandbox.validation import LATEST

BERLIN = ZoneInfo("Europe/Berlin")
WEDNESDAY = datetime(2026, 1, 14, 22, 30, 5, 7, UTC)
"""In Berlin 23:30:05.000007."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", "2026-01-14 22:31:35.000007"),
        ("40m", "2026-01-14 23:10:05.000007"),
        ("2h", "2026-01-15 00:30:05.000007"),
        ("5D", "2026-01-19 22:30:05.000007"),
        ("2W", "2026-01-28 22:30:05.000007"),
        ("10M", "2026-11-14 22:30:05.000007"),
        ("2Y", "2028-01-14 22:30:05.000007"),
        ("1D_D", "2026-01-14 23:00:00"),
        ("1D_U", "2026-01-15 22:59:59"),
        ("1W_U", "2026-01-25 22:59:59"),
        ("1M_U", "2026-02-28 22:59:59"),
        ("1Y_U", "2027-12-31 22:59:59"),
    ],
)
def test_duration_is_added_in_the_time_zone(text, expected):
    """A duration ends at the same time of a later day, or is rounded to a day, week, month or year of the time zone."""
    assert Duration.parse(text).after(WEDNESDAY, BERLIN) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_days_follow_the_clock_and_hours_do_not():
    """Over a change to summer time a day has 23 hours, and 24 hours are 24 hours."""
    before = datetime(2026, 3, 28, 12, tzinfo=BERLIN)
    assert Duration.parse("1D").after(before, BERLIN) == datetime(2026, 3, 29, 12, tzinfo=BERLIN)
    assert Duration.parse("24h").after(before, BERLIN) == datetime(2026, 3, 29, 13, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("start", "text", "expected"),
    [("2027-12-31", "2M", "2028-02-29"), ("2028-02-29", "1Y", "2029-02-28"), ("2026-10-31", "1M", "2026-11-30")],
)
def test_month_without_the_day_ends_earlier(start, text, expected):
    """If the month has no such day, its last day counts."""
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert Duration.parse(text).after(moment, UTC) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["3h", "2D", "1W_U", "1M", "1000Y", "1Y_U"])
@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago")])
def test_no_duration_leads_beyond_all_dates(text, zone):
    """What would end after the year 9999 ends at its last days, which have a date in every time zone."""
    duration, last = Duration.parse(text), datetime.max.replace(tzinfo=UTC)
    assert duration.after(last, zone) == LATEST
    assert duration.next_after(datetime(9000, 1, 1, tzinfo=UTC), last, zone) == LATEST
    assert duration.next_after(last, last, zone) == LATEST
    assert LATEST.astimezone(zone).year == 9999


@pytest.mark.parametrize(
    "text", ["", "D", "0D", "-1D", "1d", "1.5D", "5", "1h_D", "1W_D", "1s_U", "1D_X", "1D ", "1001Y"]
)
def test_anything_else_is_an_error(text):
    """A text that is not a duration, or one of more than 1,000 years, is an error."""
    with pytest.raises(ValueError, match=r"must be|can be rounded"):
        Duration.parse(text)


DURATIONS = st.builds(
    lambda number, unit: f"{number}{unit}",
    st.integers(1, 400),
    st.sampled_from(("s", "m", "h", "D", "W", "M", "Y", "D_D", "D_U", "W_U", "M_U", "Y_U")),
).filter(lambda text: not text.endswith("Y") or len(text) < 4)
TIMES = st.integers(0, 10 * 365 * 86_400).map(lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(0, seconds))


@given(DURATIONS)
def test_spelling_survives(text):
    """A duration is spelled as it was parsed."""
    assert str(Duration.parse(text)) == text


@given(DURATIONS, TIMES, TIMES)
def test_next_one_is_later_and_no_other_lies_between(text, origin, moment):
    """The next end of a duration after a time is later than that time, and the one before is not."""
    duration = Duration.parse(text)
    found = duration.next_after(origin, moment, BERLIN)
    assert found > moment
    if duration.unit in "smh":
        assert found == duration.after(origin, BERLIN) or found - (duration.after(origin, BERLIN) - origin) <= moment
    else:
        multiples = (evolve(duration, number=duration.number * times).after(origin, BERLIN) for times in count(1))
        assert found == next(there for there in multiples if there > moment)


def test_long_time_takes_few_steps():
    """Two thousand years of days are passed at once."""
    long_ago, now = datetime(1, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert Duration.parse("1D").next_after(long_ago, now, UTC) == datetime(2026, 1, 2, tzinfo=UTC)
