"""A count of what the sandbox holds, for whoever checks a run; no operation of the platform."""

from collections import Counter
from typing import Any

from aiotalonone.sandbox.calls import Answer, Call, Desk
from aiotalonone.sandbox.entities import Effect
from aiotalonone.sandbox.faults import Faults
from aiotalonone.sandbox.money import ZERO
from aiotalonone.sandbox.state import Draft

DISCOUNTS = ("setDiscount", "setDiscountPerItem")
SESSION_STATES = ("open", "closed", "cancelled")


def sandbox_state(desk: Desk, call: Call) -> Answer:  # noqa: ARG001 - operations share one signature
    """The counts; effects, discounts and coupons' fates are those of closed sessions."""
    draft = desk.draft
    effects = [effect for session in draft.sessions if session.state == "closed" for effect in session.effects]
    states = Counter(session.state for session in draft.sessions)
    return Answer(
        200,
        {
            "profiles": sum(1 for _ in draft.profiles),
            "audienceMemberships": sum(len(profile.audiences) for profile in draft.profiles),
            "reservations": sum(len(coupon.reserved_by) for coupon in draft.coupons),
            "sessions": {state: states[state] for state in SESSION_STATES},
            "coupons": _coupons(draft),
            "referrals": sum(1 for _ in draft.referrals),
            "events": sum(1 for _ in draft.events),
            "effects": Counter(effect.type for effect in effects),
            "discounts": _discounts(effects),
            "couponOutcomes": _coupon_outcomes(effects),
            "applied": draft.applied,
            "faults": _faults(desk.faults),
        },
    )


def _faults(faults: Faults) -> dict[str, Counter[str]]:
    met: dict[str, Counter[str]] = {}
    for happening in faults.happened:
        met.setdefault(happening.operation_id, Counter())[happening.fault.value] += 1
    return met


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
