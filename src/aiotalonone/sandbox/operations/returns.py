"""What becomes of a closed session: units of it come back, or it is reopened."""

from collections.abc import Mapping

from aiotalonone.sandbox.http.concurrency import EntityKey, session_keys
from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.http.problems import ApiProblem, invalid_parameter
from aiotalonone.sandbox.operations._base import Context, dry_flag, operation
from aiotalonone.sandbox.operations.parsing import read_content
from aiotalonone.sandbox.operations.sessions import INVALID_STATE, session_event, stored_session, undo_purchase
from aiotalonone.sandbox.rendering.entities import effect_json
from aiotalonone.sandbox.rendering.result import UpdateResult
from aiotalonone.sandbox.rendering.v2 import RETURN_CONTENT, integration_state_v2
from aiotalonone.sandbox.rules.evaluation import Evaluation
from aiotalonone.sandbox.rules.rollback import Unit, roll_back_units
from aiotalonone.sandbox.state import State
from aiotalonone.sandbox.state.entities import Profile, Return, ReturnedLine, Session
from aiotalonone.sandbox.validation import TOO_FEW, UNKNOWN, JsonObject

RETURNED = "talon_session_partially_returned"


def _entities(request: Request, state: State) -> list[EntityKey]:
    return session_keys(request.path["customerSessionId"], JsonObject({}), state)


@operation(
    "returnCartItems",
    "POST",
    "/v2/customer_sessions/{customerSessionId}/returns",
    entities=_entities,
    is_dry=dry_flag,
    idempotent=True,
    bare_400=True,
)
def return_cart_items(context: Context, request: Request) -> Response:
    """Return units of the session and roll back the effects on them; no campaign is evaluated again."""
    request.query.flag("runRuleEngine")
    wanted = read_content(request.body, RETURN_CONTENT)
    held = stored_session(context, request)
    if not held.was_closed:
        raise _wrong_state(held, "partially_returned")
    session = context.draft.sessions.edit(held.integration_id)
    lines, units = _read_lines(session, request.body.required_object("return"))
    profile = _customer(context, session)
    evaluation = Evaluation(context.draft, final=True, session=session, profile=profile)
    evaluation.effects = roll_back_units(context.draft, session, units)
    event = session_event(context, RETURNED, session, evaluation)
    returned = Return(context.draft.next_id("return"), context.draft.now, event.id, lines)
    _move(context, session, "partially_returned")
    _add_return(session, returned, profile)
    result = UpdateResult(context.account, context.draft, event, profile, session, evaluation, returned)
    return Response(200, integration_state_v2(result, wanted), evaluation=evaluation)


@operation(
    "reopenCustomerSession",
    "PUT",
    "/v2/customer_sessions/{customerSessionId}/reopen",
    entities=_entities,
    idempotent=True,
    bare_400=True,
)
def reopen_customer_session(context: Context, request: Request) -> Response:
    """Roll back what the closed session was given, except giveaways, and open it again."""
    held = stored_session(context, request)
    if held.state != "closed":
        raise _wrong_state(held, "open")
    session = context.draft.sessions.edit(held.integration_id)
    profile = _customer(context, session)
    evaluation = Evaluation(context.draft, final=True, session=session, profile=profile)
    evaluation.effects = undo_purchase(context.draft, session, profile)
    session.effects = ()
    _move(context, session, "open")
    shown = {"effects": [effect_json(effect) for effect in evaluation.effects]}
    return Response(200, shown, evaluation=evaluation)


def _move(context: Context, session: Session, state: str) -> None:
    session.state, session.updated = state, context.draft.now
    session.update_count += 1


def _add_return(session: Session, returned: Return, profile: Profile | None) -> None:
    """Add a return, whose units count no more in the sales of the customer."""
    before = session.returned_total
    session.returns = (*session.returns, returned)
    if profile is not None:
        profile.total_sales -= session.returned_total - before


def _customer(context: Context, session: Session) -> Profile | None:
    """Return the session's customer, to be changed; None if it is anonymous or was erased."""
    return context.draft.profile(session.profile_id) if session.profile_id else None


def _wrong_state(session: Session, new: str) -> ApiProblem:
    moved = f'Cannot move session to state "{new}" from state "{session.state}"'
    return invalid_parameter("customerSessionId", moved, INVALID_STATE)


def _read_lines(session: Session, members: JsonObject) -> tuple[tuple[ReturnedLine, ...], set[Unit]]:
    """Read what comes back: its lines, and their units, the first ones of each line that have not come back before.

    Without a quantity, all units that are left of the line come back.
    """
    entries = members.objects("returnedCartItems")
    if not entries:
        raise members.error("returnedCartItems", "must have at least 1 entry", TOO_FEW)
    lines: list[ReturnedLine] = []
    units: set[Unit] = set()
    returned = session.returned_units
    for entry in entries:
        position = _position(session, entry, returned)
        item, first = session.cart_items[position], returned[position]
        quantity = entry.integer("quantity", minimum=1) or item.quantity - first
        if not 0 < quantity <= item.quantity - first:
            raise entry.error("quantity", "must not be more than is left of the cart item")
        returned[position] += quantity
        lines.append(ReturnedLine(position, quantity, item.sku))
        units.update((position, unit) for unit in range(first, first + quantity))
    return tuple(lines), units


def _position(session: Session, entry: JsonObject, returned: Mapping[int, int]) -> int:
    """Return the line that an entry names by its position, or by its SKU: the first one of which units are left."""
    position, sku = entry.integer("position"), entry.text("sku")
    if position is None and sku is None:
        raise entry.missing("position")
    items = session.cart_items
    if position is None:
        known = [place for place, item in enumerate(items) if item.sku == sku]
        if not known:
            raise entry.error("sku", "must be the SKU of a cart item", UNKNOWN)
        return next((place for place in known if returned[place] < items[place].quantity), known[0])
    if not 0 <= position < len(items):
        raise entry.error("position", "must be the position of a cart item", UNKNOWN)
    if sku is not None and sku != items[position].sku:
        raise entry.error("sku", "must be the SKU at this position", UNKNOWN)
    return position
