"""Tables of the dataset, operations, coupons, effects and faults, and the comparison with what was expected."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from examples.groceries.facts import Difference, Fact
from examples.groceries.faults import InjectedFaults
from examples.groceries.replay import CallStats
from examples.groceries.scenario import Scenario, total

WIDTH: Final = 100
_MAX_DIFFERENCES: Final = 20
_MILLISECONDS: Final = 1000

_MONEY: Final = {"setDiscountPerItem": "off items", "setDiscount": "off the basket"}
"""By effect type: the facts with the amounts of its effects."""


def dataset_table(scenario: Scenario) -> Table:
    """Return what the dataset holds, and which part of it is replayed."""
    dataset, checkouts = scenario.dataset, scenario.checkouts
    amount = sum((total(checkout.lines) for checkout in checkouts), Decimal(0))
    lines = sum(len(checkout.lines) for checkout in checkouts)
    unmatched = scenario.unmatched_redemptions
    days = len({(redemption.household, redemption.day) for redemption in unmatched})
    table = _table("The dataset", "number", "")
    table.add_row("lines bought", f"{dataset.transactions:,}", f"worth {dataset.sales:,}")
    table.add_row("households", f"{len(dataset.households):,}", f"{len(dataset.demographics):,} with demographics")
    table.add_row("coupon codes", f"{len(dataset.coupons):,}", f"in {len(dataset.campaigns):,} campaigns")
    redeeming = len(scenario.redeeming_households)
    table.add_row("redemptions", f"{len(dataset.redemptions):,}", f"by {redeeming:,} households")
    table.add_row("baskets with coupons", f"{len(checkouts):,}", f"{lines:,} cart lines, worth {amount:,}")
    table.add_row("redemptions without basket", f"{len(unmatched):,}", f"on {days:,} days, sent as events")
    return table


def operations_table(calls: Mapping[str, CallStats]) -> Table:
    """Return calls, failures and durations by operation."""
    table = _table("The operations", "calls", "failures", "p50 ms", "p95 ms")
    for operation, stats in calls.items():
        times = [f"{stats.percentile(percent) * _MILLISECONDS:.1f}" for percent in (50, 95)] if stats.calls else []
        table.add_row(operation, f"{stats.calls:,}", f"{stats.failures:,}", *times)
    return table


def coupons_table(observed: Mapping[Fact, Any]) -> Table:
    """Return how many coupons were accepted and rejected in baskets."""
    accepted = sum(len(codes) for codes in _values(observed, "accepted"))
    rejected = Counter(reason for codes in _values(observed, "rejected") for _, reason in codes)
    table = _table("The coupons", "number")
    table.add_row("accepted", f"{accepted:,}")
    for reason, count in rejected.most_common():
        table.add_row(f"rejected: {reason}", f"{count:,}")
    return table


def effects_table(observed: Mapping[Fact, Any]) -> Table:
    """Return the number of effects by type, and the amounts of discounts."""
    effects = sum(_values(observed, "effects"), Counter[str]())
    table = _table("The effects", "number", "discount")
    for effect_type, count in effects.most_common():
        money = f"{sum(_values(observed, _MONEY[effect_type])):,.2f}" if effect_type in _MONEY else ""
        table.add_row(effect_type, f"{count:,}", money)
    return table


def faults_table(injected: InjectedFaults) -> Table:
    """Return how often each fault was triggered, and the number of retries."""
    table = _table("The faults", "operations", "number")
    for fault, operations in injected.by_fault.items():
        table.add_row(fault, f"{len(operations):,}", f"{operations.total():,}")
    table.add_section()
    table.add_row("retries", "", f"{injected.retries.count:,}")
    return table


def show_comparison(console: Console, facts: int, differences: Sequence[Difference], problems: Sequence[str]) -> None:
    """Print whether everything is as expected, and what is not."""
    for difference in differences[:_MAX_DIFFERENCES]:
        console.print(f"[red]differs[/] {escape(str(difference))}", highlight=False)
    if len(differences) > _MAX_DIFFERENCES:
        console.print(f"[red]differs[/] … and {len(differences) - _MAX_DIFFERENCES:,} facts more")
    for problem in problems:
        console.print(f"[red]problem[/] {escape(problem)}", highlight=False)
    result = f"[red]{len(differences):,} differ[/]" if differences else "[green]all equal[/]"
    console.print(f"[bold]expectation: {facts:,} facts checked, {result}", highlight=False)


def _values(observed: Mapping[Fact, Any], name: str) -> Iterator[Any]:
    return (value for fact, value in observed.items() if fact[-1] == name)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, width=WIDTH)
    table.add_column(ratio=1)
    for column in columns:
        table.add_column(column, justify="right")
    return table
