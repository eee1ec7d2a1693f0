"""Facts: what responses and the sandbox's state contain, under the names that are also expected."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from aiotalonone.models import (
    AcceptCouponEffectProps,
    AddLoyaltyPointsEffectProps,
    CustomerInventory,
    Event,
    EventV3,
    IntegrationCustomerSessionResponse,
    IntegrationState,
    IntegrationStateV2,
    RejectCouponEffectProps,
    ReopenSessionResponse,
    RollbackDiscountEffectProps,
    SetDiscountEffectProps,
    SetDiscountPerItemEffectProps,
)
from aiotalonone.pricing import price

Fact = tuple[str, ...]
"""The name of a fact, from the general to the particular."""

Facts = dict[Fact, Any]

Response = IntegrationStateV2 | IntegrationCustomerSessionResponse | ReopenSessionResponse

ABSENT: Final = "nothing"
ZERO: Final = Decimal(0)


@frozen
class Difference:
    """A fact whose observed value is not the expected one."""

    fact: Fact
    expected: Any
    observed: Any

    def __str__(self) -> str:
        return f"{' / '.join(self.fact)}: expected {self.expected}, observed {self.observed}"


def differences(expected: Mapping[Fact, Any], observed: Mapping[Fact, Any]) -> list[Difference]:
    """Return every fact that differs, or is only on one side."""
    names = dict.fromkeys([*expected, *observed])
    pairs = ((name, expected.get(name, ABSENT), observed.get(name, ABSENT)) for name in names)
    return [Difference(name, due, seen) for name, due, seen in pairs if due != seen]


def of_session(session: str, state: IntegrationStateV2) -> Facts:
    """Return the facts of a closed session."""
    accepted, rejected = [], []
    off_items = off_basket = points = card_points = ZERO
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
            case AddLoyaltyPointsEffectProps(value=value, card_identifier=None):
                points += exact(value)
            case AddLoyaltyPointsEffectProps(value=value):
                card_points += exact(value)
    cart = state.customer_session
    return {
        ("session", session, "total"): exact(cart.cart_item_total) if cart else None,
        ("session", session, "accepted"): tuple(accepted),
        ("session", session, "rejected"): tuple(rejected),
        ("session", session, "off items"): off_items,
        ("session", session, "off the basket"): off_basket,
        ("session", session, "to pay"): price(cart.cart_items, state.effects).total if cart else None,
        ("session", session, "points"): points,
        ("session", session, "points on the card"): card_points,
        ("session", session, "effects"): effect_types(state),
    }


def of_session_v1(session: str, state: IntegrationState) -> Facts:
    """Return the facts of a session that was closed by a V1 call."""
    cart = state.session
    if cart is None:
        return {}
    return {
        ("session", session, "total"): exact(cart.total),
        ("session", session, "off the basket"): sum(map(exact, cart.discounts.values()), ZERO),
        ("session", session, "effects"): effect_types_v1(state),
    }


def of_returned_session(session: str, response: IntegrationCustomerSessionResponse) -> Facts:
    """Return the facts of a session with a return."""
    cart = response.customer_session
    left = [line.remaining_quantity or 0 for line in cart.cart_items] if cart else []
    return {
        ("return", session, "state"): cart.state if cart else None,
        ("return", session, "units left"): sum(left),
        ("return", session, "to pay"): price(cart.cart_items, response.effects).total if cart else None,
        ("return", session, "valid effects"): effect_types(response),
    }


def rolled_back(state: IntegrationStateV2) -> tuple[Decimal, ...]:
    """Return the discounts that a response rolls back, in their order; NaN stands for any other effect."""
    props = (effect.props for effect in state.effects)
    return tuple(exact(one.value) if isinstance(one, RollbackDiscountEffectProps) else Decimal("NaN") for one in props)


def effect_types(state: Response) -> Counter[str]:
    """Return how many effects of each type a response has."""
    return Counter(effect.effect_type for effect in state.effects)


def effect_types_v1(state: IntegrationState) -> Counter[str]:
    """Return the same of a V1 response."""
    return effect_types_of(state.event) if state.event else Counter()


def effect_types_of(event: Event | EventV3) -> Counter[str]:
    """Return the same of an event, where an effect is an array that ends with its type and values."""
    return Counter(effect_type for *_, (effect_type, *_) in event.effects)


def of_inventory(household: str, inventory: CustomerInventory) -> Facts:
    """Return the facts of a household's inventory."""
    profile, loyalty = inventory.profile, inventory.loyalty
    ledgers = loyalty.programs.values() if loyalty else ()
    memberships = profile.audience_memberships if profile else ()
    friends = (friend for referral in inventory.referrals for friend in referral.referred_customers)
    return {
        ("inventory", household, "attributes"): profile.attributes if profile else None,
        ("inventory", household, "audiences"): tuple(sorted(audience.id for audience in memberships)),
        ("inventory", household, "coupons"): tuple(sorted(coupon.value for coupon in inventory.coupons)),
        ("inventory", household, "sales"): exact(profile.total_sales) if profile else None,
        ("inventory", household, "points"): sum((exact(one.ledger.current_balance) for one in ledgers), ZERO),
        ("inventory", household, "friends"): tuple(friends),
    }


def of_sandbox(state: Mapping[str, Any]) -> Facts:
    """Return the facts of the sandbox's state after the replay."""
    facts: Facts = {
        ("sandbox", "profiles"): state["profiles"],
        ("sandbox", "catalog items"): state["catalogItems"],
        ("sandbox", "audience memberships"): state["audienceMemberships"],
        ("sandbox", "reservations"): state["reservations"],
        ("sandbox", "referrals"): state["referrals"],
        ("sandbox", "events"): state["events"],
        ("sandbox", "advanced events"): state["advancedEvents"],
        ("sandbox", "discounts", "count"): state["discounts"]["count"],
        ("sandbox", "discounts", "total"): Decimal(state["discounts"]["total"]),
        ("sandbox", "coupon outcomes"): Counter(state["couponOutcomes"]),
    }
    facts |= {("sandbox", "sessions", name): count for name, count in state["sessions"].items()}
    facts |= {("sandbox", "effects", effect_type): count for effect_type, count in state["effects"].items()}
    for code, coupon in state["coupons"].items():
        facts["sandbox", "coupon", code] = (coupon["usageCounter"], coupon["reservedBy"])
    return facts


def exact(number: float) -> Decimal:
    """Return an amount as the response spelled it."""
    return Decimal(str(number))
