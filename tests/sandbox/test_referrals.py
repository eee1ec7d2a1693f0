import pytest

from tests.sandbox.support import campaign, effects_of, problem, rule

MANY = "/v1/referrals_for_multiple_advocates"
CART = [{"sku": "x", "quantity": 1, "price": 10}]


async def refer(shop, **members):
    body = {"campaignId": 30, "advocateProfileIntegrationId": "ann", **members}
    return (await shop.http.post("/v1/referrals", json=body)).raise_for_status().json()


async def test_each_request_creates_a_code(shop):
    """Two equal requests create two codes, and the advocate exists from the first one."""
    first, second = await refer(shop), await refer(shop)
    assert first["code"] != second["code"]
    assert (first["advocateProfileIntegrationId"], first["usageCounter"]) == ("ann", 0)
    assert "ann" in shop.sandbox.state.profiles


async def test_unknown_campaign_is_rejected(shop):
    """A referral of an unknown campaign is a 400."""
    body = {"campaignId": 99, "advocateProfileIntegrationId": "ann"}
    assert problem(await shop.http.post("/v1/referrals", json=body))[::2] == (400, "/campaignId")
    assert shop.sandbox.state.profiles == {}


async def test_referral_is_redeemed_and_rolled_back(shop):
    """A referral has its discount, counts when the session closes, and is rolled back when it is cancelled."""
    code = (await refer(shop))["code"]
    cart = {"profileId": "bob", "referralCode": code, "cartItems": CART}
    opened = await shop.put_session("s", ("referral",), **cart)
    assert effects_of(opened, "acceptReferral") == [{"value": code}]
    assert effects_of(opened, "setDiscount")[0]["value"] == 1
    assert opened["referral"]["referredCustomers"] == []
    closed = await shop.put_session("s", ("referral",), state="closed")
    assert (closed["referral"]["usageCounter"], closed["referral"]["referredCustomers"]) == (1, ["bob"])
    cancelled = await shop.put_session("s", state="cancelled")
    assert effects_of(cancelled, "rollbackReferral") == [{"value": code}]
    assert shop.sandbox.state.referrals[code].usage_counter == 0


@pytest.mark.parametrize(
    ("members", "friend", "reason"),
    [
        ({}, "ann", "ReferralRecipientIdSameAsAdvocate"),
        ({"friendProfileIntegrationId": "cem"}, "bob", "ReferralRecipientDoesNotMatch"),
        ({"startDate": "2026-01-03T00:00:00Z"}, "bob", "ReferralStartDateInFuture"),
        ({"expiryDate": "2026-01-02T00:00:00Z"}, "bob", "ReferralExpired"),
        ({"campaignId": 26}, "bob", "ReferralRejectedByCondition"),
    ],
)
async def test_referral_terms(shop, members, friend, reason):
    """A referral outside its dates, for another friend or without its rule is rejected with the platform's reason."""
    code = (await refer(shop, **members))["code"]
    response = await shop.put_session("s", profileId=friend, referralCode=code, cartItems=CART)
    [props] = effects_of(response, "rejectReferral")
    assert (props["value"], props["rejectionReason"]) == (code, reason)


async def test_spent_referral_is_rejected(shop):
    """A referral is rejected with ReferralLimitReached after its last use."""
    code = (await refer(shop, usageLimit=1))["code"]
    await shop.put_session("s1", profileId="bob", referralCode=code, cartItems=CART, state="closed")
    response = await shop.put_session("s2", profileId="cem", referralCode=code, cartItems=CART)
    assert effects_of(response, "rejectReferral")[0]["rejectionReason"] == "ReferralLimitReached"


async def test_advocates_get_codes_of_one_batch(shop):
    """With silent=no the response has a code for each advocate, in their order and in the given pattern."""
    body = {
        "campaignId": 30,
        "usageLimit": 2,
        "advocateProfileIntegrationIds": ["ann", "bob"],
        "referralPattern": "REF-##",
        "validCharacters": ["7", "8"],
    }
    response = (await shop.http.post(MANY, params={"silent": "no"}, json=body)).json()
    assert response["totalResultSize"] == 2
    assert [one["advocateProfileIntegrationId"] for one in response["data"]] == ["ann", "bob"]
    assert len({one["code"] for one in response["data"]}) == 2
    assert all(set(one["code"].removeprefix("REF-")) <= {"7", "8"} for one in response["data"])
    assert len({one["batchId"] for one in response["data"]}) == 1


async def test_several_advocates_are_silent_by_default(shop):
    """A request for several advocates responds with an empty 204, and their codes exist."""
    body = {"campaignId": 30, "usageLimit": 1, "advocateProfileIntegrationIds": ["ann", "bob"]}
    response = await shop.http.post(MANY, json=body)
    assert (response.status_code, response.content) == (204, b"")
    assert len(shop.sandbox.state.referrals) == 2


async def test_exhausted_pattern_fails_the_request(shop):
    """If a pattern has fewer codes than there are advocates, the request fails and nothing is stored."""
    body = {
        "campaignId": 30,
        "usageLimit": 1,
        "advocateProfileIntegrationIds": ["a", "b", "c"],
        "referralPattern": "REF#",
        "validCharacters": ["1", "2"],
    }
    assert problem(await shop.http.post(MANY, json=body))[::2] == (400, "/referralPattern")
    assert shop.sandbox.state.referrals == {}


async def test_characters_count_once(shop):
    """A character that is given 24 times makes one code, and the second code is an error."""
    body = {
        "campaignId": 30,
        "usageLimit": 1,
        "advocateProfileIntegrationIds": ["a"],
        "referralPattern": "#####",
        "validCharacters": ["A"] * 24,
    }
    first = await shop.http.post(MANY, params={"silent": "no"}, json=body)
    assert [one["code"] for one in first.json()["data"]] == ["AAAAA"]
    assert problem(await shop.http.post(MANY, json=body))[::2] == (400, "/referralPattern")


async def test_referral_without_a_friend_is_for_every_customer(shop):
    """A referral with an empty friend can be redeemed by any customer."""
    code = (await refer(shop, friendProfileIntegrationId=""))["code"]
    response = await shop.put_session("s", profileId="bob", referralCode=code, cartItems=CART)
    assert effects_of(response, "acceptReferral") == [{"value": code}]


async def test_rule_can_need_coupon_and_referral(open_shop):
    """A rule that needs a coupon and a referral is triggered by the coupon beside a referral of the same campaign."""
    both = rule([{"type": "couponIsValid"}, {"type": "referralIsValid"}], {"type": "addFreeItem", "sku": "bag"})
    shop = open_shop(campaign(both, coupons=({"value": "CODE"},)))
    code = (await refer(shop, campaignId=1))["code"]
    alone = await shop.put_session("s", profileId="bob", couponCodes=["CODE"])
    together = await shop.put_session("s", referralCode=code)
    assert not effects_of(alone, "addFreeItem")
    assert [one["effectType"] for one in together["effects"]] == ["acceptCoupon", "addFreeItem", "acceptReferral"]
    await shop.put_session("s", state="closed")
    assert shop.sandbox.state.referrals[code].referred == ["bob"]
    await shop.put_session("s", state="cancelled")
    assert shop.sandbox.state.referrals[code].referred == []


async def test_referral_of_another_campaign_is_no_companion(open_shop):
    """A rule that needs a coupon and a referral is not triggered by a referral code of another campaign."""
    both = rule([{"type": "couponIsValid"}, {"type": "referralIsValid"}], {"type": "addFreeItem", "sku": "bag"})
    other = campaign(rule([{"type": "referralIsValid"}]), id=2)["campaigns"]
    file = campaign(both, coupons=({"value": "CODE"},))
    shop = open_shop(file | {"campaigns": [*file["campaigns"], *other]})
    code = (await refer(shop, campaignId=2))["code"]
    response = await shop.put_session("s", profileId="bob", couponCodes=["CODE"], referralCode=code)
    assert [one["effectType"] for one in response["effects"]] == ["rejectCoupon", "acceptReferral"]


async def test_friend_is_referred_once_per_campaign(open_shop):
    """A friend who redeemed a code is rejected with any code of its campaign, open or closed, by whatever advocate."""
    friends = campaign(rule([{"type": "referralIsValid"}]), id=30)
    others = campaign(rule([{"type": "referralIsValid"}]), id=31)
    shop = open_shop({**friends, "campaigns": friends["campaigns"] + others["campaigns"]})
    first, second = (await refer(shop))["code"], (await refer(shop, advocateProfileIntegrationId="cem"))["code"]
    other = (await refer(shop, campaignId=31))["code"]
    await shop.put_session("1", profileId="bob", referralCode=first, state="closed")
    for code in first, second:
        for state in "open", "closed":
            response = await shop.put_session(f"{code}-{state}", profileId="bob", referralCode=code, state=state)
            [rejected] = effects_of(response, "rejectReferral")
            assert rejected == {"value": code, "rejectionReason": "ReferralCustomerAlreadyReferred"}
    for customer, code in (("bob", other), ("dan", first)):
        response = await shop.put_session(f"{customer}-{code}", profileId=customer, referralCode=code, state="closed")
        assert effects_of(response, "acceptReferral") == [{"value": code}]
    assert shop.sandbox.state.referrals[first].referred == ["bob", "dan"]


async def test_cancelled_referral_may_be_redeemed_again(shop):
    """A friend whose referred session was cancelled may be referred again; one who only had an open session, too."""
    code = (await refer(shop))["code"]
    await shop.put_session("open", profileId="bob", referralCode=code, cartItems=CART)
    for session in "st":
        response = await shop.put_session(session, profileId="bob", referralCode=code, cartItems=CART, state="closed")
        assert len(effects_of(response, "acceptReferral")) == 1
        await shop.put_session(session, state="cancelled")
    assert shop.sandbox.state.referrals[code].usage_counter == 0


async def test_anonymous_friends_are_told_apart_by_nothing(shop):
    """Anonymous sessions may redeem a referral code any number of times."""
    code = (await refer(shop))["code"]
    for session in "st":
        response = await shop.put_session(session, referralCode=code, cartItems=CART, state="closed")
        assert len(effects_of(response, "acceptReferral")) == 1
    assert shop.sandbox.state.referrals[code].referred == ["", ""]


async def test_anonymous_friends_may_be_rejected(open_shop):
    """If the campaign file assumes it, a referral code without a customer is rejected."""
    shop = open_shop(
        campaign(rule([{"type": "referralIsValid"}]), id=30) | {"assumptions": {"anonymousFriends": False}}
    )
    code = (await refer(shop))["code"]
    response = await shop.put_session("s", referralCode=code)
    assert effects_of(response, "rejectReferral")[0]["rejectionReason"] == "ReferralRecipientDoesNotMatch"
    named = await shop.put_session("s", profileId="bob")
    assert effects_of(named, "acceptReferral") == [{"value": code}]


async def test_dry_session_rejects_referral_of_unselected_campaign(shop):
    """A dry session rejects a referral whose campaign it does not select."""
    code = (await refer(shop))["code"]
    response = await shop.try_session("s", profileId="bob", referralCode=code, evaluableCampaignIds=[26])
    assert effects_of(response, "rejectReferral")[0]["rejectionReason"] == "ReferralPartOfNotTriggeredCampaign"


async def test_referral_of_an_erased_advocate_is_rejected(shop):
    """After its advocate was erased, a referral is rejected with AdvocateNotFound for any customer."""
    code = (await refer(shop))["code"]
    assert (await shop.http.delete("/v1/customer_data/ann")).status_code == 204
    for friend in "bob", "ann", "":
        response = await shop.put_session(f"of-{friend}", profileId=friend, referralCode=code, cartItems=CART)
        assert effects_of(response, "rejectReferral")[0]["rejectionReason"] == "AdvocateNotFound"
