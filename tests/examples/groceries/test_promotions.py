from collections import Counter
from decimal import Decimal

import pytest

from examples.groceries.dataset import Coupon
from examples.groceries.promotions import Customer, apply_promotions
from examples.groceries.scenario import CartLine, Checkout

COUPONS = {
    "milk": Coupon(1, frozenset({"milk"})),
    "dairy": Coupon(1, frozenset({"milk", "butter"})),
    "bread": Coupon(2, frozenset({"bread"})),
}


def result_of(*lines, codes=(), **customer):
    cart = tuple(CartLine(sku, quantity, Decimal(price)) for sku, quantity, price in lines)
    return apply_promotions(Checkout("s", "1", cart, tuple(codes)), COUPONS, Customer(**customer))


@pytest.mark.parametrize(
    ("lines", "codes", "discounts"),
    [
        pytest.param([("milk", 2, "1.50")], ["milk"], ["1", "1"], id="one off each unit"),
        pytest.param([("milk", 1, "0.40")], ["milk"], ["0.40"], id="never below zero"),
        pytest.param([("milk", 1, "0.00")], ["milk"], [], id="nothing off a gift"),
        pytest.param([("milk", 1, "1.50")], ["milk", "dairy"], ["1", "0.50"], id="the second code takes the rest"),
        pytest.param([("milk", 1, "1.00")], ["milk", "dairy"], ["1"], id="the second code finds nothing left"),
        pytest.param([("milk", 1, "3"), ("milk", 1, "2")], ["milk"], ["1", "1"], id="a product on two lines"),
        pytest.param([("bread", 1, "2")], ["milk"], [], id="another product"),
    ],
)
def test_coupons_take_one_off_each_unit_of_their_products(lines, codes, discounts):
    """A coupon takes one off each unit of its products, down to zero, and codes apply in their order."""
    assert result_of(*lines, codes=codes).item_discounts == tuple(map(Decimal, discounts))


def test_code_without_products_in_the_cart_is_rejected():
    """A code without products in the cart is rejected; one whose products already cost nothing is accepted."""
    result = result_of(("milk", 1, "1.00"), codes=["milk", "bread", "dairy"])
    assert result.accepted == ("milk", "dairy")
    assert result.rejected == ("bread",)


def test_big_basket_costs_five_less():
    """A basket whose total before discounts is at least 100.00 costs five less."""
    assert result_of(("milk", 1, "100.00")).basket_discounts == (Decimal("5.00"),)
    assert result_of(("milk", 1, "99.99")).basket_discounts == ()


def test_welcome_discount_is_limited_by_the_basket():
    """The welcome discount is three, at most what the basket costs after coupons."""
    assert result_of(("milk", 1, "3.50"), referred=True).basket_discounts == (Decimal("3.00"),)
    assert result_of(("milk", 1, "3.50"), codes=["milk"], referred=True).basket_discounts == (Decimal("2.50"),)
    assert result_of(("milk", 1, "0.00"), referred=True).basket_discounts == ()


def test_points_are_for_baskets_of_at_least_twenty():
    """A basket of at least 20.00 gives ten points, whatever it costs beyond that."""
    assert result_of(("milk", 1, "20.00")).points == 10
    assert result_of(("milk", 1, "19.99")).points == 0


def test_every_promotion_has_effects():
    """Each promotion adds its effects, and types without effects are left out."""
    family = result_of(("milk", 2, "50.00"), codes=["milk", "bread"], family=True, regular=True, referred=True)
    assert family.effects == Counter(
        acceptCoupon=1,
        rejectCoupon=1,
        setDiscountPerItem=2,
        acceptReferral=1,
        setDiscount=2,
        addLoyaltyPoints=1,
        showNotification=1,
        updateAttribute=1,
    )
    assert result_of(("milk", 1, "1.00")).effects == {}
