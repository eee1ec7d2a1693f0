from aiotalonone.sandbox import Fault
from tests.sandbox.support import CAMPAIGNS

CART = [{"sku": "tea", "quantity": 2, "price": 1.3}, {"sku": "rum", "quantity": 1, "price": 9}]


async def test_empty_sandbox_counts_zero(open_shop):
    """The state of a new sandbox has every count, each of them zero."""
    assert await open_shop().counts() == {
        "profiles": 0,
        "audienceMemberships": 0,
        "catalogItems": 0,
        "reservations": 0,
        "sessions": {"open": 0, "closed": 0, "partially_returned": 0, "cancelled": 0},
        "coupons": {},
        "referrals": 0,
        "events": 0,
        "advancedEvents": 0,
        "effects": {},
        "discounts": {"count": 0, "total": "0"},
        "couponOutcomes": {},
        "applied": {},
        "faults": {},
    }


async def test_counts_of_sessions(shop):
    """Effects, discounts and coupon outcomes are those of closed sessions; other sessions are only counted."""
    codes = ["SPRING", "10$OFF/NOW", "NOPE"]
    for session, states in {"s1": ["closed"], "s2": ["open"], "s3": ["closed", "cancelled"]}.items():
        await shop.put_session(session, profileId="a", couponCodes=codes, cartItems=CART, state=states[0])
        for state in states[1:]:
            await shop.put_session(session, state=state)
    await shop.http.post("/v1/coupon_reservations/ONCE", json={"integrationIDs": ["a", "b"]})
    event = {"type": "t", "sessionId": "s2", "profileId": "a", "attributes": {}}
    await shop.http.post("/v1/events", json=event)
    await shop.http.post("/v3/events", json={"type": "t", "profileId": "a", "integrationId": "e-1"})
    await shop.put_session("s4", cartItems=CART, state="closed")
    returned = {"return": {"returnedCartItems": [{"position": 0}]}}
    await shop.http.post("/v2/customer_sessions/s4/returns", json=returned)
    referral = {"campaignId": 30, "advocateProfileIntegrationId": "a"}
    await shop.http.post("/v1/referrals", json=referral)
    await shop.put_profile("b", audiencesChanges={"adds": [1], "deletes": []})
    assert await shop.counts() == {
        "profiles": 2,
        "audienceMemberships": 1,
        "catalogItems": 0,
        "reservations": 2,
        "sessions": {"open": 1, "closed": 1, "partially_returned": 1, "cancelled": 1},
        "coupons": {
            "SPRING": {"usageCounter": 1, "reservedBy": 0},
            "10$OFF/NOW": {"usageCounter": 1, "reservedBy": 0},
            "ONCE": {"usageCounter": 0, "reservedBy": 2},
        },
        "referrals": 1,
        "events": 1,
        "advancedEvents": 1,
        "effects": {"acceptCoupon": 2, "setDiscountPerItem": 4, "rejectCoupon": 1},
        "discounts": {"count": 4, "total": "2.6"},
        "couponOutcomes": {"accepted": 2, "CouponNotFound": 1},
        "applied": {
            "updateCustomerSessionV2": 5,
            "returnCartItems": 1,
            "createCouponReservation": 1,
            "trackEvent": 1,
            "trackEventV3": 1,
            "createReferral": 1,
            "updateCustomerProfileV2": 1,
        },
        "faults": {},
    }


async def test_faults_are_counted_by_operation(shop):
    """The state counts the faults that calls have met, and not those that are still to be played."""
    shop.sandbox.faults.add("updateCustomerProfileV2", Fault.STATUS_503, calls=(1, 2, 9))
    shop.sandbox.faults.add("updateCustomerProfileV2", Fault.STATUS_429, calls=(3,))
    for _ in range(4):
        await shop.http.put("/v2/customer_profiles/a", json={})
    counts = await shop.counts()
    assert counts["faults"] == {"updateCustomerProfileV2": {"status503": 2, "status429": 1}}
    assert counts["applied"] == {"updateCustomerProfileV2": 1}


async def test_sandboxes_share_no_state(open_shop):
    """A change in one sandbox is not visible in another one with the same campaigns."""
    one, other = open_shop(CAMPAIGNS), open_shop(CAMPAIGNS)
    await one.put_profile("a")
    assert (one.sandbox.state.profiles.keys(), other.sandbox.state.profiles.keys()) == ({"a"}, set())
