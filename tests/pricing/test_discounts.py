"""What discounts take off lines, additional costs and the session."""

from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest

from aiotalonone import AdditionalCost, CartItem, structure
from aiotalonone.models.effects import Effect
from aiotalonone.pricing import price
from tests.support.effects import cost_discount, item_cost_discount, item_discount, session_discount

TEA = {"sku": "tea", "quantity": 2, "price": 10}
WRAPPED = {**TEA, "additionalCosts": {"wrapping": {"price": 3}, "card": {"price": 1}}}
SHIPPING = {"shipping": 4.9}


def test_a_cart_without_effects_costs_what_its_lines_cost():
    """Without effects the total is that of the lines and additional costs."""
    priced = price([CartItem(sku="tea", quantity=3, price=Decimal("1.20"))], [], additional_costs=SHIPPING)
    assert (priced.total_before_discounts, priced.total, priced.total_discount) == (Decimal("8.5"), Decimal("8.5"), 0)
    [line] = priced.lines
    assert (line.sku, line.quantity, line.total, line.discount) == ("tea", 3, Decimal("3.60"), 0)
    assert line.unit_discounts == (0, 0, 0)


def test_an_empty_cart_costs_nothing():
    """A cart without lines costs nothing, and discounts find nothing in it."""
    priced = price([], [session_discount(5)])
    assert (priced.lines, priced.total, priced.session_discount) == ((), 0, 0)
    [discount] = priced.discounts
    assert (discount.value, discount.amount) == (5, 0)


def test_a_discount_on_the_session_reduces_the_total_alone():
    """A discount on the session reduces the total, and no line."""
    priced = price([TEA], [session_discount(3.78)])
    assert (priced.total, priced.session_discount, priced.total_discount) == tuple(
        map(Decimal, ("16.22", "3.78", "3.78"))
    )
    assert priced.lines[0].total == 20


def test_a_discount_on_a_unit_reduces_that_unit():
    """A discount with a position and a sub-position is that unit's."""
    priced = price([CartItem(sku="mug", quantity=1, price=5), TEA], [item_discount(2.5, position=1, unit=1)])
    mug, tea = priced.lines
    assert (mug.total, mug.discount) == (5, 0)
    assert tea.unit_discounts == (0, Decimal("2.5"))
    assert (tea.total, tea.discount, priced.session_discount) == (Decimal("17.5"), Decimal("2.5"), 0)


def test_a_discount_without_a_unit_is_the_lines():
    """A discount that names no unit of several reduces the line, and none of its units."""
    [line] = price([TEA], [item_discount(15, unit=None)]).lines
    assert (line.total, line.discount, line.unit_discounts) == (5, 15, (0, 0))


def test_a_discount_without_a_unit_is_that_of_the_only_unit():
    """A line of one unit leaves no doubt which unit a discount is for."""
    [line] = price([{**TEA, "quantity": 1}], [item_discount(4, unit=None)]).lines
    assert line.unit_discounts == (4,)


def test_discounts_on_one_unit_add_up():
    """Several discounts on one unit add up, those of one name as well."""
    [line] = price([TEA], [item_discount(1), item_discount(2), item_discount(3, name="other")]).lines
    assert line.unit_discounts == (6, 0)


def test_no_unit_costs_less_than_nothing():
    """A discount above a unit's price takes the price, and says how much it found."""
    priced = price([TEA], [item_discount(14), session_discount(1)])
    assert priced.lines[0].unit_discounts == (10, 0)
    assert [(discount.value, discount.amount) for discount in priced.discounts] == [(14, 10), (1, 1)]
    assert (priced.total, priced.total_discount) == (9, 11)


def test_the_total_is_never_below_nothing():
    """Discounts on the session above its total take the total."""
    priced = price([TEA], [session_discount(15), session_discount(15, name="more")], additional_costs=SHIPPING)
    assert (priced.total, priced.session_discount) == (0, Decimal("24.9"))
    assert [discount.amount for discount in priced.discounts] == [15, Decimal("9.9")]


def test_a_later_discount_of_the_same_name_replaces_the_earlier_one():
    """Of two discounts on the session with one name the later counts, and the other is ignored with the reason."""
    priced = price([TEA], [session_discount(3), session_discount(2), session_discount(1, name="other")])
    assert priced.session_discount == 3
    [ignored] = priced.ignored
    assert (ignored.effect_type, ignored.effect["props"]["value"]) == ("setDiscount", 3)
    assert ignored.reason == "replaced by a later discount of the same name"


@pytest.mark.parametrize(
    ("scope", "taken"), [("cartItems", 20), ("additionalCosts", 12), ("sessionTotal", 32), (None, 32)]
)
def test_the_scope_of_a_session_discount_bounds_it(scope, taken):
    """A discount on the session takes no more than the goods, the additional costs, or all, by its scope."""
    priced = price([WRAPPED], [session_discount(100, scope=scope)], additional_costs={"shipping": 4})
    assert priced.session_discount == taken
    assert priced.total == 32 - taken


@pytest.mark.parametrize(("scope", "taken"), [("price", 10), ("additionalCosts", 4), ("itemTotal", 14), (None, 10)])
@pytest.mark.parametrize(("unit", "units"), [(0, 1), (None, 2)])
def test_the_scope_of_an_item_discount_bounds_it(scope, taken, unit, units):
    """A discount on an item takes no more than its price, its additional costs, or both, by its scope."""
    priced = price([WRAPPED], [item_discount(100, unit=unit, scope=scope)], additional_costs={"shipping": 4})
    [line] = priced.lines
    assert line.discount == taken * units
    assert line.total == 28 - taken * units
    assert line.unit_discounts == ((taken, 0) if units == 1 else (0, 0))


def test_a_discount_on_an_additional_cost_reduces_that_cost():
    """A discount on an additional cost of the session reduces this one, never below 0."""
    costs = {"shipping": AdditionalCost(price=4.9), "insurance": {"price": 2}}
    priced = price([TEA], [cost_discount(6), cost_discount(0.5, "insurance")], additional_costs=costs)
    shipping, insurance = priced.additional_costs.values()
    assert (shipping.total, shipping.discount, shipping.total_before_discounts) == (
        0,
        Decimal("4.9"),
        Decimal("4.9"),
    )
    assert (insurance.name, insurance.total) == ("insurance", Decimal("1.5"))
    assert (priced.total, priced.session_discount) == (Decimal("21.5"), 0)


@pytest.mark.parametrize(("unit", "taken"), [(1, 3), (None, 5)])
def test_a_discount_on_an_items_additional_cost_reduces_that_cost(unit, taken):
    """A discount on an additional cost of an item is taken from it, of one unit or of the line."""
    [line] = price([WRAPPED], [item_cost_discount(5, unit=unit)]).lines
    wrapping, card = line.additional_costs["wrapping"], line.additional_costs["card"]
    assert (wrapping.total_before_discounts, wrapping.discount, wrapping.total) == (6, taken, 6 - taken)
    assert (card.discount, card.total) == (0, 2)
    assert line.total == 28 - taken
    assert line.unit_discounts == ((0, taken) if unit else (0, 0))


def test_the_order_of_discounts_does_not_change_the_totals():
    """Whatever the order of discounts of different names, the lines, costs and totals are the same."""
    effects = [
        item_discount(8, scope="itemTotal"),
        item_discount(9, scope="additionalCosts"),
        item_discount(15, unit=None, name="line"),
        item_cost_discount(2),
        session_discount(6, scope="additionalCosts"),
    ]
    for order in permutations(effects):
        priced = price([WRAPPED], order, additional_costs={"shipping": 4})
        [line] = priced.lines
        assert (line.unit_discounts, line.discount, line.total) == ((2 + 2 + 8, 0), 12 + 12, 4)
        assert (priced.session_discount, priced.total_discount, priced.total) == (6, 30, 2)


def test_what_a_discount_is_for_alone_is_taken_first():
    """A discount on the price is taken before one on price and additional costs, so that both find what they can."""
    for order in permutations([item_discount(12, scope="itemTotal"), item_discount(5, scope="price")]):
        assert price([WRAPPED], order).lines[0].unit_discounts == (14, 0)


def test_effects_may_be_models_or_mappings():
    """Effects as models give the same price as effects in JSON names, those with unknown props included."""
    effects = [item_discount(2), session_discount(3.5), cost_discount(1), {"effectType": "setDiscount", "props": {}}]
    models = [structure(effect, Effect) for effect in effects]
    priced, same = (price([TEA], given, additional_costs=SHIPPING) for given in (effects, models))
    assert (priced.lines, priced.total, priced.total_discount) == (same.lines, same.total, same.total_discount)
    assert priced.total == Decimal("18.4")
    assert same.ignored[0].effect is models[3]


def test_floats_are_taken_as_they_are_written():
    """A float counts as its shortest spelling, so that cents add up exactly."""
    priced = price([{"sku": "a", "quantity": 3, "price": 0.1}], [session_discount(0.2)])
    assert (priced.total_before_discounts, priced.total) == (Decimal("0.3"), Decimal("0.1"))
    bent = price([{"sku": "a", "quantity": 1, "price": 100}], [session_discount(79.99000000000001)])
    assert bent.total == Decimal("20.00999999999999")


def test_sums_are_exact_beyond_the_usual_precision():
    """Amounts of very different size are summed to the last digit."""
    priced = price([{"sku": "a", "quantity": 1, "price": 10**17}], [session_discount(5e-324)])
    assert Fraction(priced.total) == 10**17 - Fraction("5e-324")
    assert (priced.total_before_discounts, priced.total_discount) == (10**17, Decimal("5e-324"))


def test_a_discount_says_where_it_comes_from():
    """A discount that counts has its effect, and so its campaign and rule."""
    [discount] = price([TEA], [item_discount(2, unit=1, scope="price")]).discounts
    assert (discount.effect["ruleName"], discount.effect_type) == ("Five off", "setDiscountPerItem")
    assert (discount.name, discount.position, discount.sub_position, discount.scope) == ("five#0", 0, 1, "price")
    assert (discount.additional_cost, discount.rolled_back) == (None, 0)
