from typing import Any

import pytest

from tests.sandbox.support import campaign, effects_of, rule

TEA = {"sku": "tea", "quantity": 1, "price": 5}
VALID = {"type": "couponIsValid"}
FIVE_OFF = {"type": "setDiscount", "name": "five", "value": 5}


def rejections(response: Any) -> dict[str, str]:
    return {one["value"]: one["rejectionReason"] for one in effects_of(response, "rejectCoupon")}


async def test_codes_are_evaluated_in_their_order(shop):
    """Each code is accepted or rejected once, in the order of the request, before its effects."""
    response = await shop.put_session("s", couponCodes=["10$OFF/NOW", "NOPE", "SPRING", "10$OFF/NOW"], cartItems=[TEA])
    told = [(one["effectType"], one["props"].get("value")) for one in response["effects"]]
    assert told == [
        ("acceptCoupon", "10$OFF/NOW"),
        ("setDiscountPerItem", 1),
        ("rejectCoupon", "NOPE"),
        ("acceptCoupon", "SPRING"),
        ("setDiscountPerItem", 1),
    ]
    assert [one.get("triggeredByCoupon") for one in response["effects"]] == [2, 2, None, 1, 1]


async def test_unknown_code_is_not_found(shop):
    """A code of no campaign is rejected with CouponNotFound and campaign 0."""
    response = await shop.put_session("s", couponCodes=["NOPE"])
    [effect] = response["effects"]
    assert (effect["campaignId"], effect["props"]) == (
        0,
        {"value": "NOPE", "rejectionReason": "CouponNotFound"},
    )


async def test_cart_without_the_items_rejects_by_condition(shop):
    """A rejection names the condition that did not hold, and the rule if the request asks for failure reasons."""
    response = await shop.put_session("s", ("ruleFailureReasons",), couponCodes=["SPRING"], cartItems=[])
    [props] = effects_of(response, "rejectCoupon")
    assert (props["rejectionReason"], props["conditionIndex"]) == ("CouponRejectedByCondition", 1)
    [failure] = response["ruleFailureReasons"]
    assert (failure["campaignName"], failure["ruleName"]) == ("Spring", "One off each")
    assert (failure["couponValue"], failure["conditionIndex"]) == ("SPRING", 1)


@pytest.mark.parametrize(
    ("coupon", "profile_id", "reason"),
    [
        ({"startDate": "2026-01-03T00:00:00Z"}, "a", "CouponStartDateInFuture"),
        ({"expiryDate": "2026-01-02T03:04:05Z"}, "a", "CouponExpired"),
        ({"recipientIntegrationId": "b"}, "a", "CouponRecipientDoesNotMatch"),
        ({"recipientIntegrationId": "b"}, "", "CouponRecipientDoesNotMatch"),
        ({"recipientIntegrationId": "b", "isReservationMandatory": True}, "", "CouponRecipientDoesNotMatch"),
        ({"isReservationMandatory": True}, "a", "CouponReservationRequired"),
        ({"isReservationMandatory": True}, "", "ProfileRequired"),
        ({"recipientIntegrationId": "a"}, "a", None),
        ({"startDate": "2026-01-02T03:04:05Z", "expiryDate": "2026-01-03T00:00:00+02:00"}, "", None),
    ],
)
async def test_coupon_terms(open_shop, coupon, profile_id, reason):
    """A coupon out of date or of another customer is rejected with the platform's reason, whatever its rules."""
    shop = open_shop(campaign(rule([VALID], FIVE_OFF), coupons=({"value": "CODE", **coupon},)))
    response = await shop.put_session("s", profileId=profile_id, couponCodes=["CODE"], cartItems=[TEA])
    assert rejections(response).get("CODE") == reason
    assert bool(effects_of(response, "acceptCoupon")) is (reason is None)


@pytest.mark.parametrize(
    "members",
    [
        {"state": "disabled"},
        {"state": "archived"},
        {"startTime": "2026-02-01T00:00:00Z"},
        {"startTime": "2026-01-02T03:04:06Z"},
        {"endTime": "2026-01-02T03:04:05Z"},
    ],
)
async def test_inactive_campaign_rejects_its_coupons(open_shop, members):
    """A campaign that is not active rejects its coupons and evaluates no rule."""
    file = campaign(rule([VALID], FIVE_OFF), rule([], FIVE_OFF), coupons=({"value": "CODE"},), **members)
    response = await open_shop(file).put_session("s", couponCodes=["CODE"], cartItems=[TEA])
    assert rejections(response) == {"CODE": "CouponPartOfNotRunningCampaign"}
    assert len(response["effects"]) == 1


async def test_campaign_runs_from_its_start_on(open_shop):
    """A campaign is active from the moment of its start until just before its end."""
    schedule = {"startTime": "2026-01-02T03:04:05Z", "endTime": "2026-01-02T03:04:06Z"}
    shop = open_shop(campaign(rule([VALID], FIVE_OFF), coupons=({"value": "CODE"},), **schedule))
    assert rejections(await shop.put_session("s", couponCodes=["CODE"], cartItems=[TEA])) == {}


async def test_dry_call_evaluates_at_another_time(open_shop):
    """A dry call with now is evaluated as of that time."""
    file = campaign(rule([VALID], FIVE_OFF), coupons=({"value": "CODE"},), startTime="2026-02-01T00:00:00Z")
    response = await open_shop(file).http.put(
        "/v2/customer_sessions/s",
        params={"dry": "true", "now": "2026-02-02T00:00:00Z"},
        json={"customerSession": {"couponCodes": ["CODE"], "cartItems": [TEA]}},
    )
    assert effects_of(response.json(), "acceptCoupon") == [{"value": "CODE"}]


async def test_usage_counts_when_the_session_closes(shop):
    """An open session does not redeem a coupon; a coupon with one use is rejected after one session was closed."""
    for session in "s1", "s2":
        response = await shop.put_session(session, profileId="a", couponCodes=["ONCE"], cartItems=[TEA])
        assert rejections(response) == {}
    closed = await shop.put_session("s1", ("coupons",), state="closed")
    assert closed["coupons"][0]["usageCounter"] == closed["coupons"][0]["profileRedemptionCount"] == 1
    assert rejections(await shop.put_session("s2", state="closed")) == {"ONCE": "CouponLimitReached"}


async def test_dry_session_selects_its_campaigns(shop):
    """A dry session rejects the coupons of a campaign that it does not select."""
    response = await shop.try_session("s", couponCodes=["SPRING"], cartItems=[TEA], evaluableCampaignIds=[30])
    assert rejections(response) == {"SPRING": "CouponPartOfNotTriggeredCampaign"}


async def test_stored_session_ignores_selected_campaigns(shop):
    """Selected campaigns count neither in an update that is stored nor in a later dry call."""
    response = await shop.put_session("s", couponCodes=["SPRING"], cartItems=[TEA], evaluableCampaignIds=[30])
    assert rejections(response) == {}
    assert rejections(await shop.try_session("s")) == {}


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"state": "disabled"}, None),
        ({"state": "archived"}, "CouponPartOfNotRunningCampaign"),
        ({"state": "disabled", "startTime": "2026-02-01T00:00:00Z"}, "CouponPartOfNotRunningCampaign"),
    ],
)
async def test_dry_session_selects_a_disabled_campaign(open_shop, members, reason):
    """A selected campaign is evaluated although it is disabled, unless it is archived or outside its schedule."""
    shop = open_shop(campaign(rule([VALID], FIVE_OFF), coupons=({"value": "CODE"},), **members))
    response = await shop.try_session("s", couponCodes=["CODE"], cartItems=[TEA], evaluableCampaignIds=[1])
    assert rejections(response).get("CODE") == reason


async def test_blocked_effect_rejects_the_coupon(open_shop):
    """If the giveaway pool is empty, the coupon is rejected and no effect of its rule is applied."""
    mug = {"type": "awardGiveaway", "poolId": 3}
    shop = open_shop(campaign(rule([VALID], FIVE_OFF, mug), coupons=({"value": "CODE"},)))
    cart = {"couponCodes": ["CODE"], "cartItems": [TEA], "state": "closed"}
    await shop.put_session("s1", profileId="a", **cart)
    response = await shop.put_session("s2", profileId="b", **cart)
    [props] = effects_of(response, "rejectCoupon")
    assert (props["rejectionReason"], props["effectIndex"]) == ("EffectCouldNotBeApplied", 1)
    assert len(response["effects"]) == 1


async def test_blocked_effect_tells_more_than_a_condition(open_shop):
    """Of two rules that fail, the one whose conditions held gives the reason, whichever comes first."""
    mug = {"type": "awardGiveaway", "poolId": 3}
    rules = (rule([VALID, {"type": "cartTotal", "atLeast": 99}], FIVE_OFF), rule([VALID], mug))
    shop = open_shop(campaign(*rules, coupons=({"value": "CODE"},)))
    response = await shop.put_session("s", couponCodes=["CODE"], cartItems=[TEA])
    [effect] = [one for one in response["effects"] if one["effectType"] == "rejectCoupon"]
    assert (effect["props"]["rejectionReason"], effect["ruleIndex"]) == ("EffectCouldNotBeApplied", 1)


async def test_reservations_are_stored_and_released(shop):
    """Reserving a coupon twice counts once, and it can be released for a customer without a reservation."""
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
async def test_unknown_coupon_has_no_reservations(shop, method):
    """Each reservation operation responds with 404 to an unknown code."""
    path = "/v1/coupon_reservations/" + ("customerprofiles/NOPE" if method == "GET" else "NOPE")
    response = await shop.http.request(method, path, json={"integrationIDs": ["a"]})
    assert (response.status_code, response.json()["message"]) == (404, "Coupon not found")


async def test_mandatory_reservation_admits_its_holder(open_shop):
    """A customer with a reservation can redeem a coupon whose reservation is mandatory."""
    shop = open_shop(campaign(rule([VALID], FIVE_OFF), coupons=({"value": "CODE", "isReservationMandatory": True},)))
    await shop.http.post("/v1/coupon_reservations/CODE", json={"integrationIDs": ["a"]})
    response = await shop.put_session("s", profileId="a", couponCodes=["CODE"], cartItems=[TEA])
    assert effects_of(response, "acceptCoupon") == [{"value": "CODE"}]


def budget(limit):
    return {"limits": [{"action": "redeemCoupon", "limit": limit, "entities": ["Profile"]}]}


async def test_budget_per_profile_counts_the_coupons_of_a_campaign(open_shop):
    """A customer redeems as many coupons of a campaign as its budget says, in one session or in several."""
    file = campaign(rule([VALID]), coupons=tuple({"value": code} for code in "ABC"), **budget(2))
    shop = open_shop(file)
    for state in "open", "closed":
        response = await shop.put_session("s", profileId="ann", couponCodes=["A", "B", "C"], state=state)
        assert rejections(response) == {"C": "ProfileLimitReached"}
    later = await shop.put_session("t", profileId="ann", couponCodes=["C"])
    other = await shop.put_session("u", profileId="bob", couponCodes=["C"])
    assert (rejections(later), rejections(other)) == ({"C": "ProfileLimitReached"}, {})
    await shop.put_session("s", state="cancelled")
    assert rejections(await shop.put_session("v", profileId="ann", couponCodes=["C"])) == {}


async def test_budget_of_a_coupon_replaces_that_of_its_campaign(open_shop):
    """A coupon with a budget of its own is redeemed by each customer as often as that says."""
    coupons = ({"value": "OWN", **budget(2)}, {"value": "NONE", **budget(0)}, {"value": "OTHER"})
    shop = open_shop(campaign(rule([VALID]), coupons=coupons, **budget(1)))
    for session, rejected in (("1", {}), ("2", {}), ("3", {"OWN": "ProfileLimitReached"})):
        response = await shop.put_session(session, profileId="ann", couponCodes=["OWN"], state="closed")
        assert rejections(response) == rejected
    response = await shop.put_session("4", profileId="ann", couponCodes=["NONE", "OTHER"])
    assert rejections(response) == {"NONE": "ProfileLimitReached", "OTHER": "ProfileLimitReached"}


@pytest.mark.parametrize(("campaigns", "coupons"), [(budget(1), {}), ({}, budget(1))])
async def test_budget_per_profile_needs_a_customer(open_shop, campaigns, coupons):
    """An anonymous session's coupon of a campaign with a budget per profile, or with its own, needs a profile."""
    shop = open_shop(campaign(rule([VALID]), coupons=({"value": "CODE", **coupons},), **campaigns))
    assert rejections(await shop.put_session("s", couponCodes=["CODE"])) == {"CODE": "ProfileRequired"}
    assert rejections(await shop.put_session("s", profileId="ann")) == {}
