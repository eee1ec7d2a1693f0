import sys

import pytest

from aiotalonone.demo import run
from aiotalonone.demo.__main__ import main
from aiotalonone.demo.expectation import expected_facts
from aiotalonone.demo.phases import PHASES
from aiotalonone.demo.phases.coupons import idle_coupons_are_released


@pytest.fixture
def installed(package, monkeypatch):
    monkeypatch.syspath_prepend(package.parent)


def tampered(scenario):
    return expected_facts(scenario) | {("session", "1-2017-01-05", "accepted"): ("9003-2",)}


@pytest.mark.usefixtures("installed")
def test_the_whole_demo_comes_out_as_the_dataset_says(capsys):
    """Every operation runs, against the sandbox in a process of its own."""
    assert main() == 0
    output = capsys.readouterr().out
    assert "facts checked, all equal" in output
    assert "CouponRejectedByCondition" in output
    for effect_type, number, money in [("setDiscountPerItem", "7", "5.40"), ("setDiscount", "4", "9.40")]:
        assert [effect_type, number, money] in [line.split() for line in output.splitlines()]


@pytest.mark.usefixtures("installed")
def test_an_expectation_that_does_not_hold_fails_the_demo(capsys):
    """The difference is named, with both values."""
    assert main(tampered) == 1
    output = capsys.readouterr().out
    assert "session / 1-2017-01-05 / accepted: expected ('9003-2',), observed ('9001-1'," in output
    assert "1 differ" in output


def test_without_the_dataset_the_demo_says_so(monkeypatch, capsys):
    """Its exit code is not that of a difference."""
    monkeypatch.setattr(sys, "path", [])
    assert main() == 2
    assert "nox -s demo" in capsys.readouterr().out


@pytest.mark.usefixtures("installed")
def test_an_operation_that_was_not_used_fails_the_demo(monkeypatch, capsys):
    """Even where everything that was done came out as expected."""
    monkeypatch.setattr(run, "PHASES", [phase for phase in PHASES if phase is not idle_coupons_are_released])
    assert main() == 1
    assert "deleteCouponReservation was not used" in capsys.readouterr().out
