"""Roll back what a closed session was given, when it is cancelled or reopened, or when units of it come back."""

from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from attrs import define, evolve

from aiotalonone.sandbox.loyalty.accounts import LoyaltyAccount
from aiotalonone.sandbox.loyalty.transactions import Origin
from aiotalonone.sandbox.rules.achievement_effects import roll_progress_back
from aiotalonone.sandbox.rules.booking import new_entry
from aiotalonone.sandbox.rules.evaluation import Sent
from aiotalonone.sandbox.state import Draft
from aiotalonone.sandbox.state.entities import ANONYMOUS, Effect, Session

POINTS_PROPS = (
    *("programId", "subLedgerId", "value", "recipientIntegrationId", "transactionUUID"),
    *("cartItemPosition", "cartItemSubPosition", "cardIdentifier"),
)
"""What the roll-back of points says of them, if they have it."""


@define(frozen=True)
class RollbackContext:
    """An effect of a session that is rolled back."""

    draft: Draft
    session: Session
    campaign_id: int
    props: dict[str, Any]


Unit = tuple[int, int]
"""Position of a line, and of a unit within it."""


def roll_back(draft: Draft, session: Session, *, returns_giveaways: bool = False) -> list[Effect]:
    """Undo the effects of a closed session, and return the effects that report it.

    Coupons that the session created stay, and so do attributes that it set and, unless told otherwise, giveaways.
    """
    undo = UNDO | RETURN_GIVEAWAYS if returns_giveaways else UNDO
    return [sent for effect in session.effects for sent in _undone(draft, session, effect, undo)]


def roll_back_units(draft: Draft, session: Session, units: Collection[Unit]) -> list[Effect]:
    """Undo the effects on single units of a closed session, which keeps the others, and return what reports it."""
    gone = [effect for effect in session.effects if unit_of(effect) in units]
    session.effects = tuple(effect for effect in session.effects if unit_of(effect) not in units)
    return [sent for effect in gone for sent in _undone(draft, session, effect, UNDO)]


def unit_of(effect: Effect) -> Unit | None:
    """Return the unit that an effect is about, None if it is about the session or a code.

    Discounts and points name the two positions differently.
    """
    props = effect.props
    for position, unit in (("position", "subPosition"), ("cartItemPosition", "cartItemSubPosition")):
        if position in props:
            return props[position], props[unit]
    return None


def _undone(draft: Draft, session: Session, effect: Effect, undo: Mapping[str, "Undo"]) -> Iterator[Effect]:
    if effect.type in undo:
        context = RollbackContext(draft, session, effect.campaign_id, dict(effect.props))
        for kind, props in undo[effect.type](context):
            yield evolve(effect, type=kind, props=props)


def _coupon(context: RollbackContext) -> Iterator[Sent]:
    owner, held = _owner(context), context.draft.coupons.get(context.props["value"])
    profile = context.draft.profiles.get(owner)
    if profile is not None and profile.coupons_redeemed[context.campaign_id]:
        context.draft.profiles.edit(owner).coupons_redeemed[context.campaign_id] -= 1
    if held is None or not held.redemptions[owner]:  # the campaign file has no such coupon any more, or another one
        return
    coupon = context.draft.coupons.edit(held.value)
    coupon.redemptions[owner] -= 1
    coupon.redemptions = +coupon.redemptions
    yield "rollbackCoupon", {"value": coupon.value}


def _referral(context: RollbackContext) -> Iterator[Sent]:
    owner, held = _owner(context), context.draft.referrals.get(context.props["value"])
    if context.draft.profiles.get(owner) is not None:
        context.draft.profiles.edit(owner).referred_by.discard(context.campaign_id)
    if held is None or owner not in held.referred:  # its campaign left the campaign file, so another one has the code
        return
    referral = context.draft.referrals.edit(held.code)
    referral.referred.remove(owner)
    yield "rollbackReferral", {"value": referral.code}


def _discount(context: RollbackContext) -> Iterator[Sent]:
    yield "rollbackDiscount", {"name": context.props["name"], "value": context.props["value"]}


def _item_discount(context: RollbackContext) -> Iterator[Sent]:
    place = {"cartItemPosition": context.props["position"], "cartItemSubPosition": context.props["subPosition"]}
    yield "rollbackDiscount", {"name": context.props["name"], "value": context.props["value"], **place}


def _added_points(context: RollbackContext) -> Iterator[Sent]:
    account = _account(context)
    if account is None:
        return
    props, program = context.props, account.program
    entry = new_entry(context.draft, f"Rollback of {props['name']}", _origin(context))
    ledger = account.ledger(props["subLedgerId"])
    taken = ledger.take_back(entry, props["transactionUUID"], props["value"], program.return_policy)
    if taken is not None:
        yield "rollbackAddedLoyaltyPoints", _kept(props, value=taken.amount)


def _deducted_points(context: RollbackContext) -> Iterator[Sent]:
    account = _account(context)
    if account is None:
        return
    props, draft = context.props, context.draft
    name, origin = f"Rollback of {props['name']}", _origin(context)
    ledger = account.ledger(props["subLedgerId"])
    for addition in ledger.give_back(lambda: new_entry(draft, name, origin), props["transactionUUID"], draft.now):
        dates = {} if addition.dates.expiry is None else {"expiryDate": addition.dates.expiry}
        recipient = {"recipientIntegrationId": _owner(context)}
        yield "rollbackDeductedLoyaltyPoints", _kept(props | recipient, value=addition.amount) | dates


def _account(context: RollbackContext) -> LoyaltyAccount | None:
    """Return the account that the points of an effect were booked on, unless it has been erased."""
    owner = context.props.get("cardIdentifier") or context.props.get("recipientIntegrationId") or _owner(context)
    key = (context.props["programId"], owner)
    return None if context.draft.loyalty_accounts.get(key) is None else context.draft.loyalty_accounts.edit(key)


def _kept(props: Mapping[str, Any], value: Decimal) -> dict[str, Any]:
    """Return the properties that a roll-back has in common with what it rolls back."""
    return {name: props[name] for name in POINTS_PROPS if name in props} | {"value": value}


def _origin(context: RollbackContext) -> Origin:
    session = context.session
    return Origin(
        type="session",
        session_id=session.integration_id,
        store_integration_id=session.store_integration_id,
        profile_id=session.profile_id or None,
    )


def _progress(context: RollbackContext) -> Iterator[Sent]:
    yield from roll_progress_back(context.draft, _owner(context), context.props)


def _giveaway(context: RollbackContext) -> Iterator[Sent]:
    if context.draft.giveaways.get(context.props["giveawayId"]) is not None:
        giveaway = context.draft.giveaways.edit(context.props["giveawayId"])
        giveaway.used, giveaway.profile_id = False, None
    yield from ()


def _owner(context: RollbackContext) -> str:
    return context.session.profile_id or ANONYMOUS


Undo = Callable[[RollbackContext], Iterator[Sent]]

UNDO: dict[str, Undo] = {
    "acceptCoupon": _coupon,
    "acceptReferral": _referral,
    "increaseAchievementProgress": _progress,
    "setDiscount": _discount,
    "setDiscountPerItem": _item_discount,
    "addLoyaltyPoints": _added_points,
    "deductLoyaltyPoints": _deducted_points,
}

RETURN_GIVEAWAYS: dict[str, Undo] = {"awardGiveaway": _giveaway}
