"""Roll back what a closed session was given, when it is cancelled."""

from collections.abc import Callable, Iterator
from typing import Any

from attrs import define, evolve

from aiotalonone.sandbox.entities import ANONYMOUS, Effect, Session
from aiotalonone.sandbox.programs import Assumptions
from aiotalonone.sandbox.rules.evaluation import Sent
from aiotalonone.sandbox.state import Draft


@define(frozen=True)
class RollbackContext:
    """An effect of a session that is rolled back."""

    draft: Draft
    session: Session
    props: dict[str, Any]


def roll_back(draft: Draft, session: Session, assumptions: Assumptions) -> list[Effect]:
    """Undo the effects of a closed session, and return the effects that report it.

    Coupons that the session created stay, and so do attributes that it set and, unless assumed otherwise, giveaways.
    """
    undo = UNDO | RETURN_GIVEAWAYS if assumptions.cancellation_returns_giveaways else UNDO
    effects = []
    for effect in session.effects:
        if effect.type in undo:
            sent = undo[effect.type](RollbackContext(draft, session, dict(effect.props)))
            effects += [evolve(effect, type=kind, props=props) for kind, props in sent]
    return effects


def _coupon(context: RollbackContext) -> Iterator[Sent]:
    coupon = context.draft.coupons.edit(context.props["value"])
    coupon.redemptions[_owner(context)] -= 1
    coupon.redemptions = +coupon.redemptions
    if context.draft.profiles.get(_owner(context)) is not None:
        context.draft.profiles.edit(_owner(context)).coupons_redeemed[coupon.campaign_id] -= 1
    yield "rollbackCoupon", {"value": coupon.value}


def _referral(context: RollbackContext) -> Iterator[Sent]:
    referral = context.draft.referrals.edit(context.props["value"])
    referral.referred.remove(_owner(context))
    if context.draft.profiles.get(_owner(context)) is not None:
        context.draft.profiles.edit(_owner(context)).referred_by.discard(referral.campaign_id)
    yield "rollbackReferral", {"value": referral.code}


def _discount(context: RollbackContext) -> Iterator[Sent]:
    yield "rollbackDiscount", {"name": context.props["name"], "value": context.props["value"]}


def _item_discount(context: RollbackContext) -> Iterator[Sent]:
    place = {"cartItemPosition": context.props["position"], "cartItemSubPosition": context.props["subPosition"]}
    yield "rollbackDiscount", {"name": context.props["name"], "value": context.props["value"], **place}


def _points(context: RollbackContext) -> Iterator[Sent]:
    recipient = context.props["recipientIntegrationId"]
    if context.draft.profiles.get(recipient) is not None:
        context.draft.profiles.edit(recipient).points[context.props["programId"]] -= context.props["value"]
    kept = ("programId", "subLedgerId", "value", "recipientIntegrationId", "transactionUUID")
    yield "rollbackAddedLoyaltyPoints", {name: context.props[name] for name in kept}


def _giveaway(context: RollbackContext) -> Iterator[Sent]:
    giveaway = context.draft.giveaways.edit(context.props["giveawayId"])
    giveaway.used, giveaway.profile_id = False, None
    yield from ()


def _owner(context: RollbackContext) -> str:
    return context.session.profile_id or ANONYMOUS


Undo = Callable[[RollbackContext], Iterator[Sent]]

UNDO: dict[str, Undo] = {
    "acceptCoupon": _coupon,
    "acceptReferral": _referral,
    "setDiscount": _discount,
    "setDiscountPerItem": _item_discount,
    "addLoyaltyPoints": _points,
}

RETURN_GIVEAWAYS: dict[str, Undo] = {"awardGiveaway": _giveaway}
