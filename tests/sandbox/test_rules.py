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
        ({"type": "profileAttribute", "name": "pets", "equals": 1.0}, True),
        ({"type": "profileAttribute", "name": "pets", "equals": True}, False),
        ({"type": "profileAttribute", "name": "flags", "equals": [True, {"a": False}]}, True),
        ({"type": "profileAttribute", "name": "flags", "oneOf": [[1, {"a": 0}]]}, False),
        ({"type": "profileAttribute", "name": "age", "atLeast": 1}, False),
        ({"type": "profileAttribute", "name": "unknown", "equals": "x"}, False),
        ({"type": "inAudience", "audienceId": 1}, True),
        ({"type": "inAudience", "audienceId": 2}, False),
        ({"type": "event", "eventType": "signup"}, False),
    ],
)
async def test_condition_holds(open_shop, condition, holds):
    """A rule has its effects exactly if its condition holds for the cart or the customer."""
    shop = open_shop(campaign(rule([condition], OK)))
    await shop.http.put(
        "/v2/customer_profiles/a",
        json={
            "attributes": {"age": "65+", "kids": 2, "pets": 1, "flags": [True, {"a": False}]},
            "audiencesChanges": {"adds": [1], "deletes": []},
        },
    )
    cart = [{"sku": "tea", "quantity": 2, "price": 10, "category": "drinks"}]
    response = await shop.put_session("s", profileId="a", cartItems=cart)
    assert bool(effects_of(response, "showNotification")) is holds


async def test_all_conditions_must_hold(open_shop):
    """A rule one of whose conditions does not hold has no effects."""
    shop = open_shop(campaign(rule([{"type": "cartTotal", "atLeast": 0}, {"type": "inAudience", "audienceId": 1}], OK)))
    assert (await shop.put_session("s", profileId="a"))["effects"] == []


async def test_no_unit_falls_below_zero(open_shop):
    """Two coupons share the price of a unit; with nothing left there is no effect, and the coupon stays accepted."""
    off = {"type": "setDiscountPerItem", "name": "off", "value": 1, "skusFrom": "products"}
    codes = [{"value": f"CODE{n}", "attributes": {"products": ["gum"]}} for n in range(3)]
    shop = open_shop(campaign(rule([{"type": "couponIsValid"}], off), coupons=tuple(codes)))
    response = await shop.put_session(
        "s",
        couponCodes=["CODE0", "CODE1", "CODE2"],
        cartItems=[{"sku": "pen", "quantity": 1, "price": 9}, {"sku": "gum", "quantity": 2, "price": 1.3}],
    )
    given = [(one["position"], one["subPosition"], one["value"]) for one in effects_of(response, "setDiscountPerItem")]
    assert given == [(1, 0, 1), (1, 1, 1), (1, 0, 0.3), (1, 1, 0.3)]
    assert len(effects_of(response, "acceptCoupon")) == 3


async def test_single_unit_has_a_sub_position(open_shop):
    """The discount of a line's only unit has the sub-position 0, and the line's position in its name."""
    off = {"type": "setDiscountPerItem", "name": "off", "percent": 25, "categories": ["tea"]}
    shop = open_shop(campaign(rule([], off)))
    cart = [{"sku": "x", "quantity": 1, "price": 3, "category": "tea"}]
    response = await shop.put_session("s", cartItems=cart)
    assert effects_of(response, "setDiscountPerItem") == [
        {"name": "off#0", "value": 0.75, "position": 0, "subPosition": 0}
    ]


async def test_session_never_falls_below_zero(open_shop):
    """Discounts on the session do not exceed its total."""
    big = {"type": "setDiscount", "name": "big", "value": 8}
    shop = open_shop(campaign(rule([], big), rule([], big), rule([], big)))
    response = await shop.put_session("s", cartItems=[{"sku": "x", "quantity": 1, "price": 10.5}])
    assert [one["value"] for one in effects_of(response, "setDiscount")] == [8, 2.5]


async def test_open_session_is_evaluated_anew(open_shop):
    """The effects of an update are those of the present cart."""
    shop = open_shop(campaign(rule([{"type": "cartTotal", "atLeast": 10}], OK)))
    await shop.put_session("s", cartItems=[{"sku": "x", "quantity": 1, "price": 10}])
    assert (await shop.put_session("s", cartItems=[]))["effects"] == []


@pytest.mark.parametrize(("effect", "points"), [({"value": 10}, 10), ({"perUnitOfTotal": 2}, 15)])
async def test_points_are_tentative_until_the_session_closes(open_shop, effect, points):
    """The points of an open session are tentative, and closing it books them."""
    shop = open_shop(campaign(rule([], {"type": "addLoyaltyPoints", "programId": 5, "name": "p", **effect})))
    cart = {"profileId": "a", "cartItems": [{"sku": "x", "quantity": 1, "price": 7.5}]}
    announced = await shop.put_session("s", ("loyalty",), **cart)
    ledger = announced["loyalty"]["programs"]["5"]["ledger"]
    assert (ledger["currentBalance"], ledger["tentativeCurrentBalance"]) == (0, points)
    booked = await shop.put_session("s", ("loyalty",), state="closed")
    ledger = booked["loyalty"]["programs"]["5"]["ledger"]
    assert (ledger["currentBalance"], ledger["tentativeCurrentBalance"]) == (points, points)
    [props] = effects_of(booked, "addLoyaltyPoints")
    assert (props["programId"], props["value"], props["recipientIntegrationId"]) == (5, points, "a")
    assert booked["loyalty"]["programs"]["5"]["joinDate"] == "2026-01-02T03:04:05Z"


@pytest.mark.parametrize(
    "effect",
    [
        {"type": "addLoyaltyPoints", "programId": 5, "value": 1},
        {"type": "couponCreated"},
        {"type": "awardGiveaway", "poolId": 3},
        {"type": "updateAttribute", "path": "profile.attributes.vip", "value": True},
    ],
)
async def test_effect_without_a_customer_is_blocked(open_shop, effect):
    """An effect that needs a customer is not applied in an anonymous session, and the failure reasons name it."""
    shop = open_shop(campaign(rule([], effect)))
    response = await shop.put_session("s", ("ruleFailureReasons",), state="closed")
    assert response["effects"] == []
    [failure] = response["ruleFailureReasons"]
    assert (failure["effectIndex"], failure["details"]) == (0, "there is no customer")


async def test_created_coupon_belongs_to_its_customer(open_shop):
    """A coupon is created when the session closes, and can be redeemed once by its customer alone."""
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
    assert effects_of(await shop.put_session("s3", profileId="a", **small, state="closed"), "acceptCoupon")
    again = await shop.put_session("s4", profileId="a", **small)
    assert effects_of(again, "rejectCoupon")[0]["rejectionReason"] == "CouponLimitReached"


async def test_giveaway_is_announced_and_then_awarded(open_shop):
    """An open session announces a giveaway, and closing it awards a code of the pool."""
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
    """A free item is an effect alone; an attribute is set when the session closes."""
    item = {"type": "addFreeItem", "sku": "bag", "name": "Bag"}
    vip = {"type": "updateAttribute", "path": "profile.attributes.vip", "value": True}
    seen = {"type": "updateAttribute", "path": "session.attributes.seen", "value": "yes"}
    shop = open_shop(campaign(rule([], item, vip, seen)))
    response = await shop.put_session("s", profileId="a")
    assert effects_of(response, "addFreeItem") == [{"sku": "bag", "name": "Bag"}]
    assert effects_of(response, "updateAttribute")[0] == {"path": "profile.attributes.vip", "value": True}
    assert shop.sandbox.state.profiles["a"].attributes == {}
    await shop.put_session("s", state="closed")
    assert shop.sandbox.state.profiles["a"].attributes == {"vip": True}
    assert shop.sandbox.state.sessions["s"].attributes == {"seen": "yes"}


async def test_cancelled_session_is_rolled_back(open_shop):
    """Cancelling a closed session undoes redemptions, points and discounts, and the response lists that."""
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
    response = await shop.put_session("s", state="cancelled")
    assert [(one["effectType"], one["props"]) for one in response["effects"]] == [
        ("rollbackCoupon", {"value": "CODE"}),
        ("rollbackDiscount", {"name": "all", "value": 1}),
        ("rollbackDiscount", {"name": "each#0", "value": 1, "cartItemPosition": 0, "cartItemSubPosition": 0}),
        ("rollbackDiscount", {"name": "each#0", "value": 1, "cartItemPosition": 0, "cartItemSubPosition": 1}),
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
    assert state.coupons["CODE"].usage_counter == 0
    assert shop.points("a") == 0


async def test_cancelled_session_keeps_what_it_created(open_shop):
    """A created coupon outlives the cancellation and can be redeemed; giveaway and attribute stay as well."""
    gifts = (
        {"type": "couponCreated", "prefix": "THX-"},
        {"type": "awardGiveaway", "poolId": 3},
        {"type": "updateAttribute", "path": "profile.attributes.vip", "value": True},
    )
    for_tea = rule([{"type": "cartHasItem", "skus": ["tea"]}], *gifts)
    shop = open_shop(campaign(for_tea, rule([{"type": "couponIsValid"}], OK)))
    tea = [{"sku": "tea", "quantity": 1, "price": 9}]
    closed = await shop.put_session("s", profileId="a", state="closed", cartItems=tea)
    [created] = effects_of(closed, "couponCreated")
    assert (await shop.put_session("s", state="cancelled"))["effects"] == []
    query = {"coupons": "true", "giveaways": "true", "profile": "true"}
    inventory = (await shop.http.get("/v1/customer_profiles/a/inventory", params=query)).json()
    assert [(one["value"], one["state"]) for one in inventory["coupons"]] == [(created["value"], "active")]
    assert [one["code"] for one in inventory["giveaways"]] == ["MUG1"]
    assert inventory["profile"]["attributes"] == {"vip": True}
    redeemed = await shop.put_session("t", profileId="a", couponCodes=[created["value"]], state="closed")
    assert effects_of(redeemed, "acceptCoupon") == [{"value": created["value"]}]
    await shop.put_session("t", state="cancelled")
    assert shop.sandbox.state.coupons[created["value"]].usage_counter == 0


async def test_cancellation_may_return_giveaways(open_shop):
    """If the campaign file assumes it, the giveaway of a cancelled session goes back to its pool."""
    award = campaign(rule([], {"type": "awardGiveaway", "poolId": 3}))
    shop = open_shop({**award, "assumptions": {"cancellationReturnsGiveaways": True}})
    for session, customer in (("s", "a"), ("t", "b")):
        closed = await shop.put_session(session, profileId=customer, state="closed")
        assert effects_of(closed, "awardGiveaway")[0]["code"] == "MUG1"
        await shop.put_session(session, state="cancelled")
    assert not any(giveaway.used or giveaway.profile_id for giveaway in shop.sandbox.state.giveaways.values())


@pytest.mark.parametrize(("discounts", "rewards"), [(False, False), (True, False), (False, True)])
async def test_desired_value_needs_its_setting(open_shop, discounts, rewards):
    """Discounts tell a desiredValue with partial discounts alone, and points with partial rewards alone."""
    effects = (
        {"type": "setDiscount", "name": "all", "value": 1},
        {"type": "setDiscountPerItem", "name": "each", "value": 3, "skus": ["x"]},
        {"type": "addLoyaltyPoints", "programId": 5, "value": 10},
    )
    settings = {"partialDiscounts": discounts, "partialRewards": rewards}
    shop = open_shop({**campaign(rule([], *effects)), "application": settings})
    cart = [{"sku": "x", "quantity": 1, "price": 2.5}]
    response = await shop.put_session("s", profileId="a", cartItems=cart)
    desired = [props.get("desiredValue") for props in effects_of(response, *(one["type"] for one in effects))]
    assert desired == [1 if discounts else None, 3 if discounts else None, 10 if rewards else None]


async def test_cancelled_open_session_has_no_rollback(shop):
    """Cancelling an open session has no rollback effects."""
    cart = {"couponCodes": ["SPRING"], "cartItems": [{"sku": "tea", "quantity": 1, "price": 2}]}
    await shop.put_session("s", **cart)
    assert (await shop.put_session("s", state="cancelled"))["effects"] == []


async def test_event_triggers_its_rules(open_shop):
    """The rules of an event are evaluated when it is tracked, and the event lists their effects."""
    signup = rule([{"type": "event", "eventType": "signup"}], {"type": "addLoyaltyPoints", "programId": 5, "value": 3})
    shop = open_shop(campaign(signup, rule([], OK)))
    body = {"type": "signup", "sessionId": "s", "profileId": "a", "attributes": {"via": "app"}}
    response = await shop.http.post("/v1/events", json=body)
    state = response.json()
    assert response.status_code == 201
    assert (state["event"]["type"], state["event"]["attributes"]) == ("signup", {"via": "app"})
    assert [effect[3][0] for effect in state["event"]["effects"]] == ["addLoyaltyPoints"]
    assert state["loyalty"]["programs"]["5"]["ledger"]["currentBalance"] == 3
    assert (state["session"]["integrationId"], state["session"]["profileId"]) == ("s", "a")


async def test_event_of_another_customer_is_rejected(shop):
    """An event of one customer in the session of another is a 400."""
    await shop.put_session("s", profileId="a")
    body = {"type": "signup", "sessionId": "s", "profileId": "b", "attributes": {}}
    assert problem(await shop.http.post("/v1/events", json=body))[::2] == (400, "/profileId")
    assert shop.sandbox.state.events == {}


@pytest.mark.parametrize("missing", ["type", "sessionId", "attributes"])
async def test_event_needs_its_members(shop, missing):
    """An event without type, session or attributes is a 400."""
    body = {"type": "signup", "sessionId": "s", "attributes": {}}
    del body[missing]
    assert problem(await shop.http.post("/v1/events", json=body))[::2] == (400, f"/{missing}")


async def test_dry_event_stores_nothing(shop):
    """After a dry event there is no event, no session and no profile."""
    body = {"type": "signup", "sessionId": "s", "profileId": "a", "attributes": {}}
    response = await shop.http.post("/v1/events", params={"dry": "true"}, json=body)
    state = shop.sandbox.state
    assert response.status_code == 201
    assert (state.events, state.sessions, state.profiles) == ({}, {}, {})


async def test_created_coupon_needs_an_unused_code(open_shop, monkeypatch):
    """If no unused code is found, the rule that creates a coupon fails."""
    monkeypatch.setattr("aiotalonone.sandbox.state.codes.MAX_ATTEMPTS", 0)
    win = rule([{"type": "couponIsValid"}], {"type": "couponCreated", "prefix": "WIN-"})
    shop = open_shop(campaign(win, coupons=({"value": "CODE"},)))
    response = await shop.put_session("s", profileId="a", couponCodes=["CODE"], state="closed")
    [props] = effects_of(response, "rejectCoupon")
    assert props["rejectionReason"] == "EffectCouldNotBeApplied"
    assert props["details"] == "no code that starts with 'WIN-' is left"
