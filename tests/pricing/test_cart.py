"""What a caller's cart may be, and the errors that say what is wrong with it."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from aiotalonone import AdditionalCost, CartItem, CustomerSessionV2, PriceDetail, structure
from aiotalonone.pricing import price
from tests.support.effects import item_discount

ITEM = {"sku": "tea", "quantity": 2, "price": 10}


def test_items_may_be_models_or_mappings():
    """A model and a mapping in JSON names of the same line cost the same."""
    costs = {"wrapping": AdditionalCost(price=Decimal("0.50"))}
    model = CartItem(sku="tea", quantity=2, price=10, returned_quantity=1, additional_costs=costs)
    mapping = {**ITEM, "returnedQuantity": 1, "additionalCosts": {"wrapping": {"price": 0.5}}}
    assert price([model], []).lines == price(iter([mapping]), []).lines


def test_the_cart_of_a_response_can_be_priced():
    """Items and additional costs of a session in a response are priced as they are."""
    members = {"cartItems": [{**ITEM, "position": 0}], "additionalCosts": {"shipping": {"price": 4.9}}}
    session = structure(members, CustomerSessionV2)
    priced = price(session.cart_items, [], additional_costs=session.additional_costs)
    assert priced.total == Decimal("24.9")


def test_a_line_is_known_by_its_position():
    """The position that the server set decides which effects are a line's; without one it is the line's place."""
    cart = [{**ITEM, "position": 4}, ITEM]
    lines = price(cart, [item_discount(1, 4), item_discount(2, 1)]).lines
    assert [(line.position, line.discount) for line in lines] == [(4, 1), (1, 2)]


def test_the_price_that_the_server_selected_counts():
    """A line without a price of its own has the one of its selected type."""
    prices = {"member": PriceDetail(price=8), "base": PriceDetail(price=9)}
    assert price([CartItem(sku="tea", quantity=1, prices=prices, selected_price_type="member")], []).total == 8
    mapping = {"sku": "tea", "quantity": 1, "selectedPriceType": "base", "prices": {"base": {"price": 9}}}
    assert price([mapping], []).total == 9


@pytest.mark.parametrize(("number", "amount"), [(2.0, 2), (Fraction(5, 2), Decimal("2.5")), (Decimal("1E+1"), 10)])
def test_a_price_is_any_real_number(number, amount):
    """Integers, floats, fractions and decimals are prices."""
    assert price([{**ITEM, "quantity": 1, "price": number}], []).total == amount


def test_a_price_keeps_all_of_its_digits():
    """A Decimal with more digits than the usual context has is not rounded."""
    exact = Decimal("1234567890.123456789012345678901234567890123")
    assert price([{**ITEM, "quantity": 1, "price": exact}], []).total == exact


def test_the_limits_of_a_session_can_be_reached():
    """A cart of 1000 lines and 10,000 units is priced."""
    priced = price([{**ITEM, "quantity": 10}] * 1000, [])
    assert (len(priced.lines), priced.total) == (1000, 100_000)


@pytest.mark.parametrize(
    ("cart", "error", "message"),
    [
        (None, TypeError, "cart_items must be a list of CartItem models or mappings in JSON names, not None"),
        (ITEM, TypeError, "cart_items must be a list of CartItem models or mappings in JSON names, not dict"),
        ("tea", TypeError, "cart_items must be a list of CartItem models or mappings in JSON names, not str"),
        ([ITEM, 5], TypeError, "cart_items[1] must be a CartItem or a mapping in JSON names, not int"),
        ([{**ITEM, "sku": 5}], TypeError, "cart_items[0].sku must be a str, not int"),
        ([{**ITEM, "quantity": 0}], ValueError, "cart_items[0].quantity must be 1 or more"),
        ([{**ITEM, "quantity": 1.5}], ValueError, "cart_items[0].quantity must be a whole number"),
        ([{**ITEM, "quantity": None}], TypeError, "cart_items[0].quantity must be an int, not None"),
        ([{**ITEM, "price": "10"}], TypeError, "cart_items[0].price must be a number, not str"),
        ([{**ITEM, "price": -1}], ValueError, "cart_items[0].price must be 0 or more"),
        ([{**ITEM, "price": float("inf")}], ValueError, "cart_items[0].price must be a finite number"),
        ([{**ITEM, "price": Fraction(10**400)}], ValueError, "cart_items[0].price must be a finite number"),
        (
            [{"sku": "tea", "quantity": 1}],
            ValueError,
            "cart_items[0].price must be set: a catalog's price is in the cart items of the response",
        ),
        (
            [{"sku": "a", "quantity": 1, "prices": {"b": 5}, "selectedPriceType": "b"}],
            TypeError,
            "cart_items[0].prices.(selected) must be an object, not int",
        ),
        (
            [{**ITEM, "returnedQuantity": 3}],
            ValueError,
            "cart_items[0] has returned and remaining units that are not its quantity",
        ),
        (
            [{**ITEM, "returnedQuantity": 0, "remainingQuantity": 0}],
            ValueError,
            "cart_items[0] has returned and remaining units that are not its quantity",
        ),
        (
            [{**ITEM, "returned_quantity": 1}],
            ValueError,
            "cart_items[0] has returned_quantity, which is returnedQuantity in JSON",
        ),
        ([{**ITEM, "position": 1}, ITEM], ValueError, "cart_items: two lines have the same position"),
        ([ITEM] * 1001, ValueError, "cart_items: at most 1000 cart items"),
        ([{**ITEM, "quantity": 5001}] * 2, ValueError, "cart_items: at most 10000 units in all"),
        (
            [{**ITEM, "additionalCosts": {"wrapping": {"price": "1"}}}],
            TypeError,
            "cart_items[0].additionalCosts.wrapping.price must be a number, not str",
        ),
        (
            [CartItem(sku="tea", quantity=1, price=1, additional_costs={"a b": AdditionalCost(price=-1)})],
            ValueError,
            "cart_items[0].additional_costs.(entry 1).price must be 0 or more",
        ),
    ],
)
def test_a_cart_that_cannot_be_priced_is_an_error(cart, error, message):
    """An error says which member of which line cannot be priced, and never its value."""
    with pytest.raises(error) as caught:
        price(cart, [])
    assert str(caught.value) == message
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("costs", "error", "message"),
    [
        ([4.9], TypeError, "additional_costs must be a mapping, not list"),
        ({"shipping": "4.9"}, TypeError, "additional_costs.shipping must be a number, not str"),
        ({"shipping": {"price": None}}, TypeError, "additional_costs.shipping.price must be a number, not None"),
        ({5: 1}, TypeError, "additional_costs.(entry 1) must be named by a str, not int"),
    ],
)
def test_additional_costs_that_cannot_be_read_are_an_error(costs, error, message):
    """An error says which additional cost cannot be read."""
    with pytest.raises(error) as caught:
        price([ITEM], [], additional_costs=costs)
    assert str(caught.value) == message


def test_effects_must_be_a_list():
    """Effects that are not a list are the caller's mistake."""
    with pytest.raises(TypeError, match="effects must be a list of Effect models or mappings in JSON names, not None"):
        price([ITEM], None)


def test_now_must_have_an_offset():
    """The time that a cart is priced for is a moment."""
    with pytest.raises(ValueError, match="now must have an offset"):
        price([ITEM], [], now=datetime(2026, 12, 1))  # noqa: DTZ001 - that is the mistake
    with pytest.raises(TypeError, match="now must be a datetime, not str"):
        price([ITEM], [], now="2026-12-01")
    assert price([ITEM], [], now=datetime(2026, 12, 1, tzinfo=UTC)).total == 20
