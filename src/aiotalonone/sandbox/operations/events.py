"""Events, tracked in a session of their customer."""

from aiotalonone.sandbox import limits
from aiotalonone.sandbox.answers.outcome import Outcome
from aiotalonone.sandbox.answers.v1 import integration_state
from aiotalonone.sandbox.calls import Answer, Call, Desk
from aiotalonone.sandbox.entities import ANONYMOUS, Event, Session
from aiotalonone.sandbox.operations.attributes import read_attributes
from aiotalonone.sandbox.operations.sessions import customer_of, open_session
from aiotalonone.sandbox.reading import Members
from aiotalonone.sandbox.rules.engine import Engine


def track_event(desk: Desk, call: Call) -> Answer:
    """Records an event and runs the rules that ask for it; an unknown session is opened."""
    body = call.body
    body.required_object("attributes")
    attributes = read_attributes(desk, body, "Event")
    event_type = body.required_text("type")
    session = _session(desk, body)
    profile = customer_of(desk, session)
    evaluation = Engine(desk.account, desk.draft).judge_event(event_type, session, profile)
    event = Event(
        id=desk.draft.next_id("event"),
        created=desk.draft.now,
        type=event_type,
        profile_id=session.profile_id,
        session_id=session.integration_id,
        attributes={name: value for name, value in attributes.items() if value is not None},
        effects=tuple(evaluation.effects),
    )
    desk.draft.events.add(event.id, event)
    outcome = Outcome(desk.account, desk.draft, event, profile, session, evaluation)
    return Answer(201, integration_state(outcome))


def _session(desk: Desk, body: Members) -> Session:
    session_id = body.required_text("sessionId")
    profile_id = body.text("profileId", at_most=limits.INTEGRATION_ID_LENGTH)
    held = desk.draft.sessions.get(session_id)
    if held is None:
        session = open_session(desk, session_id)
        session.profile_id = profile_id or ANONYMOUS
        return session
    if profile_id is not None and profile_id != held.profile_id:
        raise body.unfit("profileId", "the session belongs to another profile")
    return desk.draft.sessions.edit(session_id)
