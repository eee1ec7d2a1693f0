"""What requests have stored, over HTTP."""

import pytest

from tests.sandbox.loyalty.support import CARDS, CLUB, program
from tests.sandbox.support import campaign, rule

CART = [{"sku": "tea", "quantity": 2, "price": 1.5}, {"sku": "rum", "quantity": 1, "price": 9}]


async def get(shop, path, **query):
    """Return what a resource of the sandbox shows."""
    return (await shop.http.get(f"/sandbox/{path}", params=query)).raise_for_status().json()


async def test_no_key_is_needed(shop):
    """What the sandbox has of its own needs no API key."""
    for path in ("state", "requests", "profiles", "sessions", "coupons", "loyalty", "clock", "faults", "campaigns"):
        response = await shop.http.get(f"/sandbox/{path}", headers={"Authorization": ""})
        assert response.status_code == 200, path


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/sandbox/nothing", 404),
        ("GET", "/sandbox", 404),
        ("DELETE", "/sandbox/state", 405),
        ("GET", "/sandbox/reset", 405),
    ],
)
async def test_what_there_is_not_is_an_error_of_the_api(shop, method, path, status):
    """An unknown path or method below /sandbox/ is an error in the API's format."""
    response = await shop.http.request(method, path)
    assert (response.status_code, response.json()["StatusCode"]) == (status, status)


async def test_profiles_are_listed_by_activity(shop):
    """Customers are listed as the API shows them, the one who was active last first."""
    for name in ("ada", "bob"):
        await shop.put_profile(name, attributes={"name": name})
        shop.clock.forward(seconds=1)
    await shop.put_profile("ada")
    listed = await get(shop, "profiles")
    assert [one["integrationId"] for one in listed["data"]] == ["ada", "bob"]
    assert listed["data"][0]["attributes"] == {"name": "ada"}


async def test_lists_have_pages(shop):
    """A list shows the part that skip and limit select, how many there are, and whether more follow."""
    for number in range(5):
        await shop.put_profile(f"p{number}")
    page = await get(shop, "profiles", skip=1, limit=2)
    assert (page["total"], page["hasMore"], len(page["data"])) == (5, True, 2)
    page = await get(shop, "profiles", skip=3, limit=2)
    assert (page["hasMore"], len(page["data"])) == (False, 2)


async def test_a_profile_is_shown_with_what_belongs_to_it(open_shop):
    """A customer is shown with points, coupons and sessions."""
    points = {"type": "addLoyaltyPoints", "programId": CLUB, "value": 7}
    file = campaign(rule([], points), coupons=({"value": "MINE", "recipientIntegrationId": "a/b"}, {"value": "OTHER"}))
    shop = open_shop(file)
    await shop.put_session("s-1", profileId="a/b", cartItems=CART, state="closed")
    await shop.put_session("s-2", profileId="bob", cartItems=CART)
    shown = await get(shop, "profiles/a%2Fb")
    assert (shown["integrationId"], shown["closedSessions"]) == ("a/b", 1)
    assert [coupon["value"] for coupon in shown["coupons"]] == ["MINE"]
    assert [session["integrationId"] for session in shown["sessions"]] == ["s-1"]
    [account] = shown["loyalty"]
    assert (account["programName"], account["ledgers"][0]["activePoints"]) == ("club", 7)


@pytest.mark.parametrize("path", ["profiles/ada", "sessions/s-1"])
async def test_what_does_not_exist_is_a_404(shop, path):
    """An unknown customer or session is a 404."""
    assert (await shop.http.get(f"/sandbox/{path}")).status_code == 404


async def test_sessions_are_listed_with_their_prices(shop):
    """Sessions are listed with their total, discount, what is to pay, and codes; the latest update comes first."""
    await shop.put_session("s-1", profileId="ada", cartItems=CART, couponCodes=["SPRING", "NOPE"], state="closed")
    shop.clock.forward(seconds=1)
    await shop.put_session("s-2", cartItems=CART)
    second, first = (await get(shop, "sessions"))["data"]
    assert (second["integrationId"], second["state"], second["discount"], second["toPay"]) == ("s-2", "open", 0, 12)
    assert (first["profileId"], first["items"], first["total"], first["discount"], first["toPay"]) == (
        "ada",
        3,
        12,
        2,
        10,
    )
    codes = [(code["code"], code["accepted"], code["reason"]) for code in first["codes"]]
    assert codes == [("SPRING", True, None), ("NOPE", False, "no coupon has this code")]


async def test_a_session_is_shown_with_its_cart_and_effects(shop):
    """A session is shown as the API shows it, with its priced cart, its codes and effects."""
    await shop.put_session("s%2F1", profileId="ada", cartItems=CART, couponCodes=["SPRING"])
    shown = await get(shop, "sessions/s%2F1")
    assert (shown["integrationId"], shown["state"], shown["couponCodes"]) == ("s/1", "open", ["SPRING"])
    tea, rum = shown["cart"]["lines"]
    assert (tea["sku"], tea["discount"], tea["total"]) == ("tea", 2, 1)
    assert (rum["discount"], rum["total"], shown["cart"]["total"]) == (0, 9, 10)
    assert [effect["effectType"] for effect in shown["effects"]].count("setDiscountPerItem") == 2


async def test_coupons_are_listed_with_their_use(shop):
    """Coupons are listed with their campaign, how often they were redeemed and by whom, and who holds them."""
    await shop.put_session("s", profileId="ada", cartItems=CART, couponCodes=["SPRING"], state="closed")
    await shop.http.post("/v1/coupon_reservations/ONCE", json={"integrationIDs": ["bob", "ada"]})
    spring, _, once = (await get(shop, "coupons"))["data"]
    assert (spring["value"], spring["campaignName"], spring["usageCounter"]) == ("SPRING", "Spring", 1)
    assert spring["redemptions"] == {"ada": 1}
    assert (once["usageLimit"], once["reservedBy"], once["redemptions"]) == (1, ["ada", "bob"], {})


async def test_points_are_listed_by_owner(open_shop):
    """Points are listed for each customer and card, ledger by ledger, with the tier."""
    club = program(
        allowSubledger=True,
        tiers=[{"name": "silver", "minPoints": 5}],
        points=[{"owner": "ada", "amount": 7}, {"owner": "ada", "amount": 2, "subLedgerId": "coffee"}],
    )
    cards = {"id": CARDS, "name": "cards", "cardBased": True, "cards": [{"identifier": "card-1"}]}
    shop = open_shop({"loyaltyPrograms": [club, cards | {"points": [{"owner": "card-1", "amount": 3}]}]})
    ada, card = (await get(shop, "loyalty"))["data"]
    assert (ada["owner"], ada["isCard"], card["owner"], card["isCard"]) == ("ada", False, "card-1", True)
    main, coffee = ada["ledgers"]
    assert (main["name"], main["activePoints"], main["currentTier"]["name"]) == ("", 7, "silver")
    assert (coffee["name"], coffee["activePoints"]) == ("coffee", 2)
    assert card["ledgers"][0]["activePoints"] == 3
