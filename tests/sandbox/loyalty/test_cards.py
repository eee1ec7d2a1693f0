"""The operations of card-based programs."""

import re

import pytest

from tests.sandbox.loyalty.support import CARDS, CLUB, add, buy, get, shop_file
from tests.sandbox.support import problem

GENERATE = f"/v1/loyalty_programs/{CARDS}/cards"
ZEROS = dict.fromkeys(
    (
        "currentBalance",
        "pendingBalance",
        "negativeBalance",
        "expiredBalance",
        "spentBalance",
        "tentativeCurrentBalance",
        "tentativePendingBalance",
        "tentativeNegativeBalance",
    ),
    0,
)


@pytest.fixture
def open_cards(open_shop):
    """Return a function that opens a shop whose program of cards has some settings."""

    def open_with(*effects, **members):
        file = shop_file(*effects)
        file["loyaltyPrograms"][1] |= members
        return open_shop(file)

    return open_with


def change(shop, link, card="card-1", customer="ada"):
    """Link a card to a customer, or unlink it."""
    path = f"/v2/loyalty_programs/{CARDS}/cards/{card}/{link}_profile"
    return shop.http.post(path, json={"integrationId": customer})


async def test_card_is_generated(open_cards):
    """A generated card is active, has the wanted identifier and customers, and empty ledgers."""
    shop = open_cards(usersPerCardLimit=2)
    response = await shop.http.post(GENERATE, json={"customerProfileIds": ["ada"], "cardIdentifier": "summer-0543"})
    assert response.status_code == 200
    assert response.json() == {
        "id": 1,
        "created": "2026-01-02T03:04:05Z",
        "programID": CARDS,
        "programName": "cards",
        "programTitle": "cards",
        "status": "active",
        "identifier": "summer-0543",
        "usersPerCardLimit": 2,
        "profiles": [{"integrationId": "ada", "timestamp": "2026-01-02T03:04:05Z"}],
        "ledger": ZEROS,
        "subledgers": {},
    }
    assert "ada" in shop.sandbox.state.profiles


async def test_code_format_makes_identifiers(open_cards):
    """Without an identifier the program's code format makes one, until all are used."""
    shop = open_cards(cardCodeSettings={"validCharacters": ["0", "1"], "couponPattern": "CARD-#"})
    made = [(await shop.http.post(GENERATE, json={"status": "inactive"})).json() for _ in range(2)]
    assert {(one["identifier"], one["status"]) for one in made} == {("CARD-0", "inactive"), ("CARD-1", "inactive")}
    assert problem(await shop.http.post(GENERATE, json={})) == (400, "Invalid value", "/cardIdentifier")


async def test_program_without_a_format_makes_identifiers_too(open_cards):
    """A program without a code format makes identifiers of eight characters."""
    identifier = (await open_cards().http.post(GENERATE, json={})).json()["identifier"]
    assert re.fullmatch("[A-Z2-9]{8}", identifier)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"status": "blocked"}, (400, "enum", "/status")),
        ({"customerProfileIds": ["a", "b", "c"]}, (400, "array_max_items", "/customerProfileIds")),
        ({"customerProfileIds": [""]}, (400, "string_gte", "/customerProfileIds/0")),
        ({"cardIdentifier": "abc"}, (400, "format", "/cardIdentifier")),
        ({"cardIdentifier": "a" * 109}, (400, "format", "/cardIdentifier")),
        ({"cardIdentifier": "card 1"}, (400, "format", "/cardIdentifier")),
        ({"cardIdentifier": "card-1"}, (400, "Invalid value", "/cardIdentifier")),
    ],
    ids=str,
)
async def test_invalid_card_is_rejected(open_cards, body, expected):
    """A card of another form, one that exists, and one with too many customers are rejected."""
    shop = open_cards(usersPerCardLimit=2, cards=[{"identifier": "card-1"}])
    assert problem(await shop.http.post(GENERATE, json=body)) == expected
    assert len(shop.sandbox.state.loyalty_cards) == 1


async def test_card_is_linked_and_unlinked(open_cards):
    """A card is linked to customers and unlinked; a second time changes nothing."""
    shop = open_cards(cards=[{"identifier": "card-1"}])
    shop.clock.forward(hours=1)
    first = (await change(shop, "link")).json()
    assert first["profiles"] == [{"integrationId": "ada", "timestamp": "2026-01-02T04:04:05Z"}]
    assert first["modified"] == "2026-01-02T04:04:05Z"
    shop.clock.forward(hours=1)
    assert (await change(shop, "link")).json() == first
    unlinked = (await change(shop, "unlink")).json()
    assert unlinked["profiles"] == []
    assert (await change(shop, "unlink")).json() == unlinked


async def test_card_has_a_limit_of_customers(open_cards):
    """One customer more than the limit is a 400; without a limit any number may use a card."""
    limited = open_cards(usersPerCardLimit=1, cards=[{"identifier": "card-1", "customerProfileIds": ["bob"]}])
    assert problem(await change(limited, "link")) == (400, "array_max_items", "/integrationId")
    free = open_cards(cards=[{"identifier": "card-1", "customerProfileIds": ["bob"]}])
    assert len((await change(free, "link")).json()["profiles"]) == 2


async def test_blocked_card_is_not_linked(open_cards):
    """A blocked card is linked to no other customer."""
    shop = open_cards(cards=[{"identifier": "card-1", "status": "blocked", "blockReason": "lost"}])
    assert problem(await change(shop, "link")) == (400, "Invalid value", "loyaltyCardId")
    assert (await change(shop, "unlink")).json()["blockReason"] == "lost"


@pytest.mark.parametrize("link", ["link", "unlink"])
async def test_unknown_card_is_not_found(open_cards, link):
    """A card that does not exist is a 404, whatever is done with it."""
    shop = open_cards()
    assert (await change(shop, link)).status_code == 404
    for what in "balances", "transactions", "points":
        assert (await shop.http.get(f"{GENERATE}/card-1/{what}")).status_code == 404


async def test_program_of_profiles_has_no_cards(open_cards):
    """The operations on cards need a card-based program."""
    response = await open_cards().http.post(f"/v1/loyalty_programs/{CLUB}/cards", json={})
    assert problem(response) == (400, "Invalid value", "loyaltyProgramId")


async def test_card_of_an_unknown_program_is_rejected(open_cards):
    """A card in a program that does not exist is a 400, since the API documents no 404 for it."""
    response = await open_cards().http.post("/v1/loyalty_programs/9/cards", json={})
    assert problem(response) == (400, "Unknown", "loyaltyProgramId")


async def test_card_tells_its_points(open_cards):
    """A card's balances have its customers, its transactions the card, and its points the customer."""
    effect = {**add(10), "programId": CARDS}
    cards = [{"identifier": "card-1", "customerProfileIds": ["ada"]}]
    points = [{"owner": "card-1", "amount": 3, "subLedgerId": "tea"}]
    shop = open_cards(effect, cards=cards, points=points)
    await buy(shop, loyaltyCards=["card-1"])
    shown = await get(shop, "balances", "card-1", CARDS)
    assert shown["balance"]["activePoints"] == 10
    assert shown["subledgerBalances"]["tea"]["activePoints"] == 3
    assert [one["integrationId"] for one in shown["profiles"]] == ["ada"]
    [transaction, _] = (await get(shop, "transactions", "card-1", CARDS))["data"]
    assert (transaction["cardIdentifier"], transaction["customerSessionId"]) == ("card-1", "s")
    [point] = (await get(shop, "points", "card-1", CARDS, subledgerId=""))["data"]
    assert (point["customerProfileID"], point["amount"]) == ("ada", 10)


async def test_several_subledgers_of_a_card(open_cards):
    """Balances and transactions of a card may be those of several ledgers, the main one among them."""
    names = ("", "tea", "jam")
    points = [{"owner": "card-1", "amount": number, "subLedgerId": name} for number, name in enumerate(names, 1)]
    shop = open_cards(cards=[{"identifier": "card-1"}], points=points)
    shown = await get(shop, "balances", "card-1", CARDS, subledgerId=["", "jam"])
    assert ("balance" in shown, list(shown["subledgerBalances"])) == (True, ["jam"])
    transactions = await get(shop, "transactions", "card-1", CARDS, subledgerId=["", "jam"])
    assert [one["amount"] for one in transactions["data"]] == [3, 1]


async def test_points_of_a_card_are_activated(open_cards):
    """Points of a card that await activation are activated by their session, and the entry names the customer."""
    effect = {**add(10), "programId": CARDS, "startDate": "on_action"}
    shop = open_cards(effect, cards=[{"identifier": "card-1"}])
    await buy(shop, loyaltyCards=["card-1"])
    response = await shop.http.post(f"/v1/loyalty_programs/{CARDS}/activate_points", json={"sessionId": "s"})
    [entry] = response.json()["ledgerEntries"]
    assert (entry["cardID"], entry["customerProfileID"], entry["amount"]) == (1, "ada", 10)
    assert "expiryDate" not in entry


async def test_inventory_has_the_cards_of_the_customer(open_cards):
    """A customer's inventory has the cards that are linked to the customer, with their points, and no others."""
    cards = [{"identifier": "card-1", "customerProfileIds": ["ada"]}, {"identifier": "card-2"}]
    shop = open_cards(cards=cards, points=[{"owner": "card-1", "amount": 3}])
    inventory = (await shop.http.get("/v1/customer_profiles/ada/inventory", params={"loyalty": "true"})).json()
    [card] = inventory["loyalty"]["cards"]
    assert (card["identifier"], card["ledger"]["currentBalance"]) == ("card-1", 3)
