"""Durations as loyalty programs spell them, such as ``30D`` or ``1Y_U``."""

import calendar
import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

from attrs import define, evolve

from aiotalonone.sandbox.validation import LATEST

SPELLING = re.compile(r"([1-9]\d{0,8})([smhDWMY])(?:_([DU]))?")
SECONDS = {"s": 1, "m": 60, "h": 3600}
DAYS = {"D": 1, "W": 7, "M": 31, "Y": 366}
MONTHS = {"M": 1, "Y": 12}
MAX_DAYS = 366 * 1000
DECEMBER = 12


@define(frozen=True)
class Duration:
    """A number of units; days and longer units follow the calendar of a time zone."""

    number: int
    unit: str
    rounding: str | None = None
    """``D`` rounds down to the start of the day, ``U`` up to the last second of the unit."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a duration.

        Raises:
            ValueError: It is anything else, or longer than 1,000 years.
        """
        match = SPELLING.fullmatch(text)
        if match is None:
            raise ValueError("must be a number and one of s, m, h, D, W, M, Y, such as 30D")
        number, unit, rounding = int(match[1]), match[2], match[3]
        if rounding is not None and unit not in (DAYS if rounding == "U" else "D"):
            raise ValueError("can be rounded down (_D) if it is in days, and up (_U) if it is in D, W, M or Y")
        days = number * DAYS[unit] if unit in DAYS else number * SECONDS[unit] // 86_400
        if days > MAX_DAYS:
            raise ValueError("must be at most 1000 years")
        return cls(number, unit, rounding)

    def __str__(self) -> str:
        return f"{self.number}{self.unit}" + (f"_{self.rounding}" if self.rounding else "")

    def after(self, moment: datetime, zone: tzinfo) -> datetime:
        """Return the time that lies this far after another one, in UTC; the latest time of all if it is later."""
        try:
            return min(self._after(moment, zone), LATEST)
        except (OverflowError, ValueError):  # beyond the year 9999
            return LATEST

    def _after(self, moment: datetime, zone: tzinfo) -> datetime:
        if self.unit in SECONDS:
            return moment.astimezone(UTC) + timedelta(seconds=self.number * SECONDS[self.unit])
        there = self._moved(moment.astimezone(zone))
        if self.rounding == "D":
            there = there.replace(hour=0, minute=0, second=0, microsecond=0)
        elif self.rounding == "U":
            there = self._last_day(there).replace(hour=23, minute=59, second=59, microsecond=0)
        return there.astimezone(UTC)

    def next_after(self, origin: datetime, moment: datetime, zone: tzinfo) -> datetime:
        """Return the first multiple of the duration, counted from ``origin``, that is later than ``moment``."""
        return self.around(origin, moment, zone)[1]

    def around(self, origin: datetime, moment: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
        """Return the multiple of the duration, counted from ``origin``, before the next one, and the next one."""
        if self.unit in SECONDS:
            step = timedelta(seconds=self.number * SECONDS[self.unit])
            start = origin.astimezone(UTC) + max((moment - origin) // step, 0) * step
            return start, self.after(start, zone)
        # An estimate that is never too high: the units are at their longest, and rounding up adds less than one.
        times = max((moment - origin).days // (self.number * DAYS[self.unit]), 1)
        while (there := self._multiple(times, origin, zone)) <= moment and there < LATEST:
            times += 1
        return self._multiple(times - 1, origin, zone) if times > 1 else origin.astimezone(UTC), there

    def _multiple(self, times: int, origin: datetime, zone: tzinfo) -> datetime:
        return evolve(self, number=self.number * times).after(origin, zone)

    def _moved(self, local: datetime) -> datetime:
        if self.unit not in MONTHS:
            return local + timedelta(days=self.number * DAYS[self.unit])
        years, month = divmod(local.month - 1 + self.number * MONTHS[self.unit], 12)
        last_day = calendar.monthrange(local.year + years, month + 1)[1]
        return local.replace(year=local.year + years, month=month + 1, day=min(local.day, last_day))

    def _last_day(self, local: datetime) -> datetime:
        """Return the same time on the last day of the week, month or year."""
        if self.unit == "W":
            return local + timedelta(days=7 - local.isoweekday())
        month = DECEMBER if self.unit == "Y" else local.month
        if self.unit == "D":
            return local
        return local.replace(month=month, day=calendar.monthrange(local.year, month)[1])
