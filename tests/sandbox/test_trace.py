"""What a run of the rules did, in words."""

import pytest

from aiotalonone.sandbox.rules.trace import MAX_RULES
from tests.sandbox.support import campaign, rule

OFF = {"type": "setDiscount", "name": "off", "value": 1}
CART = [{"sku": "tea", "quantity": 2, "price": 6, "category": "drinks"}]


def last_trace(shop):
    """Return what the last request's rules did."""
    return shop.sandbox.requests[-1].trace


def reasons(shop):
    """Return why each rule did not fire, by its name; None for one that fired."""
    return {one.name: one.reason for campaign in last_trace(shop).campaigns for one in campaign.rules}


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"type": "cartTotal", "atLeast": 50}, "the total 12 is below 50"),
        ({"type": "cartTotal", "atMost": 10.5}, "the total 12 is above 10.5"),
        ({"type": "cartTotal", "atLeast": 12}, None),
        ({"type": "cartHasItem", "skus": ["rum", "jam"]}, "no item of the cart is jam, rum"),
        ({"type": "cartHasItem", "skus": [*"abcdefg"]}, "no item of the cart is a, b, c, d, e and 2 more"),
        ({"type": "cartHasItem", "categories": ["food"]}, "no item of the cart is of the category food"),
        ({"type": "cartHasItem", "categories": ["drinks"]}, None),
        (
            {"type": "cartHasItem", "skusFrom": "products"},
            "no item of the cart is listed in the coupon's attribute products",
        ),
        ({"type": "profileAttribute", "name": "Tier", "equals": "gold"}, 'the attribute Tier is "silver", not "gold"'),
        ({"type": "profileAttribute", "name": "Age", "oneOf": [1, "x"]}, 'the attribute Age is 36, not 1, "x"'),
        ({"type": "profileAttribute", "name": "Age", "atLeast": 40}, "the attribute Age, 36, is below 40"),
        ({"type": "profileAttribute", "name": "Tier", "atMost": 40}, 'the attribute Tier is "silver", not a number'),
        ({"type": "profileAttribute", "name": "Nope", "equals": 1}, "the customer has no attribute Nope"),
        ({"type": "profileAttribute", "name": "Nope", "atMost": 1}, "the customer has no attribute Nope"),
        ({"type": "inAudience", "audienceId": 1}, "the customer is not in audience 1"),
        ({"type": "event", "eventType": "review"}, "only an event triggers it"),
        ({"type": "couponIsValid"}, "no coupon of the campaign is entered"),
        ({"type": "referralIsValid"}, "no referral code of the campaign is entered"),
    ],
    ids=str,
)
async def test_a_condition_says_why_it_does_not_hold(open_shop, condition, reason):
    """A rule that did not fire says which condition failed and why, with the values that were compared."""
    shop = open_shop(campaign(rule([condition], OFF)))
    await shop.put_profile("ada", attributes={"Tier": "silver", "Age": 36})
    await shop.put_session("s", profileId="ada", cartItems=CART)
    assert reasons(shop) == {"rule": reason}


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"type": "profileAttribute", "name": "Tier", "equals": "gold"}, "there is no customer"),
        ({"type": "profileAttribute", "name": "Tier", "atLeast": 1}, "there is no customer"),
        ({"type": "inAudience", "audienceId": 1}, "there is no customer"),
    ],
)
async def test_an_anonymous_session_has_no_customer(open_shop, condition, reason):
    """A condition on the customer says that an anonymous session has no customer."""
    shop = open_shop(campaign(rule([condition], OFF)))
    await shop.put_session("s", cartItems=CART)
    assert reasons(shop) == {"rule": reason}


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"state": "disabled"}, "the campaign is disabled"),
        ({"state": "archived"}, "the campaign is archived"),
        ({"startTime": "2030-01-01T00:00:00Z"}, "the campaign starts at 2030-01-01T00:00:00+00:00"),
        ({"endTime": "2020-01-01T00:00:00Z"}, "the campaign ended at 2020-01-01T00:00:00+00:00"),
    ],
)
async def test_a_campaign_that_does_not_run_says_so(open_shop, members, reason):
    """The rules of a campaign that is not running say why it is not."""
    shop = open_shop(campaign(rule([], OFF), **members))
    await shop.put_session("s", cartItems=CART)
    assert reasons(shop) == {"rule": reason}


async def test_a_campaign_that_is_not_selected_says_so(open_shop):
    """In a dry call that selects campaigns, the rules of the others say that they are not evaluated."""
    shop = open_shop(campaign(rule([], OFF)))
    await shop.try_session("s", cartItems=CART, evaluableCampaignIds=[7])
    assert reasons(shop) == {"rule": "the campaign is not among those to evaluate"}


async def test_a_rule_is_traced_for_each_code(open_shop):
    """A rule that several coupons trigger has an entry for each, with the condition or effect that failed."""
    conditions = [{"type": "couponIsValid"}, {"type": "cartHasItem", "skusFrom": "for"}]
    coupons = ({"value": "TEA", "attributes": {"for": ["tea"]}}, {"value": "RUM", "attributes": {"for": ["rum"]}})
    shop = open_shop(campaign(rule(conditions, OFF), coupons=coupons))
    await shop.put_session("s", cartItems=CART, couponCodes=["RUM", "TEA"])
    [one] = last_trace(shop).campaigns
    by_code = {entry.code: (entry.fired, entry.condition_index, entry.effect_index) for entry in one.rules}
    assert by_code == {"TEA": (True, None, None), "RUM": (False, 1, None)}


async def test_an_effect_says_why_it_could_not_be_applied(open_shop):
    """A rule whose effect cannot be applied names the effect and the reason."""
    shop = open_shop(campaign(rule([], OFF, {"type": "awardGiveaway", "poolId": 3})))
    await shop.put_session("s", cartItems=CART)
    [[entry]] = [one.rules for one in last_trace(shop).campaigns]
    assert (entry.fired, entry.effect_index, entry.reason) == (False, 1, "there is no customer")


@pytest.mark.parametrize(
    ("coupon", "reason"),
    [
        ({"expiryDate": "2020-01-01T00:00:00Z"}, "the coupon has expired"),
        ({"startDate": "2030-01-01T00:00:00Z"}, "the coupon is not valid yet"),
        ({"recipientIntegrationId": "bob"}, "the coupon is another customer's"),
        ({"isReservationMandatory": True}, "the customer has not reserved the coupon"),
    ],
)
async def test_a_rejected_coupon_says_why(open_shop, coupon, reason):
    """A coupon that is rejected says why in words, and so does the rule that it would have triggered."""
    shop = open_shop(campaign(rule([{"type": "couponIsValid"}], OFF), coupons=({"value": "TEA", **coupon},)))
    await shop.put_session("s", profileId="ada", cartItems=CART, couponCodes=["TEA"])
    [code] = last_trace(shop).codes
    assert (code.kind, code.code, code.accepted, code.campaign_id, code.reason) == ("coupon", "TEA", False, 1, reason)
    assert reasons(shop) == {"rule": f"coupon TEA: {reason}"}


async def test_a_coupon_that_a_condition_rejects_names_it(open_shop):
    """A coupon that no rule accepts says which rule's condition rejected it, and why."""
    rules = rule([{"type": "couponIsValid"}, {"type": "cartTotal", "atLeast": 50}], OFF)
    shop = open_shop(campaign(rules, coupons=({"value": "TEA"},)))
    await shop.put_session("s", cartItems=CART, couponCodes=["TEA", "NOPE"])
    rejected, unknown = last_trace(shop).codes
    assert (rejected.rejection_reason, rejected.reason) == (
        "CouponRejectedByCondition",
        "rule: the total 12 is below 50",
    )
    assert (unknown.campaign_id, unknown.rejection_reason, unknown.reason) == (
        None,
        "CouponNotFound",
        "no coupon has this code",
    )


async def test_accepted_codes_and_referrals_are_traced(open_shop):
    """Codes that are accepted are traced as well, and a referral that is rejected says why."""
    rules = (rule([{"type": "couponIsValid"}], OFF), rule([{"type": "referralIsValid"}], OFF))
    shop = open_shop(campaign(*rules, coupons=({"value": "TEA"},)))
    referral = {"campaignId": 1, "advocateProfileIntegrationId": "ada"}
    code = (await shop.http.post("/v1/referrals", json=referral)).json()["code"]
    await shop.put_session("s", profileId="ada", cartItems=CART, couponCodes=["TEA"], referralCode=code)
    traced = {(one.kind, one.code): (one.accepted, one.reason) for one in last_trace(shop).codes}
    own = "customers cannot refer themselves"
    assert traced == {("coupon", "TEA"): (True, None), ("referral", code): (False, own)}
    assert [entry.reason for entry in last_trace(shop).campaigns[0].rules] == [None, f"referral {code}: {own}"]


async def test_events_and_profiles_are_traced(open_shop):
    """A run for an event or a customer says so, and why the rules for carts were not evaluated."""
    thanks = {"type": "showNotification", "title": "Thank you"}
    rules = (
        {"name": "review", "conditions": [{"type": "event", "eventType": "review"}], "effects": [thanks]},
        {"name": "cart", "conditions": [], "effects": [OFF]},
    )
    shop = open_shop(campaign(*rules))
    await shop.http.post("/v2/events", json={"profileId": "ada", "type": "review"})
    assert (last_trace(shop).subject, reasons(shop)) == (
        "event",
        {"review": None, "cart": "an event does not trigger it"},
    )
    await shop.http.post("/v2/events", json={"profileId": "ada", "type": "other"})
    assert reasons(shop)["review"] == "the event is other, not review"
    await shop.put_profile("ada")
    assert (last_trace(shop).subject, reasons(shop)["cart"]) == ("profile", "it is about a cart")


async def test_getting_a_session_traces_its_evaluation(open_shop):
    """The evaluation of an open session that is asked for is traced, and was not final."""
    shop = open_shop(campaign(rule([], OFF)))
    await shop.put_session("s", cartItems=CART)
    await shop.http.get("/v2/customer_sessions/s")
    assert (last_trace(shop).final, reasons(shop)) == (False, {"rule": None})


async def test_what_responses_say_is_not_about_the_customer(open_shop):
    """A response names the condition that failed without the customer's values, which would stay in the session."""
    conditions = [{"type": "couponIsValid"}, {"type": "profileAttribute", "name": "Tier", "equals": "gold"}]
    shop = open_shop(campaign(rule(conditions, OFF), coupons=({"value": "TEA"},)))
    await shop.put_profile("ada", attributes={"Tier": "private"})
    response = await shop.put_session("s", ("ruleFailureReasons",), profileId="ada", couponCodes=["TEA"])
    assert "private" not in str(response)
    assert "private" in reasons(shop)["rule"]


async def test_traces_are_bounded(open_shop):
    """Of more than 500 rules the first 500 are traced, and the number of the others."""
    shop = open_shop(campaign(*[rule([], OFF)] * (MAX_RULES + 7)))
    await shop.put_session("s", cartItems=CART)
    assert (len(last_trace(shop).campaigns[0].rules), last_trace(shop).omitted_rules) == (MAX_RULES, 7)


async def test_long_values_are_cut(open_shop):
    """A value in a reason is shortened, however long it is."""
    shop = open_shop(campaign(rule([{"type": "profileAttribute", "name": "Tier", "equals": "x" * 999}], OFF)))
    await shop.put_profile("ada", attributes={"Tier": "y" * 999})
    await shop.put_session("s", profileId="ada", cartItems=CART)
    assert len(reasons(shop)["rule"]) < 200
