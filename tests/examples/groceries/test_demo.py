import subprocess
import sys
from collections import defaultdict
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from examples.groceries import demo
from examples.groceries.demo import main, run
from examples.groceries.expectation import expected_facts
from examples.groceries.faults import FAULTS
from examples.groceries.phases import PHASES, release_unused_coupons
from examples.groceries.replay import OPERATIONS

ROOT = Path(__file__).parents[3]


@pytest.fixture
def installed(package, monkeypatch):
    monkeypatch.syspath_prepend(package.parent)


def tampered(scenario):
    return expected_facts(scenario) | {("session", "1-2017-01-05", "accepted"): ("9003-2",)}


@pytest.mark.usefixtures("installed")
def test_observed_facts_equal_those_expected_from_the_dataset(capsys):
    """Every operation runs against a sandbox process, and every fact is as the dataset implies."""
    assert main() == 0
    output = capsys.readouterr().out
    assert "facts checked, all equal" in output
    assert "CouponRejectedByCondition" in output
    for effect_type, number, money in [("setDiscountPerItem", "7", "5.40"), ("setDiscount", "4", "9.40")]:
        assert [effect_type, number, money] in [line.split() for line in output.splitlines()]


@pytest.mark.usefixtures("installed")
def test_difference_fails_the_demo(capsys):
    """A fact that differs is shown with both values, and the exit code is 1."""
    assert main(tampered) == 1
    output = capsys.readouterr().out
    assert "session / 1-2017-01-05 / accepted: expected ('9003-2',), observed ('9001-1'," in output
    assert "1 differ" in output


def test_missing_dataset_ends_the_demo(monkeypatch, capsys):
    """Without the dataset the demo names the command that installs it, and the exit code is 2."""
    monkeypatch.setattr(sys, "path", [])
    assert main() == 2
    assert "nox -s demo" in capsys.readouterr().out


@pytest.mark.usefixtures("installed")
def test_unused_operation_fails_the_demo(monkeypatch, capsys):
    """An operation without any call is a problem even if all facts are equal."""
    monkeypatch.setattr(demo, "PHASES", [phase for phase in PHASES if phase is not release_unused_coupons])
    assert main() == 1
    assert "deleteCouponReservation was not used" in capsys.readouterr().out


def test_program_runs_from_a_checkout():
    """The package is a program whose help names its option."""
    command = [sys.executable, "-m", "examples.groceries", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603 - our own
    assert "--faults" in done.stdout


def early(faults):
    """Return the faults with two of each operation at its first calls, since a corner shop's year has few calls."""
    places = defaultdict(int)
    for entry in faults:
        places[entry["operationId"]] += 1
        if places[entry["operationId"]] <= 2:
            yield {**entry, "calls": [places[entry["operationId"]]], "seconds": 0}


async def run_demo(scenario, faults):
    output = StringIO()
    as_expected = await run(scenario, expected_facts(scenario), Console(file=output, width=100), faults)
    return as_expected, [line.split() for line in output.getvalue().splitlines()]


async def test_faults_do_not_change_the_facts(scenario):
    """If each operation meets two faults, each costs one retry and all facts are equal."""
    as_expected, lines = await run_demo(scenario, list(early(FAULTS)))
    assert as_expected
    rate_limited = sum(fault["fault"] == "status429" for fault in early(FAULTS))
    assert ["status429", str(rate_limited), str(rate_limited)] in lines
    assert ["retries", str(2 * len(OPERATIONS))] in lines


async def test_call_that_must_not_be_retried_fails_the_demo(scenario):
    """An event whose response is lost is not sent again, so its call fails."""
    lost = {"operationId": "trackEvent", "fault": "dropAfterCommit"}
    as_expected, lines = await run_demo(scenario, [lost])
    assert not as_expected
    assert ["problem", "1", "calls:", "trackEvent", "failed:"] in [line[:5] for line in lines]


async def test_fault_that_is_not_triggered_fails_the_demo(scenario):
    """A fault that no call reaches is a problem, since it shows nothing."""
    late = {"operationId": "trackEvent", "fault": "status429", "calls": [1000]}
    as_expected, lines = await run_demo(scenario, [late])
    assert not as_expected
    assert ["problem", "status429", "did", "not", "happen", "to", "trackEvent"] in lines
