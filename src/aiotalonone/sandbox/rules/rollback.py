"""Takes back what a closed session was given, when it is cancelled."""

from collections.abc import Callable, Iterator
from typing import Any

from attrs import define, evolve

from aiotalonone.sandbox.entities import ANONYMOUS, Effect, Session
from aiotalonone.sandbox.rules.case import Sent
from aiotalonone.sandbox.state import Draft


@define(frozen=True)
class TakingBack:
    """One effect of a session on its way back."""

    draft: Draft
    session: Session
    props: dict[str, Any]


def roll_back(draft: Draft, session: Session) -> list[Effect]:
    """Undoes the effects of a closed session and names the effects that say so."""
    effects = []
    for effect in session.effects:
        if effect.type in UNDO:
            sent = UNDO[effect.type](TakingBack(draft, session, dict(effect.props)))
            effects += [evolve(effect, type=kind, props=props) for kind, props in sent]
    return effects


def _coupon(one: TakingBack) -> Iterator[Sent]:
    coupon = one.draft.coupons.edit(one.props["value"])
    coupon.redemptions[_owner(one)] -= 1
    coupon.redemptions = +coupon.redemptions
    yield "rollbackCoupon", {"value": coupon.value}


def _referral(one: TakingBack) -> Iterator[Sent]:
    referral = one.draft.referrals.edit(one.props["value"])
    referral.referred.remove(_owner(one))
    yield "rollbackReferral", {"value": referral.code}


def _discount(one: TakingBack) -> Iterator[Sent]:
    yield "rollbackDiscount", {"name": one.props["name"], "value": one.props["value"]}


def _item_discount(one: TakingBack) -> Iterator[Sent]:
    props = {
        "name": one.props["name"],
        "value": one.props["value"],
        "cartItemPosition": one.props["position"],
    }
    if "subPosition" in one.props:
        props["cartItemSubPosition"] = one.props["subPosition"]
    yield "rollbackDiscount", props


def _points(one: TakingBack) -> Iterator[Sent]:
    recipient = one.props["recipientIntegrationId"]
    if one.draft.profiles.get(recipient) is not None:
        one.draft.profiles.edit(recipient).points[one.props["programId"]] -= one.props["value"]
    kept = ("programId", "subLedgerId", "value", "recipientIntegrationId", "transactionUUID")
    yield "rollbackAddedLoyaltyPoints", {name: one.props[name] for name in kept}


def _giveaway(one: TakingBack) -> Iterator[Sent]:
    giveaway = one.draft.giveaways.edit(one.props["giveawayId"])
    giveaway.used, giveaway.profile_id = False, None
    yield from ()


def _created_coupon(one: TakingBack) -> Iterator[Sent]:
    coupon = one.draft.coupons.get(one.props["value"])
    if coupon is not None and not coupon.usage_counter:
        one.draft.coupons.remove(coupon.value)
    yield from ()


def _owner(one: TakingBack) -> str:
    return one.session.profile_id or ANONYMOUS


UNDO: dict[str, Callable[[TakingBack], Iterator[Sent]]] = {
    "acceptCoupon": _coupon,
    "acceptReferral": _referral,
    "setDiscount": _discount,
    "setDiscountPerItem": _item_discount,
    "addLoyaltyPoints": _points,
    "awardGiveaway": _giveaway,
    "couponCreated": _created_coupon,
}
