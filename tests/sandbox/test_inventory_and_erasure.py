import pytest

from tests.sandbox.support import campaign, rule

ALL = ("profile", "referrals", "coupons", "loyalty", "giveaways")
CARTS = {"ann": "cart-1", "bob": "cart-2"}


@pytest.fixture
async def known(open_shop):
    """Return a shop with data of Ann in every kind of entity."""
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


async def test_inventory_has_everything_of_a_customer(known):
    """An inventory has reserved and received coupons, the customer's referrals, points and giveaways."""
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
async def test_inventory_has_the_requested_parts(known, part):
    """Each flag of an inventory request adds one part to the response."""
    assert set((await inventory(known, "ann", part)).json()) == {part}


async def test_unknown_customer_has_no_inventory(known):
    """The inventory of an unknown customer is a 404, and no profile is created."""
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
async def test_coupon_in_an_inventory_has_a_state(open_shop, coupon, members, state):
    """The state of a coupon in an inventory follows its campaign, then its own dates."""
    shop = open_shop(campaign(coupons=({"value": "CODE", "recipientIntegrationId": "a", **coupon},), **members))
    await shop.put_profile("a")
    [shown] = (await inventory(shop, "a", "coupons")).json()["coupons"]
    assert shown["state"] == state


async def test_spent_coupon_in_an_inventory_is_used(open_shop):
    """After its last use the state of a coupon in an inventory is used."""
    hello = {"type": "showNotification", "title": "hi"}
    coupon = {"value": "CODE", "usageLimit": 1, "recipientIntegrationId": "a"}
    shop = open_shop(campaign(rule([{"type": "couponIsValid"}], hello), coupons=(coupon,)))
    await shop.put_session("s", profileId="a", couponCodes=["CODE"], state="closed")
    [shown] = (await inventory(shop, "a", "coupons")).json()["coupons"]
    assert shown["state"] == "used"


async def test_erasure_leaves_no_trace(known):
    """After an erasure the state does not contain the customer's ID, and other customers' data is unchanged."""
    assert "ann" in repr(known.sandbox.state)
    response = await known.http.delete("/v1/customer_data/ann")
    assert (response.status_code, response.content) == (204, b"")
    assert "ann" not in repr(known.sandbox.state)
    state = known.sandbox.state
    assert state.coupons["CODE"].reserved_by == {"bob"}
    assert state.coupons["CODE"].usage_counter == 1
    assert state.sessions[CARTS["bob"]].attributes == {"note": "by bob"}


async def test_unknown_customer_cannot_be_erased(known):
    """Erasing an unknown customer, or one customer a second time, is a 404."""
    responses = [await known.http.delete(f"/v1/customer_data/{who}") for who in ("stranger", "ann", "ann")]
    assert [one.status_code for one in responses] == [404, 204, 404]


async def test_session_of_an_erased_customer_can_be_cancelled(known):
    """Cancelling the session of an erased customer rolls back the use of its coupon."""
    await known.http.delete("/v1/customer_data/ann")
    await known.put_session(CARTS["ann"], state="cancelled")
    assert known.sandbox.state.coupons["CODE"].usage_counter == 0


async def test_coupon_of_an_erased_customer_is_unusable(known):
    """A coupon that was created for an erased customer is rejected for every other customer."""
    [code] = [value for value in known.sandbox.state.coupons if value.startswith("WIN-")]
    await known.http.delete("/v1/customer_data/ann")
    response = await known.put_session("s", profileId="bob", couponCodes=[code])
    assert response["effects"][0]["props"]["rejectionReason"] == "CouponRecipientDoesNotMatch"


async def test_erasure_includes_events_of_the_anonymous_session(shop):
    """An event of a session that was anonymous at the time is erased with the customer who has the session now."""
    event = {"type": "visit", "sessionId": "s", "attributes": {"mail": "ann@example.org"}}
    await shop.http.post("/v1/events", json=event)
    await shop.put_session("s", profileId="ann")
    await shop.http.delete("/v1/customer_data/ann")
    [kept] = shop.sandbox.state.events.values()
    assert (kept.type, kept.attributes) == ("visit", {})


async def test_erasure_keeps_events_of_other_customers(shop):
    """An event that was tracked for the session's former customer is not erased with the present one."""
    await shop.put_session("s", profileId="bob")
    await shop.http.post("/v1/events", json={"type": "visit", "sessionId": "s", "attributes": {"by": "bob"}})
    await shop.put_session("s", profileId="ann")
    await shop.http.delete("/v1/customer_data/ann")
    [kept] = shop.sandbox.state.events.values()
    assert (kept.profile_id, kept.attributes) == ("bob", {"by": "bob"})


async def test_erasure_includes_attributes_of_cart_items(shop):
    """An erasure keeps the items of a session and erases their attributes."""
    item = {"sku": "mug", "quantity": 1, "price": 9, "category": "gifts"}
    await shop.put_session("s", profileId="ann", cartItems=[{**item, "attributes": {"text": "for Ann"}}])
    await shop.http.delete("/v1/customer_data/ann")
    [kept] = shop.sandbox.state.sessions["s"].cart_items
    assert kept.sent == item


async def test_erasure_includes_values_of_effects(open_shop):
    """An erasure keeps an updateAttribute effect and erases its value."""
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
async def test_erasure_includes_attributes_of_referrals(shop, person):
    """A referral from one customer to another loses its attributes when either of them is erased."""
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
