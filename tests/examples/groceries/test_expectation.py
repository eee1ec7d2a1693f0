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
        "to pay": Decimal("26.10"),
        "points": 10,
        "points on the card": Decimal(0),
        "effects": Counter(acceptCoupon=2, rejectCoupon=1, setDiscountPerItem=5, addLoyaltyPoints=1, updateAttribute=1),
    }


def test_inventory_sums_points_of_baskets_and_events(expected):
    """Household 1 has ten points for its basket, five for each of two redemptions without one, and two for a return."""
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
        "sales": Decimal("28.00"),
        "points": 22,
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
    """Discounts are summed: 1.90, 0.00 and 5.00 in sessions with a return, and 3.00, 0.40 and 1.00 of friends."""
    assert expected["sandbox", "discounts", "total"] == Decimal("11.30")
    assert expected["sandbox", "discounts", "count"] == 7
    assert expected["sandbox", "effects", "setDiscountPerItem"] == 3
    assert expected["sandbox", "sessions", "closed"] == 3
    assert expected["sandbox", "sessions", "partially_returned"] == 3
    assert expected["sandbox", "sessions", "open"] == 2
    assert expected["sandbox", "coupon outcomes"] == Counter(accepted=4, CouponRejectedByCondition=1)


def test_a_return_takes_back_what_each_coupon_took_off_the_unit(expected):
    """One of two bottles of milk comes back with 1.00 of one coupon and 0.50 of the other; six units are left."""
    returned = {fact[-1]: value for fact, value in expected.items() if fact[:2] == ("return", "1-2017-01-05")}
    assert returned == {
        "rolled back": (Decimal("1.00"), Decimal("0.50")),
        "state": "partially_returned",
        "to pay": Decimal("26.10"),  # the coupons had paid for the milk
        "units left": 6,
        "valid effects": Counter(
            acceptCoupon=2, rejectCoupon=1, setDiscountPerItem=3, addLoyaltyPoints=1, updateAttribute=1
        ),
    }


def test_only_the_return_of_a_full_basket_is_rewarded(expected):
    """Household 1 gets points for a return to a basket of 29.50, household 2 none for one to a basket of 2.00."""
    assert expected["event", "return-1-2017-01-05", "effects"] == Counter(addLoyaltyPoints=1)
    assert expected["event", "return-2-2017-02-03", "effects"] == Counter()


def test_reopening_takes_everything_back_and_closing_gives_it_again(expected):
    """The basket of household 3 has a coupon, and discounts and points twice, and all of them again in the end."""
    reopened = {fact[-1]: value for fact, value in expected.items() if fact[:2] == ("reopened", "3-2017-03-02")}
    assert reopened == {
        "roll-backs": Counter(rollbackCoupon=1, rollbackDiscount=2, rollbackAddedLoyaltyPoints=2),
        "closed again": Counter(acceptCoupon=1, setDiscountPerItem=1, setDiscount=1, addLoyaltyPoints=2),
    }
