"""What the sandbox holds as a whole: counts, the reset, and seeds."""

from collections import Counter
from typing import Any, Final

from aiotalonone.sandbox.control._base import JSON, resource
from aiotalonone.sandbox.faults import Faults
from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.seeding import plant
from aiotalonone.sandbox.state import State
from aiotalonone.sandbox.state.entities import ZERO, Effect

DISCOUNTS: Final = ("setDiscount", "setDiscountPerItem")
SESSION_STATES: Final = ("open", "closed", "partially_returned", "cancelled")


@resource("GET", "/sandbox/state")
def get_state(platform: Platform, request: Request) -> Response:  # noqa: ARG001 - resources share one signature
    """Return the counts."""
    return Response(200, state_json(platform))


@resource("POST", "/sandbox/reset")
def reset(platform: Platform, request: Request) -> Response:  # noqa: ARG001 - resources share one signature
    """Return to the start."""
    platform.reset()
    return Response(204)


@resource("POST", "/sandbox/seed")
def seed(platform: Platform, request: Request) -> Response:
    """Put in customers, sessions and events."""
    return Response(200, plant(platform, request.json()))


def state_json(platform: Platform) -> JSON:
    """Return the counts; effects, discounts and coupon outcomes are those of closed sessions, returns left out."""
    state = platform.state
    sessions = state.sessions.values()
    effects = [effect for session in sessions if session.was_closed for effect in session.effects]
    states = Counter(session.state for session in sessions)
    return {
        "profiles": len(state.profiles),
        "audienceMemberships": sum(len(profile.audiences) for profile in state.profiles.values()),
        "catalogItems": len(state.catalog_items),
        "reservations": sum(len(coupon.reserved_by) for coupon in state.coupons.values()),
        "sessions": {name: states[name] for name in SESSION_STATES},
        "coupons": _coupons(state),
        "referrals": len(state.referrals),
        "events": len(state.events),
        "advancedEvents": len(state.advanced_events),
        "effects": Counter(effect.type for effect in effects),
        "discounts": _discounts(effects),
        "couponOutcomes": _coupon_outcomes(effects),
        "applied": state.applied,
        "faults": _faults(platform.faults),
    }


def _faults(faults: Faults) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for (operation_id, fault), count in faults.counts.items():
        counts.setdefault(operation_id, {})[fault.value] = count
    return counts


def _coupons(state: State) -> dict[str, Any]:
    return {
        coupon.value: {"usageCounter": coupon.usage_counter, "reservedBy": len(coupon.reserved_by)}
        for coupon in state.coupons.values()
        if coupon.usage_counter or coupon.reserved_by
    }


def _discounts(effects: list[Effect]) -> dict[str, Any]:
    values = [effect.props["value"] for effect in effects if effect.type in DISCOUNTS]
    return {"count": len(values), "total": str(sum(values, ZERO))}


def _coupon_outcomes(effects: list[Effect]) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for effect in effects:
        if effect.type == "acceptCoupon":
            outcomes["accepted"] += 1
        elif effect.type == "rejectCoupon":
            outcomes[effect.props["rejectionReason"]] += 1
    return outcomes
