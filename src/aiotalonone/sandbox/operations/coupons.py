"""Coupon reservations."""

from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.http.problems import not_found
from aiotalonone.sandbox.operations._base import Context, operation
from aiotalonone.sandbox.operations.parsing import read_ids
from aiotalonone.sandbox.rendering.entities import coupon_json, profile_json
from aiotalonone.sandbox.state.entities import Coupon
from aiotalonone.sandbox.validation import MAX_RESERVATIONS


@operation("createCouponReservation", "POST", "/v1/coupon_reservations/{couponValue}")
def create_coupon_reservation(context: Context, request: Request) -> Response:
    """Reserve a coupon for customers; a second time changes nothing."""
    coupon, customers = _coupon_to_change(context, request), _customers(request)
    for integration_id in customers:
        context.draft.profile(integration_id)
    coupon.reserved_by.update(customers)
    return Response(201, coupon_json(coupon))


@operation("deleteCouponReservation", "DELETE", "/v1/coupon_reservations/{couponValue}")
def delete_coupon_reservation(context: Context, request: Request) -> Response:
    """Release a coupon; customers who do not hold it are ignored."""
    _coupon_to_change(context, request).reserved_by.difference_update(_customers(request))
    return Response(204)


@operation("getReservedCustomers", "GET", "/v1/coupon_reservations/customerprofiles/{couponValue}")
def get_reserved_customers(context: Context, request: Request) -> Response:
    """Return the customers who hold a coupon."""
    holders = sorted(_coupon(context, request).reserved_by)
    profiles = [profile for holder in holders if (profile := context.draft.profiles.get(holder))]
    shown = [profile_json(profile, context.draft) for profile in profiles]
    return Response(200, {"totalResultSize": len(shown), "data": shown})


def _coupon(context: Context, request: Request) -> Coupon:
    coupon = context.draft.coupons.get(request.path["couponValue"])
    if coupon is None:
        raise not_found("Coupon")
    return coupon


def _coupon_to_change(context: Context, request: Request) -> Coupon:
    return context.draft.coupons.edit(_coupon(context, request).value)


def _customers(request: Request) -> list[str]:
    if "integrationIDs" not in request.body:
        raise request.body.missing("integrationIDs")
    return read_ids(request.body, "integrationIDs", max_items=MAX_RESERVATIONS)
