"""Customer sessions: evaluated while open, committed when closed, rolled back when cancelled."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from attrs import define, evolve

from aiotalonone.sandbox.account.programs import Assumptions
from aiotalonone.sandbox.http.concurrency import EntityKey, session_keys
from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.http.problems import invalid_parameter
from aiotalonone.sandbox.operations._base import Context, dry_flag, operation
from aiotalonone.sandbox.operations.cart_items import read_additional_costs, read_cart_items
from aiotalonone.sandbox.operations.parsing import merge, read_attributes, read_content, read_store
from aiotalonone.sandbox.rendering.entities import effects_json
from aiotalonone.sandbox.rendering.result import UpdateResult
from aiotalonone.sandbox.rendering.v1 import integration_state
from aiotalonone.sandbox.rendering.v2 import CONTENT, integration_state_v2, session_json
from aiotalonone.sandbox.rules.engine import Engine
from aiotalonone.sandbox.rules.evaluation import Evaluation
from aiotalonone.sandbox.rules.rollback import roll_back
from aiotalonone.sandbox.state import Draft, State
from aiotalonone.sandbox.state.entities import Effect, Event, Profile, Session
from aiotalonone.sandbox.validation import (
    MAX_CODE_LENGTH,
    MAX_IDENTIFIERS,
    MAX_INTEGRATION_ID_LENGTH,
    MAX_LOYALTY_CARDS,
    UNKNOWN,
    JsonObject,
    Path,
    ValidationError,
    choice_error,
    same,
)

STATES = ("open", "closed", "partially_returned", "cancelled")
FIRST_STATES = ("open", "closed")
TRANSITIONS: Mapping[str, set[str]] = {
    "open": {"open", "closed", "cancelled"},
    "closed": {"cancelled"},
    "partially_returned": {"cancelled"},
    "cancelled": set(),
}
"""The states that an update may lead to, by the current state."""

CART = frozenset({"cart_items", "additional_costs"})
EVENTS = {"open": "talon_session_updated", "closed": "talon_session_closed", "cancelled": "talon_session_cancelled"}
CREATED, REVOKED = "talon_session_created", "talon_session_revoked"

INVALID_STATE = "Invalid state"
NOT_CLOSABLE, NOT_OPEN = "Only open sessions can be closed", "Only open sessions can be updated"


@define(frozen=True)
class SessionChanges:
    """The members that a request sets; those that it leaves out are not in here."""

    state: str | None
    attributes: dict[str, Any]
    content: dict[str, Any]
    """New values, by the name of the session's field."""
    names: dict[str, str]
    """Names of these members in the request, by the name of the field."""


def _entities_v1(request: Request, state: State) -> list[EntityKey]:
    return session_keys(request.path["customerSessionId"], request.body, state)


def _entities_v2(request: Request, state: State) -> list[EntityKey]:
    return session_keys(request.path["customerSessionId"], _session_of(request), state)


def _session_of(request: Request) -> JsonObject:
    return request.body.required_object("customerSession").as_root()


@operation(
    "updateCustomerSession",
    "PUT",
    "/v1/customer_sessions/{customerSessionId}",
    entities=_entities_v1,
    is_dry=dry_flag,
)
def update_customer_session(context: Context, request: Request) -> Response:
    """Update the session by V1 and return the whole state."""
    result = _update(context, request, read_changes_v1(context, request.body))
    return Response(200, integration_state(result), evaluation=result.evaluation)


@operation(
    "updateCustomerSessionV2",
    "PUT",
    "/v2/customer_sessions/{customerSessionId}",
    entities=_entities_v2,
    is_dry=dry_flag,
    idempotent=True,
    bare_400=True,
)
def update_customer_session_v2(context: Context, request: Request) -> Response:
    """Update the session by V2 and return the effects, and the entities that the request asks for."""
    wanted = read_content(request.body, CONTENT)
    changes = read_changes_v2(context, _session_of(request))
    selected = changes.content.get("evaluable_campaign_ids", ()) if request.dry else ()
    result = _update(context, request, changes, selected)
    return Response(200, integration_state_v2(result, wanted), evaluation=result.evaluation)


@operation(
    "getCustomerSession", "GET", "/v2/customer_sessions/{customerSessionId}", is_dry=lambda _: True, bare_400=True
)
def get_customer_session(context: Context, request: Request) -> Response:
    """Return the session with the effects that are valid now: an open one is evaluated, and nothing is stored."""
    session = stored_session(context, request)
    effects: Iterable[Effect] = session.effects if session.was_closed else ()
    evaluation = None
    if session.state == "open":
        profile = context.draft.profiles.get(session.profile_id)
        evaluation = Engine(context.account, context.draft).evaluate_session(session, profile, final=False)
        effects = evaluation.effects
    shown = {"customerSession": session_json(session), "effects": effects_json(effects, session)}
    return Response(200, shown, evaluation=evaluation)


def stored_session(context: Context, request: Request) -> Session:
    """Return the session that the path names."""
    session = context.draft.sessions.get(request.path["customerSessionId"])
    if session is None:
        raise invalid_parameter("customerSessionId", "Customer session not found", UNKNOWN)
    return session


def open_session(context: Context, integration_id: str) -> Session:
    """Add a new open session, which is anonymous."""
    draft = context.draft
    session = Session(draft.next_id("session"), integration_id, draft.now, draft.now)
    return draft.sessions.add(integration_id, session)


def customer_of(context: Context, session: Session) -> Profile | None:
    """Return the session's customer, created if unknown, or None if the session is anonymous."""
    if not session.profile_id:
        return None
    profile = context.draft.profile(session.profile_id)
    if profile.first_session_id is None:
        profile.first_session_id, session.first = session.integration_id, True
    return profile


def _update(
    context: Context, request: Request, changes: SessionChanges, selected: Collection[int] = ()
) -> UpdateResult:
    integration_id, assumptions = request.path["customerSessionId"], context.account.programs.assumptions
    previous = context.draft.sessions.get(integration_id)
    check_transition(previous, changes.state, assumptions)
    check_unchanged(previous, changes, assumptions)
    if request.dry and changes.state == "closed" and not assumptions.dry_close_uses_stored_session:
        _forget_content(context, previous)
    session = _changed(context, integration_id, changes)
    profile = customer_of(context, session)
    engine = Engine(context.account, context.draft, selected)
    evaluation = _evaluate(engine, session, profile, assumptions, previous_state=previous.state if previous else "open")
    event = session_event(context, _event_type(previous, session), session, evaluation)
    return UpdateResult(context.account, context.draft, event, profile, session, evaluation)


def session_event(context: Context, event_type: str, session: Session, evaluation: Evaluation) -> Event:
    """Return the event that a change of a session causes."""
    return Event(
        id=context.draft.next_id("event"),
        created=context.draft.now,
        type=event_type,
        profile_id=session.profile_id,
        session_id=session.integration_id,
        effects=tuple(evaluation.effects),
    )


def _event_type(previous: Session | None, session: Session) -> str:
    if previous is None:
        return CREATED
    return REVOKED if previous.was_closed and session.state == "cancelled" else EVENTS[session.state]


def _forget_content(context: Context, held: Session | None) -> None:
    """Keep of the stored session only what identifies it, for a dry call that closes: its payload alone counts."""
    if held is not None:
        bare = Session(held.id, held.integration_id, held.created, held.updated, first=held.first)
        bare.update_count = held.update_count
        context.draft.sessions.add(held.integration_id, bare)


def _changed(context: Context, integration_id: str, changes: SessionChanges) -> Session:
    sessions = context.draft.sessions
    if sessions.get(integration_id) is None:
        session = open_session(context, integration_id)
    else:
        session = sessions.edit(integration_id)
        session.update_count += 1
    session = sessions.add(integration_id, evolve(session, **_content(session, changes)))
    merge(session.attributes, changes.attributes)
    session.state, session.updated = changes.state or session.state, context.draft.now
    return session


def _content(session: Session, changes: SessionChanges) -> dict[str, Any]:
    """Return the new values: none after the session was open, when prices of the catalog may be others.

    A total that was stated for another cart does not apply to this one.
    """
    if session.state != "open":
        return {}
    if not CART.isdisjoint(changes.content):
        return {"stated_total": None, **changes.content}
    return changes.content


def _evaluate(
    engine: Engine, session: Session, profile: Profile | None, assumptions: Assumptions, *, previous_state: str
) -> Evaluation:
    if previous_state != "open" and session.state == previous_state:
        return Evaluation(engine.draft, final=True, session=session, profile=profile)
    if session.state == "cancelled":
        return _cancel(engine.draft, session, profile, assumptions, previous_state=previous_state)
    evaluation = engine.evaluate_session(session, profile, final=session.state == "closed")
    session.effects = tuple(evaluation.effects)
    if session.state == "closed" and profile is not None:
        profile.closed_sessions += 1
        profile.total_sales += session.total
    return evaluation


def _cancel(
    draft: Draft, session: Session, profile: Profile | None, assumptions: Assumptions, *, previous_state: str
) -> Evaluation:
    evaluation = Evaluation(draft, final=True, session=session, profile=profile)
    if previous_state != "open":
        returns_giveaways = assumptions.cancellation_returns_giveaways
        evaluation.effects = undo_purchase(draft, session, profile, returns_giveaways=returns_giveaways)
    session.effects = tuple(evaluation.effects)
    return evaluation


def undo_purchase(
    draft: Draft, session: Session, profile: Profile | None, *, returns_giveaways: bool = False
) -> list[Effect]:
    """Roll back what a closed session was given and count it no more; return the effects that report it."""
    if profile is not None:
        profile.closed_sessions -= 1
        profile.total_sales -= session.total - session.returned_total
    return roll_back(draft, session, returns_giveaways=returns_giveaways)


def read_changes_v1(context: Context, members: JsonObject) -> SessionChanges:
    """Read a V1 session: one coupon, one referral, and a total of its own."""
    changes = _Reader(context, members)
    changes.read_common()
    changes.read("coupon", "coupon_codes", _single_code(members))
    changes.read("referral", "referral_code", members.text("referral", max_length=MAX_CODE_LENGTH))
    changes.read("total", "stated_total", members.amount("total"))
    return changes.done()


def read_changes_v2(context: Context, members: JsonObject) -> SessionChanges:
    """Read a V2 session."""
    changes = _Reader(context, members)
    changes.read_common()
    changes.read("couponCodes", "coupon_codes", tuple(members.texts("couponCodes", max_length=MAX_CODE_LENGTH)))
    changes.read("referralCode", "referral_code", members.text("referralCode", max_length=MAX_CODE_LENGTH))
    changes.read("loyaltyCards", "loyalty_cards", tuple(members.texts("loyaltyCards", max_items=MAX_LOYALTY_CARDS)))
    changes.read("evaluableCampaignIds", "evaluable_campaign_ids", tuple(members.integers("evaluableCampaignIds")))
    changes.read("storeIntegrationId", "store_integration_id", read_store(members))
    changes.read("additionalCosts", "additional_costs", read_additional_costs(members))
    return changes.done()


class _Reader:
    def __init__(self, context: Context, members: JsonObject) -> None:
        self._context = context
        self._members = members
        self._content: dict[str, Any] = {}
        self._names: dict[str, str] = {}

    def read(self, name: str, field: str, value: Any) -> None:
        """Take a member over, unless the request leaves it out."""
        if name in self._members:
            self._content[field] = value
            self._names[field] = name

    def read_common(self) -> None:
        """Take over what V1 and V2 name the same."""
        members = self._members
        self.read("profileId", "profile_id", members.text("profileId", max_length=MAX_INTEGRATION_ID_LENGTH))
        self.read("cartItems", "cart_items", read_cart_items(self._context, members))
        self.read("identifiers", "identifiers", tuple(members.texts("identifiers", max_items=MAX_IDENTIFIERS)))

    def done(self) -> SessionChanges:
        """Return everything that was set."""
        state = self._members.choice("state", STATES)
        attributes = read_attributes(self._context, self._members, "CustomerSession")
        return SessionChanges(state, attributes, self._content, self._names)


def _single_code(members: JsonObject) -> tuple[str, ...]:
    code = members.text("coupon", max_length=MAX_CODE_LENGTH)
    return (code,) if code else ()


def check_transition(held: Session | None, new: str | None, assumptions: Assumptions) -> None:
    """Raise a 400 for a state that cannot be reached; a request without a state changes nothing."""
    if new is None:
        return
    if held is None:
        allowed = (*FIRST_STATES, "cancelled") if assumptions.sessions_start_cancelled else FIRST_STATES
        if new not in allowed:
            raise choice_error(("state",), allowed)
    elif new not in TRANSITIONS[held.state]:
        moved = f'Cannot move session to state "{new}" from state "{held.state}"'
        raise _wrong_state(("state",), NOT_CLOSABLE if new == "closed" else moved)


def check_unchanged(session: Session | None, changes: SessionChanges, assumptions: Assumptions) -> None:
    """Raise a 400 if anything would change after the session was open; the same values again are accepted."""
    if session is None or session.state == "open":
        return
    for field, value in changes.content.items():
        if value != getattr(session, field):
            raise _wrong_state((changes.names[field],), NOT_OPEN)
    if assumptions.closed_sessions_take_attributes:
        return
    for name, value in changes.attributes.items():
        if not same(value, session.attributes.get(name)):
            raise _wrong_state(("attributes", name), NOT_OPEN)


def _wrong_state(path: Path, details: str) -> ValidationError:
    return ValidationError(path, details, title=INVALID_STATE, details=details)
