"""Which lanes an update needs: those of its session and of its customer."""

from aiotalonone.sandbox.calls import Call
from aiotalonone.sandbox.gate import Lane
from aiotalonone.sandbox.reading import Members
from aiotalonone.sandbox.state import State


def of_profile(call: Call, state: State) -> list[Lane]:  # noqa: ARG001 - all of these share one signature
    """The lane of the profile in the path."""
    return [Lane("profile", call.path)]


def of_session_v1(call: Call, state: State) -> list[Lane]:
    """The lanes of the session in the path and of its customer."""
    return _of_both(call.path, call.body, state)


def of_session_v2(call: Call, state: State) -> list[Lane]:
    """The same, where the session has an object of its own in the body."""
    return _of_both(call.path, call.body.required_object("customerSession").as_root(), state)


def of_event(call: Call, state: State) -> list[Lane]:
    """The lanes of the session that the event belongs to, and of its customer."""
    return _of_both(call.body.required_text("sessionId"), call.body, state)


def _of_both(session_id: str, members: Members, state: State) -> list[Lane]:
    profile_id = members.text("profileId")
    if profile_id is None and session_id in state.sessions:
        profile_id = state.sessions[session_id].profile_id
    session = Lane("session", session_id)
    return [session, Lane("profile", profile_id)] if profile_id else [session]
