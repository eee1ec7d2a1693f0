"""Events: tracked in a session of their customer (V1), or for the customer alone (V2, and advanced ones, V3)."""

from attrs import define

from aiotalonone.sandbox.http.concurrency import EntityKey, profile_key, session_keys
from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.http.problems import ApiProblem, invalid_parameter, not_found
from aiotalonone.sandbox.operations._base import Context, dry_flag, operation
from aiotalonone.sandbox.operations.parsing import read_attributes, read_content, read_store
from aiotalonone.sandbox.operations.sessions import customer_of, open_session
from aiotalonone.sandbox.rendering.result import UpdateResult, advanced_event_json
from aiotalonone.sandbox.rendering.v1 import integration_state
from aiotalonone.sandbox.rendering.v2 import ADVANCED_EVENT_CONTENT, EVENT_CONTENT, integration_state_v2
from aiotalonone.sandbox.rules.engine import Engine
from aiotalonone.sandbox.state import State
from aiotalonone.sandbox.state.entities import ANONYMOUS, Event, Profile, Session, is_reserved
from aiotalonone.sandbox.validation import MAX_INTEGRATION_ID_LENGTH, MAX_LOYALTY_CARDS, UNKNOWN, JsonObject


def _entities(request: Request, state: State) -> list[EntityKey]:
    return session_keys(request.body.required_text("sessionId"), request.body, state)


def _profile_of(request: Request, _state: State) -> list[EntityKey]:
    return [profile_key(_profile_id(request.body))]


def _profile_id(body: JsonObject) -> str:
    return body.required_text("profileId", max_length=MAX_INTEGRATION_ID_LENGTH)


@operation("trackEvent", "POST", "/v1/events", entities=_entities, is_dry=dry_flag)
def track_event(context: Context, request: Request) -> Response:
    """Record an event and run the rules that it triggers; an unknown session is opened."""
    request.body.required_object("attributes")
    tracked = _read(context, request)
    session = _session(context, request.body)
    profile = customer_of(context, session)
    result = _evaluated(context, tracked, session, profile)
    context.draft.events.add(result.event.id, result.event)
    return Response(201, integration_state(result), evaluation=result.evaluation)


@operation("trackEventV2", "POST", "/v2/events", entities=_profile_of, is_dry=dry_flag, idempotent=True)
def track_event_v2(context: Context, request: Request) -> Response:
    """Record an event of a customer, who is created if unknown, and run the rules that it triggers."""
    wanted = read_content(request.body, EVENT_CONTENT)
    tracked = _read(context, request)
    result = _evaluated(context, tracked, None, context.draft.profile(_profile_id(request.body)))
    context.draft.events.add(result.event.id, result.event)
    return _response(request, result, wanted)


@operation("trackEventV3", "POST", "/v3/events", entities=_profile_of, is_dry=dry_flag)
def track_event_v3(context: Context, request: Request) -> Response:
    """Record an event whose ID is used once, and run the rules that it triggers, with the session that it refers to."""
    wanted = read_content(request.body, ADVANCED_EVENT_CONTENT)
    tracked = _read(context, request)
    integration_id = request.body.required_text("integrationId")
    session = _connected_session(context, request.body)
    if context.draft.advanced_events.get(integration_id) is not None:
        raise ApiProblem(409, "Event already exists")
    result = _evaluated(context, tracked, session, context.draft.profile(_profile_id(request.body)))
    result.event.integration_id = integration_id
    context.draft.advanced_events.add(integration_id, result.event)
    return _response(request, result, wanted)


@operation("getEventV3", "GET", "/v3/events/{eventId}")
def get_event_v3(context: Context, request: Request) -> Response:
    """Return an advanced event."""
    event = context.draft.advanced_events.get(request.path["eventId"])
    if event is None:
        raise not_found("Event")
    return Response(200, advanced_event_json(event))


@define(frozen=True)
class _TrackedEvent:
    """What a request says of an event."""

    type: str
    attributes: dict[str, object]
    store_integration_id: str | None
    loyalty_cards: tuple[str, ...]
    selected: tuple[int, ...]
    """The only campaigns to evaluate, if there are any."""


def _read(context: Context, request: Request) -> _TrackedEvent:
    body = request.body
    attributes = read_attributes(context, body, "Event")
    event_type = body.required_text("type")
    if is_reserved(event_type):
        raise body.error("type", "must not be a reserved event name")
    if request.query.flag("forceCompleteEvaluation") and not request.dry:
        raise invalid_parameter("forceCompleteEvaluation", "forceCompleteEvaluation needs dry")
    cards = tuple(body.texts("loyaltyCards", max_items=MAX_LOYALTY_CARDS))
    selected = body.integers("evaluableCampaignIds")
    given = {name: value for name, value in attributes.items() if value is not None}
    evaluated = tuple(selected) if request.dry else ()
    return _TrackedEvent(event_type, given, read_store(body), cards, evaluated)


def _evaluated(
    context: Context, tracked: _TrackedEvent, session: Session | None, profile: Profile | None
) -> UpdateResult:
    engine = Engine(context.account, context.draft, tracked.selected)
    evaluation = engine.evaluate_event(
        tracked.type,
        session,
        profile,
        store_integration_id=tracked.store_integration_id,
        loyalty_cards=tracked.loyalty_cards,
    )
    event = Event(
        id=context.draft.next_id("event"),
        created=context.draft.now,
        type=tracked.type,
        profile_id=profile.integration_id if profile else ANONYMOUS,
        session_id=session.integration_id if session else "",
        attributes=tracked.attributes,
        effects=tuple(evaluation.effects),
        store_integration_id=tracked.store_integration_id,
    )
    return UpdateResult(context.account, context.draft, event, profile, session, evaluation)


def _response(request: Request, result: UpdateResult, wanted: list[str]) -> Response:
    content = None if request.query.silent else integration_state_v2(result, wanted)
    return Response(204 if content is None else 200, content, evaluation=result.evaluation)


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


def _connected_session(context: Context, body: JsonObject) -> Session | None:
    """Return the closed session that an advanced event refers to, None if it refers to no session."""
    if "connectedSessionId" not in body:
        return None
    held = context.draft.sessions.get(body.required_text("connectedSessionId"))
    if held is None or not held.was_closed:
        raise body.error("connectedSessionId", "must be the ID of a closed session", UNKNOWN)
    return context.draft.sessions.edit(held.integration_id)
