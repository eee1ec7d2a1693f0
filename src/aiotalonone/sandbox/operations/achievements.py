"""Achievements that are open to a customer, and the progress made in them."""

from collections.abc import Callable

from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.http.problems import not_found
from aiotalonone.sandbox.http.query import Query
from aiotalonone.sandbox.operations._base import Context, operation
from aiotalonone.sandbox.rendering.achievements import progress_json, status_entry
from aiotalonone.sandbox.state.achievements import (
    ACTIVE,
    COMPLETED,
    EXPIRED,
    IN_PROGRESS,
    NOT_STARTED,
    SCHEDULED,
    Achievement,
    Tracker,
)

DEFAULT_PAGE_SIZE = 1000


@operation("getCustomerAchievements", "GET", "/v1/customer_profiles/{integrationId}/achievements")
def get_customer_achievements(context: Context, request: Request) -> Response:
    """Return the achievements that are open to a customer, by default the active ones, by ascending ID."""
    query, profile_id = request.query, _profile_id(context, request)
    statuses = query.choices("achievementStatus", (ACTIVE, SCHEDULED)) or [ACTIVE]
    progress = query.choices("currentProgressStatus", (IN_PROGRESS, COMPLETED, NOT_STARTED))
    is_wanted = _filter(query)
    achievements = sorted(context.account.programs.achievements.values(), key=lambda one: one.id)
    found = [one for one in achievements if one.status_at(context.draft.now) in statuses and is_wanted(one)]
    entries = [status_entry(one, context.draft, profile_id) for one in found]
    entries = [entry for entry in entries if not progress or entry["currentProgress"]["status"] in progress]
    page, _ = query.page(entries, default_size=DEFAULT_PAGE_SIZE)
    return Response(200, {"totalResultSize": len(entries), "data": page})


@operation("getCustomerAchievementHistory", "GET", "/v1/customer_profiles/{integrationId}/achievements/{achievementId}")
def get_customer_achievement_history(context: Context, request: Request) -> Response:
    """Return a customer's progress in an achievement, the latest period first."""
    query, now, profile_id = request.query, context.draft.now, _profile_id(context, request)
    achievement_id = request.path_integer("achievementId")
    if achievement_id not in context.account.programs.achievements:
        raise not_found("Achievement")
    statuses = query.choices("progressStatus", (IN_PROGRESS, COMPLETED, EXPIRED))
    earliest, latest = (query.timestamp(name, accepts_date=True) for name in ("startDate", "endDate"))
    held = context.draft.achievement_progress.get((achievement_id, profile_id))

    def is_wanted(tracker: Tracker) -> bool:
        return (
            (not statuses or tracker.status_at(now) in statuses)
            and (earliest is None or tracker.start >= earliest)
            and (latest is None or tracker.start <= latest)
        )

    found = [progress_json(tracker, now) for tracker in reversed(held.trackers if held else []) if is_wanted(tracker)]
    page, _ = query.page(found, default_size=DEFAULT_PAGE_SIZE)
    return Response(200, {"totalResultSize": len(found), "data": page})


def _profile_id(context: Context, request: Request) -> str:
    profile_id = request.path["integrationId"]
    if context.draft.profiles.get(profile_id) is None:
        raise not_found("Customer profile")
    return profile_id


def _filter(query: Query) -> Callable[[Achievement], bool]:
    campaigns, ids = set(query.comma_separated("campaignIds")), set(query.comma_separated("achievementIds"))

    def is_wanted(achievement: Achievement) -> bool:
        is_of_campaign = not campaigns or not campaigns.isdisjoint(map(str, achievement.campaign_ids))
        return is_of_campaign and (not ids or str(achievement.id) in ids)

    return is_wanted
