from io import StringIO

from rich.console import Console

from aiotalonone.demo import report
from aiotalonone.demo.facts import Difference
from aiotalonone.demo.meter import Meter


def shown(*renderables):
    output = StringIO()
    Console(file=output, width=100).print(*renderables)
    return output.getvalue()


def test_the_dataset_is_counted(scenario):
    """Four of nine redemptions came on days without a basket."""
    lines = [line.split() for line in shown(report.dataset_table(scenario)).splitlines()]
    assert ["redemptions", "9", "by", "3", "households"] in lines
    assert ["baskets", "with", "coupons", "3", "7", "cart", "lines,", "worth", "151.50"] in lines
    assert ["redemptions", "without", "basket", "4", "on", "3", "days,", "counted", "apart"] in lines


def test_an_operation_that_was_not_called_has_no_times():
    """It still has its row."""
    assert ["trackEvent", "0", "0"] in [line.split() for line in shown(report.operations_table(Meter())).splitlines()]


def test_many_differences_are_cut_short():
    """The first twenty are shown, the others counted; problems stand on lines of their own."""
    output = StringIO()
    differences = [Difference(("till", str(number)), 1, 2) for number in range(25)]
    report.show_verdict(Console(file=output, width=100), 100, differences, ["trackEvent was not used"])
    lines = output.getvalue().splitlines()
    assert lines[19] == "differs till / 19: expected 1, observed 2"
    assert lines[20:] == [
        "differs … and 5 facts more",
        "problem trackEvent was not used",
        "expectation: 100 facts checked, 25 differ",
    ]
