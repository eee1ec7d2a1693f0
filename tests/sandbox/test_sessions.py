import pytest

from tests.sandbox.support import effects_of, problem

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
    ("first", "then", "title"),
    [
        ((), "cancelled", 'Cannot move session to state "cancelled" from state "open"'),
        (("open",), "partially_returned", 'Cannot move session to state "partially_returned" from state "open"'),
        (("closed",), "open", 'Cannot move session to state "open" from state "closed"'),
        (("closed",), "closed", "Only open sessions can be closed"),
        (("open", "cancelled"), "closed", "Only open sessions can be closed"),
        (("open", "cancelled"), "open", 'Cannot move session to state "open" from state "cancelled"'),
        (("closed", "cancelled"), "cancelled", 'Cannot move session to state "cancelled" from state "cancelled"'),
    ],
)
async def test_forbidden_transition_is_rejected(shop, first, then, title):
    """A forbidden transition is a 400 with the platform's message, and changes nothing."""
    for state in first:
        assert (await put(shop, state=state)).status_code == 200
    before = shop.sandbox.state.sessions.get("s")
    response = await put(shop, state=then)
    assert response.json()["message"] == "The submitted data was invalid"
    assert problem(response) == (400, title, "/state")
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
    """A closed session stays closed, accepts new attributes and has no effects a second time."""
    await shop.put_session("s", state="closed", profileId="a", couponCodes=["SPRING"], cartItems=[TEA])
    response = await shop.put_session("s", ("customerSession",), attributes={"paid": "card"})
    assert response["effects"] == []
    assert response["customerSession"]["state"] == "closed"
    assert response["customerSession"]["attributes"] == {"paid": "card"}
    assert shop.sandbox.state.coupons["SPRING"].usage_counter == 1


async def test_closed_cart_cannot_change(shop):
    """The items of a closed session cannot change, and the same items again are accepted."""
    await put(shop, state="closed", profileId="a", cartItems=[TEA])
    assert (await put(shop, profileId="a", cartItems=[TEA])).status_code == 200
    response = await put(shop, cartItems=[])
    assert problem(response) == (400, "Only open sessions can be updated", "/cartItems")


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
    assert response["session"]["discounts"] == {"off": 2}
    assert response["event"]["type"] == "talon_session_created"
    assert response["event"]["effects"][:2] == [
        [26, 26, 0, ["acceptCoupon", "SPRING"]],
        [26, 26, 0, ["setDiscountPerItem", "off", 1.0, 0, 1.0, 0]],
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
