"""The sessions with their priced carts."""

from typing import Any

from aiotalonone.sandbox import json
from aiotalonone.sandbox.rendering.entities import effects_json
from aiotalonone.sandbox.rendering.v2 import session_json
from aiotalonone.sandbox.rules.priced_cart import priced_cart
from aiotalonone.sandbox.rules.trace import codes_of
from aiotalonone.sandbox.state.entities import Session
from aiotalonone.sandbox.window.json_text import highlighted
from aiotalonone.sandbox.window.views._base import Asked, page_of, shown_effects


def show(asked: Asked) -> dict[str, Any]:
    """Return the view of the sessions, the one that was updated last first."""
    sessions = asked.platform.state.sessions
    page = page_of(asked, sorted(sessions.values(), key=lambda session: session.updated, reverse=True))
    session_id = asked.query.get("id")
    chosen = None if session_id is None else sessions.get(session_id)
    return {
        "page": page,
        "rows": [_row(session) for session in page.rows],
        "chosen": None if chosen is None else _detail(asked, chosen),
        "asks_for_one": session_id is not None,
        "url": "/window/sessions?",
    }


def _row(session: Session) -> dict[str, Any]:
    return {
        "id": session.integration_id,
        "profile": session.profile_id,
        "state": session.state,
        "codes": codes_of(session.effects),
        "priced": priced_cart(session, session.effects),
    }


def _detail(asked: Asked, session: Session) -> dict[str, Any]:
    return _row(session) | {
        "updated": session.updated,
        "effects": shown_effects(asked.platform, effects_json(session.effects, session)),
        "json": highlighted(json.dumps(session_json(session))),
    }
