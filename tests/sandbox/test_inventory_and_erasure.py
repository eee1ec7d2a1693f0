import pytest

from tests.sandbox.support import campaign, rule

ALL = ("profile", "referrals", "coupons", "loyalty", "giveaways")
CARTS = {"ann": "cart-1", "bob": "cart-2"}


@pytest.fixture
async def known(open_shop):
    """A shop where Ann has left traces everywhere."""
    gifts = (
        {"type": "addLoyaltyPoints", "programId": 5, "value": 10},
        {"type": "awardGiveaway", "poolId": 3},
        {"type": "couponCreated", "prefix": "WIN-"},
    )
    refer = rule([{"type": "referralIsValid"}], {"type": "setDiscount", "name": "friend", "value": 1})
    file = campaign(rule([{"type": "couponIsValid"}], *gifts), refer, coupons=({"value": "CODE"},))
    shop = open_shop(file)
    await shop.http.put("/v2/customer_profiles/ann", json={"attributes": {"mail": "ann@example.org"}})
    await shop.http.post("/v1/coupon_reservations/CODE", json={"integrationIDs": ["ann", "bob"]})
    for advocate, friend in (("ann", "bob"), ("bob", "ann")):
        body = {
            "campaignId": 1,
            "advocateProfileIntegrationId": advocate,
            "friendProfileIntegrationId": friend,
        }
        code = (await shop.http.post("/v1/referrals", json=body)).json()["code"]
        await shop.put_session(
            CARTS[friend],
            profileId=friend,
            referralCode=code,
            couponCodes=["CODE"] if friend == "ann" else [],
            cartItems=[{"sku": "x", "quantity": 1, "price": 9}],
            identifiers=[f"device-of-{friend}"],
            attributes={"note": f"by {friend}"},
            state="closed",
        )
    event = {"type": "visit", "sessionId": CARTS["ann"], "profileId": "ann", "attributes": {"who": "ann"}}
    await shop.http.post("/v1/events", json=event)
    await shop.http.post(
        "/v2/customer_audiences",
        json={"data": [{"action": "add", "profileIntegrationId": "ann", "audienceId": 1}]},
    )
    return shop


async def inventory(shop, who, *parts):
    return await shop.http.get(f"/v1/customer_profiles/{who}/inventory", params=dict.fromkeys(parts, "true"))


async def test_an_inventory_has_everything_of_a_customer(known):
    """Reserved and received coupons, own referrals, points and giveaways."""
    held = (await inventory(known, "ann", *ALL)).json()
    assert held["profile"]["integrationId"] == "ann"
    assert [one["value"][:4] for one in held["coupons"]] == ["CODE", "WIN-"]
    assert [(one["state"], one["profileRedemptionCount"]) for one in held["coupons"]] == [
        ("active", 1),
        ("active", 0),
    ]
    assert [one["referredCustomers"] for one in held["referrals"]] == [["bob"]]
    assert held["loyalty"]["programs"]["5"]["ledger"]["currentBalance"] == 10
    assert [one["code"] for one in held["giveaways"]] == ["MUG1"]


@pytest.mark.parametrize("part", ALL)
async def test_an_inventory_shows_what_was_asked_for(known, part):
    """One flag, one part."""
    assert set((await inventory(known, "ann", part)).json()) == {part}


async def test_a_stranger_has_no_inventory(known):
    """Asking does not create a profile."""
    assert (await inventory(known, "stranger", "profile")).status_code == 404
    assert "stranger" not in known.sandbox.state.profiles


@pytest.mark.parametrize(
    ("coupon", "members", "state"),
    [
        ({}, {"state": "disabled"}, "disabled"),
        ({"startDate": "2027-01-01T00:00:00Z"}, {}, "pending"),
        ({"expiryDate": "2025-01-01T00:00:00Z"}, {}, "expired"),
    ],
)
async def test_a_coupon_in_an_inventory_has_a_state(open_shop, coupon, members, state):
    """It follows the campaign, then the coupon's own dates."""
    shop = open_shop(campaign(coupons=({"value": "CODE", "recipientIntegrationId": "a", **coupon},), **members))
    await shop.put_profile("a")
    [shown] = (await inventory(shop, "a", "coupons")).json()["coupons"]
    assert shown["state"] == state


async def test_a_used_up_coupon_says_so(open_shop):
    """After its last use the state is used."""
    hello = {"type": "showNotification", "title": "hi"}
    coupon = {"value": "CODE", "usageLimit": 1, "recipientIntegrationId": "a"}
    shop = open_shop(campaign(rule([{"type": "couponIsValid"}], hello), coupons=(coupon,)))
    await shop.put_session("s", profileId="a", couponCodes=["CODE"], state="closed")
    [shown] = (await inventory(shop, "a", "coupons")).json()["coupons"]
    assert shown["state"] == "used"


async def test_erasure_reaches_everything(known):
    """After it the state holds no trace of the customer, and the others' data is whole."""
    assert "ann" in repr(known.sandbox.state)
    answer = await known.http.delete("/v1/customer_data/ann")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "ann" not in repr(known.sandbox.state)
    state = known.sandbox.state
    assert state.coupons["CODE"].reserved_by == {"bob"}
    assert state.coupons["CODE"].usage_counter == 1
    assert state.sessions[CARTS["bob"]].attributes == {"note": "by bob"}


async def test_a_stranger_cannot_be_erased(known):
    """404, the second erasure of the same customer included."""
    answers = [await known.http.delete(f"/v1/customer_data/{who}") for who in ("stranger", "ann", "ann")]
    assert [one.status_code for one in answers] == [404, 204, 404]


async def test_an_erased_customers_session_can_be_cancelled(known):
    """The code's use is taken back although nobody is known any more."""
    await known.http.delete("/v1/customer_data/ann")
    await known.put_session(CARTS["ann"], state="cancelled")
    assert known.sandbox.state.coupons["CODE"].usage_counter == 0


async def test_an_erased_customers_coupon_is_nobodys(known):
    """What was made for the customer does not become everyone's."""
    [code] = [value for value in known.sandbox.state.coupons if value.startswith("WIN-")]
    await known.http.delete("/v1/customer_data/ann")
    answer = await known.put_session("s", profileId="bob", couponCodes=[code])
    assert answer["effects"][0]["props"]["rejectionReason"] == "CouponRecipientDoesNotMatch"


async def test_erasure_reaches_the_time_before_the_customer_was_known(shop):
    """An event of a cart that was still anonymous is the customer's, as soon as the cart is."""
    event = {"type": "visit", "sessionId": "s", "attributes": {"mail": "ann@example.org"}}
    await shop.http.post("/v1/events", json=event)
    await shop.put_session("s", profileId="ann")
    await shop.http.delete("/v1/customer_data/ann")
    [kept] = shop.sandbox.state.events.values()
    assert (kept.type, kept.attributes) == ("visit", {})


async def test_erasure_leaves_other_customers_events_alone(shop):
    """What was tracked for the customer who had the cart before stays theirs."""
    await shop.put_session("s", profileId="bob")
    await shop.http.post("/v1/events", json={"type": "visit", "sessionId": "s", "attributes": {"by": "bob"}})
    await shop.put_session("s", profileId="ann")
    await shop.http.delete("/v1/customer_data/ann")
    [kept] = shop.sandbox.state.events.values()
    assert (kept.profile_id, kept.attributes) == ("bob", {"by": "bob"})


async def test_erasure_reaches_into_carts(shop):
    """What was bought stays; what the customer wanted written on it goes."""
    item = {"sku": "mug", "quantity": 1, "price": 9, "category": "gifts"}
    await shop.put_session("s", profileId="ann", cartItems=[{**item, "attributes": {"text": "for Ann"}}])
    await shop.http.delete("/v1/customer_data/ann")
    [kept] = shop.sandbox.state.sessions["s"].cart_items
    assert kept.sent == item


async def test_erasure_reaches_into_effects(open_shop):
    """That an attribute was set is still known, but not what it says about the customer."""
    told = {"type": "updateAttribute", "path": "profile.attributes.tier", "value": "gold"}
    file = campaign(rule([], told), rule([{"type": "event", "eventType": "visit"}], told))
    shop = open_shop(file)
    await shop.put_session("s", profileId="ann", state="closed")
    await shop.http.post("/v1/events", json={"type": "visit", "sessionId": "s", "attributes": {}})
    await shop.http.delete("/v1/customer_data/ann")
    state = shop.sandbox.state
    effects = [*state.sessions["s"].effects, *state.events[max(state.events)].effects]
    assert [effect.props for effect in effects] == [{"path": told["path"], "value": None}] * 2


@pytest.mark.parametrize("person", ["ann", "bob"])
async def test_erasure_reaches_into_referrals(shop, person):
    """A referral from one customer to another loses its attributes with either."""
    body = {
        "campaignId": 30,
        "advocateProfileIntegrationId": "ann",
        "friendProfileIntegrationId": "bob",
        "attributes": {"greeting": "Ann to Bob"},
    }
    await shop.http.post("/v1/referrals", json=body)
    await shop.put_profile(person)
    await shop.http.delete(f"/v1/customer_data/{person}")
    [kept] = shop.sandbox.state.referrals.values()
    assert (kept.attributes, person in (kept.advocate, kept.friend)) == ({}, False)
