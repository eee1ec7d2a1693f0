"""Everything that a customer has."""

from collections.abc import Callable
from typing import Any

from aiotalonone.sandbox.answers.entities import (
    giveaway_json,
    inventory_referral_json,
    loyalty_json,
    owned_coupon_json,
    profile_json,
)
from aiotalonone.sandbox.calls import Answer, Call, Desk
from aiotalonone.sandbox.entities import Coupon, Profile
from aiotalonone.sandbox.problems import not_found


def get_customer_inventory(desk: Desk, call: Call) -> Answer:
    """The parts that the query asks for, and no other."""
    wanted = [part for part in PARTS if call.flag(part)]
    profile = desk.draft.profiles.get(call.path)
    if profile is None:
        raise not_found("Customer profile")
    return Answer(200, {part: PARTS[part](desk, profile) for part in wanted})


def _coupons(desk: Desk, profile: Profile) -> list[dict[str, Any]]:
    owner = profile.integration_id
    mine = (one for one in desk.draft.coupons if owner in one.reserved_by or one.recipient == owner)
    return [owned_coupon_json(one, owner) | {"state": _coupon_state(desk, one)} for one in mine]


def _coupon_state(desk: Desk, coupon: Coupon) -> str:
    now = desk.draft.now
    if not desk.account.campaigns[coupon.campaign_id].runs_at(now):
        return "disabled"
    if coupon.start_date is not None and now < coupon.start_date:
        return "pending"
    if coupon.usage_limit and coupon.usage_counter >= coupon.usage_limit:
        return "used"
    if coupon.expiry_date is not None and coupon.expiry_date <= now:
        return "expired"
    return "active"


def _referrals(desk: Desk, profile: Profile) -> list[dict[str, Any]]:
    mine = (one for one in desk.draft.referrals if one.advocate == profile.integration_id)
    return [inventory_referral_json(one) for one in mine]


def _giveaways(desk: Desk, profile: Profile) -> list[dict[str, Any]]:
    mine = (one for one in desk.draft.giveaways if one.profile_id == profile.integration_id)
    return [giveaway_json(one) for one in mine]


PARTS: dict[str, Callable[[Desk, Profile], Any]] = {
    "profile": lambda desk, profile: profile_json(profile, desk.account),
    "referrals": _referrals,
    "coupons": _coupons,
    "loyalty": lambda desk, profile: loyalty_json(profile, desk.account, {}),
    "giveaways": _giveaways,
    "achievements": lambda _, __: [],
}
