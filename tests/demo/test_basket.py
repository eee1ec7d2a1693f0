from decimal import Decimal

import pytest

from aiotalonone.demo.basket import CartLine, cart_lines, total
from aiotalonone.demo.dataset import Purchase


@pytest.mark.parametrize(
    ("quantity", "value", "lines"),
    [
        pytest.param(2, "3.00", [(2, "1.50")], id="the price divides"),
        pytest.param(3, "1.00", [(1, "0.34"), (2, "0.33")], id="the price does not divide"),
        pytest.param(3, "0.00", [(3, "0.00")], id="a gift"),
        pytest.param(144, "24.00", [(96, "0.17"), (48, "0.16")], id="the largest counted quantity"),
        pytest.param(420, "1.00", [(1, "1.00")], id="the smallest quantity by volume"),
        pytest.param(10_335, "25.10", [(1, "25.10")], id="a tank of petrol"),
    ],
)
def test_a_purchase_becomes_cart_lines(quantity, value, lines):
    """Units and prices are whole, and the cart is worth what was paid."""
    cart = list(cart_lines([Purchase("10", quantity, Decimal(value))]))
    assert cart == [CartLine("10", units, Decimal(price)) for units, price in lines]
    assert total(cart) == Decimal(value)
