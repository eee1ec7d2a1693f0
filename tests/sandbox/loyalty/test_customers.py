"""The operations of profile-based programs."""

import pytest

from tests.sandbox.loyalty.support import CARDS, CLUB, add, balance, buy, deduct, get, shop_file
from tests.sandbox.support import problem

TIERS = [{"name": "silver", "minPoints": 10}, {"name": "gold", "minPoints": 20}]
EXPIRY = {"tiersExpirationPolicy": "tier_start_date", "tiersExpireIn": "10D", "tiersDowngradePolicy": "balance_based"}
PROFILE = f"/v1/loyalty_programs/{CLUB}/profile/ada"
ACTIVATE = f"/v1/loyalty_programs/{CLUB}/activate_points"
GIVEN = [
    {"owner": "ada", "amount": 9, "startDate": "5D"},
    {"owner": "ada", "amount": 12, "expiryDate": "20D"},
    {"owner": "ada", "amount": 7, "startDate": "on_action", "expiryDate": "30D"},
    {"owner": "ada", "amount": 4, "subLedgerId": "tea"},
]


@pytest.fixture
def club(open_shop):
    """Return a shop whose customer ada has points of every kind."""
    return open_shop(shop_file(allowSubledger=True, tiers=TIERS, points=GIVEN, **EXPIRY))


async def test_balances_are_those_of_every_ledger(club):
    """Balances have all five sums for the main ledger and for each subledger."""
    zero = dict.fromkeys(("activePoints", "pendingPoints", "spentPoints", "expiredPoints", "negativePoints"), 0)
    assert await get(club, "balances") == {
        "balance": zero | {"activePoints": 12, "pendingPoints": 16},
        "subledgerBalances": {"tea": zero | {"activePoints": 4}},
    }


async def test_customer_without_points_has_zeros(club):
    """A customer who has no points yet has a balance of zeros, and no tier."""
    await club.put_profile("bob", attributes={})
    shown = await get(club, "balances", "bob", includeTiers=True)
    assert shown["subledgerBalances"] == {}
    assert shown["balance"]["activePoints"] == 0
    assert "currentTier" not in shown["balance"]
    assert (shown["balance"]["pointsToNextTier"], shown["balance"]["nextTierName"]) == (10, "silver")


@pytest.mark.parametrize(
    ("end_date", "expected"),
    [
        ("2026-01-01", {}),
        ("2026-01-03", {"active": 12, "pending": 16}),
        ("2026-01-08T00:00:00+07:00", {"active": 21, "pending": 7}),
        ("2026-02-01T00:00:00Z", {"active": 9, "pending": 7, "expired": 12}),
        ("9999-12-31T23:59:59-12:00", {"active": 9, "pending": 7, "expired": 12}),
    ],
)
async def test_balances_of_another_time(club, end_date, expected):
    """Balances may be asked for any past or future time, a date being its midnight in UTC."""
    assert await balance(club, endDate=end_date) == expected


@pytest.mark.parametrize(
    ("subledger", "main", "others"), [("tea", False, ["tea"]), ("", True, []), ("new", False, ["new"])]
)
async def test_balances_of_one_ledger(club, subledger, main, others):
    """With a subledger only that one is returned; an empty name is the main ledger."""
    shown = await get(club, "balances", subledgerId=subledger)
    assert ("balance" in shown, list(shown["subledgerBalances"])) == (main, others)


async def test_balances_tell_tiers_if_asked(club):
    """The tier, what is missing to the next one and the projected one are there if the query asks for them."""
    shown = (await get(club, "balances", includeTiers=True, includeProjectedTier=True))["balance"]
    assert shown["currentTier"] == {
        "id": 1,
        "name": "silver",
        "startDate": "2026-01-02T03:04:05Z",
        "expiryDate": "2026-01-12T03:04:05Z",
        "downgradePolicy": "balance_based",
    }
    assert (shown["pointsToNextTier"], shown["nextTierName"]) == (8, "gold")
    assert shown["projectedTier"] == {"projectedActivePoints": 21, "projectedTierName": "gold"}
    assert "currentTier" not in (await get(club, "balances"))["balance"]


async def test_projected_tier_tells_what_is_missing(club):
    """If the tier will be lost, its projection tells how many points are missing to stay."""
    club.clock.forward(days=15)
    shown = (await get(club, "balances", includeTiers=True, includeProjectedTier=True))["balance"]
    assert (shown["currentTier"]["name"], shown["nextTierName"], shown["pointsToNextTier"]) == ("gold", None, 0)
    assert shown["projectedTier"] == {"projectedActivePoints": 9, "stayInTierPoints": 11}


async def test_transactions_are_listed_latest_first(open_shop):
    """Transactions have their dates, ledger, rule and session, the latest one first."""
    shop = open_shop(shop_file(add(10, name="For tea"), deduct(3), points=[{"owner": "ada", "amount": 5}]))
    shop.clock.forward(days=1)
    await buy(shop, storeIntegrationId="store-1")
    spent, added, imported = (await get(shop, "transactions"))["data"]
    assert {name: added[name] for name in added if name not in {"transactionUUID", "id"}} == {
        "created": "2026-01-03T03:04:05Z",
        "programId": CLUB,
        "customerSessionId": "s",
        "storeIntegrationId": "store-1",
        "type": "addition",
        "name": "For tea",
        "startDate": "immediate",
        "expiryDate": "unlimited",
        "subledgerId": "",
        "amount": 10,
        "rulesetId": 1,
        "ruleName": "rule",
    }
    assert (spent["type"], spent["amount"]) == ("subtraction", 3)
    assert (imported["name"], imported["created"]) == ("Imported", "2026-01-02T03:04:05Z")
    assert len({one["transactionUUID"] for one in (spent, added, imported)}) == 3


@pytest.mark.parametrize(
    ("query", "amounts"),
    [
        ({}, [10, 4, 7, 12, 9]),
        ({"subledgerId": "tea"}, [4]),
        ({"subledgerId": ""}, [10, 7, 12, 9]),
        ({"loyaltyTransactionType": "import"}, [4, 7, 12, 9]),
        ({"loyaltyTransactionType": "session"}, [10]),
        ({"loyaltyTransactionType": "manual"}, []),
        ({"startDate": "2026-01-03"}, [10]),
        ({"endDate": "2026-01-03T00:00:00Z"}, [4, 7, 12, 9]),
        ({"startDate": "2026-01-03T03:04:05Z", "endDate": "2026-01-03T03:04:05Z"}, [10]),
        ({"customerSessionIDs": ["s", "t"]}, [10]),
        ({"customerSessionIDs": "t"}, []),
        ({"awaitsActivation": "true"}, [7]),
        ({"pageSize": 2, "skip": 1}, [4, 7]),
    ],
    ids=str,
)
async def test_transactions_are_filtered(open_shop, query, amounts):
    """Each filter of the query selects transactions, and a page is a part of them."""
    shop = open_shop(shop_file(add(10), allowSubledger=True, points=GIVEN))
    shop.clock.forward(days=1)
    await buy(shop)
    shown = await get(shop, "transactions", **query)
    assert [one["amount"] for one in shown["data"]] == amounts
    assert shown["hasMore"] == ("pageSize" in query)


async def test_transactions_are_found_by_uuid(club):
    """The filter by UUIDs selects several transactions."""
    uuids = [one["transactionUUID"] for one in (await get(club, "transactions"))["data"][:2]]
    assert len((await get(club, "transactions", transactionUUIDs=uuids))["data"]) == 2
    assert len((await get(club, "points", transactionUUIDs=uuids[:1], subledgerId=["tea"]))["data"]) == 1


@pytest.mark.parametrize(
    ("query", "amounts"),
    [
        ({}, [12, 4]),
        ({"status": "active", "subledgerId": ["", "tea"]}, [12, 4]),
        ({"subledgerId": "tea"}, [4]),
        ({"status": "pending"}, [9, 7]),
        ({"status": "pending", "sort": "-startDate"}, [7, 9]),
        ({"status": "expired"}, []),
        ({"sort": "expiryDate"}, [12, 4]),
        ({"sort": "-expiryDate"}, [4, 12]),
        ({"customerSessionIDs": "s"}, []),
        ({"pageSize": 1}, [12]),
    ],
    ids=str,
)
async def test_points_are_filtered_and_sorted(club, query, amounts):
    """Points have one status, and are sorted by start or expiry, downwards with a minus."""
    shown = await get(club, "points", **query)
    assert [one["amount"] for one in shown["data"]] == amounts
    assert shown["hasMore"] == ("pageSize" in query)


async def test_points_are_what_is_left(open_shop):
    """Points that were spent are not listed, and of the rest only what is left."""
    points = [{"owner": "ada", "amount": 5, "expiryDate": "9D"}, {"owner": "ada", "amount": 5}]
    shop = open_shop(shop_file(deduct(7), points=points))
    await buy(shop)
    [left] = (await get(shop, "points"))["data"]
    assert (left["amount"], left["expiryDate"], left["startDate"]) == (3, "unlimited", "immediate")


@pytest.mark.parametrize("by", ["sessionId", "transactionUUIDs"])
async def test_points_are_activated(open_shop, by):
    """Points of a session or of transactions become active, and their validity starts."""
    shop = open_shop(shop_file(add(10, startDate="on_action", expiryDate="30D"), add(5, startDate="1D")))
    await buy(shop)
    [waiting] = (await get(shop, "transactions", awaitsActivation="true"))["data"]
    assert (waiting["startDate"], waiting["validityDuration"]) == ("on_action", "30D")
    shop.clock.forward(hours=1)
    body = {"sessionId": "s"} if by == "sessionId" else {by: [waiting["transactionUUID"]]}
    response = await shop.http.post(ACTIVATE, json=body)
    assert response.json() == {
        "ledgerEntries": [
            {
                "created": "2026-01-02T03:04:05Z",
                "programID": CLUB,
                "customerProfileID": "ada",
                "customerSessionID": "s",
                "type": "addition",
                "amount": 10,
                "startDate": "2026-01-02T04:04:05Z",
                "expiryDate": "2026-02-01T04:04:05Z",
                "name": "club",
                "subLedgerID": "",
            }
        ]
    }
    assert await balance(shop) == {"active": 10, "pending": 5}


async def test_second_activation_of_a_session_finds_nothing(open_shop):
    """If nothing of a session awaits activation any more, nothing is activated without an error."""
    shop = open_shop(shop_file(add(10, startDate="on_action")))
    await buy(shop)
    await shop.http.post(ACTIVATE, json={"sessionId": "s"})
    assert (await shop.http.post(ACTIVATE, json={"sessionId": "s"})).json() == {"ledgerEntries": []}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "Invalid value", "/sessionId")),
        ({"sessionId": "s", "transactionUUIDs": ["x"]}, (400, "Invalid value", "/sessionId")),
        ({"sessionId": ""}, (400, "string_gte", "/sessionId")),
        ({"sessionId": "s", "more": 1}, (400, "Unknown", "/more")),
        ({"transactionUUIDs": []}, (400, "array_min_items", "/transactionUUIDs")),
        ({"transactionUUIDs": ["x"] * 51}, (400, "array_max_items", "/transactionUUIDs")),
        ({"transactionUUIDs": ["x", "x"]}, (400, "Invalid value", "/transactionUUIDs")),
        ({"transactionUUIDs": ["x"]}, (400, "format", "/transactionUUIDs/0")),
    ],
    ids=str,
)
async def test_invalid_activation_is_rejected(club, body, expected):
    """An activation names either a session or one to fifty different UUIDs, and nothing else."""
    assert problem(await club.http.post(ACTIVATE, json=body)) == expected


async def test_points_that_expired_await_nothing(open_shop):
    """Points that were not activated before they expired are no longer among those that await it."""
    waiting = {"owner": "ada", "amount": 5, "startDate": "on_action", "expiryDate": "2026-01-03T03:04:05Z"}
    shop = open_shop(shop_file(points=[waiting]))
    [one] = (await get(shop, "transactions", awaitsActivation="true"))["data"]
    shop.clock.forward(days=1)
    assert (await get(shop, "transactions", awaitsActivation="true"))["data"] == []
    path, body = f"/v1/loyalty_programs/{CLUB}/activate_points", {"transactionUUIDs": [one["transactionUUID"]]}
    assert problem(await shop.http.post(path, json=body))[::2] == (400, "/transactionUUIDs/0")


async def test_only_waiting_points_are_activated(club):
    """A UUID of points that do not await activation is a 400, and activates none of the others."""
    uuids = [one["transactionUUID"] for one in (await get(club, "transactions", subledgerId=""))["data"]]
    response = await club.http.post(ACTIVATE, json={"transactionUUIDs": uuids})
    assert problem(response) == (400, "Invalid value", "/transactionUUIDs/1")
    assert await balance(club) == {"active": 12, "pending": 16}


@pytest.mark.parametrize(
    "body", [{"sessionId": "nope"}, {"transactionUUIDs": ["8f1a8d7c-9c3e-4a5e-9f0d-2c5f7a3b1cde"]}], ids=str
)
async def test_unknown_points_are_not_activated(club, body):
    """A session or a transaction that does not exist is a 404."""
    assert (await club.http.post(ACTIVATE, json=body)).status_code == 404


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ({"scope": "AllSubledgers"}, []),
        ({"scope": "AllSubledgers", "subledgerIds": None}, []),
        ({"scope": "SelectedSubledgers", "subledgerIds": [""]}, [4]),
        ({"scope": "SelectedSubledgers", "subledgerIds": ["tea", "none"]}, [7, 12, 9]),
    ],
    ids=str,
)
async def test_transactions_are_deleted(club, body, left):
    """The transactions of all or of the named ledgers are gone; the main ledger's name is empty."""
    response = await club.http.post(f"{PROFILE}/delete_transactions", json=body)
    assert (response.status_code, response.content) == (204, b"")
    assert [one["amount"] for one in (await get(club, "transactions"))["data"]] == left


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "required", "/scope")),
        ({"scope": "Some"}, (400, "enum", "/scope")),
        ({"scope": "SelectedSubledgers"}, (400, "required", "/subledgerIds")),
        ({"scope": "SelectedSubledgers", "subledgerIds": []}, (400, "required", "/subledgerIds")),
        ({"scope": "AllSubledgers", "dry": True}, (400, "Unknown", "/dry")),
    ],
    ids=str,
)
async def test_invalid_deletion_is_rejected(club, body, expected):
    """A deletion has a scope, the ledgers if they are selected, and nothing else."""
    assert problem(await club.http.post(f"{PROFILE}/delete_transactions", json=body)) == expected
    assert await balance(club) == {"active": 12, "pending": 16}


async def test_member_stays_one_without_transactions(club):
    """A customer who joined by earning points is a member after their deletion, too."""
    await club.http.post(f"{PROFILE}/delete_transactions", json={"scope": "AllSubledgers"})
    assert problem(await club.http.post(f"{PROFILE}/join")) == (400, "Invalid value", "integrationId")


async def test_cancelled_session_without_transactions_takes_nothing_back(open_shop):
    """Points whose transactions were deleted are not taken back when their session is cancelled."""
    shop = open_shop(shop_file(add(10), add(2), deduct(3)))
    await buy(shop)
    await shop.http.post(f"{PROFILE}/delete_transactions", json={"scope": "AllSubledgers"})
    assert (await shop.put_session("s", state="cancelled"))["effects"] == []


async def test_customer_joins_once(club):
    """A customer, new or not, joins once; the response is empty, and a second time is a 400."""
    path = f"/v1/loyalty_programs/{CLUB}/profile/bob/join"
    first = await club.http.post(path)
    assert (first.status_code, first.content) == (200, b"")
    assert problem(await club.http.post(path)) == (400, "Invalid value", "integrationId")
    inventory = (await club.http.get("/v1/customer_profiles/bob/inventory", params={"loyalty": "true"})).json()
    assert inventory["loyalty"]["programs"][str(CLUB)]["joinDate"] == "2026-01-02T03:04:05Z"


READS = ("balances", "transactions", "points")


@pytest.mark.parametrize("what", READS)
async def test_unknown_customer_or_program_is_not_found(club, what):
    """A customer or a program that does not exist is a 404, and a program of cards a 400."""
    statuses = [
        (await club.http.get(f"/v1/loyalty_programs/{path}/{what}")).status_code
        for path in (f"{CLUB}/profile/bob", "9/profile/ada", f"{CARDS}/profile/ada", "x/profile/ada")
    ]
    assert statuses == [404, 404, 400, 400]


@pytest.mark.parametrize(
    ("what", "query", "name"),
    [
        ("balances", {"endDate": "yesterday"}, "endDate"),
        ("balances", {"includeTiers": "maybe"}, "includeTiers"),
        ("transactions", {"awaitsActivation": "false"}, "awaitsActivation"),
        ("transactions", {"loyaltyTransactionType": "gift"}, "loyaltyTransactionType"),
        ("transactions", {"pageSize": 1001}, "pageSize"),
        ("points", {"status": "lost"}, "status"),
        ("points", {"sort": "amount"}, "sort"),
        ("points", {"sort": "startDate,expiryDate"}, "sort"),
    ],
)
async def test_invalid_query_is_rejected(club, what, query, name):
    """An invalid member of a query is a 400 that names it."""
    response = await club.http.get(f"{PROFILE}/{what}", params=query)
    assert (response.status_code, problem(response)[2]) == (400, name)
