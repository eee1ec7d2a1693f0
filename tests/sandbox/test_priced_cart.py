from decimal import Decimal

import pytest

from aiotalonone.pricing import price
from aiotalonone.sandbox.rules.priced_cart import MAX_LINES, priced_cart
from tests.sandbox.support import campaign, rule

TEA = {"sku": "tea", "quantity": 3, "price": 1.3, "additionalCosts": {"gift": {"price": 0.5}}}
RUM = {"sku": "rum", "quantity": 1, "price": 9}
CODE = [{"type": "couponIsValid"}]
CAMPAIGN = campaign(
    rule(
        CODE,
        {"type": "setDiscountPerItem", "name": "Off", "value": 1, "skus": ["tea"]},
        {"type": "setDiscount", "name": "Tenth", "percent": 10},
        {"type": "addFreeItem", "sku": "bag"},
    ),
    rule([], {"type": "setDiscount", "name": "Fifty", "value": 0.5}),
    coupons=({"value": "SALE"},),
)


@pytest.fixture
def shop(open_shop):
    return open_shop(CAMPAIGN)


def priced(shop, session_id="s"):
    session = shop.sandbox.state.sessions[session_id]
    return priced_cart(session, session.effects)


async def test_discounts_are_taken_off_lines_and_cart(shop):
    """A cart has each line with the discounts on its units, those on the whole cart, and what is to be paid."""
    costs = {"shipping": {"price": 4.9}}
    await shop.put_session("s", couponCodes=["SALE"], cartItems=[TEA, RUM], additionalCosts=costs)
    coupon = shop.sandbox.state.coupons["SALE"].id
    assert priced(shop).json() == {
        "lines": [
            {
                "sku": "tea",
                "quantity": 3,
                "returned": 0,
                "price": Decimal("1.3"),
                "discount": Decimal(3),
                "total": Decimal("0.9"),
            },
            {
                "sku": "rum",
                "quantity": 1,
                "returned": 0,
                "price": Decimal(9),
                "discount": Decimal(0),
                "total": Decimal(9),
            },
        ],
        "omittedLines": 0,
        "additionalCosts": {"shipping": Decimal("4.9")},
        "itemAdditionalCosts": Decimal("1.5"),
        "discounts": [
            {"name": "Tenth", "value": Decimal("1.93"), "triggeredByCoupon": coupon},
            {"name": "Fifty", "value": Decimal("0.5"), "triggeredByCoupon": None},
        ],
        "discountTotal": Decimal("5.43"),
        "freeItems": ["bag"],
        "total": Decimal("13.87"),
    }


@pytest.mark.parametrize("codes", [[], ["SALE"]])
@pytest.mark.parametrize("quantity", [0, 1, 700])
async def test_total_is_that_of_the_client(shop, codes, quantity):
    """The total is what the client's own prices make of the same cart and effects."""
    cart = [TEA, RUM, {"sku": "bun", "quantity": quantity, "price": 0.01}][: 3 if quantity else 2]
    state = await shop.put_session("s", couponCodes=codes, cartItems=cart, state="closed")
    assert priced(shop).total == price(cart, state["effects"]).total


async def test_returned_units_cost_nothing(shop):
    """Units that came back are neither paid nor discounted, and their line says how many they are."""
    await shop.put_session("s", couponCodes=["SALE"], cartItems=[TEA, RUM], state="closed")
    returned = {"return": {"returnedCartItems": [{"position": 0, "quantity": 2}]}}
    (await shop.http.post("/v2/customer_sessions/s/returns", json=returned)).raise_for_status()
    cart = priced(shop)
    assert [(line.returned, line.discount, line.total) for line in cart.lines] == [
        (2, Decimal(1), Decimal("0.3")),
        (0, Decimal(0), Decimal(9)),
    ]
    assert cart.item_additional_costs == Decimal("0.5")
    assert cart.total == Decimal("0.3") + 9 + Decimal("0.5") - Decimal("1.44") - Decimal("0.5")


async def test_long_cart_is_cut(shop):
    """Of a long cart the first lines are told, and how many others there are; the total is that of all."""
    cart = [{"sku": f"sku-{n}", "quantity": 1, "price": 1} for n in range(MAX_LINES + 7)]
    await shop.put_session("s", cartItems=cart)
    assert (len(priced(shop).lines), priced(shop).omitted_lines) == (MAX_LINES, 7)
    assert priced(shop).total == Decimal(MAX_LINES + 7) - Decimal("0.5")
