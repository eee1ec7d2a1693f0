import asyncio
import os
import sys
from asyncio.subprocess import PIPE

import pytest
from aiohttp.test_utils import TestClient, TestServer

from examples.aiohttp_service import make_app
from tests.examples.conftest import EXAMPLES

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


async def test_an_order_that_is_sent_again_is_the_same(shop):
    """An order that is sent twice is made once: the second response is the first one."""
    answers = [await shop.post("/orders/aiohttp-2", json=ORDER) for _ in range(2)]
    first, second = [await answer.json() for answer in answers]
    assert first == second


async def test_what_talon_one_rejects_is_unprocessable(shop, talon_one):
    """An order whose session is closed already is 422, and no word of the order is in the response."""
    await talon_one.sessions.update_customer_session_v2("aiohttp-3", {"customerSession": {"state": "closed"}})
    answer = await shop.post("/orders/aiohttp-3", json=ORDER)
    assert answer.status == 422
    assert "joan" not in await answer.text()


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"[]", b"\xff", b'{"customer": "joan"}'),
        b'{"customer": 1, "coupons": [], "lines": []}',
        b'{"customer": "joan", "coupons": "SUMMER", "lines": []}',
    ],
)
async def test_an_invalid_order_is_rejected(shop, body):
    """Broken JSON, missing members and those of a wrong kind are rejected before anything is sent."""
    answer = await shop.post("/orders/aiohttp-4", data=body)
    assert answer.status == 400


@pytest.mark.parametrize("order", ["%C3%BC", "a" * 65, "a%20b"])
async def test_an_order_has_a_plain_name(shop, order):
    """The name of an order is part of a key: another one is not found."""
    answer = await shop.post(f"/orders/{order}", json=ORDER)
    assert answer.status == 404


async def test_the_coupons_of_a_customer_are_listed(shop, talon_one):
    """A customer's coupons are those that are reserved for them."""
    await talon_one.coupons.create_coupon_reservation("WELCOME", {"integrationIDs": ["dorothy"]})
    answer = await shop.get("/customers/dorothy/coupons")
    assert await answer.json() == ["WELCOME"]


async def test_without_talon_one_coupons_are_dispensable_and_orders_are_not(monkeypatch):
    """While nothing listens, there are no coupons to show, and an order is 502 with the outcome not sent."""
    monkeypatch.setenv("TALON_ONE_BASE_URL", "http://127.0.0.1:1")
    async with TestClient(TestServer(make_app())) as shop:
        assert await (await shop.get("/customers/dorothy/coupons")).json() == []
        answer = await shop.post("/orders/aiohttp-5", json=ORDER)
        assert answer.status == 502
        assert (await answer.json(content_type="application/problem+json"))["outcome"] == "not sent"


async def test_it_runs_as_its_readme_says():
    """``python -m aiohttp_service`` in the folder of the examples serves, and Ctrl-C ends it."""
    async with asyncio.timeout(60):
        service = await asyncio.create_subprocess_exec(
            *(sys.executable, "-u", "-m", "aiohttp_service"), cwd=EXAMPLES, stdout=PIPE, env=os.environ | {"PORT": "0"}
        )
        try:
            told = await service.stdout.readline()
            assert b"Running on http://127.0.0.1:" in told
        finally:
            service.terminate()
            await service.communicate()
