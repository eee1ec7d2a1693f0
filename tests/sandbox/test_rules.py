import pytest

from tests.sandbox.support import campaign, effects_of, problem, rule

OK = {"type": "showNotification", "notificationType": "Info", "title": "ok", "body": ""}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"type": "cartHasItem", "skus": ["tea", "rum"]}, True),
        ({"type": "cartHasItem", "skus": ["rum"]}, False),
        ({"type": "cartHasItem", "categories": ["drinks"]}, True),
        ({"type": "cartHasItem", "categories": ["books"]}, False),
        ({"type": "cartTotal", "atLeast": 20}, True),
        ({"type": "cartTotal", "atLeast": 20.01}, False),
        ({"type": "cartTotal", "atMost": 20}, True),
        ({"type": "cartTotal", "atLeast": None, "atMost": 19.99}, False),
        ({"type": "profileAttribute", "name": "age", "equals": "65+"}, True),
        ({"type": "profileAttribute", "name": "age", "equals": "40+"}, False),
        ({"type": "profileAttribute", "name": "age", "oneOf": ["65+", "40+"]}, True),
        ({"type": "profileAttribute", "name": "age", "oneOf": ["40+"]}, False),
        ({"type": "profileAttribute", "name": "kids", "atLeast": 2}, True),
        ({"type": "profileAttribute", "name": "kids", "atMost": 1}, False),
        ({"type": "profileAttribute", "name": "age", "atLeast": 1}, False),
        ({"type": "profileAttribute", "name": "unknown", "equals": "x"}, False),
        ({"type": "inAudience", "audienceId": 1}, True),
        ({"type": "inAudience", "audienceId": 2}, False),
        ({"type": "event", "eventType": "signup"}, False),
    ],
)
async def test_a_condition_decides(open_shop, condition, holds):
    """Each condition lets its rule through exactly when it holds for the cart or the customer."""
    shop = open_shop(campaign(rule([condition], OK)))
    await shop.http.put(
        "/v2/customer_profiles/a",
        json={"attributes": {"age": "65+", "kids": 2}, "audiencesChanges": {"adds": [1], "deletes": []}},
    )
    cart = [{"sku": "tea", "quantity": 2, "price": 10, "category": "drinks"}]
    answer = await shop.put_session("s", profileId="a", cartItems=cart)
    assert bool(effects_of(answer, "showNotification")) is holds


async def test_all_conditions_must_hold(open_shop):
    """One condition that fails is enough."""
    shop = open_shop(campaign(rule([{"type": "cartTotal", "atLeast": 0}, {"type": "inAudience", "audienceId": 1}], OK)))
    assert (await shop.put_session("s", profileId="a"))["effects"] == []


async def test_no_unit_falls_below_zero(open_shop):
    """Two codes share a unit's price; where nothing is left there is no effect, and the coupon stays accepted."""
    off = {"type": "setDiscountPerItem", "name": "off", "value": 1, "skusFrom": "products"}
    codes = [{"value": f"CODE{n}", "attributes": {"products": ["gum"]}} for n in range(3)]
    shop = open_shop(campaign(rule([{"type": "couponIsValid"}], off), coupons=tuple(codes)))
    answer = await shop.put_session(
        "s",
        couponCodes=["CODE0", "CODE1", "CODE2"],
        cartItems=[{"sku": "pen", "quantity": 1, "price": 9}, {"sku": "gum", "quantity": 2, "price": 1.3}],
    )
    given = [(one["position"], one["subPosition"], one["value"]) for one in effects_of(answer, "setDiscountPerItem")]
    assert given == [(1, 0, 1), (1, 1, 1), (1, 0, 0.3), (1, 1, 0.3)]
    assert all(one["desiredValue"] == 1 for one in effects_of(answer, "setDiscountPerItem"))
    assert len(effects_of(answer, "acceptCoupon")) == 3


async def test_a_single_unit_has_no_sub_position(open_shop):
    """Only a line of several units says which of them is meant."""
    off = {"type": "setDiscountPerItem", "name": "off", "percent": 25, "categories": ["tea"]}
    shop = open_shop(campaign(rule([], off)))
    cart = [{"sku": "x", "quantity": 1, "price": 3, "category": "tea"}]
    answer = await shop.put_session("s", cartItems=cart)
    assert effects_of(answer, "setDiscountPerItem") == [
        {"name": "off", "value": 0.75, "position": 0, "desiredValue": 0.75}
    ]


async def test_the_session_never_falls_below_zero(open_shop):
    """Discounts on the whole session end where its total does."""
    big = {"type": "setDiscount", "name": "big", "value": 8}
    shop = open_shop(campaign(rule([], big), rule([], big), rule([], big)))
    answer = await shop.put_session("s", cartItems=[{"sku": "x", "quantity": 1, "price": 10.5}])
    assert [(one["value"], one["desiredValue"]) for one in effects_of(answer, "setDiscount")] == [
        (8, 8),
        (2.5, 8),
    ]


async def test_an_open_update_starts_from_scratch(open_shop):
    """The effects of an update are those of the cart as it is now."""
    shop = open_shop(campaign(rule([{"type": "cartTotal", "atLeast": 10}], OK)))
    await shop.put_session("s", cartItems=[{"sku": "x", "quantity": 1, "price": 10}])
    assert (await shop.put_session("s", cartItems=[]))["effects"] == []


@pytest.mark.parametrize(("effect", "points"), [({"value": 10}, 10), ({"perUnitOfTotal": 2}, 15)])
async def test_points_are_tentative_until_the_session_closes(open_shop, effect, points):
    """An open session announces its points, a closed one books them."""
    shop = open_shop(campaign(rule([], {"type": "addLoyaltyPoints", "programId": 5, "name": "p", **effect})))
    cart = {"profileId": "a", "cartItems": [{"sku": "x", "quantity": 1, "price": 7.5}]}
    announced = await shop.put_session("s", ("loyalty",), **cart)
    ledger = announced["loyalty"]["programs"]["5"]["ledger"]
    assert (ledger["currentBalance"], ledger["tentativeCurrentBalance"]) == (0, points)
    booked = await shop.put_session("s", ("loyalty", "customerProfile"), state="closed")
    ledger = booked["loyalty"]["programs"]["5"]["ledger"]
    assert (ledger["currentBalance"], ledger["tentativeCurrentBalance"]) == (points, points)
    [props] = effects_of(booked, "addLoyaltyPoints")
    assert (props["programId"], props["value"], props["recipientIntegrationId"]) == (5, points, "a")
    assert booked["customerProfile"]["loyaltyMemberships"][0]["loyaltyProgramId"] == 5


@pytest.mark.parametrize(
    "effect",
    [
        {"type": "addLoyaltyPoints", "programId": 5, "value": 1},
        {"type": "couponCreated"},
        {"type": "awardGiveaway", "poolId": 3},
        {"type": "updateAttribute", "path": "profile.attributes.vip", "value": True},
    ],
)
async def test_nobody_gets_nothing(open_shop, effect):
    """What needs a receiver is not given to an anonymous session, and the reason can be asked for."""
    shop = open_shop(campaign(rule([], effect)))
    answer = await shop.put_session("s", ("ruleFailureReasons",), state="closed")
    assert answer["effects"] == []
    [failure] = answer["ruleFailureReasons"]
    assert (failure["effectIndex"], failure["details"]) == (0, "there is no customer")


async def test_a_created_coupon_belongs_to_its_customer(open_shop):
    """It is made at closing, shown as created, and usable once by its receiver alone."""
    off = {"type": "setDiscount", "name": "off", "value": 1}
    shop = open_shop(
        campaign(
            rule([{"type": "cartTotal", "atLeast": 50}], {"type": "couponCreated", "prefix": "WIN-"}),
            rule([{"type": "couponIsValid"}], off),
        )
    )
    big = {"profileId": "a", "cartItems": [{"sku": "x", "quantity": 1, "price": 50}]}
    assert (await shop.put_session("s1", **big))["effects"] == []
    closed = await shop.put_session("s1", state="closed")
    [created] = closed["createdCoupons"]
    code = created["value"]
    assert code.startswith("WIN-")
    assert effects_of(closed, "couponCreated") == [{"value": code, "profileId": "a"}]
    small = {"cartItems": [{"sku": "x", "quantity": 1, "price": 2}], "couponCodes": [code]}
    other = await shop.put_session("s2", profileId="b", **small)
    assert effects_of(other, "rejectCoupon")[0]["rejectionReason"] == "CouponRecipientDoesNotMatch"
    assert effects_of(await shop.put_session("s3", profileId="a", **small), "acceptCoupon")


async def test_a_giveaway_is_promised_and_then_awarded(open_shop):
    """An open session promises a code of the pool, closing hands it out."""
    shop = open_shop(campaign(rule([], {"type": "awardGiveaway", "poolId": 3})))
    promise = await shop.put_session("s", profileId="a")
    assert effects_of(promise, "willAwardGiveaway") == [
        {"poolId": 3, "poolName": "mugs", "recipientIntegrationId": "a"}
    ]
    award = await shop.put_session("s", ("awardedGiveaways",), state="closed")
    assert effects_of(award, "awardGiveaway")[0]["code"] == "MUG1"
    [giveaway] = award["awardedGiveaways"]
    assert (giveaway["code"], giveaway["used"], giveaway["profileIntegrationId"]) == ("MUG1", True, "a")


async def test_free_items_and_attributes(open_shop):
    """A free item is only told; an attribute changes when the session closes."""
    item = {"type": "addFreeItem", "sku": "bag", "name": "Bag"}
    vip = {"type": "updateAttribute", "path": "profile.attributes.vip", "value": True}
    seen = {"type": "updateAttribute", "path": "session.attributes.seen", "value": "yes"}
    shop = open_shop(campaign(rule([], item, vip, seen)))
    answer = await shop.put_session("s", profileId="a")
    assert effects_of(answer, "addFreeItem") == [{"sku": "bag", "name": "Bag"}]
    assert effects_of(answer, "updateAttribute")[0] == {"path": "profile.attributes.vip", "value": True}
    assert shop.sandbox.state.profiles["a"].attributes == {}
    await shop.put_session("s", state="closed")
    assert shop.sandbox.state.profiles["a"].attributes == {"vip": True}
    assert shop.sandbox.state.sessions["s"].attributes == {"seen": "yes"}


async def test_a_cancelled_session_gives_everything_back(open_shop):
    """Counters, points, giveaways and created coupons are as before, and the answer says what was taken."""
    gifts = (
        {"type": "setDiscount", "name": "all", "value": 1},
        {"type": "setDiscountPerItem", "name": "each", "value": 1, "skus": ["x"]},
        {"type": "addLoyaltyPoints", "programId": 5, "value": 10},
        {"type": "awardGiveaway", "poolId": 3},
        {"type": "couponCreated"},
    )
    shop = open_shop(campaign(rule([{"type": "couponIsValid"}], *gifts), coupons=({"value": "CODE"},)))
    cart = {"couponCodes": ["CODE"], "cartItems": [{"sku": "x", "quantity": 2, "price": 9}]}
    closed = await shop.put_session("s", profileId="a", state="closed", **cart)
    [points] = effects_of(closed, "addLoyaltyPoints")
    answer = await shop.put_session("s", state="cancelled")
    assert [(one["effectType"], one["props"]) for one in answer["effects"]] == [
        ("rollbackCoupon", {"value": "CODE"}),
        ("rollbackDiscount", {"name": "all", "value": 1}),
        ("rollbackDiscount", {"name": "each", "value": 1, "cartItemPosition": 0, "cartItemSubPosition": 0}),
        ("rollbackDiscount", {"name": "each", "value": 1, "cartItemPosition": 0, "cartItemSubPosition": 1}),
        (
            "rollbackAddedLoyaltyPoints",
            {
                "programId": 5,
                "subLedgerId": "",
                "value": 10,
                "recipientIntegrationId": "a",
                "transactionUUID": points["transactionUUID"],
            },
        ),
    ]
    state = shop.sandbox.state
    assert list(state.coupons) == ["CODE"]
    assert state.coupons["CODE"].usage_counter == 0
    assert state.profiles["a"].points == {5: 0}
    assert not any(giveaway.used for giveaway in state.giveaways.values())


async def test_cancelling_an_open_session_takes_nothing_back(shop):
    """What was never given needs no roll-back."""
    cart = {"couponCodes": ["SPRING"], "cartItems": [{"sku": "tea", "quantity": 1, "price": 2}]}
    await shop.put_session("s", **cart)
    assert (await shop.put_session("s", state="cancelled"))["effects"] == []


async def test_an_event_brings_up_its_rules(open_shop):
    """Rules that ask for an event run when it is tracked, and their effects stand in the event."""
    signup = rule([{"type": "event", "eventType": "signup"}], {"type": "addLoyaltyPoints", "programId": 5, "value": 3})
    shop = open_shop(campaign(signup, rule([], OK)))
    body = {"type": "signup", "sessionId": "s", "profileId": "a", "attributes": {"via": "app"}}
    answer = await shop.http.post("/v1/events", json=body)
    state = answer.json()
    assert answer.status_code == 201
    assert (state["event"]["type"], state["event"]["attributes"]) == ("signup", {"via": "app"})
    assert [effect[3][0] for effect in state["event"]["effects"]] == ["addLoyaltyPoints"]
    assert state["loyalty"]["programs"]["5"]["ledger"]["currentBalance"] == 3
    assert (state["session"]["integrationId"], state["session"]["profileId"]) == ("s", "a")


async def test_an_event_stays_with_its_customer(shop):
    """A session of one customer takes no events of another."""
    await shop.put_session("s", profileId="a")
    body = {"type": "signup", "sessionId": "s", "profileId": "b", "attributes": {}}
    assert problem(await shop.http.post("/v1/events", json=body))[::2] == (400, "/profileId")
    assert shop.sandbox.state.events == {}


@pytest.mark.parametrize("missing", ["type", "sessionId", "attributes"])
async def test_an_event_has_its_members(shop, missing):
    """Type, session and attributes must be there."""
    body = {"type": "signup", "sessionId": "s", "attributes": {}}
    del body[missing]
    assert problem(await shop.http.post("/v1/events", json=body))[::2] == (400, f"/{missing}")


async def test_a_dry_event_stores_nothing(shop):
    """Neither event nor session nor profile exists afterwards."""
    body = {"type": "signup", "sessionId": "s", "profileId": "a", "attributes": {}}
    answer = await shop.http.post("/v1/events", params={"dry": "true"}, json=body)
    state = shop.sandbox.state
    assert answer.status_code == 201
    assert (state.events, state.sessions, state.profiles) == ({}, {}, {})


async def test_a_coupon_needs_a_code_that_is_left(open_shop, monkeypatch):
    """Where the codes have run out the rule fails like any that cannot give."""
    monkeypatch.setattr("aiotalonone.sandbox.codes.MAX_ATTEMPTS", 0)
    win = rule([{"type": "couponIsValid"}], {"type": "couponCreated", "prefix": "WIN-"})
    shop = open_shop(campaign(win, coupons=({"value": "CODE"},)))
    answer = await shop.put_session("s", profileId="a", couponCodes=["CODE"], state="closed")
    [props] = effects_of(answer, "rejectCoupon")
    assert props["rejectionReason"] == "EffectCouldNotBeApplied"
    assert props["details"] == "no code that starts with 'WIN-' is left"
