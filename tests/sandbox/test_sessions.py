import pytest

from tests.sandbox.support import effects_of, problem

TEA = {"sku": "tea", "quantity": 2, "price": 1.99}
SESSION = "/v2/customer_sessions/s"


async def put(shop, **session):
    return await shop.http.put(SESSION, json={"customerSession": session})


@pytest.mark.parametrize("state", ["open", "closed"])
async def test_a_session_starts_open_or_closed(shop, state):
    """Both are a first state; the profile is created on first sight."""
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
async def test_a_forbidden_move_is_refused(shop, first, then, title):
    """Each wrong move answers the platform's message and changes nothing."""
    for state in first:
        assert (await put(shop, state=state)).status_code == 200
    before = shop.sandbox.state.sessions.get("s")
    answer = await put(shop, state=then)
    assert answer.json()["message"] == "The submitted data was invalid"
    assert problem(answer) == (400, title, "/state")
    assert shop.sandbox.state.sessions.get("s") == before


async def test_members_that_are_left_out_stay(shop):
    """An update changes what it names; an empty list wipes."""
    await shop.put_session("s", profileId="a", couponCodes=["SPRING"], cartItems=[TEA], attributes={"a": 1, "b": 2})
    answer = await shop.put_session("s", ("customerSession",), couponCodes=[], attributes={"a": None, "c": 3})
    session = answer["customerSession"]
    assert session["couponCodes"] == []
    assert session["cartItems"] == [TEA | {"position": 0}]
    assert (session["profileId"], session["attributes"]) == ("a", {"b": 2, "c": 3})
    assert session["updateCount"] == 1


async def test_an_empty_referral_code_wipes(shop):
    """The empty string takes the referral code off the session."""
    await shop.put_session("s", referralCode="FRIEND")
    await shop.put_session("s", referralCode="")
    assert shop.sandbox.state.sessions["s"].referral_code == ""


async def test_a_left_out_state_keeps_the_state(shop):
    """A closed session takes new attributes, gives nothing a second time, and stays closed."""
    await shop.put_session("s", state="closed", profileId="a", couponCodes=["SPRING"], cartItems=[TEA])
    answer = await shop.put_session("s", ("customerSession",), attributes={"paid": "card"})
    assert answer["effects"] == []
    assert answer["customerSession"]["state"] == "closed"
    assert answer["customerSession"]["attributes"] == {"paid": "card"}
    assert shop.sandbox.state.coupons["SPRING"].usage_counter == 1


async def test_a_closed_cart_is_settled(shop):
    """What was paid for cannot change any more; naming it again as it is does no harm."""
    await put(shop, state="closed", profileId="a", cartItems=[TEA])
    assert (await put(shop, profileId="a", cartItems=[TEA])).status_code == 200
    answer = await put(shop, cartItems=[])
    assert problem(answer) == (400, "Only open sessions can be updated", "/cartItems")


async def test_totals_are_exact(shop):
    """Prices and additional costs add up without binary errors."""
    answer = await shop.put_session(
        "s",
        ("customerSession",),
        cartItems=[
            {"sku": "x", "quantity": 3, "price": 0.1},
            {"sku": "y", "quantity": 2, "price": 1.1, "additionalCosts": {"box": {"price": 0.2}}},
        ],
        additionalCosts={"shipping": {"price": 4.7}},
    )
    session = answer["customerSession"]
    totals = ("cartItemTotal", "cartItemAdditionalCostTotal", "additionalCostTotal", "total")
    assert [session[name] for name in totals] == [2.5, 0.4, 4.7, 7.6]


async def test_an_answer_shows_what_was_asked_for(shop):
    """Effects and created codes are always there, everything else by responseContent."""
    bare = await shop.put_session("s", profileId="a", couponCodes=["SPRING"])
    assert set(bare) == {"effects", "createdCoupons", "createdReferrals"}
    content = ("customerSession", "customerProfile", "coupons", "triggeredCampaigns", "loyalty", "event")
    full = await shop.put_session("s", content)
    assert set(full) - set(bare) == set(content)
    assert "ledgerEntries" not in full["event"]
    assert "budgets" not in full["triggeredCampaigns"][0]
    assert not {"coupon", "referral"} & set(full["customerSession"])


async def test_unknown_content_is_refused(shop):
    """A name that responseContent does not know answers 400."""
    body = {"customerSession": {}, "responseContent": ["coupons", "everything"]}
    assert problem(await shop.http.put(SESSION, json=body))[::2] == (400, "/responseContent/1")


async def test_a_session_is_the_first_of_its_customer_once(shop):
    """Only the session that a customer came with says so, in every answer."""
    first = [
        (await shop.put_session(one, ("customerSession",), profileId="a"))["customerSession"]["firstSession"]
        for one in ("s1", "s2", "s1")
    ]
    assert first == [True, False, True]


async def test_an_anonymous_session_has_no_profile(shop):
    """An empty profileId creates nobody."""
    answer = await shop.put_session("s", ("customerSession", "customerProfile"), profileId="", state="closed")
    assert answer["customerSession"]["profileId"] == ""
    assert "customerProfile" not in answer
    assert shop.sandbox.state.profiles == {}


async def test_closing_counts_for_the_profile(shop):
    """Closed sessions and sales rise at closing, and fall back when the session is cancelled."""
    await shop.put_session("s", profileId="a", cartItems=[TEA])
    profile = lambda: shop.sandbox.state.profiles["a"]  # noqa: E731
    assert (profile().closed_sessions, profile().total_sales) == (0, 0)
    await shop.put_session("s", state="closed")
    assert (profile().closed_sessions, float(profile().total_sales)) == (1, 3.98)
    await shop.put_session("s", state="cancelled")
    assert (profile().closed_sessions, profile().total_sales) == (0, 0)


async def test_a_dry_session_stores_nothing(shop):
    """A dry closing answers its effects and leaves session, profile and counters alone."""
    body = {
        "customerSession": {
            "profileId": "a",
            "state": "closed",
            "couponCodes": ["SPRING"],
            "cartItems": [TEA],
        }
    }
    answer = await shop.http.put(SESSION, params={"dry": "true"}, json=body)
    assert len(effects_of(answer.json(), "setDiscountPerItem")) == 2
    state = shop.sandbox.state
    assert (state.sessions, state.profiles, state.coupons["SPRING"].usage_counter) == ({}, {}, 0)


async def test_now_needs_a_dry_run(shop):
    """Another time than the present can be asked about, but not acted in."""
    answer = await shop.http.put(SESSION, params={"now": "2030-01-01T00:00:00Z"}, json={"customerSession": {}})
    assert problem(answer)[::2] == (400, "now")


async def test_v1_answers_the_whole_state(shop):
    """A V1 session has one coupon, discounts by name, and effects as arrays inside its event."""
    session = {"profileId": "a", "coupon": "SPRING", "cartItems": [TEA | {"name": "Tea"}], "state": "closed"}
    answer = (await shop.http.put("/v1/customer_sessions/s", json=session)).json()
    assert set(answer) == {"session", "profile", "event", "loyalty", "coupon"}
    assert answer["session"]["coupon"] == "SPRING"
    assert answer["session"]["discounts"] == {"off": 2}
    assert answer["event"]["type"] == "talon_session_created"
    assert answer["event"]["effects"][:2] == [
        [26, 26, 0, ["acceptCoupon", "SPRING"]],
        [26, 26, 0, ["setDiscountPerItem", "off", 1.0, 0, 1.0, 0]],
    ]
    assert answer["event"]["ledgerEntries"] == []
    assert answer["coupon"]["usageCounter"] == 1


async def test_v1_says_why_a_coupon_was_rejected(shop):
    """The reason stands in the event's meta data, with the ids of campaign and coupon."""
    session = {"coupon": "SPRING", "referral": "NOBODY", "cartItems": []}
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


async def test_a_v1_total_replaces_the_sum(shop):
    """A total that a V1 request states counts, whatever the lines add up to."""
    session = {"cartItems": [TEA | {"name": "Tea"}], "total": 100}
    answer = (await shop.http.put("/v1/customer_sessions/s", json=session)).json()
    assert answer["session"]["total"] == 100


@pytest.mark.parametrize("cart", [{"cartItems": [TEA]}, {"additionalCosts": {"box": {"price": 3.98}}, "cartItems": []}])
async def test_a_stated_total_goes_with_its_cart(shop, cart):
    """The next cart is added up again, and keeps its sum while nothing about it changes."""
    await shop.http.put("/v1/customer_sessions/s", json={"cartItems": [], "total": 100})
    kept = await shop.put_session("s", ("customerSession",), attributes={"paid": "card"})
    answer = await shop.put_session("s", ("customerSession",), **cart)
    assert (kept["customerSession"]["total"], answer["customerSession"]["total"]) == (100, 3.98)


async def test_a_settled_total_stays(shop):
    """Naming the same cart again after closing does not change what was counted as the customer's sales."""
    cart = {"profileId": "a", "cartItems": [TEA | {"name": "Tea"}]}
    await shop.http.put("/v1/customer_sessions/s", json={**cart, "total": 100, "state": "closed"})
    await shop.put_session("s", **cart)
    await shop.put_session("s", state="cancelled")
    assert shop.sandbox.state.profiles["a"].total_sales == 0


async def test_what_the_server_sets_is_passed_over(shop):
    """A caller's idea of prices, positions and returns is not in the answer."""
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


async def test_a_session_shows_its_store(shop):
    """What a request chooses for itself comes back; what it leaves out is left out."""
    plain = await shop.put_session("s", ("customerSession",))
    chosen = await shop.put_session("s", ("customerSession",), storeIntegrationId="store-1", evaluableCampaignIds=[26])
    assert {"storeIntegrationId", "evaluableCampaignIds"}.isdisjoint(plain["customerSession"])
    assert chosen["customerSession"]["storeIntegrationId"] == "store-1"
    assert chosen["customerSession"]["evaluableCampaignIds"] == [26]


async def test_nobody_has_no_loyalty(shop):
    """An anonymous session has neither a ledger nor a referral to show."""
    answer = await shop.put_session("s", ("loyalty", "referral"), profileId="")
    assert {"loyalty", "referral"}.isdisjoint(answer)
