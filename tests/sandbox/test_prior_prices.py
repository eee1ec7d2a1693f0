"""The best prices that items had, by the sandbox's clock."""

import pytest

from tests.sandbox.support import problem

PATH = "/v1/best_prior_price"
TEA = {"catalogs": [{"id": 7, "name": "food", "items": [{"sku": "tea", "price": 10}, {"sku": "free"}]}]}
ASKED = {
    "skus": ["tea"],
    "timeframeEndDate": "2026-03-02T00:00:00Z",
    "timeframe": "30",
    "timeframeEndDateType": "strict",
}


@pytest.fixture
def shop(open_shop):
    return open_shop(TEA)


async def set_price(shop, day, price):
    """Set the price of tea so many days after the start."""
    shop.clock.forward(days=day)
    action = {"type": "PATCH", "payload": {"sku": "tea", "price": price}}
    await shop.http.put("/v1/catalogs/7/sync", json={"actions": [action]})
    shop.clock.forward(days=-day)


async def ask(shop, day, **members):
    """Return the observations so many days after the start."""
    shop.clock.forward(days=day)
    end = shop.clock.now.isoformat()
    response = await shop.http.post(PATH, json=ASKED | {"timeframeEndDate": end} | members)
    shop.clock.forward(days=-day)
    return response.raise_for_status().json()


async def test_the_lowest_price_of_the_timeframe_is_returned(shop):
    """Of all prices that held within the timeframe the lowest is returned, with the time since which it held."""
    for day, price in [(5, 8), (10, 12), (20, 9)]:
        await set_price(shop, day, price)
    [best] = await ask(shop, 30)
    assert best == {
        "id": 10_001,
        "sku": "tea",
        "observedAt": "2026-01-07T03:04:05Z",
        "contextIds": [],
        "contextId": "",
        "price": 8,
        "metadata": {"influencingCampaignDetails": []},
        "target": {"type": "NONE"},
    }


async def test_a_price_that_held_when_the_timeframe_began_counts(shop):
    """A price that was set before the timeframe counts until the next one was set, and not after that."""
    await set_price(shop, 0, 5)
    await set_price(shop, 10, 12)
    assert [best["price"] for best in await ask(shop, 20, timeframe="11")] == [5]
    assert [best["price"] for best in await ask(shop, 20, timeframe="10")] == [12]


@pytest.mark.parametrize(("end_type", "price"), [("strict", 6), ("price", 8), ("sale", 6)])
async def test_a_timeframe_may_end_at_the_start_of_the_current_price(shop, end_type, price):
    """``price`` looks at the prices before the current one; without a context ``sale`` is ``strict``."""
    for day, amount in [(5, 8), (10, 12), (20, 6)]:
        await set_price(shop, day, amount)
    assert [best["price"] for best in await ask(shop, 30, timeframeEndDateType=end_type)] == [price]


async def test_a_timeframe_may_end_at_the_start_of_the_current_context(shop):
    """``sale`` looks at the prices before the current context, however often the price changed within it."""
    adjustments = [
        {
            "priceType": "sale",
            "price": 9 - number,
            "referenceId": f"r-{number}",
            "effectiveFrom": f"2026-01-{12 + number}T00:00:00Z",
            "effectiveUntil": f"2026-01-{13 + number}T00:00:00Z",
            "contextId": "WinterSale",
        }
        for number in range(3)
    ]
    action = {"type": "ADD_PRICE_ADJUSTMENT", "payload": {"sku": "tea", "adjustments": adjustments}}
    await shop.http.put("/v1/catalogs/7/sync", json={"actions": [action]})
    at = {"timeframeEndDate": "2026-01-14T12:00:00Z"}
    found = {kind: await ask(shop, 20, timeframeEndDateType=kind, **at) for kind in ("strict", "price", "sale")}
    assert {kind: best["price"] for kind, [best] in found.items()} == {"strict": 7, "price": 8, "sale": 10}
    [best] = found["strict"]
    assert best["contextIds"] == ["WinterSale"]
    assert best["metadata"]["adjustmentDetails"] == {"referenceId": "r-2", "selectedPriceType": "sale", "value": 7}


async def test_an_item_without_a_price_is_left_out(shop):
    """An item that is unknown or never had a price is left out, and one that is named twice is there once."""
    assert await ask(shop, 1, skus=["free", "unknown"]) == []
    assert len(await ask(shop, 1, skus=["tea", "tea"])) == 1
    assert await ask(shop, 1, timeframeEndDateType="price") == []


async def test_a_price_of_the_future_does_not_count(shop):
    """A timeframe that ends in the future ends now."""
    await set_price(shop, 5, 1)
    assert [best["price"] for best in await ask(shop, 3, timeframeEndDate="2030-01-01T00:00:00Z")] == [10]


async def test_prices_for_an_audience_alone_are_not_held(shop):
    """For an audience there is no price, and for everyone there is."""
    assert await ask(shop, 1, target={"targetType": "AUDIENCE", "audienceID": 1}) == []
    assert len(await ask(shop, 1, target={"targetType": "NONE"})) == 1


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"skus": []}, "/skus"),
        ({"skus": None}, "/skus"),
        ({"timeframeEndDate": None}, "/timeframeEndDate"),
        ({"timeframeEndDate": "2026-01-01"}, "/timeframeEndDate"),
        ({"timeframe": 30}, "/timeframe"),
        ({"timeframe": None}, "/timeframe"),
        ({"timeframe": "0"}, "/timeframe"),
        ({"timeframe": "a month"}, "/timeframe"),
        ({"timeframe": "9" * 5000}, "/timeframe"),
        ({"timeframeEndDateType": "end"}, "/timeframeEndDateType"),
        ({"timeframeEndDateType": None}, "/timeframeEndDateType"),
        ({"target": {}}, "/target/targetType"),
        ({"target": {"targetType": "AUDIENCE"}}, "/target/audienceID"),
    ],
)
async def test_an_invalid_request_is_rejected_with_its_place(shop, members, place):
    """A member that is missing or invalid is a 400 with its place."""
    assert problem(await shop.http.post(PATH, json=ASKED | members))[::2] == (400, place)


async def test_asking_changes_nothing(shop):
    """The operation only reads, and does not count as applied."""
    await ask(shop, 1)
    assert shop.sandbox.applied("bestPriorPrice") == 0


async def test_a_higher_price_of_another_type_is_not_observed(shop):
    """A price type that never counts leaves no historical price."""
    adjustments = [{"priceType": "guest", "price": 99, "referenceId": "r-1", "effectiveFrom": "2026-01-03T00:00:00Z"}]
    action = {"type": "ADD_PRICE_ADJUSTMENT", "payload": {"sku": "tea", "adjustments": adjustments}}
    await shop.http.put("/v1/catalogs/7/sync", json={"actions": [action]})
    [best] = await ask(shop, 10)
    assert (best["id"], best["price"], best["observedAt"]) == (10_000, 10, "2026-01-02T03:04:05Z")


@pytest.mark.parametrize("end", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
async def test_a_timeframe_may_reach_beyond_the_calendar(shop, end):
    """A timeframe whose start no calendar has is not an error, nor is one that ends with the last year."""
    response = await shop.http.post(PATH, json=ASKED | {"timeframeEndDate": end, "timeframe": "99999"})
    assert (response.status_code, len(response.json())) == (200, end.startswith("9999"))
