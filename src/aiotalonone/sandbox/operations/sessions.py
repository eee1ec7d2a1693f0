"""Customer sessions: a cart is judged while it is open, settled when it closes, taken back when cancelled."""

from collections.abc import Collection
from typing import Any

from attrs import evolve

from aiotalonone.sandbox.answers.outcome import Outcome
from aiotalonone.sandbox.answers.v1 import integration_state
from aiotalonone.sandbox.answers.v2 import CONTENT, integration_state_v2
from aiotalonone.sandbox.calls import Answer, Call, Desk
from aiotalonone.sandbox.entities import Event, Profile, Session
from aiotalonone.sandbox.operations.attributes import merge
from aiotalonone.sandbox.operations.content import read_content
from aiotalonone.sandbox.operations.session_changes import SessionChanges, read_changes_v1, read_changes_v2
from aiotalonone.sandbox.operations.session_states import check_move, check_settled
from aiotalonone.sandbox.rules.case import Evaluation
from aiotalonone.sandbox.rules.engine import Engine
from aiotalonone.sandbox.rules.rollback import roll_back
from aiotalonone.sandbox.state import Draft

CART = frozenset({"cart_items", "additional_costs"})
EVENTS = {"open": "talon_session_updated", "closed": "talon_session_closed", "cancelled": "talon_session_cancelled"}


def update_customer_session(desk: Desk, call: Call) -> Answer:
    """V1: updates the session and answers the whole state."""
    outcome = _update(desk, call.path, read_changes_v1(desk, call.body))
    return Answer(200, integration_state(outcome))


def update_customer_session_v2(desk: Desk, call: Call) -> Answer:
    """V2: updates the session and answers the effects, and the entities that the request wants."""
    wanted = read_content(call.body, CONTENT)
    changes = read_changes_v2(desk, call.body.required_object("customerSession").as_root())
    chosen = changes.content.get("evaluable_campaign_ids", ()) if call.dry else ()
    outcome = _update(desk, call.path, changes, chosen)
    return Answer(200, integration_state_v2(outcome, wanted))


def open_session(desk: Desk, integration_id: str) -> Session:
    """A new open session, of nobody yet."""
    draft = desk.draft
    session = Session(draft.next_id("session"), integration_id, draft.now, draft.now)
    return draft.sessions.add(integration_id, session)


def customer_of(desk: Desk, session: Session) -> Profile | None:
    """The session's customer, created on first sight; None where it is anonymous."""
    if not session.profile_id:
        return None
    profile = desk.draft.profile(session.profile_id)
    if profile.first_session_id is None:
        profile.first_session_id, session.first = session.integration_id, True
    return profile


def _update(desk: Desk, integration_id: str, changes: SessionChanges, chosen: Collection[int] = ()) -> Outcome:
    previous = desk.draft.sessions.get(integration_id)
    state = changes.state or (previous.state if previous else "open")
    check_move(previous.state if previous else None, changes.state)
    check_settled(previous, changes)
    session = _changed(desk, integration_id, changes, state)
    profile = customer_of(desk, session)
    engine = Engine(desk.account, desk.draft, chosen)
    evaluation = _judge(engine, session, profile, came_from=previous.state if previous else "open")
    event = Event(
        id=desk.draft.next_id("event"),
        created=desk.draft.now,
        type=EVENTS[state] if previous else "talon_session_created",
        profile_id=session.profile_id,
        session_id=integration_id,
        effects=tuple(evaluation.effects),
    )
    return Outcome(desk.account, desk.draft, event, profile, session, evaluation)


def _changed(desk: Desk, integration_id: str, changes: SessionChanges, state: str) -> Session:
    sessions = desk.draft.sessions
    if sessions.get(integration_id) is None:
        session = open_session(desk, integration_id)
    else:
        session = sessions.edit(integration_id)
        session.update_count += 1
    session = sessions.add(integration_id, evolve(session, **_content(session, changes)))
    merge(session.attributes, changes.attributes)
    session.state, session.updated = state, desk.draft.now
    return session


def _content(session: Session, changes: SessionChanges) -> dict[str, Any]:
    """The new values; a total that was stated for another cart is of no use for this one."""
    if session.state == "open" and not CART.isdisjoint(changes.content):
        return {"stated_total": None, **changes.content}
    return changes.content


def _judge(engine: Engine, session: Session, profile: Profile | None, *, came_from: str) -> Evaluation:
    if came_from != "open" and session.state == came_from:
        return Evaluation(engine.draft, final=True, session=session, profile=profile)
    if session.state == "cancelled":
        return _cancel(engine.draft, session, profile, came_from)
    evaluation = engine.judge_session(session, profile, final=session.state == "closed")
    session.effects = tuple(evaluation.effects)
    if session.state == "closed" and profile is not None:
        profile.closed_sessions += 1
        profile.total_sales += session.total
    return evaluation


def _cancel(draft: Draft, session: Session, profile: Profile | None, came_from: str) -> Evaluation:
    evaluation = Evaluation(draft, final=True, session=session, profile=profile)
    if came_from == "closed":
        evaluation.effects = roll_back(draft, session)
        if profile is not None:
            profile.closed_sessions -= 1
            profile.total_sales -= session.total
    session.effects = tuple(evaluation.effects)
    return evaluation
