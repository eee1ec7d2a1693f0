import asyncio
import re
import socket
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from aiotalonone import ClientStateError
from aiotalonone.sandbox import Sandbox
from examples.fastapi_checkout import app
from tests.examples.conftest import API_KEY, EXAMPLES
from tests.support.sandbox_server import serving
from tests.support.uvicorn_process import uvicorn_process


@asynccontextmanager
async def run_shop():
    """Run the service on a real server, whose shutdown ends its lifespan."""
    server = uvicorn.Server(uvicorn.Config(app, lifespan="on", ws="none", log_level="error"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = asyncio.create_task(server.serve([listener]))
        try:
            url = "http://127.0.0.1:{1}".format(*listener.getsockname())
            async with httpx.AsyncClient(base_url=url, follow_redirects=True) as http:
                yield http
        finally:
            server.should_exit = True
            await running


@pytest.fixture
async def shop():
    async with run_shop() as http:
        yield http


@pytest.fixture
async def cart(shop):
    """Return the URL of a new cart."""
    return (await shop.get("/")).url.path


def total_of(response):
    """Return the total that a page shows."""
    return re.search(r'id="total">([\d.]+)<', response.text)[1]


async def test_a_new_cart_has_the_shops_discounts(shop, cart):
    """A new customer is led to a cart, whose kettles are cheaper and come with filters."""
    page = await shop.get(cart)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert total_of(page) == "68.90"
    assert "<td>Kettle week</td><td>\N{MINUS SIGN}10.00</td>" in page.text
    assert "A pack of filters" in page.text


async def test_a_coupon_is_applied_and_kept(shop, cart):
    """A valid code takes ten percent off, and the cart keeps it."""
    page = await shop.post(f"{cart}/coupon", data={"code": "SUMMER"})
    assert "Coupon <bdi>SUMMER</bdi> is accepted." in page.text
    assert total_of(page) == total_of(await shop.get(cart)) == "61.01"


async def test_a_coupon_can_be_removed(shop, cart):
    """An empty code removes the one before."""
    await shop.post(f"{cart}/coupon", data={"code": "SUMMER"})
    assert total_of(await shop.post(f"{cart}/coupon", data={"code": ""})) == "68.90"


async def test_an_unknown_coupon_is_explained(shop, cart):
    """A code that does not exist is explained to the customer, with whatever it consists of."""
    page = await shop.post(f"{cart}/coupon", data={"code": "<b>WINTER</b>"})
    assert "Coupon <bdi>&lt;b&gt;WINTER&lt;/b&gt;</bdi> cannot be used: there is no coupon with this code." in page.text
    assert total_of(page) == "68.90"


async def test_a_code_beyond_the_limit_never_leaves_the_service(shop, cart):
    """A code that is longer than the API's limit is rejected by the service itself."""
    assert (await shop.post(f"{cart}/coupon", data={"code": "x" * 101})).status_code == 422


async def test_a_cart_is_bought_once(shop, cart):
    """Buying closes the session; buying again gets the same response, and a change is rejected."""
    await shop.post(f"{cart}/coupon", data={"code": "SUMMER"})
    first, second = [await shop.post(f"{cart}/buy") for _ in range(2)]
    assert first.text == second.text
    assert (total_of(first), first.status_code) == ("61.01", 200)
    change = await shop.post(f"{cart}/coupon", data={"code": ""})
    assert change.status_code == 422
    assert "perhaps it is bought already" in change.text
    assert "Try again" not in change.text


@pytest.fixture
def down(monkeypatch):
    """Have Talon.One where nothing listens."""
    monkeypatch.setenv("TALON_ONE_BASE_URL", "http://127.0.0.1:1")


@pytest.mark.usefixtures("down")
async def test_while_talon_one_is_down_the_shop_sells_without_discounts(shop, cart):
    """The cart is shown at its full price with a notice, and is sold if the customer agrees to it."""
    page = await shop.get(cart)
    assert (page.status_code, total_of(page)) == (200, "78.90")
    assert "There are no discounts at the moment." in page.text
    surprised = await shop.post(f"{cart}/buy")
    assert "Buy without discounts" in surprised.text
    sold = await shop.post(f"{cart}/buy", data={"without_discounts": "true"})
    assert "Thank you" in sold.text
    assert total_of(sold) == "78.90"


@pytest.fixture
async def sandbox(monkeypatch):
    """Have a Talon.One of the test's own."""
    sandbox = Sandbox(EXAMPLES / "campaigns.json", api_keys=[API_KEY])
    async with serving(sandbox.app) as server:
        monkeypatch.setenv("TALON_ONE_BASE_URL", server.url)
        yield sandbox


async def test_a_purchase_whose_response_is_lost_is_made_once(sandbox, shop, cart):
    """After a lost response the customer is asked to try again, and then gets the purchase that was made."""
    await shop.post(f"{cart}/coupon", data={"code": "SUMMER"})
    before = sandbox.applied("updateCustomerSessionV2")
    sandbox.faults.drop_after_commit("updateCustomerSessionV2", calls=(1, 2, 3))
    page = await shop.post(f"{cart}/buy")
    assert page.status_code == 502
    assert "nothing is bought twice" in page.text
    page = await shop.post(re.search(r'action="([^"]+)"><button class="buy">Try again<', page.text)[1])
    assert (page.status_code, total_of(page)) == (200, "61.01")
    assert sandbox.applied("updateCustomerSessionV2") == before + 1


async def test_a_cart_that_may_be_bought_is_not_sold_without_discounts(sandbox, shop, cart):
    """After a lost response a cart is not sold at its full price, though the next tries are not even sent."""
    sandbox.faults.drop_after_commit("updateCustomerSessionV2", calls=range(1, 6))
    for _ in range(3):  # the circuit breaker opens in the second one
        page = await shop.post(f"{cart}/buy", data={"without_discounts": "true"})
        assert "nothing is bought twice" in page.text
    assert page.status_code == 503


async def test_shutdown_closes_the_client():
    """The client is closed when the service stops."""
    async with app.router.lifespan_context(app):
        client = app.state.talon_one
        await client.request("GET", "/sandbox/state")
    with pytest.raises(ClientStateError, match="closed"):
        await client.request("GET", "/sandbox/state")


async def test_it_runs_as_its_readme_says():
    """``uvicorn fastapi_checkout:app`` in the folder of the examples serves the page."""
    async with (
        uvicorn_process("fastapi_checkout:app") as url,
        httpx.AsyncClient(base_url=url, follow_redirects=True) as http,
    ):
        assert total_of(await http.get("/")) == "68.90"
