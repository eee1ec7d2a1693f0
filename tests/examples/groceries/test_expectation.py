from collections import Counter
from decimal import Decimal

import pytest

from examples.groceries.expectation import expected_facts


@pytest.fixture(scope="module")
def expected(scenario):
    return expected_facts(scenario)


def test_session_with_three_codes(expected):
    """Two coupons discount the milk at 1.50, the first also the gum at 0.40, and the third is rejected: no bread."""
    session = {fact[-1]: value for fact, value in expected.items() if fact[:2] == ("session", "1-2017-01-05")}
    assert session == {
        "total": Decimal("29.50"),
        "accepted": ("9001-1", "9002-1"),
        "rejected": (("9003-2", "CouponRejectedByCondition"),),
        "off items": Decimal("3.40"),
        "off the basket": Decimal(0),
        "points": 10,
        "points on the card": Decimal(0),
        "effects": Counter(acceptCoupon=2, rejectCoupon=1, setDiscountPerItem=5, addLoyaltyPoints=1, updateAttribute=1),
    }


def test_inventory_sums_points_of_baskets_and_events(expected):
    """Household 1 has ten points for its basket and five for each of two redemptions without a basket."""
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


def test_state_follows_from_releases_and_erasure(expected):
    """Redeemed coupons stay redeemed, and only households 2 and 3 still hold one."""
    state = {fact[1:]: value for fact, value in expected.items() if fact[0] == "sandbox"}
    assert state["profiles",] == 5
    assert state["audience memberships",] == 2
    assert state["reservations",] == 2
    assert state["coupon", "9001-1"] == (1, 0)
    assert state["coupon", "9002-1"] == (2, 1)
    assert state["coupon", "9003-2"] == (1, 1)


def test_discounts_include_both_versions_of_sessions(expected):
    """Discounts are summed: 3.40, 1.00 and 6.00 in sessions with coupons, and 3.00, 0.40 and 1.00 of friends."""
    assert expected["sandbox", "discounts", "total"] == Decimal("14.80")
    assert expected["sandbox", "sessions", "closed"] == 6
    assert expected["sandbox", "sessions", "open"] == 3
    assert expected["sandbox", "coupon outcomes"] == Counter(accepted=4, CouponRejectedByCondition=1)
