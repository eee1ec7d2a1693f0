from datetime import timedelta

import pytest

from aiotalonone.sandbox import SHOP, Fault
from tests.sandbox.support import campaign, rule

APPLES = [{"sku": "apple", "quantity": 3, "price": 1.2}]
CROSS = "\N{MULTIPLICATION SIGN}"
UPDATE = "updateCustomerSessionV2"
FIRST_SESSION = "/window/sessions?id=cart-17"


@pytest.fixture
def shop(open_shop):
    return open_shop(SHOP)


async def buy(shop, session_id="cart-17", **session):
    return await shop.put_session(session_id, **{"profileId": "ada", "cartItems": APPLES, **session})


def numbers(page):
    """Return the numbers of the requests that a page lists."""
    return [int(number) for number in page.attributes("data-key")]


async def test_requests_are_listed_with_the_newest_first(shop, look):
    """A request is listed with its status, method, path, operation and effects; the newest is the first."""
    await buy(shop, couponCodes=["SUMMER", "WINTER"])
    await shop.http.get("/v1/nothing")
    page = await look(shop, "/")
    assert numbers(page) == [2, 1]
    assert "404 GET /v1/nothing" in page.text
    assert "200 PUT /v2/customer_sessions/cart-17" in page.text
    assert f"{UPDATE} " in page.text
    effects = "acceptCoupon SUMMER · setDiscount Summer 0.36 · rejectCoupon WINTER (CouponNotFound)"
    assert f"{effects} · addLoyaltyPoints Purchase 3.6" in page.text


async def test_effects_that_are_alike_are_told_once(open_shop, look):
    """Of effects that follow each other and are alike, one is listed, with how many there are."""
    off = {"type": "setDiscountPerItem", "name": "Off", "value": 0.2, "skus": ["apple"]}
    notices = [{"type": "showNotification", "title": f"no. {number}"} for number in range(5)]
    shop = open_shop(campaign(rule([], off, *notices)))
    await buy(shop)
    text = (await look(shop, "/")).text
    assert "3 times setDiscountPerItem Off#0 0.2 · showNotification no. 0" in text
    assert "showNotification no. 2 · 2 more" in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [4, 3, 2, 1]),
        ("operation=updateCustomerSessionV2", [3, 1]),
        ("status=2xx", [1]),
        ("status=4xx", [4, 2]),
        ("status=5xx", []),
        ("status=cut", [3]),
        ("operation=updateCustomerSessionV2&status=2xx", [1]),
        ("operation=getCustomerInventory", [2]),
    ],
)
async def test_requests_are_filtered(shop, look, query, expected):
    """Requests are filtered by operation and by the kind of their status, or by having had no response."""
    await buy(shop)
    await shop.http.get("/v1/customer_profiles/eve/inventory")
    shop.sandbox.faults.add(UPDATE, Fault.DROP_AFTER_COMMIT)
    with pytest.raises(ConnectionResetError):
        await buy(shop)
    await shop.http.get("/v1/nothing")
    page = await look(shop, f"/?{query}")
    assert numbers(page) == expected
    assert all(query.split("&")[0] in link for link in page.attributes("href") if "number=" in link)


async def test_request_says_what_it_did_and_why(shop, look):
    """A request is shown with the priced cart, why codes and rules were as they were, its bodies, and as programs."""
    await buy(shop, couponCodes=["WELCOME", "WINTER"], cartItems=[{"sku": "apple", "quantity": 2, "price": 4.5}])
    text = (await look(shop, "/?number=1")).text
    assert "Total 9.00" in text
    assert "WINTER no coupon has this code (CouponNotFound)" in text
    assert "Five off from 20 on WELCOME did not fire the total 9 is below 20" in text
    assert "A point for each unit of money fired" in text
    assert '"couponCodes": ["WELCOME", "WINTER"]' in text
    assert "await client.sessions.update_customer_session_v2(" in text
    assert "curl -X PUT http://sandbox/v2/customer_sessions/cart-17" in text


async def test_request_in_flight_is_told(shop, look):
    """A request that has no response yet is in flight, which is not the same as one that was cut."""
    pages = []

    async def look_meanwhile(_):
        pages.append(await look(shop, "/?number=1"))

    shop.sandbox.before_commit(look_meanwhile)
    await buy(shop)
    [page] = pages
    assert f"PUT /v2/customer_sessions/cart-17 … {UPDATE} in flight" in page.text
    assert "cut PUT" not in page.text


async def test_dry_request_is_priced(shop, look):
    """A dry request has the cart as it would be, and is marked."""
    await shop.try_session("cart-17", couponCodes=["SUMMER"], cartItems=APPLES)
    text = (await look(shop, "/?number=1")).text
    assert "Summer \N{MINUS SIGN}0.36 Total 3.24" in text
    assert f"{UPDATE} dry" in text


async def test_fault_and_error_are_told(shop, look):
    """A request without a response names the fault that was played, and an error its place and words."""
    shop.sandbox.faults.add(UPDATE, Fault.DROP_AFTER_COMMIT)
    with pytest.raises(ConnectionResetError):
        await buy(shop)
    await shop.http.put(
        "/v2/customer_sessions/s", json={"customerSession": {"cartItems": [{"sku": "a", "quantity": 0}]}}
    )
    broken, wrong = [(await look(shop, f"/?number={number}")).text for number in (1, 2)]
    assert "fault dropAfterCommit" in broken
    assert "There was no response." in broken
    assert "/cartItems/0/quantity: cartItems.0.quantity must be at least 1" in wrong


async def test_long_body_is_cut(shop, look):
    """A body that is not recorded whole is cut, with a link to what is, and is not offered as a program."""
    await buy(shop, attributes={"text": "x" * 100_000})
    page = await look(shop, "/?number=1")
    assert "the rest is left out" in page.text
    assert "/sandbox/requests/1" in page.attributes("href")
    assert page.attributes("data-copy") == []


@pytest.mark.parametrize("levels", [64, 65, 500, 900, 20_000])
async def test_deeply_nested_body_is_shown(shop, look, levels):
    """A request whose body is nested too deeply is shown like any other."""
    await shop.http.put("/v2/customer_sessions/s", content="[" * levels + "]" * levels)
    page = await look(shop, "/?number=1")
    assert "400 PUT /v2/customer_sessions/s" in page.text
    assert len(page.markup) < 500_000


async def test_request_that_is_forgotten(shop, look):
    """A request that is no longer kept is said to be so."""
    assert "This request is no longer kept." in (await look(shop, "/?number=7")).text


async def test_first_steps(shop, look):
    """Without requests the page says how to make one, with the address and a coupon of the sandbox at hand."""
    text = (await look(shop, "/")).text
    assert "export TALON_ONE_API_KEY=sandbox-key curl -X PUT http://sandbox/v2/customer_sessions/cart-17" in text
    assert '"couponCodes":["SUMMER"]' in text


async def test_session_has_its_cart_codes_and_effects(open_shop, look):
    """A session is shown with its lines, discounts, costs and total, its codes, and the effects."""
    tea = rule(
        [{"type": "couponIsValid"}],
        {"type": "setDiscountPerItem", "name": "Tea", "value": 0.5, "skus": ["tea"]},
        {"type": "addFreeItem", "sku": "cup"},
    )
    shop = open_shop(campaign(tea, coupons=({"value": "TEA"},)))
    cart = [{"sku": "tea", "quantity": 2, "price": 4.125}, *APPLES]
    await buy(shop, couponCodes=["TEA", "NOPE"], cartItems=cart, additionalCosts={"shipping": {"price": 4.9}})
    text = (await look(shop, FIRST_SESSION)).text
    assert "tea 2 4.125 \N{MINUS SIGN}1.000 7.250 apple 3 1.200 3.600 cup free item 1 0.000" in text
    assert "shipping 4.900 Total 15.750" in text
    assert f"TEA accepted {CROSS} NOPE no coupon has this code (CouponNotFound)" in text
    assert "setDiscountPerItem Tea#0 0.5 One , rule" in text


async def test_returned_units_are_marked(shop, look):
    """Of a line of which units came back it is said how many they are."""
    await buy(shop, state="closed")
    returned = {"return": {"returnedCartItems": [{"position": 0, "quantity": 2}]}}
    await shop.http.post("/v2/customer_sessions/cart-17/returns", json=returned)
    page = await look(shop, FIRST_SESSION)
    assert "apple 2 returned 3 1.20 1.20 Total 1.20" in page.text
    assert "partially returned" in page.text


async def test_lists_have_pages(shop, look):
    """A long list is shown page by page, the last session first."""
    for number in range(60):
        shop.clock.forward(seconds=1)
        await buy(shop, f"cart-{number}")
    first = await look(shop, "/window/sessions")
    assert "cart-59" in first.text
    assert "cart-9 " not in first.text
    assert "1 to 50 of 60" in first.text
    assert "/window/sessions?start=50" in first.attributes("href")
    last = await look(shop, "/window/sessions?start=50")
    assert "51 to 60 of 60" in last.text
    assert "/window/sessions?start=0" in last.attributes("href")
    assert "/window/sessions?start=50&id=cart-3" in last.attributes("href")
    chosen = await look(shop, "/window/sessions?start=50&id=cart-3")
    assert "51 to 60 of 60" in chosen.text
    assert ("back", "/window/sessions?start=50") in [(a.get("class"), a.get("href")) for _, a in chosen.elements]
    assert "60 to 60 of 60" in (await look(shop, "/window/sessions?start=99999999")).text
    assert "1 to 50 of 60" in (await look(shop, "/window/sessions?start=-1")).text


async def test_profile_has_attributes_points_and_audiences(open_shop, look):
    """A profile is shown with what was bought, its points in each program, its audiences and attributes."""
    points = {"type": "addLoyaltyPoints", "programId": 5, "name": "p", "value": 12.5}
    shop = open_shop(campaign(rule([], points)))
    audiences = {"adds": [1], "deletes": []}
    await shop.http.put("/v2/customer_profiles/ada", json={"audiencesChanges": audiences, "attributes": {"vip": True}})
    await buy(shop, state="closed")
    page = await look(shop, "/window/profiles?id=ada")
    assert "1 closed session, 3.60 in all cart-17" in page.text
    assert "The club 12.5 0 0 0" in page.text
    assert 'Families Attributes { "vip" : true }' in page.text
    assert FIRST_SESSION in page.attributes("href")


async def test_coupons_have_their_counters(shop, look):
    """A coupon is shown with its campaign, how often it was used and may be, and for whom it is reserved."""
    cart = [{"sku": "kettle", "quantity": 1, "price": 30}]
    await buy(shop, couponCodes=["WELCOME"], cartItems=cart, state="closed")
    await shop.http.post("/v1/coupon_reservations/SUMMER", json={"integrationIDs": [f"c-{n}" for n in range(7)]})
    text = (await look(shop, "/window/coupons")).text
    assert "SUMMER Summer 0 any c-0 , c-1 , c-2 , c-3 , c-4 and 2 more always" in text
    assert "WELCOME Welcome 1 1 used up always" in text


async def test_points_of_customers_and_cards(open_shop, look):
    """Points are shown by customer or card, program and ledger, with the tier, as the clock has them."""
    club = {
        "id": 5,
        "name": "club",
        "allowSubledger": True,
        "defaultValidity": "1D",
        "tiers": [{"name": "gold", "minPoints": 100}],
        "points": [{"owner": "ada", "amount": 120}, {"owner": "ada", "amount": 5, "subLedgerId": "tea"}],
    }
    cards = {
        "id": 6,
        "name": "cards",
        "cardBased": True,
        "cards": [{"identifier": "card-1", "status": "blocked", "blockReason": "lost"}],
        "points": [{"owner": "card-1", "amount": 7}],
    }
    shop = open_shop({"loyaltyPrograms": [club, cards]})
    text = (await look(shop, "/window/points")).text
    assert "ada club main gold 120 0 0 0" in text
    assert "ada club tea 5 0 0 0" in text
    assert "card-1 card, blocked cards main 7 0 0 0" in text
    shop.clock.forward(days=2)
    assert "ada club main 0 0 0 120" in (await look(shop, "/window/points")).text


async def test_form_is_filled_from_a_session(shop, look):
    """The form has the values of a session that is named, or else an example with a coupon of the campaigns."""
    await buy(shop, couponCodes=["SUMMER"], attributes={"a": 1}, referralCode="R", state="closed")
    page = await look(shop, "/window/run?id=cart-17")
    assert page.attributes("value")[:3] == ["cart-17", "ada", "R"]
    assert {"apple", "3", "1.20"} <= set(page.attributes("value"))
    assert '{"a":1}' in page.text
    assert {"by-hand-2", "ada"} <= set((await look(shop, "/window/run")).attributes("value"))


async def test_campaigns_are_told_in_words(open_shop, look):
    """The editor has the campaign file, and beside it are its rules in words, and the campaigns that do not run."""
    shop = open_shop(campaign(rule([{"type": "cartTotal", "atLeast": 5}], {"type": "addFreeItem", "sku": "cup"})))
    page = await look(shop, "/window/campaigns")
    assert '{"type": "cartTotal", "atLeast": 5}' in page.text
    assert "One ID 1 rule if cartTotal: atLeast 5 then addFreeItem: sku cup" in page.text
    later = (shop.clock() + timedelta(days=1)).isoformat()
    shop.sandbox.set_campaigns({"campaigns": [{"id": 1, "name": "Later", "startTime": later}]})
    assert "Later enabled, not running" in (await look(shop, "/window/campaigns")).text


async def test_clock_and_faults_are_shown(shop, look):
    """The clock is shown with whether it was set, and the faults that are still to be played beside those that were."""
    shop.sandbox.faults.add(UPDATE, Fault.STATUS_503, calls=(1, 3))
    shop.sandbox.faults.add("trackEventV2", Fault.TRICKLE, every=2)
    await shop.http.put("/v2/customer_sessions/cart-17", json={})
    page = await look(shop, "/window/control")
    assert "2026-01-02 03:04:05" in page.text
    assert "It is the machine's." in page.text
    assert (
        f"{UPDATE} status503 2 {CROSS} trackEventV2 trickle one in 2 {CROSS} Played {UPDATE} status503 1 time"
        in page.text
    )
    shop.sandbox.set_now(shop.clock() + timedelta(days=365))
    assert "Clock, set 2027-01-02 03:04:05" in (await look(shop, "/")).text


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("/window/sessions?id=x", "No sessions yet"),
        ("/window/sessions?id=x", "There is no such session."),
        ("/window/profiles?id=x", "There is no such profile."),
        ("/window/coupons", "No coupons"),
        ("/window/points", "The campaign file has no loyalty programs."),
        ("/window/campaigns", "No campaigns"),
        ("/window/control", "No fault is to be played."),
    ],
)
async def test_what_is_empty_says_so(open_shop, look, address, text):
    """A view without entries says what would be there."""
    assert text in (await look(open_shop(), address)).text
