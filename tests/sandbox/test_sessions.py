import pytest

from tests.sandbox.support import campaign, details, effects_of, problem, rule

TEA = {"sku": "tea", "quantity": 2, "price": 1.99}
SESSION = "/v2/customer_sessions/s"


async def put(shop, **session):
    return await shop.http.put(SESSION, json={"customerSession": session})


@pytest.mark.parametrize("state", ["open", "closed"])
async def test_session_starts_open_or_closed(shop, state):
    """A new session can be open or closed, and creates its customer's profile."""
    assert (await put(shop, state=state, profileId="a")).status_code == 200
    assert shop.sandbox.state.sessions["s"].state == state
    assert "a" in shop.sandbox.state.profiles


@pytest.mark.parametrize(
    ("first", "then", "text"),
    [
        (("open",), "partially_returned", 'Cannot move session to state "partially_returned" from state "open"'),
        (("closed",), "open", 'Cannot move session to state "open" from state "closed"'),
        (("closed",), "closed", "Only open sessions can be closed"),
        (("open", "cancelled"), "closed", "Only open sessions can be closed"),
        (("open", "cancelled"), "open", 'Cannot move session to state "open" from state "cancelled"'),
        (("closed", "cancelled"), "cancelled", 'Cannot move session to state "cancelled" from state "cancelled"'),
    ],
)
async def test_forbidden_transition_is_rejected(shop, first, then, text):
    """A forbidden transition is a 400 with the platform's message, and changes nothing."""
    for state in first:
        assert (await put(shop, state=state)).status_code == 200
    before = shop.sandbox.state.sessions.get("s")
    response = await put(shop, state=then)
    assert response.json()["message"] == "The submitted data was invalid"
    assert problem(response) == (400, "Invalid state", "/state")
    assert details(response) == text
    assert shop.sandbox.state.sessions.get("s") == before


async def test_members_that_are_left_out_stay(shop):
    """An update changes the members that it names, and an empty list erases one."""
    await shop.put_session("s", profileId="a", couponCodes=["SPRING"], cartItems=[TEA], attributes={"a": 1, "b": 2})
    response = await shop.put_session("s", ("customerSession",), couponCodes=[], attributes={"a": None, "c": 3})
    session = response["customerSession"]
    assert session["couponCodes"] == []
    assert session["cartItems"] == [TEA | {"position": 0}]
    assert (session["profileId"], session["attributes"]) == ("a", {"b": 2, "c": 3})
    assert session["updateCount"] == 1


async def test_empty_referral_code_erases(shop):
    """An empty referral code erases that of the session."""
    await shop.put_session("s", referralCode="FRIEND")
    await shop.put_session("s", referralCode="")
    assert shop.sandbox.state.sessions["s"].referral_code == ""


async def test_state_that_is_left_out_stays(shop):
    """A closed session stays closed, and the same attributes again have no effects a second time."""
    paid = {"attributes": {"paid": "card"}}
    await shop.put_session("s", state="closed", profileId="a", couponCodes=["SPRING"], cartItems=[TEA], **paid)
    response = await shop.put_session("s", ("customerSession",), **paid)
    assert response["effects"] == []
    assert response["customerSession"]["state"] == "closed"
    assert response["customerSession"]["attributes"] == {"paid": "card"}
    assert shop.sandbox.state.coupons["SPRING"].usage_counter == 1


@pytest.mark.parametrize("state", ["closed", "cancelled"])
@pytest.mark.parametrize("changes", [{"paid": "cash"}, {"paid": None}, {"note": "late"}, {"paid": "card", "note": 1}])
async def test_attributes_are_fixed_with_the_session(shop, state, changes):
    """An update that changes or adds an attribute after the session was open is a 400, and changes nothing."""
    await shop.put_session("s", attributes={"paid": "card"})
    await shop.put_session("s", state=state)
    response = await put(shop, attributes=changes)
    assert problem(response)[:2] == (400, "Invalid state")
    assert problem(response)[2] == f"/attributes/{'note' if 'note' in changes else 'paid'}"
    assert shop.sandbox.state.sessions["s"].attributes == {"paid": "card"}


async def test_cancellation_does_not_change_attributes(shop):
    """An update that cancels a closed session and changes an attribute is a 400, and the session stays closed."""
    await shop.put_session("s", state="closed", attributes={"paid": "card"})
    response = await put(shop, state="cancelled", attributes={"reason": "broken"})
    assert problem(response)[::2] == (400, "/attributes/reason")
    assert shop.sandbox.state.sessions["s"].state == "closed"


async def test_closed_session_may_take_attributes(open_shop):
    """If the campaign file assumes it, a closed session accepts new attributes, and still no other change."""
    shop = open_shop({"assumptions": {"closedSessionsTakeAttributes": True}})
    await shop.put_session("s", state="closed")
    await shop.put_session("s", attributes={"paid": "card"})
    assert shop.sandbox.state.sessions["s"].attributes == {"paid": "card"}
    assert (await put(shop, couponCodes=["X"])).status_code == 400


async def test_session_may_not_start_cancelled(shop):
    """A new session that is cancelled or partially returned is a 400 that names the states it may start with."""
    for state in ("cancelled", "partially_returned"):
        response = await put(shop, state=state)
        assert problem(response) == (400, "enum", "/state")
        assert details(response) == 'state must be one of the following: "open", "closed"'
    assert shop.sandbox.state.sessions == {}


async def test_session_may_start_cancelled_by_assumption(open_shop):
    """If the campaign file assumes it, a session can be created as cancelled, and has no effects."""
    shop = open_shop(
        campaign(rule([], {"type": "showNotification"})) | {"assumptions": {"sessionsStartCancelled": True}}
    )
    assert (await shop.put_session("s", state="cancelled"))["effects"] == []
    assert shop.sandbox.state.sessions["s"].state == "cancelled"
    assert (await put(shop, state="closed")).status_code == 400


async def test_cancellation_is_an_event_of_its_own(shop):
    """Cancelling an open session is the event talon_session_cancelled, and a closed one talon_session_revoked."""
    types = []
    for first in ("open", "closed"):
        await shop.put_session(first, state=first)
        types.append((await shop.put_session(first, ("event",), state="cancelled"))["event"]["type"])
    assert types == ["talon_session_cancelled", "talon_session_revoked"]


async def test_dry_close_judges_the_payload_alone(open_shop):
    """A dry call that closes ignores the stored cart, customer, codes and attributes, which other dry calls use."""
    rules = (rule([{"type": "cartTotal", "atLeast": 20}], {"type": "setDiscount", "name": "big", "value": 5}),)
    shop = open_shop(campaign(*rules, rule([{"type": "couponIsValid"}]), coupons=({"value": "CODE"},)))
    cart = [{"sku": "x", "quantity": 1, "price": 20}]
    await shop.put_session("s", profileId="a", cartItems=cart, attributes={"note": 1}, identifiers=["i"])
    held = shop.sandbox.state.sessions["s"].copy()
    body = {"customerSession": {"couponCodes": ["CODE"], "state": "closed"}, "responseContent": ["customerSession"]}
    alone = (await shop.http.put(SESSION, params={"dry": "true"}, json=body)).raise_for_status().json()
    assert [one["effectType"] for one in alone["effects"]] == ["acceptCoupon"]
    session = alone["customerSession"]
    assert (session["profileId"], session["cartItems"], session["total"]) == ("", [], 0)
    assert (session["attributes"], session["identifiers"], session["id"]) == ({}, [], held.id)
    with_cart = await shop.try_session("s", couponCodes=["CODE"], state="closed", cartItems=cart)
    without_closing = await shop.try_session("s", couponCodes=["CODE"])
    for response in (with_cart, without_closing):
        assert [one["effectType"] for one in response["effects"]] == ["acceptCoupon", "setDiscount"]
    assert shop.sandbox.state.sessions["s"] == held


async def test_dry_close_obeys_the_stored_state(shop):
    """A dry call cannot close what is closed: the real one would fail."""
    await shop.put_session("s", state="closed")
    response = await shop.http.put(SESSION, params={"dry": "true"}, json={"customerSession": {"state": "closed"}})
    assert details(response) == "Only open sessions can be closed"


async def test_dry_close_may_use_the_stored_session(open_shop):
    """If the campaign file assumes it, a dry call that closes adds to the stored session."""
    big = rule([{"type": "cartTotal", "atLeast": 20}], {"type": "setDiscount", "name": "big", "value": 5})
    shop = open_shop(campaign(big) | {"assumptions": {"dryCloseUsesStoredSession": True}})
    await shop.put_session("s", cartItems=[{"sku": "x", "quantity": 1, "price": 20}])
    assert len(effects_of(await shop.try_session("s", state="closed"), "setDiscount")) == 1


async def test_session_id_has_no_max_length(shop):
    """A session's ID may have any length, in the path and in an event, while a profile's is limited to 1,000."""
    long_id = "s" * 5000
    await shop.put_session(long_id, state="open")
    event = await shop.http.post("/v1/events", json={"type": "t", "sessionId": long_id, "attributes": {}})
    assert (list(shop.sandbox.state.sessions), event.status_code) == ([long_id], 201)
    profile = await shop.http.put(f"/v2/customer_profiles/{'a' * 1001}", json={})
    assert problem(profile) == (400, "string_lte", "integrationId")


async def test_unlocked_rewards_may_be_asked_for(shop):
    """The response to a session or a profile that is asked for unlockedRewards has ``rewards``, which are empty."""
    session = await shop.put_session("s", ("unlockedRewards",))
    profile = await shop.put_profile("a", responseContent=["unlockedRewards"])
    assert (session["rewards"], profile["rewards"]) == ([], [])


async def test_closed_cart_cannot_change(shop):
    """The items of a closed session cannot change, and the same items again are accepted."""
    await put(shop, state="closed", profileId="a", cartItems=[TEA])
    assert (await put(shop, profileId="a", cartItems=[TEA])).status_code == 200
    response = await put(shop, cartItems=[])
    assert problem(response) == (400, "Invalid state", "/cartItems")
    assert details(response) == "Only open sessions can be updated"


async def test_totals_are_exact(shop):
    """Prices and additional costs are added up exactly."""
    response = await shop.put_session(
        "s",
        ("customerSession",),
        cartItems=[
            {"sku": "x", "quantity": 3, "price": 0.1},
            {"sku": "y", "quantity": 2, "price": 1.1, "additionalCosts": {"box": {"price": 0.2}}},
        ],
        additionalCosts={"shipping": {"price": 4.7}},
    )
    session = response["customerSession"]
    totals = ("cartItemTotal", "cartItemAdditionalCostTotal", "additionalCostTotal", "total")
    assert [session[name] for name in totals] == [2.5, 0.4, 4.7, 7.6]


async def test_response_has_the_requested_content(shop):
    """A response always has effects and created codes, and other entities if responseContent names them."""
    bare = await shop.put_session("s", profileId="a", couponCodes=["SPRING"])
    assert set(bare) == {"effects", "createdCoupons", "createdReferrals"}
    content = ("customerSession", "customerProfile", "coupons", "triggeredCampaigns", "loyalty", "event")
    full = await shop.put_session("s", content)
    assert set(full) - set(bare) == set(content)
    assert "ledgerEntries" not in full["event"]
    assert "budgets" not in full["triggeredCampaigns"][0]
    assert not {"coupon", "referral"} & set(full["customerSession"])


async def test_unknown_content_is_rejected(shop):
    """An unknown name in responseContent is a 400."""
    body = {"customerSession": {}, "responseContent": ["coupons", "everything"]}
    assert problem(await shop.http.put(SESSION, json=body))[::2] == (400, "/responseContent/1")


async def test_one_session_is_the_first_of_its_customer(shop):
    """Only the first session of a customer is marked as such, in every response."""
    first = [
        (await shop.put_session(one, ("customerSession",), profileId="a"))["customerSession"]["firstSession"]
        for one in ("s1", "s2", "s1")
    ]
    assert first == [True, False, True]


async def test_anonymous_session_has_no_profile(shop):
    """A session with an empty profileId creates no profile."""
    response = await shop.put_session("s", ("customerSession", "customerProfile"), profileId="", state="closed")
    assert response["customerSession"]["profileId"] == ""
    assert "customerProfile" not in response
    assert shop.sandbox.state.profiles == {}


async def test_closing_counts_for_the_profile(shop):
    """Closing a session raises the closed sessions and sales of its profile, and cancelling it lowers them again."""
    await shop.put_session("s", profileId="a", cartItems=[TEA])
    profile = lambda: shop.sandbox.state.profiles["a"]  # noqa: E731
    assert (profile().closed_sessions, profile().total_sales) == (0, 0)
    await shop.put_session("s", state="closed")
    assert (profile().closed_sessions, float(profile().total_sales)) == (1, 3.98)
    await shop.put_session("s", state="cancelled")
    assert (profile().closed_sessions, profile().total_sales) == (0, 0)


async def test_dry_session_stores_nothing(shop):
    """Closing a session by a dry call returns its effects and changes no session, profile or counter."""
    body = {
        "customerSession": {
            "profileId": "a",
            "state": "closed",
            "couponCodes": ["SPRING"],
            "cartItems": [TEA],
        }
    }
    response = await shop.http.put(SESSION, params={"dry": "true"}, json=body)
    assert len(effects_of(response.json(), "setDiscountPerItem")) == 2
    state = shop.sandbox.state
    assert (state.sessions, state.profiles, state.coupons["SPRING"].usage_counter) == ({}, {}, 0)


async def test_now_needs_a_dry_call(shop):
    """A time on a session update that is stored is a 400."""
    response = await shop.http.put(SESSION, params={"now": "2030-01-01T00:00:00Z"}, json={"customerSession": {}})
    assert problem(response)[::2] == (400, "now")


async def test_v1_returns_the_whole_state(shop):
    """A V1 session has one coupon, discounts by name, and effects as arrays inside its event."""
    session = {"profileId": "a", "coupon": "SPRING", "cartItems": [TEA | {"name": "Tea"}], "state": "closed"}
    response = (await shop.http.put("/v1/customer_sessions/s", json=session)).json()
    assert set(response) == {"session", "profile", "event", "loyalty", "coupon"}
    assert response["session"]["coupon"] == "SPRING"
    assert response["session"]["discounts"] == {"off#0": 2}
    assert response["event"]["type"] == "talon_session_created"
    assert response["event"]["effects"][:2] == [
        [26, 26, 0, ["acceptCoupon", "SPRING"]],
        [26, 26, 0, ["setDiscountPerItem", "off#0", 1.0, 0, 0]],
    ]
    assert response["event"]["ledgerEntries"] == []
    assert response["coupon"]["usageCounter"] == 1


async def test_v1_has_the_reason_of_a_rejection(shop):
    """The meta data of a V1 event has the reason of a rejection, with the IDs of campaign and coupon."""
    session = {"coupon": "SPRING", "referral": "UNKNOWN", "cartItems": []}
    meta = (await shop.http.put("/v1/customer_sessions/s", json=session)).json()["event"]["meta"]
    assert meta["couponRejectionReason"] == {
        "campaignId": 26,
        "couponId": 1,
        "reason": "CouponRejectedByCondition",
    }
    assert meta["referralRejectionReason"] == {
        "campaignId": 0,
        "referralId": 0,
        "reason": "ReferralNotFound",
    }


async def test_v1_total_replaces_the_sum(shop):
    """A total that a V1 request states replaces the sum of its items."""
    session = {"cartItems": [TEA | {"name": "Tea"}], "total": 100}
    response = (await shop.http.put("/v1/customer_sessions/s", json=session)).json()
    assert response["session"]["total"] == 100


@pytest.mark.parametrize("cart", [{"cartItems": [TEA]}, {"additionalCosts": {"box": {"price": 3.98}}, "cartItems": []}])
async def test_stated_total_belongs_to_its_cart(shop, cart):
    """A stated total is dropped when the cart changes, and the sum of the items counts from then on."""
    await shop.http.put("/v1/customer_sessions/s", json={"cartItems": [], "total": 100})
    kept = await shop.put_session("s", ("customerSession",), attributes={"paid": "card"})
    response = await shop.put_session("s", ("customerSession",), **cart)
    assert (kept["customerSession"]["total"], response["customerSession"]["total"]) == (100, 3.98)


async def test_total_of_a_closed_session_stays(shop):
    """The same cart again after closing does not change the customer's sales."""
    cart = {"profileId": "a", "cartItems": [TEA | {"name": "Tea"}]}
    await shop.http.put("/v1/customer_sessions/s", json={**cart, "total": 100, "state": "closed"})
    await shop.put_session("s", **cart)
    await shop.put_session("s", state="cancelled")
    assert shop.sandbox.state.profiles["a"].total_sales == 0


async def test_members_set_by_the_server_are_ignored(shop):
    """Prices, positions and returns in a request are ignored."""
    own = {
        "prices": {"base": {"price": 1}},
        "position": 7,
        "returnedQuantity": 1,
        "remainingQuantity": 1,
        "catalogItemID": 3,
        "selectedPriceType": "member",
        "adjustmentReferenceId": "68851723-e6fa-488f-ace9-112581e6c19b",
        "adjustmentEffectiveFrom": "2026-01-01T00:00:00Z",
        "adjustmentEffectiveUntil": "2026-02-01T00:00:00Z",
    }
    line = TEA | {"product": {"name": "Tea"}, "weight": 1.5, "attributes": {"sort": "green"}}
    v2 = await shop.put_session("s", ("customerSession",), cartItems=[line | own])
    v1 = (await shop.http.put("/v1/customer_sessions/s", json={})).json()
    assert v2["customerSession"]["cartItems"] == [line | {"position": 0}]
    assert v1["session"]["cartItems"] == [line | {"position": 0, "name": "tea"}]


async def test_session_has_its_store(shop):
    """A session returns the store and the campaigns that requests have set, and leaves them out otherwise."""
    plain = await shop.put_session("s", ("customerSession",))
    chosen = await shop.put_session("s", ("customerSession",), storeIntegrationId="store-1", evaluableCampaignIds=[26])
    assert {"storeIntegrationId", "evaluableCampaignIds"}.isdisjoint(plain["customerSession"])
    assert chosen["customerSession"]["storeIntegrationId"] == "store-1"
    assert chosen["customerSession"]["evaluableCampaignIds"] == [26]


async def test_anonymous_session_has_no_loyalty(shop):
    """An anonymous session has no ledger and no referral."""
    response = await shop.put_session("s", ("loyalty", "referral"), profileId="")
    assert {"loyalty", "referral"}.isdisjoint(response)
