import pytest
from aiohttp.test_utils import TestClient, TestServer

from aiotalonone import ClientStateError
from examples.aiohttp_service import TALON_ONE, make_app

INVALID = "updateCustomerSessionV2 failed: 400 The submitted data was invalid"
ORDER = {"customer": "joan", "coupons": ["SUMMER"], "lines": [{"sku": "beans-1kg", "quantity": 1, "price": 25}]}


@pytest.fixture
async def shop():
    async with TestClient(TestServer(make_app())) as http:
        yield http


async def test_an_order_returns_its_effects(shop):
    """A paid order returns the effects of the shop's campaigns by the API's names."""
    answer = await shop.post("/orders/aiohttp-1", json=ORDER)
    assert answer.status == 200
    effects = (await answer.json())["effects"]
    assert [effect["effectType"] for effect in effects] == ["acceptCoupon", "setDiscount", "addLoyaltyPoints"]
    assert effects[1]["props"] == {"name": "Summer", "value": 2.5}


async def test_an_order_is_closed_once(shop):
    """An order that is made twice is 422, since Talon.One rejects the second one."""
    await shop.post("/orders/aiohttp-2", json=ORDER)
    answer = await shop.post("/orders/aiohttp-2", json=ORDER)
    assert answer.status == 422
    assert (await answer.text()).startswith(INVALID)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"customer": "joan"}'])
async def test_an_invalid_order_is_rejected(shop, body):
    """Broken JSON and missing members are rejected before a call is made."""
    answer = await shop.post("/orders/aiohttp-3", data=body)
    assert answer.status == 400


async def test_without_talon_one_the_gateway_is_bad(shop):
    """Any other failure of Talon.One is 502."""
    await shop.app[TALON_ONE].aclose()
    answer = await shop.post("/orders/aiohttp-4", json=ORDER)
    assert answer.status == 502


async def test_shutdown_closes_the_client():
    """The cleanup context closes the client when the service stops."""
    app = make_app()
    async with TestServer(app):
        client = app[TALON_ONE]
        await client.request("GET", "/sandbox/state")
    with pytest.raises(ClientStateError, match="closed"):
        await client.request("GET", "/sandbox/state")
