"""The sandbox's own operations, which the platform does not have: counts of what it holds, faults, and its clock."""

from collections import Counter
from typing import Any

from aiotalonone.sandbox.entities import ZERO, Effect
from aiotalonone.sandbox.faults import Faults
from aiotalonone.sandbox.faults.file import read_faults
from aiotalonone.sandbox.http import Request, Response
from aiotalonone.sandbox.operations._base import Context, operation
from aiotalonone.sandbox.state import Draft

DISCOUNTS = ("setDiscount", "setDiscountPerItem")
SESSION_STATES = ("open", "closed", "partially_returned", "cancelled")


@operation("sandboxState", "GET", "/sandbox/state", is_internal=True)
def sandbox_state(context: Context, request: Request) -> Response:  # noqa: ARG001 - operations share one signature
    """Return the counts; effects, discounts and coupon outcomes are those of closed sessions, returns left out."""
    draft = context.draft
    effects = [effect for session in draft.sessions if session.was_closed for effect in session.effects]
    states = Counter(session.state for session in draft.sessions)
    return Response(
        200,
        {
            "profiles": sum(1 for _ in draft.profiles),
            "audienceMemberships": sum(len(profile.audiences) for profile in draft.profiles),
            "catalogItems": sum(1 for _ in draft.catalog_items),
            "reservations": sum(len(coupon.reserved_by) for coupon in draft.coupons),
            "sessions": {state: states[state] for state in SESSION_STATES},
            "coupons": _coupons(draft),
            "referrals": sum(1 for _ in draft.referrals),
            "events": sum(1 for _ in draft.events),
            "advancedEvents": sum(1 for _ in draft.advanced_events),
            "effects": Counter(effect.type for effect in effects),
            "discounts": _discounts(effects),
            "couponOutcomes": _coupon_outcomes(effects),
            "applied": draft.applied,
            "faults": _faults(context.faults),
        },
    )


def _faults(faults: Faults) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for (operation_id, fault), count in faults.counts.items():
        counts.setdefault(operation_id, {})[fault.value] = count
    return counts


def _coupons(draft: Draft) -> dict[str, Any]:
    return {
        coupon.value: {"usageCounter": coupon.usage_counter, "reservedBy": len(coupon.reserved_by)}
        for coupon in draft.coupons
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


@operation("sandboxFaults", "PUT", "/sandbox/faults", is_internal=True)
def sandbox_faults(context: Context, request: Request) -> Response:
    """Replace all faults with those in the request."""
    context.faults.replace(read_faults(request.json(), context.faults.operation_ids))
    return Response(204)


@operation("sandboxClock", "GET", "/sandbox/clock", is_internal=True)
def sandbox_clock(context: Context, request: Request) -> Response:  # noqa: ARG001 - operations share one signature
    """Return the present time."""
    return Response(200, {"now": context.clock()})


@operation("sandboxSetClock", "PUT", "/sandbox/clock", is_internal=True)
def sandbox_set_clock(context: Context, request: Request) -> Response:
    """Set the present time to ``now``, from which it continues; null is the machine's time."""
    context.clock.set(request.body.timestamp("now"))
    return Response(200, {"now": context.clock()})
