from collections import Counter
from decimal import Decimal

import pytest

from aiotalonone.demo.basket import CartLine
from aiotalonone.demo.dataset import Coupon
from aiotalonone.demo.scenario import Checkout
from aiotalonone.demo.verdict import Customer, judge

COUPONS = {
    "milk": Coupon(1, frozenset({"milk"})),
    "dairy": Coupon(1, frozenset({"milk", "butter"})),
    "bread": Coupon(2, frozenset({"bread"})),
}


def judged(*lines, codes=(), **customer):
    cart = tuple(CartLine(sku, quantity, Decimal(price)) for sku, quantity, price in lines)
    return judge(Checkout("s", "1", cart, tuple(codes)), COUPONS, Customer(**customer))


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
    """Down to a price of nothing, over all codes in their order."""
    assert judged(*lines, codes=codes).item_discounts == tuple(map(Decimal, discounts))


def test_a_code_whose_products_are_not_in_the_cart_is_rejected():
    """A code that finds nothing left to take off is accepted all the same."""
    verdict = judged(("milk", 1, "1.00"), codes=["milk", "bread", "dairy"])
    assert verdict.accepted == ("milk", "dairy")
    assert verdict.rejected == ("bread",)


def test_a_big_basket_costs_five_less():
    """From 100.00 on, before discounts."""
    assert judged(("milk", 1, "100.00")).basket_discounts == (Decimal("5.00"),)
    assert judged(("milk", 1, "99.99")).basket_discounts == ()


def test_a_friend_is_welcomed_with_no_more_than_the_basket_costs():
    """Three off; the coupon comes first."""
    assert judged(("milk", 1, "3.50"), recommended=True).basket_discounts == (Decimal("3.00"),)
    assert judged(("milk", 1, "3.50"), codes=["milk"], recommended=True).basket_discounts == (Decimal("2.50"),)
    assert judged(("milk", 1, "0.00"), recommended=True).basket_discounts == ()


def test_points_are_for_baskets_of_twenty_and_more():
    """A fixed number, whatever the basket costs beyond that."""
    assert judged(("milk", 1, "20.00")).points == 10
    assert judged(("milk", 1, "19.99")).points == 0


def test_every_promotion_shows_in_the_effects():
    """Effects that do not occur are not counted as zero."""
    family = judged(("milk", 2, "50.00"), codes=["milk", "bread"], family=True, regular=True, recommended=True)
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
    assert judged(("milk", 1, "1.00")).effects == {}
