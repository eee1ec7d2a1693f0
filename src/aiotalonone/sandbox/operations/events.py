"""Events, tracked in a session of their customer."""

from aiotalonone.sandbox.concurrency import EntityKey, session_keys
from aiotalonone.sandbox.entities import ANONYMOUS, Event, Session, is_reserved
from aiotalonone.sandbox.http import Request, Response
from aiotalonone.sandbox.operations._base import Context, dry_flag, operation
from aiotalonone.sandbox.operations.parsing import read_attributes
from aiotalonone.sandbox.operations.sessions import customer_of, open_session
from aiotalonone.sandbox.rendering.result import UpdateResult
from aiotalonone.sandbox.rendering.v1 import integration_state
from aiotalonone.sandbox.rules.engine import Engine
from aiotalonone.sandbox.state import State
from aiotalonone.sandbox.validation import MAX_INTEGRATION_ID_LENGTH, JsonObject


def _entities(request: Request, state: State) -> list[EntityKey]:
    return session_keys(request.body.required_text("sessionId"), request.body, state)


@operation("trackEvent", "POST", "/v1/events", entities=_entities, is_dry=dry_flag)
def track_event(context: Context, request: Request) -> Response:
    """Record an event and run the rules that it triggers; an unknown session is opened."""
    body = request.body
    body.required_object("attributes")
    attributes = read_attributes(context, body, "Event")
    event_type = body.required_text("type")
    if is_reserved(event_type):
        raise body.error("type", "must not be a reserved event name")
    session = _session(context, body)
    profile = customer_of(context, session)
    evaluation = Engine(context.account, context.draft).evaluate_event(event_type, session, profile)
    event = Event(
        id=context.draft.next_id("event"),
        created=context.draft.now,
        type=event_type,
        profile_id=session.profile_id,
        session_id=session.integration_id,
        attributes={name: value for name, value in attributes.items() if value is not None},
        effects=tuple(evaluation.effects),
    )
    context.draft.events.add(event.id, event)
    result = UpdateResult(context.account, context.draft, event, profile, session, evaluation)
    return Response(201, integration_state(result))


def _session(context: Context, body: JsonObject) -> Session:
    session_id = body.required_text("sessionId")
    profile_id = body.text("profileId", max_length=MAX_INTEGRATION_ID_LENGTH)
    held = context.draft.sessions.get(session_id)
    if held is None:
        session = open_session(context, session_id)
        session.profile_id = profile_id or ANONYMOUS
        return session
    if profile_id is not None and profile_id != held.profile_id:
        raise body.error("profileId", "must be the profile of the session")
    return context.draft.sessions.edit(session_id)
