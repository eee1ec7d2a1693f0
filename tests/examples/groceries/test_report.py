from io import StringIO

from rich.console import Console

from examples.groceries import report
from examples.groceries.facts import Difference
from examples.groceries.replay import CallStats


def shown(*renderables):
    output = StringIO()
    Console(file=output, width=100).print(*renderables)
    return output.getvalue()


def test_dataset_is_counted(scenario):
    """The table counts nine redemptions, four of them on days without a basket."""
    lines = [line.split() for line in shown(report.dataset_table(scenario)).splitlines()]
    assert ["redemptions", "9", "by", "3", "households"] in lines
    assert ["baskets", "with", "coupons", "3", "7", "cart", "lines,", "worth", "151.50"] in lines
    assert ["redemptions", "without", "basket", "4", "on", "3", "days,", "sent", "as", "events"] in lines


def test_operation_without_calls_has_no_times():
    """An operation without calls has a row without percentiles."""
    lines = shown(report.operations_table({"trackEvent": CallStats()})).splitlines()
    assert ["trackEvent", "0", "0"] in [line.split() for line in lines]


def test_only_the_first_differences_are_shown():
    """The first twenty differences are shown and the others counted, and each problem has its own line."""
    output = StringIO()
    differences = [Difference(("till", str(number)), 1, 2) for number in range(25)]
    report.show_comparison(Console(file=output, width=100), 100, differences, ["trackEvent was not used"])
    lines = output.getvalue().splitlines()
    assert lines[19] == "differs till / 19: expected 1, observed 2"
    assert lines[20:] == [
        "differs … and 5 facts more",
        "problem trackEvent was not used",
        "expectation: 100 facts checked, 25 differ",
    ]
