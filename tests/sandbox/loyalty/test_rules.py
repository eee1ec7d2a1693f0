"""Rules that add and spend points, and what becomes of them."""

from datetime import timedelta

import pytest

from aiotalonone.sandbox.loyalty.standing import Standing
from tests.sandbox.loyalty.support import CARDS, CLUB, add, balance, buy, deduct, get, shop_file
from tests.sandbox.support import effects_of, rule

TEA = [{"sku": "tea", "quantity": 1, "price": 4}]


async def test_points_start_and_expire_as_the_program_says(open_shop):
    """Without dates of its own an effect has those of the program, in its time zone."""
    defaults = {"defaultPending": "2D", "defaultValidity": "1M_U", "timezone": "Europe/Berlin"}
    shop = open_shop(shop_file(add(10), **defaults))
    [props] = effects_of(await buy(shop), "addLoyaltyPoints")
    assert (props["startDate"], props["expiryDate"]) == ("2026-01-04T03:04:05Z", "2026-02-28T22:59:59Z")
    assert await balance(shop) == {"pending": 10}
    shop.clock.forward(days=2)
    assert await balance(shop) == {"active": 10}
    shop.clock.forward(days=60)
    assert await balance(shop) == {"expired": 10}


async def test_effect_has_its_own_dates(open_shop):
    """Dates of an effect go before those of the program, as durations or as times."""
    own = add(10, startDate="2026-01-03T00:00:00Z", expiryDate="36h")
    shop = open_shop(shop_file(own, defaultPending="on_action", defaultValidity="1Y"))
    [props] = effects_of(await buy(shop), "addLoyaltyPoints")
    assert (props["startDate"], props["expiryDate"]) == ("2026-01-03T00:00:00Z", "2026-01-04T12:00:00Z")


async def test_a_total_below_zero_takes_no_points(open_shop):
    """A line whose price is negative, as for a voucher, does not take points away."""
    by_total = {"type": "addLoyaltyPoints", "programId": CLUB, "perUnitOfTotal": 1}
    by_price = {"type": "addLoyaltyPointsPerItem", "programId": CLUB, "perUnitOfPrice": 1, "skus": ["tea", "voucher"]}
    shop = open_shop(shop_file(by_total, by_price))
    response = await buy(shop, cartItems=[*TEA, {"sku": "voucher", "quantity": 1, "price": -10}])
    assert [props["value"] for props in effects_of(response, "addLoyaltyPoints")] == [4]
    assert await balance(shop) == {"active": 4}


async def test_points_on_action_tell_their_validity(open_shop):
    """Points that await activation say so, and for how long they will be valid."""
    shop = open_shop(shop_file(add(10, startDate="on_action", expiryDate="30D")))
    [props] = effects_of(await buy(shop), "addLoyaltyPoints")
    assert (props["awaitsActivation"], props["validityDuration"]) == (True, "30D")
    assert {"startDate", "expiryDate"}.isdisjoint(props)
    assert await balance(shop) == {"pending": 10}


async def test_points_of_an_open_session_are_tentative(open_shop):
    """What an open session adds, spends and leaves pending is tentative, and nothing of it is booked."""
    rules = (add(10), add(5, startDate="1D"), deduct(3))
    shop = open_shop(shop_file(*rules, points=[{"owner": "ada", "amount": 20}]))
    response = await buy(shop, state="open", content=("loyalty",))
    ledger = response["loyalty"]["programs"][str(CLUB)]["ledger"]
    assert (ledger["currentBalance"], ledger["pendingBalance"]) == (20, 0)
    assert (ledger["tentativeCurrentBalance"], ledger["tentativePendingBalance"]) == (27, 5)
    assert await balance(shop) == {"active": 20}
    await shop.put_session("s", state="closed")
    assert await balance(shop) == {"active": 27, "pending": 5, "spent": 3}


async def test_dry_call_books_nothing(open_shop):
    """A dry call that closes a session announces points and does not book them."""
    shop = open_shop(shop_file(add(10)))
    response = await shop.try_session("s", profileId="ada", state="closed", cartItems=TEA)
    assert effects_of(response, "addLoyaltyPoints")
    assert not shop.sandbox.state.loyalty_accounts


async def test_spent_points_are_named(open_shop):
    """An effect that spends points names the rule, the ledger and the transaction."""
    shop = open_shop(shop_file(deduct(8, name="Tea for points"), points=[{"owner": "ada", "amount": 20}]))
    [props] = effects_of(await buy(shop), "deductLoyaltyPoints")
    [spent] = (await get(shop, "transactions", loyaltyTransactionType="session"))["data"]
    assert props == {
        "ruleTitle": "rule",
        "programId": CLUB,
        "subLedgerId": "",
        "value": 8,
        "transactionUUID": spent["transactionUUID"],
        "name": "Tea for points",
    }
    assert (spent["type"], spent["amount"], spent["ruleName"]) == ("subtraction", 8, "rule")


async def test_rule_fails_without_enough_points(open_shop):
    """A rule that would spend more than the active points has no effects."""
    points = [{"owner": "ada", "amount": 7}, {"owner": "ada", "amount": 9, "startDate": "1D"}]
    shop = open_shop(shop_file(deduct(8), add(1), points=points))
    response = await buy(shop, content=("ruleFailureReasons",))
    assert not response["effects"]
    [failure] = response["ruleFailureReasons"]
    assert failure["details"] == "there are not enough points"


async def test_two_deductions_never_spend_more_than_there_is(open_shop):
    """If effects of one rule together want more than there is, the last one gets what is left."""
    shop = open_shop(shop_file(deduct(6), deduct(6), points=[{"owner": "ada", "amount": 10}]))
    assert [one["value"] for one in effects_of(await buy(shop), "deductLoyaltyPoints")] == [6, 4]


async def test_points_go_to_a_subledger(open_shop):
    """Points of a subledger are in the subledger alone."""
    shop = open_shop(shop_file(add(10, subLedgerId="tea"), add(1), allowSubledger=True))
    response = await buy(shop, content=("loyalty",))
    program = response["loyalty"]["programs"][str(CLUB)]
    assert program["ledger"]["currentBalance"] == 1
    assert {name: one["currentBalance"] for name, one in program["subLedgers"].items()} == {"tea": 10}
    shown = await get(shop, "balances")
    assert shown["subledgerBalances"]["tea"]["activePoints"] == 10


@pytest.mark.parametrize(
    ("amounts", "points"), [({"value": 2}, [2, 2, 2]), ({"perUnitOfPrice": 0.5}, [2, 2, 2])], ids=["fixed", "by price"]
)
async def test_points_per_item_come_once_for_each_unit(open_shop, amounts, points):
    """Points per item are added for each unit, with its place in the cart."""
    effect = {"type": "addLoyaltyPointsPerItem", "programId": CLUB, "skus": ["tea"], **amounts}
    shop = open_shop(shop_file(effect))
    added = effects_of(await buy(shop, quantity=3), "addLoyaltyPoints")
    assert [one["value"] for one in added] == points
    assert [(one["cartItemPosition"], one["cartItemSubPosition"]) for one in added] == [(0, 0), (0, 1), (0, 2)]
    assert await balance(shop) == {"active": 6}


async def test_higher_tier_is_announced(open_shop):
    """Points that lead to a higher tier are followed by an effect that names both tiers."""
    tiers = [{"name": "silver", "minPoints": 10}, {"name": "gold", "minPoints": 20}]
    expiry = {"tiersExpirationPolicy": "tier_start_date", "tiersExpireIn": "10D"}
    shop = open_shop(shop_file(add(12), tiers=tiers, **expiry))
    first = effects_of(await buy(shop, "s-1"), "changeLoyaltyTierLevel")
    second = effects_of(await buy(shop, "s-2"), "changeLoyaltyTierLevel")
    third = effects_of(await buy(shop, "s-3"), "changeLoyaltyTierLevel")
    common = {"ruleTitle": "rule", "programId": CLUB, "subLedgerId": "", "expiryDate": "2026-01-12T03:04:05Z"}
    assert first == [common | {"newTierName": "silver"}]
    assert second == [common | {"previousTierName": "silver", "newTierName": "gold"}]
    assert third == []


async def test_loyalty_tells_the_tier(open_shop):
    """The customer's inventory has the present tier, and what is missing to the next."""
    tiers = [{"name": "silver", "minPoints": 10}, {"id": 77, "name": "gold", "minPoints": 20}]
    shop = open_shop(shop_file(add(12), tiers=tiers, timezone="Asia/Tokyo"))
    await buy(shop)
    inventory = (await shop.http.get("/v1/customer_profiles/ada/inventory", params={"loyalty": "true"})).json()
    ledger = inventory["loyalty"]["programs"][str(CLUB)]["ledger"]
    assert ledger["currentTier"] == {"id": 1, "name": "silver", "startDate": "2026-01-02T12:04:05+09:00"}
    assert (ledger["pointsToNextTier"], ledger["nextTierName"]) == (8, "gold")


@pytest.mark.parametrize(
    ("policy", "left"),
    [("only_pending", {"active": 6, "spent": 4}), ("within_balance", {"spent": 4}), ("unlimited", None)],
)
async def test_cancelled_session_takes_points_back(open_shop, policy, left):
    """A cancelled session takes back what the program's return policy lets it, and says how much that was."""
    file = shop_file(add(10), returnPolicy=policy)
    file["campaigns"][0]["rules"].append(rule([{"type": "cartHasItem", "skus": ["mug"]}], deduct(4)))
    shop = open_shop(file)
    await buy(shop, "s-1")
    await shop.put_session("s-2", profileId="ada", state="closed", cartItems=[{"sku": "mug", "quantity": 1}])
    taken = effects_of(await shop.put_session("s-1", state="cancelled"), "rollbackAddedLoyaltyPoints")
    expected = {"only_pending": [], "within_balance": [6], "unlimited": [10]}
    assert [one["value"] for one in taken] == expected[policy]
    assert await balance(shop) == (left or {"spent": 4, "negative": 4})
    transactions = (await get(shop, "transactions"))["data"]
    assert [one["flags"] for one in transactions if "flags" in one] == (
        [{"createsNegativeBalance": True}] if policy == "unlimited" else []
    )


async def test_a_large_session_is_rolled_back_in_a_few_replays(open_shop, monkeypatch):
    """The points of a thousand units are added, returned and cancelled without a replay of the ledger for each."""
    by_unit = {"type": "addLoyaltyPointsPerItem", "programId": CLUB, "value": 1, "skus": ["tea"]}
    shop = open_shop(shop_file(by_unit, tiers=[{"name": "silver", "minPoints": 5}]))
    replays, replay = [], Standing.of
    monkeypatch.setattr(Standing, "of", lambda *given: replays.append(len(given[0])) or replay(*given))
    await buy(shop, quantity=1000)
    half = {"returnedCartItems": [{"position": 0, "quantity": 500}]}
    await shop.http.post("/v2/customer_sessions/s/returns", json={"return": half})
    await shop.put_session("s", state="cancelled")
    assert await balance(shop) == {}
    assert len(replays) < 20


async def test_cancelled_session_gives_points_back(open_shop):
    """Points that a cancelled session spent come back, each with its expiry and an effect of its own."""
    points = [{"owner": "ada", "amount": 5, "expiryDate": "10D"}, {"owner": "ada", "amount": 5}]
    shop = open_shop(shop_file(deduct(8), points=points))
    [spent] = effects_of(await buy(shop), "deductLoyaltyPoints")
    back = effects_of(await shop.put_session("s", state="cancelled"), "rollbackDeductedLoyaltyPoints")
    common = {
        "programId": CLUB,
        "subLedgerId": "",
        "recipientIntegrationId": "ada",
        "transactionUUID": spent["transactionUUID"],
    }
    assert back == [common | {"value": 5, "expiryDate": "2026-01-12T03:04:05Z"}, common | {"value": 3}]
    assert await balance(shop) == {"active": 10}


@pytest.mark.parametrize(
    ("policy", "joined"),
    [
        ("not_join", [None, None]),
        ("points_earned", ["2026-01-02T03:04:05Z"] * 2),
        ("points_activated", [None, "2026-01-03T03:04:05Z"]),
    ],
)
async def test_customers_join_by_policy(open_shop, policy, joined):
    """By its policy a program has members who earned points, whose points are active, or who asked to join."""
    shop = open_shop(shop_file(add(10, startDate="1D"), programJoinPolicy=policy))
    await buy(shop)
    dates = []
    for _ in range(2):
        inventory = (await shop.http.get("/v1/customer_profiles/ada/inventory", params={"loyalty": "true"})).json()
        dates.append(inventory["loyalty"]["programs"][str(CLUB)].get("joinDate"))
        shop.clock.forward(days=2)
    assert dates == joined


async def test_set_clock_lets_points_expire(open_shop):
    """Points expire when the sandbox's clock is set to a later time."""
    shop = open_shop(shop_file(add(10, expiryDate="30D")))
    await buy(shop)
    shop.sandbox.set_now(shop.clock() + timedelta(days=31))
    assert await balance(shop) == {"expired": 10}


@pytest.mark.parametrize("anonymous", [True, False])
async def test_card_gets_points_with_or_without_a_customer(open_shop, anonymous):
    """Points of a card-based program are booked on the session's card, with or without a customer."""
    file = shop_file({**add(10), "programId": CARDS})
    file["loyaltyPrograms"][1]["cards"] = [{"identifier": "card-1"}]
    shop = open_shop(file)
    customer = "" if anonymous else "ada"
    response = await buy(shop, profileId=customer, loyaltyCards=["card-1"], content=("loyalty",))
    [props] = effects_of(response, "addLoyaltyPoints")
    assert (props["cardIdentifier"], props["recipientIntegrationId"]) == ("card-1", customer)
    [card] = response["loyalty"]["cards"]
    assert (card["identifier"], card["ledger"]["currentBalance"]) == ("card-1", 10)
    assert await balance(shop, "card-1", CARDS) == {"active": 10}


@pytest.mark.parametrize(
    ("used", "details"),
    [
        ([], "there is no loyalty card of the program"),
        (["nope"], "there is no loyalty card of the program"),
        (["card-2"], "the loyalty card is not active"),
        (["card-3"], "the loyalty card is not active"),
    ],
)
async def test_unusable_card_gets_no_points(open_shop, used, details):
    """Without a card that is known and active, a rule of a card-based program has no effects."""
    file = shop_file({**add(10), "programId": CARDS})
    file["loyaltyPrograms"][1]["cards"] = [
        {"identifier": "card-2", "status": "inactive"},
        {"identifier": "card-3", "status": "blocked", "blockReason": "lost"},
    ]
    response = await buy(open_shop(file), loyaltyCards=used, content=("ruleFailureReasons",))
    [failure] = response["ruleFailureReasons"]
    assert failure["details"] == details


async def test_cancelled_session_takes_points_off_the_card(open_shop):
    """A cancelled session takes a card's points back from the card."""
    file = shop_file({**add(10), "programId": CARDS})
    file["loyaltyPrograms"][1]["cards"] = [{"identifier": "card-1"}]
    shop = open_shop(file)
    await buy(shop, loyaltyCards=["card-1"])
    [back] = effects_of(await shop.put_session("s", state="cancelled"), "rollbackAddedLoyaltyPoints")
    assert (back["cardIdentifier"], back["value"]) == ("card-1", 10)
    assert await balance(shop, "card-1", CARDS) == {}


async def test_erased_customer_leaves_no_points(open_shop):
    """An erased customer's points are gone, and cards keep theirs without naming the customer."""
    file = shop_file(add(10), {**add(10), "programId": CARDS})
    file["loyaltyPrograms"][1]["cards"] = [{"identifier": "card-1", "customerProfileIds": ["ada"]}]
    shop = open_shop(file)
    await buy(shop, loyaltyCards=["card-1"])
    await shop.http.delete("/v1/customer_data/ada")
    state = shop.sandbox.state
    assert "'ada'" not in f"{state.loyalty_accounts} {state.loyalty_cards}"
    assert "card-1" not in f"{state.sessions}"
    assert await balance(shop, "card-1", CARDS) == {"active": 10}
    assert (await get(shop, "balances", "card-1", CARDS))["profiles"] == []


VISITED = {"type": "event", "eventType": "visit"}
VISIT = {"profileId": "ada", "type": "visit", "storeIntegrationId": "store-1", "responseContent": ["loyalty"]}


@pytest.fixture
def visited(open_shop):
    """Return a shop that rewards a visit in the club and on the card."""
    file = shop_file(add(10))
    file["campaigns"][0]["rules"] += [rule([VISITED], add(2)), rule([VISITED], {**add(3), "programId": CARDS})]
    file["loyaltyPrograms"][1]["cards"] = [{"identifier": "card-1"}]
    return open_shop(file)


async def test_event_books_points_without_a_session(visited):
    """Points of an event are booked for its customer and its card, with its store and without a session."""
    body = {**VISIT, "loyaltyCards": ["card-1"]}
    response = (await visited.http.post("/v2/events", params={"silent": "no"}, json=body)).json()
    assert [one["value"] for one in effects_of(response, "addLoyaltyPoints")] == [2, 3]
    assert [card["ledger"]["currentBalance"] for card in response["loyalty"]["cards"]] == [3]
    [transaction] = (await get(visited, "transactions"))["data"]
    assert (transaction["storeIntegrationId"], "customerSessionId" in transaction) == ("store-1", False)
    assert await get(visited, "transactions", loyaltyTransactionType="session") == {"hasMore": False, "data": []}


async def test_event_has_the_card_of_its_session(visited):
    """An event that refers to a session without naming a card books on the session's."""
    await buy(visited, loyaltyCards=["card-1"])
    body = {**VISIT, "integrationId": "e-1", "connectedSessionId": "s", "responseContent": []}
    await visited.http.post("/v3/events", json=body)
    assert await balance(visited, "card-1", CARDS) == {"active": 3}


@pytest.mark.parametrize(
    ("policy", "taken", "left"), [("within_balance", [2], {"active": 4}), ("only_pending", [], {"active": 6})]
)
async def test_returned_unit_takes_its_points_back(open_shop, policy, taken, left):
    """A unit that comes back takes the points that it earned, if the return policy lets it, and no others."""
    effect = {"type": "addLoyaltyPointsPerItem", "programId": CLUB, "skus": ["tea"], "value": 2}
    shop = open_shop(shop_file(effect, returnPolicy=policy))
    await buy(shop, quantity=3)
    body = {"return": {"returnedCartItems": [{"position": 0, "quantity": 1}]}}
    response = (await shop.http.post("/v2/customer_sessions/s/returns", json=body)).json()
    rolled_back = effects_of(response, "rollbackAddedLoyaltyPoints")
    assert [one["value"] for one in rolled_back] == taken
    assert [(one["cartItemPosition"], one["cartItemSubPosition"]) for one in rolled_back] == [(0, 0)] * len(taken)
    assert await balance(shop) == left


async def test_reopened_session_restores_points(open_shop):
    """Reopening gives spent points back and takes earned ones, and closing it does the same as before."""
    shop = open_shop(shop_file(deduct(8), add(10), points=[{"owner": "ada", "amount": 8}]))
    await buy(shop)
    assert await balance(shop) == {"active": 10, "spent": 8}
    await shop.http.put("/v2/customer_sessions/s/reopen")
    assert await balance(shop) == {"active": 8}
    await shop.put_session("s", state="closed")
    assert await balance(shop) == {"active": 10, "spent": 8}
