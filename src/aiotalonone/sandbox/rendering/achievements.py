"""Achievements, and a customer's progress in them, as the API returns them."""

from datetime import datetime
from typing import Any

from aiotalonone.sandbox.rendering.entities import given
from aiotalonone.sandbox.rules.campaigns import Account
from aiotalonone.sandbox.state import Draft
from aiotalonone.sandbox.state.achievements import ACTIVE, NOT_STARTED, Achievement, Tracker
from aiotalonone.sandbox.state.entities import APPLICATION_ID

JSON = dict[str, Any]


def achievements_json(account: Account, draft: Draft, profile_id: str) -> list[JSON]:
    """Return an AchievementProgressWithDefinition for each achievement that is active."""
    active = [one for one in account.programs.achievements.values() if one.status_at(draft.now) == ACTIVE]
    return [_with_definition(one, current_progress(one, draft, profile_id)) for one in active]


def status_entry(achievement: Achievement, draft: Draft, profile_id: str) -> JSON:
    """Return an AchievementStatusEntry."""
    shown = {
        "id": achievement.id,
        "created": achievement.created,
        "name": achievement.name,
        "title": achievement.title,
        "description": achievement.description,
        "target": achievement.target,
        "period": None if achievement.period is None else str(achievement.period),
        "recurrencePolicy": achievement.recurrence,
        "activationPolicy": achievement.activation,
        "fixedStartDate": achievement.start,
        "endDate": achievement.end,
        "allowRollbackAfterCompletion": achievement.allows_rollback,
        **_campaigns(achievement),
        "status": achievement.status_at(draft.now),
        "currentProgress": current_progress(achievement, draft, profile_id),
    }
    return given(**shown)


def current_progress(achievement: Achievement, draft: Draft, profile_id: str) -> JSON:
    """Return the AchievementProgress of the period that counts now."""
    held = draft.achievement_progress.get((achievement.id, profile_id))
    tracker = held.current(draft.now) if held else None
    return {"status": NOT_STARTED, "progress": 0} if tracker is None else progress_json(tracker, draft.now)


def progress_json(tracker: Tracker, now: datetime) -> JSON:
    """Return an AchievementProgress."""
    return given(
        status=tracker.status_at(now),
        progress=tracker.progress,
        startDate=tracker.start,
        completionDate=tracker.completed,
        endDate=tracker.end,
    )


def _with_definition(achievement: Achievement, progress: JSON) -> JSON:
    shown = {
        **progress,
        "achievementId": achievement.id,
        "name": achievement.name,
        "title": achievement.title,
        "description": achievement.description,
        "target": achievement.target,
        "achievementRecurrencePolicy": achievement.recurrence,
        "achievementActivationPolicy": achievement.activation,
        "achievementFixedStartDate": achievement.start,
        "achievementEndDate": achievement.end,
        "achievementAllowRollbackAfterCompletion": achievement.allows_rollback,
        **_campaigns(achievement),
    }
    return given(**shown)


def _campaigns(achievement: Achievement) -> JSON:
    ids = achievement.campaign_ids
    return {
        "campaignId": ids[0] if ids else None,
        "campaignIds": ids,
        "referencedByCampaigns": [{"id": campaign_id, "applicationId": APPLICATION_ID} for campaign_id in ids],
    }
