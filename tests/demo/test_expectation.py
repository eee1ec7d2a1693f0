from collections import Counter
from decimal import Decimal

import pytest

from aiotalonone.demo.expectation import expected_facts


@pytest.fixture(scope="module")
def expected(scenario):
    return expected_facts(scenario)


def test_a_basket_with_three_codes(expected):
    """Two coupons share the milk at 1.50, the first also takes the gum at 0.40; the third finds no bread."""
    session = {fact[-1]: value for fact, value in expected.items() if fact[:2] == ("session", "1-2017-01-05")}
    assert session == {
        "worth": Decimal("29.50"),
        "accepted": ("9001-1", "9002-1"),
        "rejected": (("9003-2", "CouponRejectedByCondition"),),
        "off items": Decimal("3.40"),
        "off the basket": Decimal(0),
        "points": 10,
        "effects": Counter(acceptCoupon=2, rejectCoupon=1, setDiscountPerItem=5, addLoyaltyPoints=1, updateAttribute=1),
    }


def test_an_inventory_adds_up_baskets_and_consolations(expected):
    """Household 1: ten points for its basket, five for each of two stray redemptions."""
    inventory = {fact[-1]: value for fact, value in expected.items() if fact[:2] == ("inventory", "1")}
    assert inventory == {
        "attributes": {
            "age": "35-44",
            "kids_count": "2",
            "home_ownership": "Homeowner",
            "redemptions": 5,
            "regular": True,
        },
        "audiences": (1,),
        "coupons": ("9001-1", "9002-1", "9003-2"),
        "points": 20,
        "friends": ("4",),
    }


def test_what_is_held_in_the_end_knows_of_releases_and_of_the_erasure(expected):
    """Used coupons stay used; nobody but households 2 and 3 still holds one."""
    held = {fact[1:]: value for fact, value in expected.items() if fact[0] == "sandbox"}
    assert held["profiles",] == 5
    assert held["audience memberships",] == 1
    assert held["reservations",] == 2
    assert held["coupon", "9001-1"] == (1, 0)
    assert held["coupon", "9002-1"] == (2, 1)
    assert held["coupon", "9003-2"] == (1, 1)


def test_discounts_are_summed_over_both_kinds_of_sessions(expected):
    """3.40, 1.00 and 6.00 in the baskets with coupons; friends: 3.00, 0.40 and 1.00."""
    assert expected["sandbox", "discounts", "total"] == Decimal("14.80")
    assert expected["sandbox", "sessions", "closed"] == 6
    assert expected["sandbox", "sessions", "open"] == 3
    assert expected["sandbox", "coupon outcomes"] == Counter(accepted=4, CouponRejectedByCondition=1)
