"""Catalogs: their items added, changed, removed, and taken by carts."""

from decimal import Decimal

import pytest

from aiotalonone.sandbox import CampaignFileError, Sandbox
from tests.sandbox.support import details, problem, rule

PATH = "/v1/catalogs/7/sync"
SHOES = {
    "id": 7,
    "name": "shoes",
    "items": [
        {"sku": "red-44", "price": 90, "attributes": {"color": "red", "size": 44}, "product": {"name": "Runner"}},
        {"sku": "red-46", "price": 95, "attributes": {"color": "red", "size": 46}},
        {"sku": "blue-46", "price": 99.99, "attributes": {"color": "blue", "size": 46, "sale": True}},
    ],
}


def action(kind, **payload):
    return {"type": kind, "payload": payload}


def add(sku, **members):
    return action("ADD", sku=sku, **members)


@pytest.fixture
def shop(open_shop):
    return open_shop({"catalogs": [SHOES, {"id": 8, "name": "unused", "subscribedApplicationsIds": []}]})


async def sync(shop, *actions, path=PATH, **members):
    return await shop.http.put(path, json={"actions": list(actions), **members})


def items(shop):
    return {item.sku: item for item in shop.sandbox.state.catalog_items.values()}


async def test_a_sync_returns_the_catalog_with_its_next_version(shop):
    """Each sync raises the version, and the response is the catalog without its items."""
    response = await sync(shop, add("new"))
    assert response.status_code == 200
    assert response.json() == {
        "id": 7,
        "created": "2026-01-02T03:04:05Z",
        "modified": "2026-01-02T03:04:05Z",
        "accountId": 1,
        "name": "shoes",
        "description": "",
        "subscribedApplicationsIds": [1],
        "version": 2,
        "createdBy": 1,
    }
    assert (await sync(shop, add("newer"), version=2)).json()["version"] == 3


async def test_a_version_that_is_not_the_current_one_is_rejected(shop):
    """A sync for another version than the catalog's is a 400, and changes nothing."""
    assert problem(await sync(shop, add("new"), version=2))[::2] == (400, "/version")
    assert "new" not in items(shop)


async def test_an_unknown_catalog_is_a_404(shop):
    """A catalog that does not exist is a 404, and an ID other than an integer a 400."""
    assert (await sync(shop, add("new"), path="/v1/catalogs/9/sync")).status_code == 404
    assert (await sync(shop, add("new"), path="/v1/catalogs/shoes/sync")).status_code == 400


async def test_an_item_is_added_whole(shop):
    """An ADD sets price, attributes and product."""
    await sync(shop, add("new", price=1.1, attributes={"size": 1}, product={"name": "New"}))
    item = items(shop)["new"]
    assert (str(item.base_prices[0][1]), item.attributes, item.product) == ("1.1", {"size": 1}, {"name": "New"})


async def test_an_item_that_exists_is_replaced_if_that_is_asked_for(shop):
    """An ADD of a known SKU is a 400; with ``replaceIfExists`` all but a price that it leaves out is replaced."""
    assert problem(await sync(shop, add("red-44")))[::2] == (400, "/actions/0/payload/sku")
    await sync(shop, add("red-44", replaceIfExists=True, attributes={"color": "pink"}))
    item = items(shop)["red-44"]
    assert (item.attributes, item.product, item.price_at(shop.clock.now).price) == ({"color": "pink"}, None, 90)


async def test_an_item_is_patched(shop):
    """A PATCH sets the given attributes, erases those that are null, keeps the price, and loses the product."""
    await sync(shop, action("PATCH", sku="red-44", attributes={"color": None, "laces": True}))
    item = items(shop)["red-44"]
    assert (item.attributes, item.product, item.price_at(shop.clock.now).price) == (
        {"size": 44, "laces": True},
        None,
        90,
    )


async def test_an_unknown_item_is_patched_if_it_may_be_created(shop):
    """A PATCH of an unknown SKU is a 400; with ``createIfNotExists`` it adds the item."""
    assert problem(await sync(shop, action("PATCH", sku="new")))[::2] == (400, "/actions/0/payload/sku")
    await sync(shop, action("PATCH", sku="new", createIfNotExists=True, price=5))
    assert items(shop)["new"].price_at(shop.clock.now).price == 5


async def test_an_item_is_removed(shop):
    """A REMOVE removes its item, and a second one changes nothing."""
    for _ in range(2):
        assert (await sync(shop, action("REMOVE", sku="red-44"))).status_code == 200
        assert items(shop).keys() == {"red-46", "blue-46"}


@pytest.mark.parametrize(
    ("filters", "removed"),
    [
        ([("color", "EQ", "red")], {"red-44", "red-46"}),
        ([("color", "EQ", "red"), ("size", "GT", "45")], {"red-46"}),
        ([("size", "EQ", "46")], {"red-46", "blue-46"}),
        ([("size", "EQ", 44)], {"red-44"}),
        ([("size", "LT", 46)], {"red-44"}),
        ([("size", "LE", "46")], {"red-44", "red-46", "blue-46"}),
        ([("size", "GE", 46.0)], {"red-46", "blue-46"}),
        ([("size", "IN", "44,45")], {"red-44"}),
        ([("color", "IN", "blue, green")], {"blue-46"}),
        ([("color", "IN", ["blue"])], {"blue-46"}),
        ([("sale", "EQ", True)], {"blue-46"}),
        ([("sale", "EQ", "true")], {"blue-46"}),
        ([("sale", "EQ", "false")], set()),
        ([("color", "GT", "1")], set()),
        ([("size", "EQ", "large")], set()),
        ([("laces", "EQ", "red")], set()),
        ([], {"red-44", "red-46", "blue-46"}),
    ],
)
async def test_filters_select_the_items_that_are_removed(shop, filters, removed):
    """The items that fulfil all filters are removed, and all items if there is no filter."""
    shown = [{"attr": attr, "op": op, "value": value} for attr, op, value in filters]
    before = items(shop).keys()
    await sync(shop, action("REMOVE_MANY", filters=shown))
    assert before - items(shop).keys() == removed


async def test_filters_select_the_items_that_are_patched(shop):
    """A PATCH_MANY changes price and attributes of the items that fulfil its filters, and keeps their products."""
    filters = [{"attr": "color", "op": "EQ", "value": "red"}]
    await sync(shop, action("PATCH_MANY", filters=filters, price=10, attributes={"sale": True}))
    now = shop.clock.now
    found = {sku: (item.price_at(now).price, item.attributes.get("sale")) for sku, item in items(shop).items()}
    assert found == {"red-44": (10, True), "red-46": (10, True), "blue-46": (Decimal("99.99"), True)}
    assert items(shop)["red-44"].product == {"name": "Runner"}


async def test_items_of_another_catalog_are_not_touched(shop):
    """An action without filters changes the items of its own catalog alone."""
    await sync(shop, add("other"), path="/v1/catalogs/8/sync")
    await sync(shop, action("REMOVE_MANY"))
    assert items(shop).keys() == {"other"}


FILTER = {"attr": "size", "op": "GT", "value": "large"}


@pytest.mark.parametrize(
    ("actions", "place"),
    [
        ([], "/actions"),
        ([add("a")] * 1001, "/actions"),
        ([add("a"), action("REMOVE", sku="b")], "/actions/1/type"),
        ([add("a"), add("a")], "/actions/1/payload/sku"),
        ([action("SING", sku="a")], "/actions/0/type"),
        ([{"payload": {"sku": "a"}}], "/actions/0/type"),
        ([{"type": "ADD"}], "/actions/0/payload"),
        ([action("ADD")], "/actions/0/payload/sku"),
        ([add("a", price="1")], "/actions/0/payload/price"),
        ([add("a", product={})], "/actions/0/payload/product/name"),
        ([action("REMOVE_MANY", filters=[FILTER])], "/actions/0/payload/filters/0/value"),
        ([action("REMOVE_MANY", filters=[FILTER | {"op": "NE"}])], "/actions/0/payload/filters/0/op"),
        ([action("REMOVE_MANY", filters=[{"attr": "size", "value": 1}])], "/actions/0/payload/filters/0/op"),
        ([action("REMOVE_MANY", filters=[{"attr": "size", "op": "EQ"}])], "/actions/0/payload/filters/0/value"),
        ([action("ADD_PRICE_ADJUSTMENT", sku="red-44")], "/actions/0/payload/adjustments"),
        (
            [action("ADD_PRICE_ADJUSTMENT", sku="a", adjustments=[{"priceType": "m", "referenceId": "r"}])],
            "/actions/0/payload/sku",
        ),
        (
            [action("ADD_PRICE_ADJUSTMENT", sku="red-44", adjustments=[{"priceType": "m"}])],
            "/actions/0/payload/adjustments/0/referenceId",
        ),
    ],
)
async def test_an_invalid_action_is_rejected_with_its_place(shop, actions, place):
    """One action that cannot be carried out is a 400 with its place, and no action of the request is carried out."""
    before = set(items(shop))
    assert problem(await sync(shop, *actions))[::2] == (400, place)
    assert set(items(shop)) == before


async def test_a_sync_without_actions_is_rejected(shop):
    """A body without ``actions`` is a 400."""
    assert problem(await shop.http.put(PATH, json={}))[::2] == (400, "/actions")


async def test_attributes_of_items_have_the_types_of_cart_items(open_shop):
    """An attribute that cart items do not have is a 400."""
    shop = open_shop({"attributes": {"CartItem": {"size": "number"}}, "catalogs": [SHOES | {"items": []}]})
    response = await sync(shop, add("a", attributes={"color": "red"}))
    assert details(response) == 'The attribute "color" is not defined on CartItem entities.'


async def test_a_cart_takes_what_it_leaves_out_from_the_catalog(shop):
    """A line without a price costs what the catalog says, and has the item's ID, attributes and product."""
    line = {"sku": "red-44", "quantity": 2, "attributes": {"color": "pink"}}
    state = await shop.put_session("s-1", ("customerSession",), cartItems=[line, {"sku": "unknown", "quantity": 1}])
    [known, unknown] = state["customerSession"]["cartItems"]
    assert known == {
        "sku": "red-44",
        "quantity": 2,
        "position": 0,
        "price": 90,
        "attributes": {"color": "pink", "size": 44},
        "product": {"name": "Runner"},
        "catalogItemID": 1,
        "prices": {"base": {"price": 90}},
        "selectedPriceType": "base",
    }
    assert unknown == {"sku": "unknown", "quantity": 1, "position": 1}
    assert state["customerSession"]["total"] == 180


async def test_a_price_in_the_cart_overrides_that_of_the_catalog(shop):
    """The price of a line is the one that was sent, if one was, even 0."""
    lines = [{"sku": "red-44", "quantity": 1, "price": 50}, {"sku": "red-46", "quantity": 1, "price": 0}]
    state = await shop.put_session("s-1", ("customerSession",), cartItems=lines)
    assert state["customerSession"]["total"] == 50
    assert "selectedPriceType" not in state["customerSession"]["cartItems"][0]


async def test_a_session_keeps_the_prices_of_its_last_cart(shop):
    """A later price of the catalog does not change a cart that is not sent again, nor block a closed one that is."""
    cart = [{"sku": "red-44", "quantity": 1}]
    await shop.put_session("s-1", cartItems=cart)
    await sync(shop, action("PATCH", sku="red-44", price=10))
    state = await shop.put_session("s-1", ("customerSession",), state="closed")
    assert state["customerSession"]["total"] == 90
    assert (await shop.put_session("s-1", ("customerSession",), cartItems=cart))["customerSession"]["total"] == 90


async def test_the_lowest_price_that_holds_is_taken(shop):
    """Of all price types that hold at the time the lowest price counts, with the adjustment behind it."""
    adjustment = {
        "priceType": "member",
        "price": 70,
        "referenceId": "r-1",
        "effectiveFrom": "2026-01-03T03:04:05Z",
        "effectiveUntil": "2026-01-05T03:04:05Z",
        "contextId": "WinterSale",
    }
    higher = {"priceType": "guest", "price": 200, "referenceId": "r-2"}
    await sync(shop, action("ADD_PRICE_ADJUSTMENT", sku="red-44", adjustments=[adjustment, higher]))
    prices = []
    for day in range(4):
        state = await shop.put_session(f"s-{day}", ("customerSession",), cartItems=[{"sku": "red-44", "quantity": 1}])
        [line] = state["customerSession"]["cartItems"]
        prices.append((line["price"], line["selectedPriceType"], line.get("adjustmentReferenceId")))
        shop.clock.forward(days=1)
        if day == 1:
            assert line["prices"]["member"]["adjustmentContextId"] == "WinterSale"
            assert line["adjustmentEffectiveUntil"] == "2026-01-05T03:04:05Z"
    assert prices == [(90, "base", None), (70, "member", "r-1"), (70, "member", "r-1"), (90, "base", None)]


async def test_the_latest_calculation_of_a_price_type_counts(shop):
    """Of overlapping adjustments of a type the one that was calculated last counts; null ends the type."""

    async def adjust(price, calculated, reference):
        adjustment = {"priceType": "member", "price": price, "referenceId": reference, "calculatedAt": calculated}
        await sync(shop, action("ADD_PRICE_ADJUSTMENT", sku="red-44", adjustments=[adjustment]))
        return items(shop)["red-44"].price_at(shop.clock.now).price

    assert await adjust(70, "2026-01-01T02:00:00Z", "r-1") == 70
    assert await adjust(60, "2026-01-01T01:00:00Z", "r-2") == 70
    assert await adjust(80, "2026-01-01T03:00:00Z", "r-2") == 80
    assert await adjust(None, "2026-01-01T04:00:00Z", "r-3") == 90


async def test_an_erased_customer_leaves_no_attributes_of_cart_lines(shop):
    """Erasing a customer removes the attributes that a line was sent with, those of the catalog included."""
    line = {"sku": "red-44", "quantity": 1, "attributes": {"engraving": "Ada"}}
    await shop.put_session("s-1", profileId="ada", cartItems=[line])
    await shop.http.delete("/v1/customer_data/ada")
    [item] = shop.sandbox.state.sessions["s-1"].cart_items
    assert "attributes" not in item.shown


@pytest.mark.parametrize(
    ("catalogs", "message"),
    [
        ([SHOES, SHOES], "catalogs[1].id: catalog 7 exists already"),
        (
            [SHOES, {"id": 8, "name": "b"}],
            "catalogs[1].subscribedApplicationsIds: the Application has catalog 7 already, [] leaves it as it is",
        ),
        ([SHOES | {"items": [{"sku": "a"}, {"sku": "a"}]}], "catalogs[0].items[1].sku: item 'a' exists already"),
        ([SHOES | {"items": [{"sku": "a", "price": "b"}]}], "catalogs[0].items[0].price: must be a number"),
    ],
)
def test_a_mistake_in_the_catalogs_of_a_file_is_named(catalogs, message):
    """A catalog or item that exists already, or is invalid, is reported with its place."""
    with pytest.raises(CampaignFileError) as caught:
        Sandbox({"catalogs": catalogs})
    assert str(caught.value) == message


async def test_a_file_may_adjust_prices(open_shop):
    """An item of the campaign file may have price adjustments from the start, and a cart its own product."""
    adjustment = {"priceType": "member", "price": 3, "referenceId": "r-1"}
    tea = {"sku": "tea", "price": 4, "adjustments": [adjustment], "product": {"name": "Tea"}}
    shop = open_shop({"catalogs": [{"id": 7, "name": "food", "items": [tea]}]})
    line = {"sku": "tea", "quantity": 1, "product": {"name": "Gift"}}
    [shown] = (await shop.put_session("s-1", ("customerSession",), cartItems=[line]))["customerSession"]["cartItems"]
    assert (shown["price"], shown["product"]) == (3, {"name": "Gift"})


async def test_an_effect_on_an_item_names_the_price_that_counted(open_shop):
    """An effect on one item of the catalog has the item's ID, price and adjustment; one on another item has not."""
    adjustment = {"priceType": "member", "price": 3, "referenceId": "r-1"}
    teas = [{"sku": "tea", "price": 4, "adjustments": [adjustment]}, {"sku": "mate", "price": 5}]
    off = {"type": "setDiscountPerItem", "name": "off", "value": 1, "skus": ["tea", "mate", "cup"]}
    rules = [rule([{"type": "cartTotal", "atLeast": 1}], off)]
    document = {
        "catalogs": [{"id": 7, "name": "food", "items": teas}],
        "campaigns": [{"id": 1, "name": "a", "rules": rules}],
    }
    shop = open_shop(document)
    cart = [
        {"sku": "tea", "quantity": 1},
        {"sku": "mate", "quantity": 1, "price": 9},
        {"sku": "cup", "quantity": 1, "price": 2},
    ]
    names = ("triggeredForCatalogItem", "selectedPriceType", "selectedPrice", "adjustmentReferenceId")
    for state in ("open", "closed"):
        response = await shop.put_session("s-1", cartItems=cart, state=state)
        found = [[effect.get(name) for name in names] for effect in response["effects"]]
        assert found == [[1, "member", 3, "r-1"], [2, None, None, None], [None] * 4]
    read = (await shop.http.get("/v2/customer_sessions/s-1")).json()
    assert [effect.get("selectedPrice") for effect in read["effects"]] == [3, None, None]
    cancelled = await shop.put_session("s-1", state="cancelled")
    assert not any(name in effect for effect in cancelled["effects"] for name in names)
