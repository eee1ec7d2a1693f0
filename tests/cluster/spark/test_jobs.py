"""What a job on a real local Spark sends and rejects, how fast, and how it fails."""

import json
from statistics import median

import pytest
from pyspark.errors import PythonException
from pyspark.serializers import CloudPickleSerializer
from pyspark.sql import functions

from aiotalonone.bulk import JobStoppedError
from aiotalonone.bulk.cluster import Connection
from aiotalonone.bulk.spark import sync_profiles
from aiotalonone.sandbox import Sandbox
from tests.cluster.arrivals import SHARE_OF_A_BUSY_MACHINE, Arrivals
from tests.cluster.conftest import API_KEY, VARIABLE, connection
from tests.cluster.spark.jobs import frame_of, sync
from tests.support.sandbox_server import serving

RATE = 10.0
ATTRIBUTES = {
    "Name": "string",
    "Kids": "number",
    "Spent": "number",
    "Member": "boolean",
    "Since": "time",
    "Tags": "(list string)",
    "Home": "location",
}
ROWS = """
    SELECT * FROM VALUES
    (1, 'Ada', 2, 12.50BD, true, TIMESTAMP'2026-07-01 12:00:00', ARRAY('a', 'b'), STRUCT(1.5D AS lat, 2.5D AS lon)),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, 'Grace', NULL, NULL, false, NULL, ARRAY(), NULL),
    (NULL, 'Without', NULL, NULL, NULL, NULL, NULL, NULL)
    AS t(id, Name, Kids, Spent, Member, Since, Tags, Home)
"""


@pytest.mark.soak
async def test_values_of_all_kinds_arrive_as_json_has_them(spark):
    """Whole numbers are IDs, null is left out, times have an offset; a customer without ID is a reject."""
    sandbox = Sandbox({"attributes": {"CustomerProfile": ATTRIBUTES}}, api_keys=[API_KEY])
    async with serving(sandbox.app) as server:
        report, rejects = await sync(spark.sql(ROWS), server.url)
    assert {name: profile.attributes for name, profile in sandbox.state.profiles.items()} == {
        "1": {
            "Name": "Ada",
            "Kids": 2,
            "Spent": 12.5,
            "Member": True,
            "Since": "2026-07-01T12:00:00+02:00",
            "Tags": ["a", "b"],
            "Home": {"lat": 1.5, "lon": 2.5},
        },
        "2": {},
        "3": {"Name": "Grace", "Member": False, "Tags": []},
    }
    assert (report.accepted, report.rejected, report.finished) == (3, 1, True)
    [reject] = rejects
    assert json.loads(reject.pop("record")) == {"integrationId": None, "attributes": {"Name": "Without"}}
    assert reject == {
        "status": None,
        "message": "integrationId must be a string of 1 to 1000 characters",
        "pointer": None,
    }


@pytest.mark.soak
async def test_what_json_has_not_is_rejected_alone(spark):
    """A time without a zone, a date, bytes and NaN are rejects that say why; a map is sent as an object."""
    api = Arrivals()
    rows = spark.sql("""
        SELECT 'map' id, MAP('k', 1) a, NULL b, NULL c, NULL d, NULL e UNION ALL
        SELECT 'naive', NULL, TIMESTAMP_NTZ'2026-07-01 12:00:00', NULL, NULL, NULL UNION ALL
        SELECT 'date', NULL, NULL, DATE'2026-07-01', NULL, NULL UNION ALL
        SELECT 'bytes', NULL, NULL, NULL, X'FF', NULL UNION ALL
        SELECT 'nan', NULL, NULL, NULL, NULL, DOUBLE('NaN')
    """)
    async with serving(api) as server:
        report, rejects = await sync(rows, server.url)
    assert api.profiles == [{"integrationId": "map", "attributes": {"a": {"k": 1}}}]
    assert (report.accepted, report.rejected) == (1, 4)
    messages = {json.loads(reject["record"])["integrationId"]: reject["message"] for reject in rejects}
    assert messages.keys() == {"naive", "date", "bytes", "nan"}
    assert "a datetime has no offset" in messages["naive"]


async def test_an_empty_dataframe_is_a_finished_job(spark):
    """There is nothing to send, and nothing is rejected."""
    api = Arrivals()
    async with serving(api) as server:
        for frame in (spark.sql(ROWS).where("1 = 0"), spark.sql(ROWS).where("id > 3")):
            report, rejects = await sync(frame, server.url)
            assert (report.records, report.finished, rejects) == (0, True, [])
    assert not api.times


async def test_tasks_share_the_rate_of_the_account(spark):
    """While all tasks run, they start together as many requests per second as the account takes."""
    api = Arrivals(latency=0.05)
    async with serving(api) as server:
        report, _ = await sync(spark.range(160_000), server.url, rate=RATE)
    assert report.accepted == 160_000
    assert per_second(api.times) <= 1.05 * RATE
    # The median, since one task may start or end seconds before the other, and a busy machine may hold up arrivals.
    rates = [per_second(api.times[first : first + 41]) for first in range(len(api.times) - 40)]
    assert SHARE_OF_A_BUSY_MACHINE * RATE <= median(rates) <= 1.05 * RATE


def per_second(times):
    """Return how many requests arrived per second."""
    return (len(times) - 1) / (times[-1] - times[0])


@pytest.mark.soak
async def test_rows_that_nothing_orders_are_sent_alike_each_time(spark):
    """Of rows that `order_by` does not order, the same one counts in whatever order Spark reads them."""
    found = []
    values = ("CAST(id % 500 AS STRING) id", "1 same", "MAP('k', id % 7) kinds", "id % 11 number")
    for order in ("id", "-id"):
        api = Arrivals()
        async with serving(api) as server:
            await sync(
                spark.range(5_000).orderBy(functions.expr(order)).selectExpr(*values), server.url, order_by=["same"]
            )
        found.append({profile["integrationId"]: profile["attributes"] for profile in api.profiles})
    assert found[0] == found[1]
    assert len(found[0]) == 500


async def test_a_wrong_key_stops_the_job(spark):
    """A job whose calls are all rejected raises one error, with the figures of all tasks."""
    async with serving(Sandbox({}, api_keys=["another-key"]).app) as server:
        with pytest.raises(JobStoppedError, match="401") as caught:
            await sync(spark.range(20_000), server.url)
    report = caught.value.report
    assert (report.job, report.accepted, report.rejected, report.finished) == ("nightly", 0, 0, False)
    assert report.not_attempted == report.records > 4_000


@pytest.mark.soak
async def test_a_job_that_the_api_rejects_whole_books_no_reject(spark, tmp_path):
    """One partition tells that all of a task are at fault: once the account is mended, the next run sends them all."""
    api, options = Arrivals(is_strict=True), {"tasks": 1, "checkpoint": f"file://{tmp_path}"}
    async with serving(api) as server:
        with pytest.raises(JobStoppedError, match="all of its first") as caught:
            await sync(spark.range(9000), server.url, **options)
        assert (caught.value.report.accepted, caught.value.report.rejected) == (0, 0)
        api.is_strict = False
        report, rejects = await sync(spark.range(9000), server.url, **options)
    assert (report.accepted, report.resumed, rejects) == (9000, 0, [])


@pytest.mark.soak
async def test_many_customers_without_an_id_do_not_stop_a_job(spark):
    """They are together in one task, and yet not the first that it sends."""
    rows = spark.range(12_000).selectExpr("IF(id % 3 = 0, '', CAST(id AS STRING)) id", "id AS n")
    api = Arrivals()
    async with serving(api) as server:
        report, rejects = await sync(rows, server.url)
    assert (report.accepted, report.rejected, len(rejects)) == (8_000, 4_000, 4_000)


@pytest.mark.soak
async def test_a_task_without_a_key_tells_of_it(spark):
    """What Spark raises says which variable is missing where the task runs."""
    nowhere = Connection("http://127.0.0.1:9", api_key_variable="NO_SUCH_KEY")
    with pytest.raises(PythonException, match="NO_SUCH_KEY is not set where this worker runs"):
        sync_profiles(spark.range(3), nowhere, job="nightly", id_column="id")


async def test_what_is_pickled_holds_no_secret(spark, monkeypatch):
    """What Spark sends to its tasks names the variable of the key, and not the key."""
    pickled, dumps = [], CloudPickleSerializer.dumps
    monkeypatch.setattr(
        CloudPickleSerializer, "dumps", lambda self, value: pickled.append(dumps(self, value)) or pickled[-1]
    )
    async with serving(Arrivals()) as server:
        await sync(spark.range(3), server.url)
    assert any(VARIABLE.encode() in one for one in pickled)
    assert not any(API_KEY.encode() in one for one in pickled)


@pytest.mark.soak
async def test_columns_of_any_name(spark):
    """Dots and backticks in names of columns are no syntax."""
    api = Arrivals()
    async with serving(api) as server:
        await sync(
            frame_of(spark, {"customer.id": ["c-1"], "a`b": [1]}), server.url, id_column="customer.id", order_by=["a`b"]
        )
    assert api.profiles == [{"integrationId": "c-1", "attributes": {"a`b": 1}}]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"id_column": "ID"}, ValueError, "the DataFrame has no column 'ID': it has id"),
        ({"order_by": ["day"]}, ValueError, "the DataFrame has no column 'day'"),
        ({"order_by": "id"}, TypeError, "order_by must be a sequence of columns"),
        ({"rate": 0}, ValueError, "rate must be"),
        ({"tasks": 0}, ValueError, "tasks must be"),
        ({"concurrency": 0}, ValueError, "concurrency must be"),
    ],
)
def test_a_wrong_setting_is_an_error_before_anything_is_sent(spark, options, error, message):
    """It names the setting."""
    with pytest.raises(error, match=message):
        sync_profiles(spark.range(3), connection("http://127.0.0.1:9"), job="nightly", **{"id_column": "id", **options})
