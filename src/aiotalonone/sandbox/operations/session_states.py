"""The states of a session, and what may still be changed in each."""

from collections.abc import Mapping

from aiotalonone.sandbox.entities import Session
from aiotalonone.sandbox.operations.session_changes import SessionChanges
from aiotalonone.sandbox.problems import invalid

MOVES: Mapping[str | None, set[str]] = {
    None: {"open", "closed"},
    "open": {"open", "closed", "cancelled"},
    "closed": {"cancelled"},
    "cancelled": set(),
}
"""The states that an update may lead to; a session that does not exist yet is in none."""


def check_move(old: str | None, new: str | None) -> None:
    """Raises a 400 for a state that cannot be reached; no state in the request is no move."""
    if new is None or new in MOVES[old]:
        return
    if new == "closed":
        raise invalid("Only open sessions can be closed", "/state")
    raise invalid(f'Cannot move session to state "{new}" from state "{old or "open"}"', "/state")


def check_settled(session: Session | None, changes: SessionChanges) -> None:
    """Raises a 400 where anything but attributes would change after the session was open."""
    if session is None or session.state == "open":
        return
    for field, value in changes.content.items():
        if value != getattr(session, field):
            raise invalid("Only open sessions can be updated", f"/{changes.names[field]}")
