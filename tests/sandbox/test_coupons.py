from typing import Any

import pytest

from tests.sandbox.support import campaign, effects_of, rule

TEA = {"sku": "tea", "quantity": 1, "price": 5}
VALID = {"type": "couponIsValid"}
FIVE_OFF = {"type": "setDiscount", "name": "five", "value": 5}


def rejections(answer: Any) -> dict[str, str]:
    return {one["value"]: one["rejectionReason"] for one in effects_of(answer, "rejectCoupon")}


async def test_codes_are_judged_in_their_order(shop):
    """Each code is accepted or rejected once, in the order of the request, before its effects."""
    answer = await shop.put_session("s", couponCodes=["10$OFF/NOW", "NOPE", "SPRING", "10$OFF/NOW"], cartItems=[TEA])
    told = [(one["effectType"], one["props"].get("value")) for one in answer["effects"]]
    assert told == [
        ("acceptCoupon", "10$OFF/NOW"),
        ("setDiscountPerItem", 1),
        ("rejectCoupon", "NOPE"),
        ("acceptCoupon", "SPRING"),
        ("setDiscountPerItem", 1),
    ]
    assert [one.get("triggeredByCoupon") for one in answer["effects"]] == [2, 2, None, 1, 1]


async def test_an_unknown_code_is_not_found(shop):
    """A code that no campaign has is rejected without a campaign."""
    answer = await shop.put_session("s", couponCodes=["NOPE"])
    [effect] = answer["effects"]
    assert (effect["campaignId"], effect["props"]) == (
        0,
        {"value": "NOPE", "rejectionReason": "CouponNotFound"},
    )


async def test_a_cart_without_the_goods_rejects_by_condition(shop):
    """The answer names the condition that did not hold, and on request the rule."""
    answer = await shop.put_session("s", ("ruleFailureReasons",), couponCodes=["SPRING"], cartItems=[])
    [props] = effects_of(answer, "rejectCoupon")
    assert (props["rejectionReason"], props["conditionIndex"]) == ("CouponRejectedByCondition", 1)
    [failure] = answer["ruleFailureReasons"]
    assert (failure["campaignName"], failure["ruleName"]) == ("Spring", "One off each")
    assert (failure["couponValue"], failure["conditionIndex"]) == ("SPRING", 1)


@pytest.mark.parametrize(
    ("coupon", "profile_id", "reason"),
    [
        ({"startDate": "2026-01-03T00:00:00Z"}, "a", "CouponStartDateInFuture"),
        ({"expiryDate": "2026-01-02T03:04:05Z"}, "a", "CouponExpired"),
        ({"recipientIntegrationId": "b"}, "a", "CouponRecipientDoesNotMatch"),
        ({"recipientIntegrationId": "b"}, "", "ProfileRequired"),
        ({"isReservationMandatory": True}, "a", "CouponReservationRequired"),
        ({"isReservationMandatory": True}, "", "ProfileRequired"),
        ({"recipientIntegrationId": "a"}, "a", None),
        ({"startDate": "2026-01-02T03:04:05Z", "expiryDate": "2026-01-03T00:00:00+02:00"}, "", None),
    ],
)
async def test_a_coupon_has_its_terms(open_shop, coupon, profile_id, reason):
    """Time, recipient and reservation decide before any rule does, by the platform's reasons."""
    shop = open_shop(campaign(rule([VALID], FIVE_OFF), coupons=({"value": "CODE", **coupon},)))
    answer = await shop.put_session("s", profileId=profile_id, couponCodes=["CODE"], cartItems=[TEA])
    assert rejections(answer).get("CODE") == reason
    assert bool(effects_of(answer, "acceptCoupon")) is (reason is None)


@pytest.mark.parametrize(
    "members",
    [
        {"state": "disabled"},
        {"state": "archived"},
        {"startTime": "2026-02-01T00:00:00Z"},
        {"endTime": "2026-01-01T00:00:00Z"},
    ],
)
async def test_a_campaign_that_does_not_run_rejects_its_coupons(open_shop, members):
    """Neither its coupons nor its other rules count."""
    file = campaign(rule([VALID], FIVE_OFF), rule([], FIVE_OFF), coupons=({"value": "CODE"},), **members)
    answer = await open_shop(file).put_session("s", couponCodes=["CODE"], cartItems=[TEA])
    assert rejections(answer) == {"CODE": "CouponPartOfNotRunningCampaign"}
    assert len(answer["effects"]) == 1


async def test_a_dry_call_may_look_into_the_future(open_shop):
    """With now, a dry call is judged as if that time had come."""
    file = campaign(rule([VALID], FIVE_OFF), coupons=({"value": "CODE"},), startTime="2026-02-01T00:00:00Z")
    answer = await open_shop(file).http.put(
        "/v2/customer_sessions/s",
        params={"dry": "true", "now": "2026-02-02T00:00:00Z"},
        json={"customerSession": {"couponCodes": ["CODE"], "cartItems": [TEA]}},
    )
    assert effects_of(answer.json(), "acceptCoupon") == [{"value": "CODE"}]


async def test_a_usage_counts_when_the_session_closes(shop):
    """An open session burns nothing; after one closing a coupon with one use is spent."""
    for session in "s1", "s2":
        answer = await shop.put_session(session, profileId="a", couponCodes=["ONCE"], cartItems=[TEA])
        assert rejections(answer) == {}
    closed = await shop.put_session("s1", ("coupons",), state="closed")
    assert closed["coupons"][0]["usageCounter"] == closed["coupons"][0]["profileRedemptionCount"] == 1
    assert rejections(await shop.put_session("s2", state="closed")) == {"ONCE": "CouponLimitReached"}


async def test_a_dry_session_can_choose_its_campaigns(shop):
    """Coupons of a campaign that it leaves out are not triggered."""
    answer = await shop.try_session("s", couponCodes=["SPRING"], cartItems=[TEA], evaluableCampaignIds=[30])
    assert rejections(answer) == {"SPRING": "CouponPartOfNotTriggeredCampaign"}


async def test_a_stored_session_cannot_choose_its_campaigns(shop):
    """The choice counts in the dry call that makes it, and in no other."""
    answer = await shop.put_session("s", couponCodes=["SPRING"], cartItems=[TEA], evaluableCampaignIds=[30])
    assert rejections(answer) == {}
    assert rejections(await shop.try_session("s")) == {}


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"state": "disabled"}, None),
        ({"state": "archived"}, "CouponPartOfNotRunningCampaign"),
        ({"state": "disabled", "startTime": "2026-02-01T00:00:00Z"}, "CouponPartOfNotRunningCampaign"),
    ],
)
async def test_a_dry_session_can_choose_a_disabled_campaign(open_shop, members, reason):
    """It is evaluated before anyone activates it; archives and schedules stand."""
    shop = open_shop(campaign(rule([VALID], FIVE_OFF), coupons=({"value": "CODE"},), **members))
    answer = await shop.try_session("s", couponCodes=["CODE"], cartItems=[TEA], evaluableCampaignIds=[1])
    assert rejections(answer).get("CODE") == reason


async def test_an_effect_that_cannot_be_given_rejects_the_coupon(open_shop):
    """When the giveaways have run out, nothing of the rule is given."""
    mug = {"type": "awardGiveaway", "poolId": 3}
    shop = open_shop(campaign(rule([VALID], FIVE_OFF, mug), coupons=({"value": "CODE"},)))
    cart = {"couponCodes": ["CODE"], "cartItems": [TEA], "state": "closed"}
    await shop.put_session("s1", profileId="a", **cart)
    answer = await shop.put_session("s2", profileId="b", **cart)
    [props] = effects_of(answer, "rejectCoupon")
    assert (props["rejectionReason"], props["effectIndex"]) == ("EffectCouldNotBeApplied", 1)
    assert len(answer["effects"]) == 1


async def test_reservations_are_kept_and_released(shop):
    """A coupon tells who holds it; reserving twice counts once, releasing a stranger is no error."""
    path, holders = "/v1/coupon_reservations/SPRING", "/v1/coupon_reservations/customerprofiles/SPRING"
    await shop.http.post(path, json={"integrationIDs": ["b", "a"]})
    created = await shop.http.post(path, json={"integrationIDs": ["a"]})
    assert (created.status_code, created.json()["reservationCounter"]) == (201, 2)
    held = (await shop.http.get(holders)).json()
    assert (held["totalResultSize"], [one["integrationId"] for one in held["data"]]) == (2, ["a", "b"])
    released = await shop.http.request("DELETE", path, json={"integrationIDs": ["a", "stranger"]})
    assert (released.status_code, released.content) == (204, b"")
    assert (await shop.http.get(holders)).json()["totalResultSize"] == 1
    assert "stranger" not in shop.sandbox.state.profiles


@pytest.mark.parametrize("method", ["POST", "DELETE", "GET"])
async def test_an_unknown_coupon_has_no_reservations(shop, method):
    """All three reservation operations answer 404 for a code that does not exist."""
    path = "/v1/coupon_reservations/" + ("customerprofiles/NOPE" if method == "GET" else "NOPE")
    answer = await shop.http.request(method, path, json={"integrationIDs": ["a"]})
    assert (answer.status_code, answer.json()["message"]) == (404, "Coupon not found")


async def test_a_mandatory_reservation_lets_its_holder_in(open_shop):
    """Who holds the coupon can redeem it."""
    shop = open_shop(campaign(rule([VALID], FIVE_OFF), coupons=({"value": "CODE", "isReservationMandatory": True},)))
    await shop.http.post("/v1/coupon_reservations/CODE", json={"integrationIDs": ["a"]})
    answer = await shop.put_session("s", profileId="a", couponCodes=["CODE"], cartItems=[TEA])
    assert effects_of(answer, "acceptCoupon") == [{"value": "CODE"}]
