"""Random records, limits, faults and duplicates: nothing is lost, nothing out of order, and the end is the same."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiotalonone.bulk import AudienceSync, ProfileSync
from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults import Fault
from tests.bulk.api import ACCOUNT, QUICK, Api, action, client_of, lines, profile

PASSING = [
    Fault.STATUS_429,
    Fault.STATUS_429_SECONDS,
    Fault.STATUS_500,
    Fault.STATUS_503,
    Fault.STATUS_409,
    Fault.DROP_AFTER_COMMIT,
    Fault.DROP_BEFORE_READING,
    Fault.REFUSE,
]
customers = st.sampled_from([f"c-{n}" for n in range(8)])
attributes = st.dictionaries(st.sampled_from(["n", "a", "b", "unknown"]), st.none() | st.integers(-9, 9), max_size=3)
fit = st.builds(lambda customer, values: profile(customer, **values), customers, attributes)
unfit = st.sampled_from([{}, profile(""), profile("c-1", n=float("nan")), {"integrationId": "c-2", "attributes": 7}])
actions = st.builds(action, st.sampled_from(["add", "delete"]), customers, st.sampled_from([1, 2, 99]))
faults = st.lists(st.tuples(st.sampled_from(PASSING), st.integers(1, 20)), max_size=5)
common = {
    "most_bytes": st.integers(60, 2000),
    "faults": faults,
    "says_where": st.booleans(),
    "concurrency": st.integers(1, 5),
}


def is_fit(record):
    """Whether the account takes a profile."""
    values = record.get("attributes")
    return bool(record.get("integrationId")) and isinstance(values, dict) and not values.keys() - {"n", "a", "b"}


def one_after_the_other(records):
    """What customers have in the end, and which records are refused."""
    held, refused = {}, []
    for position, record in enumerate(records):
        if not is_fit(record) or record["attributes"].get("n") != record["attributes"].get("n"):
            refused.append(position)
            continue
        mine = held.setdefault(record["integrationId"], {})
        mine |= record["attributes"]
    return {customer: {n: v for n, v in mine.items() if v is not None} for customer, mine in held.items()}, refused


async def outcome(kind, records, *, most_bytes, faults, says_where, concurrency):
    """The API after a job, its report, and the positions of its rejects."""
    api = Api(Sandbox(ACCOUNT), says_where=says_where)
    for fault, call in faults:
        api.sandbox.faults.add(kind._subject.operation_id, fault, calls=(call,), seconds=0)
    with TemporaryDirectory() as folder:
        rejects, checkpoint = Path(folder) / "rejects.ndjson", Path(folder) / "job.sqlite"
        async with client_of(api) as client:
            job = kind(
                client,
                job="j",
                rejects=rejects,
                checkpoint=checkpoint,
                retry=QUICK,
                most_bytes=most_bytes,
                concurrency=concurrency,
            )
            report = await job.run(records)
        return api, report, [reject["position"] for reject in lines(rejects)]


def assert_adds_up(report, records, positions):
    """Every record is accepted or rejected, each reject once."""
    assert report.finished
    assert report.records == len(records) == report.accepted + report.rejected
    assert report.not_attempted == 0
    assert len(set(positions)) == len(positions) == report.rejected


quick = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
long = settings(quick, max_examples=2500)


def profiles_end_as_one_after_the_other(records, **options):
    """What the property says."""
    api, report, positions = asyncio.run(outcome(ProfileSync, records, **options))
    expected, refused = one_after_the_other(records)
    assert_adds_up(report, records, positions)
    assert sorted(positions) == refused
    assert {customer: held for customer, held in api.attributes().items() if customer in expected} == expected


def audiences_end_as_one_after_the_other(records, **options):
    """What the property says of memberships."""
    api, report, positions = asyncio.run(outcome(AudienceSync, records, **options))
    assert_adds_up(report, records, positions)
    assert sorted(positions) == [n for n, record in enumerate(records) if record["audienceId"] == 99]
    expected = {}
    for record in records:
        if record["audienceId"] != 99:
            change = {"add": set.add, "delete": set.discard}[record["action"]]
            change(expected.setdefault(record["profileIntegrationId"], set()), record["audienceId"])
    held = {customer: held.audiences for customer, held in api.sandbox.state.profiles.items() if held.audiences}
    assert held == {customer: audiences for customer, audiences in expected.items() if audiences}


profiles = given(records=st.lists(fit | unfit, max_size=60), **common)
memberships = given(records=st.lists(actions, max_size=60), **common)


@quick
@profiles
def test_profiles(**example):
    """The same as one request for each record, in their order; refused ones leave nothing."""
    profiles_end_as_one_after_the_other(**example)


@quick
@memberships
def test_audiences(**example):
    """Likewise, where an audience that does not exist is refused."""
    audiences_end_as_one_after_the_other(**example)


@pytest.mark.soak
@long
@profiles
def test_profiles_at_length(**example):
    """A hundred times as many examples."""
    profiles_end_as_one_after_the_other(**example)


@pytest.mark.soak
@long
@memberships
def test_audiences_at_length(**example):
    """A hundred times as many examples."""
    audiences_end_as_one_after_the_other(**example)
