from datetime import date
from decimal import Decimal

import pytest

from examples.groceries.dataset import Purchase
from examples.groceries.scenario import CartLine, cart_lines, total


def test_day_with_redemptions_and_purchases_is_one_session(scenario):
    """A household's day is one session with all codes of the day, in the order of their redemption."""
    assert [(one.session_id, one.codes) for one in scenario.checkouts] == [
        ("1-2017-01-05", ("9001-1", "9002-1", "9003-2")),
        ("2-2017-02-03", ("9003-2",)),
        ("3-2017-03-02", ("9002-1",)),
    ]


def test_redemptions_on_days_without_purchases_are_unmatched(scenario):
    """Redemptions on days without purchases are unmatched; a line of quantity 0 is not a purchase."""
    assert [(one.household, one.code, one.day) for one in scenario.unmatched_redemptions] == [
        ("1", "9001-1", date(2017, 2, 3)),
        ("1", "9002-1", date(2017, 2, 3)),
        ("2", "9001-1", date(2017, 3, 2)),
        ("3", "9003-2", date(2017, 1, 5)),
    ]


def test_unmatched_redemptions_are_events_of_two_versions(scenario):
    """Every third redemption without a basket becomes a V1 event, each other one a V2 event."""
    unmatched = scenario.unmatched_redemptions
    assert scenario.redemptions_v1 == (unmatched[0], unmatched[3])
    assert scenario.redemptions_v2 == (unmatched[1], unmatched[2])


def test_a_unit_that_a_coupon_made_cheaper_is_brought_back(scenario):
    """Each household brings back a unit of the first line that its coupons made cheaper, of its first such basket."""
    assert [(unit.event_id, unit.position) for unit in scenario.returns] == [
        ("return-1-2017-01-05", 0),
        ("return-2-2017-02-03", 0),
        ("return-3-2017-03-02", 0),
    ]


def test_the_latest_baskets_of_the_best_customers_are_reopened(scenario):
    """The households with the most redemptions have their latest basket reopened."""
    assert [checkout.session_id for checkout in scenario.reopened] == ["1-2017-01-05", "2-2017-02-03", "3-2017-03-02"]


def test_only_coupons_that_were_never_redeemed_in_a_basket_are_released(scenario):
    """A coupon is released unless its household redeemed it in a basket, on whatever day."""
    assert scenario.released == {"9001-1": ("2",), "9003-2": ("3",)}


def test_best_customers_refer_households_that_never_redeemed(scenario):
    """Advocates are ranked by redemptions, then by number, and each friend has the session of its first basket."""
    assert [(one.advocate, one.friend, one.checkout.session_id) for one in scenario.referrals] == [
        ("1", "4", "4-2017-01-05"),
        ("2", "5", "5-2017-02-03"),
        ("3", "6", "6-2017-02-03"),
    ]


def test_household_with_the_most_redemptions_is_erased(scenario):
    """The household with the most redemptions is erased, since it leaves the most to verify."""
    assert scenario.erased == "1"


def test_audiences_follow_from_demographics(scenario):
    """Household 1 has children and households 3 and 6 are over 65; the others have no demographics."""
    assert scenario.audiences == {"1": (1,), "3": (2,), "6": (2,)}


def test_seniors_have_cards_and_some_never_use_them(scenario):
    """Households 3 and 6 get cards, and household 6 never buys with one."""
    assert scenario.seniors == ("3", "6")
    assert scenario.seniors_without_purchases == ("6",)


def test_holders_of_a_code_are_the_households_that_redeemed_it(scenario):
    """Several redemptions of a code by one household are one reservation."""
    assert scenario.holders == {"9001-1": {"1", "2"}, "9002-1": {"1", "3"}, "9003-2": {"1", "2", "3"}}


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
def test_purchase_becomes_cart_lines(quantity, value, lines):
    """A purchase becomes lines with whole units and whole cents, whose total is what was paid."""
    cart = list(cart_lines([Purchase("10", quantity, Decimal(value))]))
    assert cart == [CartLine("10", units, Decimal(price)) for units, price in lines]
    assert total(cart) == Decimal(value)
