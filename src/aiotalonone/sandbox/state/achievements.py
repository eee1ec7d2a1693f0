"""Achievements: what customers can reach, in which periods, and how far one of them has come."""

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Self

from attrs import define, evolve, field

from aiotalonone.sandbox.loyalty.durations import Duration
from aiotalonone.sandbox.state.entities import ZERO

NO_RECURRENCE, ON_EXPIRATION, ON_COMPLETION = "no_recurrence", "on_expiration", "on_completion"
USER_ACTION, FIXED_SCHEDULE = "user_action", "fixed_schedule"
NOT_STARTED, IN_PROGRESS, COMPLETED, EXPIRED = "not_started", "inprogress", "completed", "expired"
ACTIVE, SCHEDULED = "active", "scheduled"

MAX_STEPS = 1000
"""Periods that one effect can complete."""

NewId = Callable[[], int]


@define(frozen=True, kw_only=True)
class Achievement:
    """What customers can reach."""

    id: int
    created: datetime
    name: str
    title: str
    description: str
    target: Decimal
    period: Duration | None
    timezone: tzinfo
    """Whose calendar the period follows."""
    recurrence: str
    activation: str
    start: datetime | None
    """Start of a fixed schedule."""
    end: datetime | None
    """From then on no customer can take part."""
    is_capped: bool
    """Whether no progress counts beyond the target."""
    allows_rollback: bool
    """Whether progress is taken back even if the target was reached."""
    campaign_ids: tuple[int, ...]

    def status_at(self, now: datetime) -> str | None:
        """Return whether customers can take part, or not yet; None if they no longer can."""
        if self.end is not None and self.end <= now:
            return None
        return SCHEDULED if self.start is not None and now < self.start else ACTIVE

    def period_at(self, now: datetime) -> tuple[datetime, datetime | None]:
        """Return the start and the end of a period in which a customer makes progress now."""
        start, end = self.start or now, None
        if self.period is not None:
            recurs = self.start is not None and self.recurrence != NO_RECURRENCE
            start, end = self.period.around(start, now if recurs else start, self.timezone)
        return start, min((time for time in (end, self.end) if time is not None), default=None)


@define
class Tracker:
    """The progress of a customer in one period."""

    id: int
    start: datetime
    end: datetime | None
    progress: Decimal = ZERO
    completed: datetime | None = None

    def status_at(self, now: datetime) -> str:
        """Return how far the customer came, or that the period is over."""
        if self.completed is not None:
            return COMPLETED
        return EXPIRED if self.is_over_at(now) else IN_PROGRESS

    def is_over_at(self, now: datetime) -> bool:
        """Return whether the period is over."""
        return self.end is not None and self.end <= now


@define(frozen=True)
class Step:
    """An increase of the progress in one period."""

    tracker_id: int
    delta: Decimal
    value: Decimal
    is_just_completed: bool


@define
class Progress:
    """The progress of one customer in one achievement, period by period."""

    achievement: Achievement
    profile_id: str
    trackers: list[Tracker] = field(factory=list)

    @property
    def key(self) -> tuple[int, str]:
        """The achievement's ID and the customer's."""
        return self.achievement.id, self.profile_id

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        return evolve(self, trackers=[evolve(tracker) for tracker in self.trackers])

    def current(self, now: datetime) -> Tracker | None:
        """Return the period that counts now, None if the customer has not started one."""
        if not self.trackers:
            return None
        last = self.trackers[-1]
        recurs = self.achievement.recurrence != NO_RECURRENCE
        return None if recurs and last.is_over_at(now) else last

    def increase(self, amount: Decimal, now: datetime, new_id: NewId) -> Iterator[Step]:
        """Make progress, and yield each step; there is none if the customer cannot make progress now."""
        achievement, left = self.achievement, amount
        for _ in range(MAX_STEPS):
            if left <= 0 or achievement.status_at(now) != ACTIVE:
                return
            tracker = self._open_tracker(now, new_id)
            if tracker is None:
                return
            needed = achievement.target - tracker.progress
            restarts = achievement.recurrence == ON_COMPLETION
            delta = min(left, needed) if restarts or achievement.is_capped else left
            if delta <= 0:
                return
            tracker.progress += delta
            just_completed = tracker.completed is None and tracker.progress >= achievement.target
            if just_completed:
                tracker.completed = now
            yield Step(tracker.id, delta, tracker.progress, just_completed)
            left = left - delta if restarts else ZERO

    def decrease(self, tracker_id: int, delta: Decimal) -> Tracker | None:
        """Take progress back, and return the period; None if it is kept, since the target was reached."""
        tracker = next((one for one in self.trackers if one.id == tracker_id), None)
        allowed = self.achievement.allows_rollback and self.achievement.recurrence != ON_COMPLETION
        if tracker is None or (tracker.completed is not None and not allowed):
            return None
        tracker.progress = max(tracker.progress - delta, ZERO)
        if tracker.progress < self.achievement.target:
            tracker.completed = None
        return tracker

    def _open_tracker(self, now: datetime, new_id: NewId) -> Tracker | None:
        """Return the period that progress counts for, a new one if necessary; None if no further one starts."""
        current = self.current(now)
        is_done = current is not None and current.completed is not None
        if current is not None and not (is_done and self.achievement.recurrence == ON_COMPLETION):
            return None if current.is_over_at(now) else current
        start, end = self.achievement.period_at(now)
        if end is not None and end <= now:
            return None
        self.trackers.append(Tracker(new_id(), start, end))
        return self.trackers[-1]
