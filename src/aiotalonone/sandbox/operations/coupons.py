"""Coupon reservations."""

from aiotalonone.sandbox import limits
from aiotalonone.sandbox.answers.entities import coupon_json, profile_json
from aiotalonone.sandbox.calls import Answer, Call, Desk
from aiotalonone.sandbox.entities import Coupon
from aiotalonone.sandbox.operations.ids import read_ids
from aiotalonone.sandbox.problems import not_found


def create_coupon_reservation(desk: Desk, call: Call) -> Answer:
    """Reserves a coupon for customers; a second time changes nothing."""
    coupon, customers = _coupon_to_change(desk, call), _customers(call)
    for integration_id in customers:
        desk.draft.profile(integration_id)
    coupon.reserved_by.update(customers)
    return Answer(201, coupon_json(coupon))


def delete_coupon_reservation(desk: Desk, call: Call) -> Answer:
    """Releases a coupon; customers who do not hold it are passed over."""
    _coupon_to_change(desk, call).reserved_by.difference_update(_customers(call))
    return Answer(204)


def get_reserved_customers(desk: Desk, call: Call) -> Answer:
    """The customers who hold a coupon."""
    holders = sorted(_coupon(desk, call).reserved_by)
    profiles = [profile for holder in holders if (profile := desk.draft.profiles.get(holder))]
    shown = [profile_json(profile, desk.account) for profile in profiles]
    return Answer(200, {"totalResultSize": len(shown), "data": shown})


def _coupon(desk: Desk, call: Call) -> Coupon:
    coupon = desk.draft.coupons.get(call.path)
    if coupon is None:
        raise not_found("Coupon")
    return coupon


def _coupon_to_change(desk: Desk, call: Call) -> Coupon:
    return desk.draft.coupons.edit(_coupon(desk, call).value)


def _customers(call: Call) -> list[str]:
    if "integrationIDs" not in call.body:
        raise call.body.unfit("integrationIDs", "is required")
    return read_ids(call.body, "integrationIDs", at_most=limits.RESERVATIONS)
