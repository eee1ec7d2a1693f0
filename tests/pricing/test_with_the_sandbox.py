"""Carts of a shop from the first price to the cancellation, as the client reads them."""

from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, CartItem, IntegrationRequest, NewCustomerSessionV2
from aiotalonone.pricing import price
from aiotalonone.sandbox import Sandbox

EXAMPLES = Path(__file__).parents[2] / "examples"
CART = [
    CartItem(sku="kettle", quantity=2, price=Decimal("29.95"), additional_costs={"wrapping": {"price": 1.5}}),
    CartItem(sku="tea", quantity=3, price=4.1),
]
COSTS = {"shipping": {"price": Decimal("4.90")}}


@pytest.fixture
async def update():
    """Return a function that updates a session of the examples' shop."""
    transport = httpx.ASGITransport(Sandbox(EXAMPLES / "campaigns.json").app)
    async with (
        httpx.AsyncClient(transport=transport) as http_client,
        AsyncIntegrationClient("http://localhost", api_key="sandbox-key", http_client=http_client) as client,
    ):

        async def update(**members):
            session = NewCustomerSessionV2(profile_id="ada", **members)
            request = IntegrationRequest(customer_session=session, response_content=["customerSession"])
            return await client.sessions.update_customer_session_v2("cart-1", request)

        yield update


async def test_the_total_before_discounts_is_the_sessions(update):
    """The caller's cart and the response's have one price, whose total before discounts is that of the session."""
    state = await update(cart_items=CART, additional_costs=COSTS, coupon_codes=["SUMMER"])
    session = state.customer_session
    priced = price(CART, state.effects, additional_costs=COSTS)
    same = price(session.cart_items, state.effects, additional_costs=session.additional_costs)
    assert priced.ignored == ()
    assert float(priced.total_before_discounts) == session.total
    assert (priced.lines, priced.total) == (same.lines, same.total)
    assert priced.lines[0].unit_discounts == (5, 5)
    assert priced.total == priced.total_before_discounts - 10 - Decimal("8.01")


async def test_a_cancelled_session_costs_what_it_did_before_discounts(update):
    """The roll-backs of a cancelled session take back what its effects had given: discounts, points and the code."""
    bought = await update(cart_items=CART, coupon_codes=["SUMMER"], state="closed")
    cancelled = await update(state="cancelled")
    before, after = price(CART, bought.effects), price(CART, [*bought.effects, *cancelled.effects])
    assert before.total < after.total == after.total_before_discounts
    assert (after.discounts, after.points, after.accepted) == ((), (), ())
    assert len(after.rollbacks) == 5
    assert all(rollback.applied for rollback in after.rollbacks)
