"""Returns of closed sessions, their reopening, and how a session is read."""

import pytest

from tests.sandbox.support import campaign, details, effects_of, problem, rule

RETURNS = "/v2/customer_sessions/s/returns"
REOPEN = "/v2/customer_sessions/s/reopen"
SHOES = {"sku": "9696", "quantity": 1, "price": 60, "category": "shoes"}
SHIRTS = {"sku": "6478", "quantity": 2, "price": 20, "category": "shirts", "additionalCosts": {"print": {"price": 1}}}
ITEMS = ("shoes", "shirts")
RULES = (
    rule([{"type": "couponIsValid"}], {"type": "setDiscount", "name": "code", "value": 7}),
    rule([], {"type": "setDiscountPerItem", "name": "5forALL", "value": 5, "categories": list(ITEMS)}),
    rule([], {"type": "addLoyaltyPoints", "programId": 5, "name": "points", "value": 10}),
    rule(
        [],
        {"type": "awardGiveaway", "poolId": 3},
        {"type": "couponCreated", "prefix": "THX-"},
        {"type": "addFreeItem", "sku": "mug"},
        {"type": "updateAttribute", "path": "profile.attributes.vip", "value": True},
    ),
)
SHOP = campaign(*RULES, coupons=({"value": "CODE", "usageLimit": 1},))
ROLLBACKS = ("rollbackDiscount", "rollbackCoupon", "rollbackAddedLoyaltyPoints")


@pytest.fixture
async def shop(open_shop):
    """A shop with one closed session: shoes and two shirts, each unit 5 off."""
    shop = open_shop(SHOP)
    await close(shop)
    return shop


async def close(shop):
    return await shop.put_session("s", profileId="a", couponCodes=["CODE"], cartItems=[SHOES, SHIRTS], state="closed")


async def try_return(shop, *lines, content=(), **query):
    body = {"return": {"returnedCartItems": list(lines)}, "responseContent": list(content)}
    return await shop.http.post(RETURNS, params=query, json=body)


async def send_back(shop, *lines, content=()):
    return (await try_return(shop, *lines, content=content)).raise_for_status().json()


async def read(shop):
    return (await shop.http.get("/v2/customer_sessions/s")).raise_for_status().json()


def off(position, unit):
    place = {"cartItemPosition": position, "cartItemSubPosition": unit}
    return {"name": f"5forALL#{position}", "value": 5, **place}


async def test_a_returned_unit_rolls_back_its_own_effects(shop):
    """The return of one of two shirts rolls back the discount on the first unit of that line, and nothing else."""
    response = await send_back(shop, {"position": 1, "quantity": 1})
    assert [(one["effectType"], one["props"]) for one in response["effects"]] == [("rollbackDiscount", off(1, 0))]
    assert (response["createdCoupons"], response["createdReferrals"]) == ([], [])


async def test_the_next_return_takes_the_next_unit(shop):
    """Units of a line come back one after another, in one return or in several."""
    assert effects_of(await send_back(shop, {"position": 1, "quantity": 1}), *ROLLBACKS) == [off(1, 0)]
    both = await send_back(shop, {"position": 1, "quantity": 1}, {"position": 0, "quantity": 1})
    assert effects_of(both, *ROLLBACKS) == [off(0, 0), off(1, 1)]


async def test_a_return_is_in_its_response(shop):
    """The response has the return with its lines, its event, its session and its customer."""
    response = await send_back(shop, {"position": 1, "quantity": 1}, content=["event"])
    returned, profile = response["return"], shop.sandbox.state.profiles["a"]
    assert returned == {
        "id": 1,
        "created": "2026-01-02T03:04:05Z",
        "applicationId": 1,
        "accountId": 1,
        "returnedCartItems": [{"position": 1, "quantity": 1, "sku": "6478"}],
        "eventId": response["event"]["id"],
        "sessionId": shop.sandbox.state.sessions["s"].id,
        "sessionIntegrationId": "s",
        "profileId": profile.id,
        "profileIntegrationId": "a",
    }
    assert response["event"]["type"] == "talon_session_partially_returned"
    assert [effect[3][0] for effect in response["event"]["effects"]] == ["rollbackDiscount"]


async def test_a_session_with_returns_says_what_is_left(shop):
    """The session is partially_returned, and each line has its returned and its remaining units."""
    before = (await read(shop))["customerSession"]
    assert [item.keys() & {"returnedQuantity", "remainingQuantity"} for item in before["cartItems"]] == [set(), set()]
    session = (await send_back(shop, {"position": 1, "quantity": 1}, content=["customerSession"]))["customerSession"]
    assert session["state"] == "partially_returned"
    assert [(item["returnedQuantity"], item["remainingQuantity"]) for item in session["cartItems"]] == [(0, 1), (1, 1)]
    assert (session["total"], session["updateCount"]) == (before["total"], before["updateCount"] + 1)


async def test_earlier_returns_may_be_asked_for(shop):
    """``previousReturns`` are the returns of the session before this one, and all of them in an update."""
    first = (await send_back(shop, {"position": 1, "quantity": 1}, content=["previousReturns"]))["return"]
    second = await send_back(shop, {"position": 0}, content=["previousReturns"])
    assert second["previousReturns"] == [first]
    update = await shop.put_session("s", ("previousReturns",), state="cancelled")
    assert update["previousReturns"] == [first, second["return"]]


async def test_entities_may_be_asked_for(shop):
    """A return can have the entities that the API lists for it, and no other."""
    content = ["customerProfile", "coupons", "triggeredCampaigns", "loyalty"]
    response = await send_back(shop, {"position": 1}, content=content)
    assert [coupon["value"] for coupon in response["coupons"]] == ["CODE"]
    assert response["loyalty"]["programs"]["5"]["ledger"]["currentBalance"] == 10
    assert [one["id"] for one in response["triggeredCampaigns"]] == [1]
    wrong = await try_return(shop, {"position": 0}, content=["awardedGiveaways"])
    assert problem(wrong) == (400, "enum", "/responseContent/0")


async def test_sales_are_those_of_the_units_that_are_left(shop):
    """A returned unit counts no more in the customer's sales, its own additional costs included."""
    profile = shop.sandbox.state.profiles
    assert (profile["a"].closed_sessions, profile["a"].total_sales) == (1, 102)
    await send_back(shop, {"position": 1, "quantity": 1})
    assert (profile["a"].closed_sessions, profile["a"].total_sales) == (1, 81)
    await send_back(shop, {"position": 1}, {"position": 0})
    assert (profile["a"].closed_sessions, profile["a"].total_sales) == (1, 0)
    await shop.put_session("s", state="cancelled")
    assert (profile["a"].closed_sessions, profile["a"].total_sales) == (0, 0)


async def test_no_more_than_a_stated_total_comes_back(open_shop):
    """If a V1 request stated a lower total than its lines have, their return takes that total from the sales."""
    shop = open_shop(SHOP)
    session = {"profileId": "a", "cartItems": [SHOES], "total": 25, "state": "closed"}
    (await shop.http.put("/v1/customer_sessions/s", json=session)).raise_for_status()
    assert shop.sandbox.state.profiles["a"].total_sales == 25
    await send_back(shop, {"position": 0})
    assert shop.sandbox.state.profiles["a"].total_sales == 0


async def test_without_a_quantity_the_rest_of_the_line_comes_back(shop):
    """A line without a quantity comes back with all units that are left of it."""
    await send_back(shop, {"position": 1, "quantity": 1})
    assert (await send_back(shop, {"position": 1}))["return"]["returnedCartItems"][0]["quantity"] == 1
    assert (await send_back(shop, {"position": 0}))["return"]["returnedCartItems"][0]["quantity"] == 1


async def test_a_line_may_be_named_by_its_sku(open_shop):
    """An SKU alone is the first line with it of which units are left."""
    shop = open_shop(SHOP)
    await shop.put_session("s", cartItems=[SHIRTS, SHOES, SHIRTS], state="closed")
    for quantity, positions in ((2, [0]), (1, [2]), (1, [2])):
        lines = (await send_back(shop, {"sku": "6478", "quantity": quantity}))["return"]["returnedCartItems"]
        assert [line["position"] for line in lines] == positions
    assert problem(await try_return(shop, {"sku": "6478"}))[2] == "/return/returnedCartItems/0/quantity"


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ({"position": 1, "quantity": 3}, "/quantity"),
        ({"position": 1, "quantity": 0}, "/quantity"),
        ({"position": 2, "quantity": 1}, "/position"),
        ({"position": -1, "quantity": 1}, "/position"),
        ({"position": "1"}, "/position"),
        ({"sku": "none"}, "/sku"),
        ({"position": 0, "sku": "6478"}, "/sku"),
        ({"quantity": 1}, "/position"),
    ],
)
async def test_units_that_are_not_there_do_not_come_back(shop, line, place):
    """A line that the session does not have, or more units than are left, is a 400; nothing comes back."""
    before = shop.sandbox.state.sessions["s"].copy()
    response = await try_return(shop, {"position": 0, "quantity": 1}, line)
    assert problem(response)[::2] == (400, f"/return/returnedCartItems/1{place}")
    assert shop.sandbox.state.sessions["s"] == before


async def test_a_return_has_a_line(shop):
    """A return without lines, or a body without a return, is a 400."""
    assert problem(await try_return(shop)) == (400, "array_min_items", "/return/returnedCartItems")
    assert problem(await shop.http.post(RETURNS, json={})) == (400, "required", "/return")


async def test_units_count_over_the_lines_of_one_return(shop):
    """Two entries of one return for the same line share its units."""
    one = {"position": 1, "quantity": 1}
    assert effects_of(await send_back(shop, one, one), *ROLLBACKS) == [off(1, 0), off(1, 1)]
    assert problem(await try_return(shop, one))[2] == "/return/returnedCartItems/0/quantity"


@pytest.mark.parametrize("states", [("open",), ("open", "cancelled"), ("closed", "cancelled")])
async def test_only_closed_sessions_are_returned_or_reopened(open_shop, states):
    """A session that is open or cancelled is neither returned nor reopened: that is a 400 with both states."""
    shop = open_shop(SHOP)
    for state in states:
        await shop.put_session("s", profileId="a", cartItems=[SHOES], state=state)
    response = await try_return(shop, {"position": 0})
    assert problem(response) == (400, "Invalid state", "customerSessionId")
    assert details(response) == f'Cannot move session to state "partially_returned" from state "{states[-1]}"'
    response = await shop.http.put(REOPEN)
    assert details(response) == f'Cannot move session to state "open" from state "{states[-1]}"'


async def test_unknown_sessions_are_not_found(open_shop):
    """A session that does not exist is a 400 for a read, a return and a reopening, as none of them documents a 404."""
    shop = open_shop(SHOP)
    responses = [await shop.http.get("/v2/customer_sessions/s"), await shop.http.put(REOPEN)]
    for response in (*responses, await try_return(shop, {"position": 0})):
        assert problem(response) == (400, "Unknown", "customerSessionId")
        assert details(response) == "Customer session not found"
    assert shop.sandbox.state.sessions == {}


async def test_a_dry_return_stores_nothing(shop):
    """A dry return has the same effects, and changes nothing."""
    before = (shop.sandbox.state.sessions["s"].copy(), shop.sandbox.state.profiles["a"].copy())
    response = await try_return(shop, {"position": 1}, dry="true", runRuleEngine="true")
    assert effects_of(response.json(), *ROLLBACKS) == [off(1, 0), off(1, 1)]
    assert (shop.sandbox.state.sessions["s"], shop.sandbox.state.profiles["a"]) == before


async def test_a_returned_session_can_only_be_cancelled(shop):
    """A session with returns takes no update but its cancellation, and is not reopened."""
    await send_back(shop, {"position": 0})
    for state in ("open", "closed", "partially_returned"):
        response = await shop.http.put("/v2/customer_sessions/s", json={"customerSession": {"state": state}})
        assert problem(response) == (400, "Invalid state", "/state")
    assert details(await shop.http.put(REOPEN)) == (
        'Cannot move session to state "open" from state "partially_returned"'
    )
    assert problem(await shop.http.put("/v2/customer_sessions/s", json={"customerSession": {"couponCodes": []}}))


async def test_cancelling_a_returned_session_rolls_back_the_rest(shop):
    """The cancellation after a return rolls back what is left, and no unit twice."""
    await send_back(shop, {"position": 1, "quantity": 1})
    response = await shop.put_session("s", ("event",), state="cancelled")
    discounts = effects_of(response, "rollbackDiscount")
    assert [props for props in discounts if "cartItemPosition" in props] == [off(0, 0), off(1, 1)]
    assert {one["effectType"] for one in response["effects"]} == set(ROLLBACKS)
    assert response["event"]["type"] == "talon_session_revoked"
    assert shop.sandbox.state.coupons["CODE"].usage_counter == 0


async def test_a_reopened_session_is_rolled_back_and_open(shop):
    """Reopening rolls back discounts, codes and points, and answers with these effects alone; the session is open."""
    response = (await shop.http.put(REOPEN)).raise_for_status().json()
    assert response.keys() == {"effects"}
    assert {one["effectType"] for one in response["effects"]} == set(ROLLBACKS)
    session, profile = shop.sandbox.state.sessions["s"], shop.sandbox.state.profiles["a"]
    assert (session.state, session.effects, session.update_count) == ("open", (), 1)
    assert (profile.closed_sessions, profile.total_sales, shop.points("a")) == (0, 0, 0)
    assert shop.sandbox.state.coupons["CODE"].usage_counter == 0


async def test_reopening_rolls_back_what_cancelling_does(open_shop):
    """The effects of a reopening are those of the cancellation of a closed session."""
    responses = []
    for cancel in (True, False):
        shop = open_shop(SHOP)
        await close(shop)
        response = await shop.put_session("s", state="cancelled") if cancel else (await shop.http.put(REOPEN)).json()
        for props in effects_of(response, "rollbackAddedLoyaltyPoints"):
            del props["transactionUUID"]
        responses.append(response["effects"])
    assert responses[0] == responses[1] != []


async def test_what_a_reopening_leaves(open_shop):
    """Giveaways, created coupons and changed attributes stay, even if cancelled sessions return their giveaways."""
    shop = open_shop(SHOP | {"assumptions": {"cancellationReturnsGiveaways": True}})
    await close(shop)
    await shop.http.put(REOPEN)
    state = shop.sandbox.state
    assert [one.used for one in state.giveaways.values()] == [True]
    assert any(code.startswith("THX-") for code in state.coupons)
    assert state.profiles["a"].attributes == {"vip": True}


async def test_a_reopened_session_is_an_ordinary_open_one(shop):
    """A reopened session takes updates and can be closed again, with its effects and its coupon."""
    await shop.http.put(REOPEN)
    await shop.put_session("s", cartItems=[SHOES])
    response = await shop.put_session("s", ("event",), state="closed")
    assert response["event"]["type"] == "talon_session_closed"
    assert len(effects_of(response, "setDiscountPerItem")) == 1
    assert len(effects_of(response, "acceptCoupon")) == 1
    assert shop.sandbox.state.profiles["a"].total_sales == 60
    assert shop.sandbox.state.coupons["CODE"].usage_counter == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", RETURNS, {"return": {"returnedCartItems": [{"position": 1, "quantity": 1}]}}), ("PUT", REOPEN, None)],
)
async def test_the_same_key_changes_a_session_once(shop, method, path, body):
    """A return or a reopening with a known key gets the first response, and is carried out once."""
    headers = {"Idempotency-Key": "key-1"}
    first, second = [await shop.http.request(method, path, json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, first.content) == (200, second.content)
    assert shop.sandbox.state.sessions["s"].update_count == 1


async def test_an_open_session_is_read_as_it_is_evaluated_now(open_shop):
    """Reading an open session evaluates it at the present time, and stores nothing."""
    code = {"value": "CODE", "expiryDate": "2026-01-03T00:00:00Z"}
    shop = open_shop(campaign(*RULES, coupons=(code,)))
    await shop.put_session("s", profileId="a", couponCodes=["CODE"], cartItems=[SHOES])
    held, profile = shop.sandbox.state.sessions["s"].copy(), shop.sandbox.state.profiles["a"].copy()
    response = await read(shop)
    assert response.keys() == {"customerSession", "effects"}
    assert (response["customerSession"]["state"], response["customerSession"]["total"]) == ("open", 60)
    assert effects_of(response, "setDiscountPerItem", "acceptCoupon") == [
        {"value": "CODE"},
        {"name": "5forALL#0", "value": 5, "position": 0, "subPosition": 0},
    ]
    shop.clock.forward(days=2)
    assert effects_of(await read(shop), "rejectCoupon") == [{"value": "CODE", "rejectionReason": "CouponExpired"}]
    assert (shop.sandbox.state.sessions["s"], shop.sandbox.state.profiles["a"]) == (held, profile)


async def test_a_closed_session_is_read_with_the_effects_that_are_left(shop):
    """Reading shows neither the effects of returned units nor roll-backs, and none once the session is cancelled."""
    closed = await read(shop)
    assert len(effects_of(closed, "setDiscountPerItem")) == 3
    await send_back(shop, {"position": 1, "quantity": 1})
    left = await read(shop)
    places = [(props["position"], props["subPosition"]) for props in effects_of(left, "setDiscountPerItem")]
    assert (left["customerSession"]["state"], places) == ("partially_returned", [(0, 0), (1, 1)])
    assert len(left["effects"]) == len(closed["effects"]) - 1
    await shop.put_session("s", state="cancelled")
    cancelled = await read(shop)
    assert (cancelled["customerSession"]["state"], cancelled["effects"]) == ("cancelled", [])


async def test_anonymous_sessions_are_returned_and_reopened(open_shop):
    """A session without a customer can be returned, and one whose customer was erased can be reopened."""
    shop = open_shop(SHOP)
    await shop.put_session("s", cartItems=[SHIRTS], state="closed")
    returned = (await send_back(shop, {"position": 0, "quantity": 1}))["return"]
    assert returned.keys().isdisjoint({"profileId", "profileIntegrationId"})
    shop = open_shop(SHOP)
    await close(shop)
    await shop.http.delete("/v1/customer_data/a")
    assert (await shop.http.put(REOPEN)).status_code == 200
    assert shop.sandbox.state.profiles == {}
