"""createCouponReservation, deleteCouponReservation, getReservedCustomers."""

from datetime import UTC, datetime

from aiotalonone import Coupon, CouponReservations, CustomerProfile, ReservedCustomers

COUPON = {
    "id": 7,
    "created": "2026-11-01T08:00:00Z",
    "campaignId": 3,
    "value": "10$OFF/NOW",
    "usageLimit": 1,
    "usageCounter": 0,
}
PROFILE = {
    "integrationId": "c-1",
    "created": "2026-11-01T08:00:00Z",
    "attributes": {},
    "accountId": 1,
    "closedSessions": 0,
    "totalSales": 0,
    "loyaltyMemberships": None,
    "audienceMemberships": None,
    "lastActivity": "2026-11-01T08:00:00Z",
}


async def test_create_coupon_reservation(api, client, sent):
    """The code is one encoded segment, the IDs are the body, the coupon is the answer."""
    route = api.post(path__regex="^/v1/coupon_reservations/").respond(201, json=COUPON)
    coupon = await client.coupons.create_coupon_reservation("10$OFF/NOW", CouponReservations(integration_ids=["c-1"]))
    assert sent(route) == ("POST", "/v1/coupon_reservations/10%24OFF%2FNOW", {"integrationIDs": ["c-1"]})
    assert isinstance(coupon, Coupon)
    assert (coupon.value, coupon.created) == ("10$OFF/NOW", datetime(2026, 11, 1, 8, tzinfo=UTC))


async def test_delete_coupon_reservation(api, client, sent):
    """A DELETE with a body, answered by nothing."""
    route = api.delete("/v1/coupon_reservations/SUMMER").respond(204)
    assert await client.coupons.delete_coupon_reservation("SUMMER", {"integrationIDs": ["c-1"]}) is None
    assert sent(route) == ("DELETE", "/v1/coupon_reservations/SUMMER", {"integrationIDs": ["c-1"]})


async def test_get_reserved_customers(api, client, sent):
    """The holders of a coupon, as profiles; what the server sends as null reads as empty."""
    route = api.get("/v1/coupon_reservations/customerprofiles/SUMMER").respond(
        json={"totalResultSize": 1, "data": [PROFILE]}
    )
    reserved = await client.coupons.get_reserved_customers("SUMMER")
    assert sent(route) == ("GET", "/v1/coupon_reservations/customerprofiles/SUMMER", None)
    assert isinstance(reserved, ReservedCustomers)
    assert reserved.total_result_size == 1
    [profile] = reserved.data
    assert isinstance(profile, CustomerProfile)
    assert (profile.integration_id, profile.loyalty_memberships, profile.audience_memberships) == ("c-1", [], [])
