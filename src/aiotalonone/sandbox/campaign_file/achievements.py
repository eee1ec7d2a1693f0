"""The achievements of the campaign file."""

import re
from datetime import datetime, tzinfo
from typing import Final

from aiotalonone.sandbox.loyalty.durations import Duration
from aiotalonone.sandbox.state.achievements import (
    FIXED_SCHEDULE,
    NO_RECURRENCE,
    ON_COMPLETION,
    ON_EXPIRATION,
    USER_ACTION,
    Achievement,
)
from aiotalonone.sandbox.validation import JsonObject, read_by_id

RECURRENCES = (NO_RECURRENCE, ON_EXPIRATION, ON_COMPLETION)
ACTIVATIONS = (USER_ACTION, FIXED_SCHEDULE)
NAME: Final = re.compile(r"[a-zA-Z]\w+")


def read_achievements(members: JsonObject, timezone: tzinfo, now: datetime) -> dict[int, Achievement]:
    """Read the achievements, whose periods follow a time zone, by ID."""
    return read_by_id(members, "achievements", "achievement", lambda entry: _achievement(entry, timezone, now))


def _achievement(members: JsonObject, timezone: tzinfo, now: datetime) -> Achievement:
    name = members.required_text("name")
    if not NAME.fullmatch(name):
        raise members.error("name", "must be a letter, followed by letters, digits and underscores")
    target = members.required_amount("target")
    if target <= 0:
        raise members.error("target", "must be above 0")
    recurrence = members.choice("recurrencePolicy", RECURRENCES) or NO_RECURRENCE
    activation = members.choice("activationPolicy", ACTIVATIONS) or USER_ACTION
    period, start = _period(members), members.timestamp("fixedStartDate")
    if recurrence == ON_EXPIRATION and period is None:
        raise members.error("period", "is required by on_expiration")
    if (activation == FIXED_SCHEDULE) != (start is not None):
        raise members.error("fixedStartDate", "is for fixed_schedule, which requires it")
    return Achievement(
        id=members.required_integer("id", minimum=1),
        created=now,
        name=name,
        title=members.text("title") or name,
        description=members.text("description") or "",
        target=target,
        period=period,
        timezone=timezone,
        recurrence=recurrence,
        activation=activation,
        start=start,
        end=members.timestamp("endDate"),
        is_capped=members.flag("isCappedByTarget"),
        allows_rollback=members.flag("allowRollbackAfterCompletion"),
        campaign_ids=tuple(sorted(members.integers("campaignIds"))),
    )


def _period(members: JsonObject) -> Duration | None:
    text = members.text("period")
    if text is None:
        return None
    try:
        return Duration.parse(text)
    except ValueError as error:
        raise members.error("period", str(error)) from None
