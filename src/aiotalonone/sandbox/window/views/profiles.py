"""The customers: attributes, points, audiences, purchases."""

from typing import Any, Final

from aiotalonone.sandbox import json
from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.rendering.entities import profile_json
from aiotalonone.sandbox.state.entities import Profile
from aiotalonone.sandbox.window.json_text import highlighted
from aiotalonone.sandbox.window.views._base import Asked, page_of
from aiotalonone.sandbox.window.views.points import ledgers_of

MAX_SESSIONS: Final = 20


def show(asked: Asked) -> dict[str, Any]:
    """Return the view of the profiles, the one that was active last first."""
    platform = asked.platform
    profiles = platform.state.profiles
    page = page_of(asked, sorted(profiles.values(), key=lambda profile: profile.last_activity, reverse=True))
    profile_id = asked.query.get("id")
    chosen = None if profile_id is None else profiles.get(profile_id)
    return {
        "page": page,
        "rows": [_row(platform, profile) for profile in page.rows],
        "chosen": None if chosen is None else _detail(platform, chosen),
        "asks_for_one": profile_id is not None,
        "url": "/window/profiles?",
    }


def _row(platform: Platform, profile: Profile) -> dict[str, Any]:
    audiences = platform.state.audiences
    return {
        "id": profile.integration_id,
        "sales": profile.total_sales,
        "closed_sessions": profile.closed_sessions,
        "audiences": [audiences[key].name for key in sorted(profile.audiences) if key in audiences],
        "points": ledgers_of(platform, profile.integration_id),
    }


def _detail(platform: Platform, profile: Profile) -> dict[str, Any]:
    customer = profile.integration_id
    sessions = [one for one in platform.state.sessions.values() if one.profile_id == customer]
    sessions.sort(key=lambda session: session.updated, reverse=True)
    content = profile_json(profile, platform.state.draft(platform.clock()))
    return _row(platform, profile) | {
        "created": profile.created,
        "last_activity": profile.last_activity,
        "sessions": [session.integration_id for session in sessions[:MAX_SESSIONS]],
        "attributes": highlighted(json.dumps(profile.attributes)) if profile.attributes else None,
        "json": highlighted(json.dumps(content)),
    }
