from collections import defaultdict
from itertools import pairwise

import pytest

from aiotalonone.endpoints.audiences import CREATE_AUDIENCE_V2
from aiotalonone.endpoints.events import TRACK_EVENT
from aiotalonone.endpoints.loyalty import (
    ACTIVATE_LOYALTY_POINTS,
    DELETE_LOYALTY_TRANSACTIONS_FROM_LEDGERS,
    JOIN_LOYALTY_PROGRAM,
)
from aiotalonone.endpoints.loyalty_cards import GENERATE_LOYALTY_CARD
from aiotalonone.endpoints.referrals import CREATE_REFERRAL, CREATE_REFERRALS_FOR_MULTIPLE_ADVOCATES
from aiotalonone.endpoints.sessions import UPDATE_CUSTOMER_SESSION
from aiotalonone.operation import RetrySafety
from examples.groceries.faults import FAULTS, InjectedFaults
from examples.groceries.replay import OPERATIONS

UNSAFE = [
    CREATE_AUDIENCE_V2,
    *(TRACK_EVENT, CREATE_REFERRAL, CREATE_REFERRALS_FOR_MULTIPLE_ADVOCATES, UPDATE_CUSTOMER_SESSION),
    *(ACTIVATE_LOYALTY_POINTS, DELETE_LOYALTY_TRANSACTIONS_FROM_LEDGERS, JOIN_LOYALTY_PROGRAM, GENERATE_LOYALTY_CARD),
]


def test_every_operation_meets_faults():
    """The fault file has faults for each operation of the demo."""
    assert {entry["operationId"] for entry in FAULTS} == set(OPERATIONS)


@pytest.mark.parametrize("operation", UNSAFE, ids=lambda operation: operation.operation_id)
def test_unsafe_operations_meet_only_rejections(operation):
    """An operation that is unsafe to retry meets only 429, after which it may be retried."""
    faults = {entry["fault"] for entry in FAULTS if entry["operationId"] == operation.operation_id}
    assert operation.retry_safety is RetrySafety.UNSAFE
    assert faults == {"status429", "status429Seconds"}


def test_no_call_meets_more_faults_than_it_has_retries():
    """The faults of an operation are 15 calls apart, or there are two in all."""
    calls = defaultdict(list)
    for entry in FAULTS:
        calls[entry["operationId"]] += entry["calls"]
    for numbers in map(sorted, calls.values()):
        assert len(numbers) == 2 or min(b - a for a, b in pairwise(numbers)) == 15


def test_most_frequent_fault_comes_first():
    """Faults are ordered by the number of calls that met them, summed over all operations."""
    injected = InjectedFaults(triggered={"a": {"reset": 1, "status503": 1}, "b": {"status503": 2}})
    assert [(fault, len(counts), counts.total()) for fault, counts in injected.by_fault.items()] == [
        ("status503", 2, 3),
        ("reset", 1, 1),
    ]
