"""Random records, limits, faults and duplicates: no record is lost or out of order, and the result is the same."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiotalonone.bulk import AudienceSync, ProfileSync
from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults import Fault
from tests.bulk.recording_api import (
    ACCOUNT,
    FAST_RETRY,
    RecordingApi,
    action,
    apply_one_by_one,
    make_client,
    profile,
    read_rejects,
)

TRANSIENT = [
    Fault.STATUS_429,
    Fault.STATUS_429_SECONDS,
    Fault.STATUS_500,
    Fault.STATUS_503,
    Fault.STATUS_409,
    Fault.DROP_AFTER_COMMIT,
    Fault.DROP_BEFORE_READING,
    Fault.RESET,
]
customers = st.sampled_from([f"c-{n}" for n in range(8)])
attributes = st.dictionaries(st.sampled_from(["n", "a", "b", "unknown"]), st.none() | st.integers(-9, 9), max_size=3)
valid = st.builds(lambda customer, values: profile(customer, **values), customers, attributes)
invalid = st.sampled_from([{}, profile(""), profile("c-1", n=float("nan")), {"integrationId": "c-2", "attributes": 7}])
actions = st.builds(action, st.sampled_from(["add", "delete"]), customers, st.sampled_from([1, 2, 99]))
faults = st.lists(st.tuples(st.sampled_from(TRANSIENT), st.integers(1, 20)), max_size=5)
common = {
    "max_request_bytes": st.integers(60, 2000),
    "faults": faults,
    "points_at_records": st.booleans(),
    "concurrency": st.integers(1, 5),
}


async def run(job_class, records, *, max_request_bytes, faults, points_at_records, concurrency):
    """Run a job, and return its API, its report and the positions of its rejects."""
    api = RecordingApi(Sandbox(ACCOUNT), points_at_records=points_at_records)
    for fault, call in faults:
        api.sandbox.faults.add(job_class._kind.operation.operation_id, fault, calls=(call,), seconds=0)
    with TemporaryDirectory() as folder:
        rejects, checkpoint = Path(folder) / "rejects.ndjson", Path(folder) / "job.sqlite"
        async with make_client(api) as client:
            job = job_class(
                client,
                job="j",
                rejects=rejects,
                checkpoint=checkpoint,
                retry=FAST_RETRY,
                max_request_bytes=max_request_bytes,
                concurrency=concurrency,
            )
            report = await job.run(records)
        return api, report, [reject["position"] for reject in read_rejects(rejects)]


def assert_adds_up(report, records, positions):
    """Check that every record is accepted or rejected, and each reject is there once."""
    assert report.finished
    assert report.records == len(records) == report.accepted + report.rejected
    assert report.not_attempted == 0
    assert len(set(positions)) == len(positions) == report.rejected


quick = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
long = settings(quick, max_examples=2500)


def check_profiles(records, **options):
    """Check the property of profile jobs."""
    api, report, positions = asyncio.run(run(ProfileSync, records, **options))
    expected, rejected = apply_one_by_one(records)
    assert_adds_up(report, records, positions)
    assert sorted(positions) == rejected
    assert {customer: held for customer, held in api.attributes().items() if customer in expected} == expected


def check_audiences(records, **options):
    """Check the property of audience jobs."""
    api, report, positions = asyncio.run(run(AudienceSync, records, **options))
    assert_adds_up(report, records, positions)
    assert sorted(positions) == [n for n, record in enumerate(records) if record["audienceId"] == 99]
    expected = {}
    for record in records:
        if record["audienceId"] != 99:
            change = {"add": set.add, "delete": set.discard}[record["action"]]
            change(expected.setdefault(record["profileIntegrationId"], set()), record["audienceId"])
    held = {customer: held.audiences for customer, held in api.sandbox.state.profiles.items() if held.audiences}
    assert held == {customer: audiences for customer, audiences in expected.items() if audiences}


profiles = given(records=st.lists(valid | invalid, max_size=60), **common)
memberships = given(records=st.lists(actions, max_size=60), **common)


@quick
@profiles
def test_profiles(**example):
    """A profile job has the result of one request per record, and rejects exactly the invalid ones."""
    check_profiles(**example)


@quick
@memberships
def test_audiences(**example):
    """An audience job has the result of one request per record, and rejects those of an unknown audience."""
    check_audiences(**example)


@pytest.mark.soak
@long
@profiles
def test_profiles_at_length(**example):
    """The property of profile jobs holds for a hundred times as many examples."""
    check_profiles(**example)


@pytest.mark.soak
@long
@memberships
def test_audiences_at_length(**example):
    """The property of audience jobs holds for a hundred times as many examples."""
    check_audiences(**example)
