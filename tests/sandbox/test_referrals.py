import pytest

from tests.sandbox.support import campaign, effects_of, problem, rule

MANY = "/v1/referrals_for_multiple_advocates"
CART = [{"sku": "x", "quantity": 1, "price": 10}]


async def refer(shop, **members):
    body = {"campaignId": 30, "advocateProfileIntegrationId": "ann", **members}
    return (await shop.http.post("/v1/referrals", json=body)).raise_for_status().json()


async def test_each_request_makes_a_code(shop):
    """The same request twice makes two codes, and the advocate exists from the first."""
    first, second = await refer(shop), await refer(shop)
    assert first["code"] != second["code"]
    assert (first["advocateProfileIntegrationId"], first["usageCounter"]) == ("ann", 0)
    assert "ann" in shop.sandbox.state.profiles


async def test_an_unknown_campaign_is_refused(shop):
    """A referral belongs to a campaign that exists."""
    body = {"campaignId": 99, "advocateProfileIntegrationId": "ann"}
    assert problem(await shop.http.post("/v1/referrals", json=body))[::2] == (400, "/campaignId")
    assert shop.sandbox.state.profiles == {}


async def test_a_friend_redeems_a_referral(shop):
    """It is accepted, gives its discount, counts at closing and returns when the session is cancelled."""
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
async def test_a_referral_has_its_terms(shop, members, friend, reason):
    """Friend, time and rules decide, by the platform's reasons."""
    code = (await refer(shop, **members))["code"]
    answer = await shop.put_session("s", profileId=friend, referralCode=code, cartItems=CART)
    [props] = effects_of(answer, "rejectReferral")
    assert (props["value"], props["rejectionReason"]) == (code, reason)


async def test_a_spent_referral_is_rejected(shop):
    """After its last use the limit is reached."""
    code = (await refer(shop, usageLimit=1))["code"]
    await shop.put_session("s1", profileId="bob", referralCode=code, cartItems=CART, state="closed")
    answer = await shop.put_session("s2", profileId="cem", referralCode=code, cartItems=CART)
    assert effects_of(answer, "rejectReferral")[0]["rejectionReason"] == "ReferralLimitReached"


async def test_many_advocates_get_codes_of_one_batch(shop):
    """With silent=no each advocate's code is shown, in their order and by the wanted pattern."""
    body = {
        "campaignId": 30,
        "usageLimit": 2,
        "advocateProfileIntegrationIds": ["ann", "bob"],
        "referralPattern": "REF-##",
        "validCharacters": ["7", "8"],
    }
    answer = (await shop.http.post(MANY, params={"silent": "no"}, json=body)).json()
    assert answer["totalResultSize"] == 2
    assert [one["advocateProfileIntegrationId"] for one in answer["data"]] == ["ann", "bob"]
    assert len({one["code"] for one in answer["data"]}) == 2
    assert all(set(one["code"].removeprefix("REF-")) <= {"7", "8"} for one in answer["data"])
    assert len({one["batchId"] for one in answer["data"]}) == 1


async def test_many_advocates_are_silent_by_default(shop):
    """The answer is an empty 204, and the codes exist."""
    body = {"campaignId": 30, "usageLimit": 1, "advocateProfileIntegrationIds": ["ann", "bob"]}
    answer = await shop.http.post(MANY, json=body)
    assert (answer.status_code, answer.content) == (204, b"")
    assert len(shop.sandbox.state.referrals) == 2


async def test_a_pattern_can_run_out(shop):
    """When every code of a pattern is taken the request fails and leaves nothing behind."""
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
    """Twenty-four times the same character makes one code, and its end is found at once."""
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


async def test_a_referral_for_nobody_is_for_everybody(shop):
    """An empty friend is none, and any customer may use the code."""
    code = (await refer(shop, friendProfileIntegrationId=""))["code"]
    answer = await shop.put_session("s", profileId="bob", referralCode=code, cartItems=CART)
    assert effects_of(answer, "acceptReferral") == [{"value": code}]


async def test_a_referral_opens_the_door_to_a_coupon(open_shop):
    """A rule that asks for both is brought up by the coupon, and only beside a referral of its campaign."""
    both = rule([{"type": "couponIsValid"}, {"type": "referralIsValid"}], {"type": "addFreeItem", "sku": "bag"})
    shop = open_shop(campaign(both, coupons=({"value": "CODE"},)))
    code = (await refer(shop, campaignId=1))["code"]
    alone = await shop.put_session("s", profileId="bob", couponCodes=["CODE"])
    together = await shop.put_session("s", referralCode=code)
    assert not effects_of(alone, "addFreeItem")
    assert len(effects_of(together, "addFreeItem")) == 1


async def test_a_dry_session_can_leave_a_referrals_campaign_out(shop):
    """A referral of a campaign that it does not choose is not triggered."""
    code = (await refer(shop))["code"]
    answer = await shop.try_session("s", profileId="bob", referralCode=code, evaluableCampaignIds=[26])
    assert effects_of(answer, "rejectReferral")[0]["rejectionReason"] == "ReferralPartOfNotTriggeredCampaign"
