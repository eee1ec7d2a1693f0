from collections import defaultdict
from io import StringIO
from itertools import pairwise

import pytest
from rich.console import Console

from aiotalonone.demo.expectation import expected_facts
from aiotalonone.demo.faults import FAULTS, Trouble
from aiotalonone.demo.meter import OPERATIONS
from aiotalonone.demo.run import run
from aiotalonone.endpoints.events import TRACK_EVENT
from aiotalonone.endpoints.referrals import CREATE_REFERRAL, CREATE_REFERRALS_FOR_MULTIPLE_ADVOCATES
from aiotalonone.endpoints.sessions import UPDATE_CUSTOMER_SESSION
from aiotalonone.operation import RetrySafety

ONCE = [TRACK_EVENT, CREATE_REFERRAL, CREATE_REFERRALS_FOR_MULTIPLE_ADVOCATES, UPDATE_CUSTOMER_SESSION]


def early(script):
    """The script where each operation meets two of its faults from its first call on: a corner shop's year is short."""
    places = defaultdict(int)
    for entry in script:
        places[entry["operationId"]] += 1
        if places[entry["operationId"]] <= 2:
            yield {**entry, "calls": [places[entry["operationId"]]], "seconds": 0}


async def demonstrate(scenario, faults):
    output = StringIO()
    as_expected = await run(scenario, expected_facts(scenario), Console(file=output, width=100), faults)
    return as_expected, [line.split() for line in output.getvalue().splitlines()]


async def test_under_faults_everything_comes_out_the_same(scenario):
    """Each operation meets two, each of which costs one more attempt."""
    as_expected, lines = await demonstrate(scenario, list(early(FAULTS)))
    assert as_expected
    assert ["status429", "10", "10"] in lines
    assert ["attempts", "after", "the", "first", str(2 * len(OPERATIONS))] in lines


async def test_a_fault_that_cannot_be_made_good_fails_the_demo(scenario):
    """An event whose answer is lost is not sent again."""
    lost = {"operationId": "trackEvent", "fault": "dropAfterCommit"}
    as_expected, lines = await demonstrate(scenario, [lost])
    assert not as_expected
    assert ["problem", "1", "calls:", "trackEvent", "failed:"] in [line[:5] for line in lines]


async def test_a_fault_that_does_not_happen_fails_the_demo(scenario):
    """A script that is out of reach would show nothing."""
    late = {"operationId": "trackEvent", "fault": "status429", "calls": [1000]}
    as_expected, lines = await demonstrate(scenario, [late])
    assert not as_expected
    assert ["problem", "status429", "did", "not", "happen", "to", "trackEvent"] in lines


def test_every_operation_meets_faults():
    """None is left out."""
    assert {entry["operationId"] for entry in FAULTS} == set(OPERATIONS)


@pytest.mark.parametrize("operation", ONCE, ids=lambda operation: operation.operation_id)
def test_what_may_act_twice_is_only_ever_refused(operation):
    """It must never be sent again after any other fault."""
    faults = {entry["fault"] for entry in FAULTS if entry["operationId"] == operation.operation_id}
    assert operation.retry_safety is RetrySafety.UNSAFE
    assert faults == {"status429", "status429Seconds"}


def test_no_call_meets_more_faults_than_it_has_further_attempts():
    """Faults are far apart, or there are two in all."""
    calls = defaultdict(list)
    for entry in FAULTS:
        calls[entry["operationId"]] += entry["calls"]
    for numbers in map(sorted, calls.values()):
        assert len(numbers) == 2 or min(b - a for a, b in pairwise(numbers)) == 15


def test_the_most_frequent_fault_comes_first():
    """Counted over all operations, of which each counts once."""
    trouble = Trouble(met={"a": {"refuse": 1, "status503": 1}, "b": {"status503": 2}})
    assert [(fault, len(met), met.total()) for fault, met in trouble.by_fault.items()] == [
        ("status503", 2, 3),
        ("refuse", 1, 1),
    ]
