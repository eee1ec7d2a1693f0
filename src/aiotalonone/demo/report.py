"""What is shown in the end: the dataset, the operations, the coupons, the effects, and whether all came as expected."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from aiotalonone.demo.basket import total
from aiotalonone.demo.facts import Difference, Fact
from aiotalonone.demo.faults import Trouble
from aiotalonone.demo.meter import Meter
from aiotalonone.demo.scenario import Scenario

WIDTH: Final = 100
_DIFFERENCES_SHOWN: Final = 20
_MILLISECONDS: Final = 1000

_MONEY: Final = {"setDiscountPerItem": "off items", "setDiscount": "off the basket"}
"""The facts that say what the effects of a type gave."""


def dataset_table(scenario: Scenario) -> Table:
    """What the dataset holds, and what of it is replayed."""
    dataset, checkouts = scenario.dataset, scenario.checkouts
    worth = sum((total(checkout.lines) for checkout in checkouts), Decimal(0))
    lines = sum(len(checkout.lines) for checkout in checkouts)
    stray_days = {(redemption.household, redemption.day) for redemption in scenario.stray}
    table = _table("The dataset", "number", "")
    table.add_row("lines bought", f"{dataset.transactions:,}", f"worth {dataset.sales:,}")
    table.add_row("households", f"{len(dataset.households):,}", f"{len(dataset.demographics):,} with demographics")
    table.add_row("coupon codes", f"{len(dataset.coupons):,}", f"in {len(dataset.campaigns):,} campaigns")
    redeeming = len(scenario.redeeming_households)
    table.add_row("redemptions", f"{len(dataset.redemptions):,}", f"by {redeeming:,} households")
    table.add_row("baskets with coupons", f"{len(checkouts):,}", f"{lines:,} cart lines, worth {worth:,}")
    table.add_row(
        "redemptions without basket", f"{len(scenario.stray):,}", f"on {len(stray_days):,} days, counted apart"
    )
    return table


def operations_table(meter: Meter) -> Table:
    """How the operations did."""
    table = _table("The operations", "calls", "failures", "p50 ms", "p95 ms")
    for operation, usage in meter.usage.items():
        times = [f"{usage.percentile(percent) * _MILLISECONDS:.1f}" for percent in (50, 95)] if usage.calls else []
        table.add_row(operation, f"{usage.calls:,}", f"{usage.failures:,}", *times)
    return table


def coupons_table(observed: Mapping[Fact, Any]) -> Table:
    """What became of the coupons in the baskets."""
    accepted = sum(len(codes) for codes in _values(observed, "accepted"))
    rejected = Counter(reason for codes in _values(observed, "rejected") for _, reason in codes)
    table = _table("The coupons", "number")
    table.add_row("accepted", f"{accepted:,}")
    for reason, count in rejected.most_common():
        table.add_row(f"rejected: {reason}", f"{count:,}")
    return table


def effects_table(observed: Mapping[Fact, Any]) -> Table:
    """What the rules decided, and the money that it gave."""
    effects = sum(_values(observed, "effects"), Counter[str]())
    table = _table("The effects", "number", "money given")
    for effect_type, count in effects.most_common():
        money = f"{sum(_values(observed, _MONEY[effect_type])):,.2f}" if effect_type in _MONEY else ""
        table.add_row(effect_type, f"{count:,}", money)
    return table


def faults_table(trouble: Trouble) -> Table:
    """What went wrong on purpose, and how often the client tried again."""
    table = _table("The faults", "operations", "number")
    for fault, operations in trouble.by_fault.items():
        table.add_row(fault, f"{len(operations):,}", f"{operations.total():,}")
    table.add_section()
    table.add_row("attempts after the first", "", f"{trouble.repetitions.number:,}")
    return table


def show_verdict(console: Console, facts: int, differences: Sequence[Difference], problems: Sequence[str]) -> None:
    """Whether everything came as expected, and what did not."""
    for difference in differences[:_DIFFERENCES_SHOWN]:
        console.print(f"[red]differs[/] {escape(str(difference))}", highlight=False)
    if len(differences) > _DIFFERENCES_SHOWN:
        console.print(f"[red]differs[/] … and {len(differences) - _DIFFERENCES_SHOWN:,} facts more")
    for problem in problems:
        console.print(f"[red]problem[/] {escape(problem)}", highlight=False)
    outcome = f"[red]{len(differences):,} differ[/]" if differences else "[green]all equal[/]"
    console.print(f"[bold]expectation: {facts:,} facts checked, {outcome}", highlight=False)


def _values(observed: Mapping[Fact, Any], name: str) -> Iterator[Any]:
    return (value for fact, value in observed.items() if fact[-1] == name)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, width=WIDTH)
    table.add_column(ratio=1)
    for column in columns:
        table.add_column(column, justify="right")
    return table
