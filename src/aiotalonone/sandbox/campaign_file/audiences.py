"""The audiences of the campaign file."""

from datetime import datetime

from aiotalonone.sandbox.state import State
from aiotalonone.sandbox.state.audiences import Audience
from aiotalonone.sandbox.validation import JsonObject


def add_audiences(state: State, members: JsonObject, now: datetime) -> None:
    """Add the audiences of a campaign file; new ones get IDs above theirs."""
    for entry in members.objects("audiences"):
        audience = Audience(
            id=entry.required_integer("id", minimum=1),
            created=now,
            name=entry.required_text("name"),
            description=entry.text("description") or "",
            integration=entry.text("integration"),
            integration_id=entry.text("integrationId"),
        )
        if audience.id in state.audiences:
            raise entry.error("id", f"audience {audience.id} exists already")
        state.audiences[audience.id] = audience
        state.last_ids["audience"] = max(state.last_ids["audience"], audience.id)
