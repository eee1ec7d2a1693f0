"""What ends a job on Ray, and what does not."""

import math
from datetime import datetime

import pyarrow as pa
import pytest
import ray
from ray import cloudpickle

from aiotalonone.bulk import InvalidRecord, JobStoppedError
from aiotalonone.bulk.cluster import Connection
from aiotalonone.bulk.cluster.plan import Plan
from aiotalonone.bulk.ray import sync_profiles
from aiotalonone.sandbox import Sandbox
from tests.cluster.arrivals import Arrivals, until
from tests.cluster.conftest import API_KEY, VARIABLE, connection
from tests.cluster.ray.jobs import dataset_of, processes, sync
from tests.support.sandbox_server import serving

pytestmark = pytest.mark.usefixtures("second_node")

NOWHERE = "http://127.0.0.1:9"
ATTRIBUTES = {"Name": "string", "Kids": "number", "Tags": "(list string)", "Since": "time"}


@pytest.fixture
async def api():
    """Serve an API that accepts everything."""
    api = Arrivals()
    async with serving(api) as server:
        api.url = server.url
        yield api
    await until(lambda: not processes())


def table(number, **columns):
    """Return a table of customers."""
    return pa.table({"id": [f"c-{n}" for n in range(number)], **columns})


async def test_a_wrong_key_stops_the_job_with_the_figures_of_all_workers():
    """There is one error, which says how many records were read and not attempted."""
    sandbox = Sandbox({}, api_keys=["another"])
    async with serving(sandbox.app) as server:
        with pytest.raises(JobStoppedError) as caught:
            await sync(dataset_of(table(300_000)), server.url, min_workers=2)
    report = caught.value.report
    assert "the job 'nightly' stopped: 401 Invalid API key" in str(caught.value)
    assert f"records not attempted: {report.not_attempted}" in str(caught.value)
    assert (report.job, report.accepted, report.rejected, report.finished) == ("nightly", 0, 0, False)
    assert report.records == report.not_attempted > 0
    assert caught.value.__cause__.status == 401
    assert API_KEY not in f"{caught.value!r}{caught.value.__cause__!r}"


async def test_a_job_that_the_api_rejects_whole_books_no_reject(api, tmp_path):
    """One partition tells that all are at fault: once the account is mended, the next run sends them all."""
    api.is_strict = True
    with pytest.raises(JobStoppedError, match="all of its first") as caught:
        await sync(dataset_of(table(20_000)), api.url, min_workers=2, checkpoint=f"{tmp_path}")
    assert (caught.value.report.accepted, caught.value.report.rejected) == (0, 0)
    api.is_strict = False
    report, rejects = await sync(dataset_of(table(20_000)), api.url, checkpoint=f"{tmp_path}")
    assert (report.accepted, report.resumed, rejects) == (20_000, 0, [])


@pytest.mark.soak
async def test_a_source_that_fails_ends_the_job(api):
    """The error is the source's, with the figures so far."""

    class Broken:
        def iter_batches(self, **_):
            yield table(300_000)
            raise ConnectionError("the lake is dry")

    with pytest.raises(ConnectionError, match="the lake is dry") as caught:
        await sync(Broken(), api.url)
    [note] = caught.value.__notes__
    assert note.startswith("before this, ")


@pytest.mark.soak
async def test_a_dataset_without_the_id_column_is_an_error(api):
    """The error names the columns, and nothing is sent."""
    with pytest.raises(ValueError, match="has no column 'customer': it has id, n"):
        await sync(dataset_of(table(10, n=list(range(10)))), api.url, id_column="customer")
    assert api.times == []


async def test_an_empty_dataset_is_a_finished_job(api):
    """There is a report without records, and a dataset without rejects that has their columns."""
    report, rejects = sync_profiles_here(ray.data.from_items([]), api.url)
    assert (report.records, report.finished) == (0, True)
    assert rejects.count() == 0


def sync_profiles_here(dataset, url, **options):
    """Run a job in this thread: it must send nothing to a server of this process."""
    return sync_profiles(dataset, connection(url), job="nightly", id_column="id", **options)


def fragile(row):
    """Raise what another process cannot read."""

    class FragileError(Exception):
        def __init__(self, one, two):
            super().__init__(f"{one} {two}")

    raise FragileError("no", row["id"])


@pytest.mark.soak
async def test_an_error_that_cannot_travel_is_told_in_text(api):
    """What a function for records raises ends the job, with the worker's traceback as a note."""
    with pytest.raises(RuntimeError, match=r"^FragileError: no c-0") as caught:
        await sync(dataset_of(table(1)), api.url, to_record=fragile)
    assert "in fragile" in caught.value.__notes__[0]
    assert api.times == []


@pytest.mark.soak
async def test_an_error_that_can_travel_is_raised_as_it_is(api):
    """The driver raises the error of the function for records itself."""
    with pytest.raises(KeyError, match="name"):
        await sync(dataset_of(table(1)), api.url, to_record=lambda row: {"integrationId": row["name"]})


@pytest.mark.soak
async def test_a_worker_without_a_key_ends_the_job():
    """The error says that the variable is missing where the worker runs."""
    with pytest.raises(ValueError, match="NO_SUCH_KEY is not set where this worker runs"):
        sync_profiles(
            dataset_of(table(10)), Connection(NOWHERE, api_key_variable="NO_SUCH_KEY"), job="nightly", id_column="id"
        )


async def test_options_that_cannot_be_used_are_errors_at_once():
    """Nothing is started for them."""
    for options, match in (
        ({"min_workers": 3, "max_workers": 2}, "max_workers must not be below min_workers"),
        ({"rate": 0}, "rate must be a number"),
        ({"concurrency": 0}, "concurrency"),
        ({"checkpoint": "memory://jobs", "job": "a/b"}, "job must be"),
    ):
        with pytest.raises(ValueError, match=match):
            sync_profiles(None, Connection(NOWHERE), **{"job": "nightly", **options})
    with pytest.raises(TypeError, match="connection must be a Connection"):
        sync_profiles(None, NOWHERE, job="nightly")


async def test_no_secret_travels_with_the_plan():
    """What actors are given holds the name of the key's variable, and not the key."""
    plan = Plan.start(
        connection(NOWHERE),
        job="nightly",
        checkpoint="memory://jobs",
        restart=False,
        buckets=64,
        id_column="id",
        to_record=None,
        redact=False,
        concurrency=16,
    )
    plan.connection.client()
    assert VARIABLE.encode() in cloudpickle.dumps(plan)
    assert API_KEY.encode() not in cloudpickle.dumps(plan)


@pytest.mark.soak
async def test_a_bad_stretch_of_the_source_does_not_stop_the_job():
    """A partition whose records are all rejected does not tell that the job is at fault, if another one came first."""
    sandbox = Sandbox({"attributes": {"CustomerProfile": {"Name": "string"}}}, api_keys=[API_KEY])
    good, bad = [{"id": f"g-{n}", "Name": "Ada"} for n in range(9000)], [{"id": "b", "shoe": n} for n in range(4500)]
    dataset = ray.data.from_arrow([pa.Table.from_pylist(good), pa.Table.from_pylist(bad)])
    async with serving(sandbox.app) as server:
        report, rejects = await sync(dataset, server.url)
    assert (report.accepted, report.rejected, report.finished) == (9000, 4500, True)
    assert len(rejects) == 4500


def with_reason(row):
    """Return the record of a row, or why it has no record."""
    if row["Kids"] == 13:
        return InvalidRecord({"integrationId": row["id"]}, "13 is bad luck")
    return {"integrationId": row["id"], "attributes": {"Kids": row["Kids"]}}


@pytest.mark.soak
async def test_a_function_for_records_may_reject_rows(api):
    """The reject has the reason and the position of the row."""
    report, rejects = await sync(dataset_of(table(20, Kids=list(range(20)))), api.url, to_record=with_reason)
    assert (report.accepted, report.rejected) == (19, 1)
    assert (rejects[0]["position"], rejects[0]["status"], rejects[0]["message"]) == (13, None, "13 is bad luck")


@pytest.mark.soak
async def test_values_of_all_kinds_are_sent_or_rejected():
    """Numbers are IDs, null is left out, lists are sent; NaN, times without a zone and customers without ID are not."""
    sandbox = Sandbox({"attributes": {"CustomerProfile": ATTRIBUTES}}, api_keys=[API_KEY])
    rows = {
        "id": [1, 2, 3, 4, None, 6],
        "Name": ["Ada", None, "Grace", "Edsger", "Edith", "Barbara"],
        "Kids": [1.0, 2.0, math.nan, None, 1.0, None],
        "Tags": [["a", "b"], None, None, None, None, []],
        "Since": [None, None, None, datetime(2026, 7, 1, 12), None, None],  # noqa: DTZ001 - the mistake
    }
    async with serving(sandbox.app) as server:
        report, rejects = await sync(dataset_of(rows), server.url)
    assert sorted(reject["position"] for reject in rejects) == [2, 3, 4]
    assert (report.accepted, report.rejected) == (3, 3)
    stored = {name: profile.attributes for name, profile in sandbox.state.profiles.items()}
    assert stored == {
        "1": {"Name": "Ada", "Kids": 1, "Tags": ["a", "b"]},
        "2": {"Kids": 2},
        "6": {"Name": "Barbara", "Tags": []},
    }
