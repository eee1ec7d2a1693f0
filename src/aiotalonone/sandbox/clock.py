"""The sandbox's time: that of the machine, until a test sets it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from attrs import define

Clock = Callable[[], datetime]

YEARS = range(2, 9999)
"""It can be set to one of these: a time zone, or the time that goes by, must not lead beyond all dates."""


def utc_now() -> datetime:
    """Return the machine's time."""
    return datetime.now(UTC)


@define
class SettableClock:
    """Tells the time of another clock, moved by what it was set to; it continues from there."""

    source: Clock
    offset: timedelta = timedelta()
    was_set_to: datetime | None = None
    """The time that it was set to last, None if it tells that of the other clock."""

    def __call__(self) -> datetime:
        """Return the present time."""
        return self.source() + self.offset

    def set(self, now: datetime | None) -> None:
        """Make this the present time; None is that of the other clock.

        Raises:
            ValueError: It has no offset from UTC, or is of the year 1 or 9999.
        """
        if now is not None and now.utcoffset() is None:
            raise ValueError("now needs an offset from UTC")
        if now is not None and now.year not in YEARS:
            raise ValueError(f"now must be in a year from {YEARS[0]} to {YEARS[-1]}")
        self.offset = timedelta() if now is None else now - self.source()
        self.was_set_to = now
