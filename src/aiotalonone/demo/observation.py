"""What the answers and the sandbox say, as facts."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from aiotalonone.demo.facts import Facts
from aiotalonone.models import (
    AcceptCouponEffectProps,
    AddLoyaltyPointsEffectProps,
    CustomerInventory,
    IntegrationState,
    IntegrationStateV2,
    RejectCouponEffectProps,
    SetDiscountEffectProps,
    SetDiscountPerItemEffectProps,
)

ZERO = Decimal(0)


def of_session(session: str, state: IntegrationStateV2) -> Facts:
    """What a closed session has come to."""
    accepted, rejected = [], []
    off_items = off_basket = points = ZERO
    for effect in state.effects:
        match effect.props:
            case AcceptCouponEffectProps(value=code):
                accepted.append(code)
            case RejectCouponEffectProps(value=code, rejection_reason=reason):
                rejected.append((code, reason))
            case SetDiscountPerItemEffectProps(value=value):
                off_items += exact(value)
            case SetDiscountEffectProps(value=value):
                off_basket += exact(value)
            case AddLoyaltyPointsEffectProps(value=value):
                points += exact(value)
    cart = state.customer_session
    return {
        ("session", session, "worth"): exact(cart.cart_item_total) if cart else None,
        ("session", session, "accepted"): tuple(accepted),
        ("session", session, "rejected"): tuple(rejected),
        ("session", session, "off items"): off_items,
        ("session", session, "off the basket"): off_basket,
        ("session", session, "points"): points,
        ("session", session, "effects"): effect_types(state),
    }


def of_session_v1(session: str, state: IntegrationState) -> Facts:
    """What a session that was closed by a V1 call has come to."""
    cart = state.session
    if cart is None:
        return {}
    return {
        ("session", session, "worth"): exact(cart.total),
        ("session", session, "off the basket"): sum(map(exact, cart.discounts.values()), ZERO),
        ("session", session, "effects"): effect_types_v1(state),
    }


def effect_types(state: IntegrationStateV2) -> Counter[str]:
    """The effects of an answer by type."""
    return Counter(effect.effect_type for effect in state.effects)


def effect_types_v1(state: IntegrationState) -> Counter[str]:
    """The effects of a V1 answer by type; each is an array that ends in the type and its values."""
    effects = state.event.effects if state.event else ()
    return Counter(effect_type for *_, (effect_type, *_) in effects)


def of_inventory(household: str, inventory: CustomerInventory) -> Facts:
    """What a household has."""
    profile, loyalty = inventory.profile, inventory.loyalty
    ledgers = loyalty.programs.values() if loyalty else ()
    memberships = profile.audience_memberships if profile else ()
    friends = (friend for referral in inventory.referrals for friend in referral.referred_customers)
    return {
        ("inventory", household, "attributes"): profile.attributes if profile else None,
        ("inventory", household, "audiences"): tuple(sorted(audience.id for audience in memberships)),
        ("inventory", household, "coupons"): tuple(sorted(coupon.value for coupon in inventory.coupons)),
        ("inventory", household, "points"): sum((exact(one.ledger.current_balance) for one in ledgers), ZERO),
        ("inventory", household, "friends"): tuple(friends),
    }


def of_sandbox(held: Mapping[str, Any]) -> Facts:
    """What the sandbox holds in the end."""
    facts: Facts = {
        ("sandbox", "profiles"): held["profiles"],
        ("sandbox", "audience memberships"): held["audienceMemberships"],
        ("sandbox", "reservations"): held["reservations"],
        ("sandbox", "referrals"): held["referrals"],
        ("sandbox", "events"): held["events"],
        ("sandbox", "discounts", "count"): held["discounts"]["count"],
        ("sandbox", "discounts", "total"): Decimal(held["discounts"]["total"]),
        ("sandbox", "coupon outcomes"): Counter(held["couponOutcomes"]),
    }
    facts |= {("sandbox", "sessions", state): count for state, count in held["sessions"].items()}
    facts |= {("sandbox", "effects", effect_type): count for effect_type, count in held["effects"].items()}
    for code, coupon in held["coupons"].items():
        facts["sandbox", "coupon", code] = (coupon["usageCounter"], coupon["reservedBy"])
    return facts


def exact(number: float) -> Decimal:
    """An amount as the answer spelled it."""
    return Decimal(str(number))
