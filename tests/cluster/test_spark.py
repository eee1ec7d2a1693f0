"""Jobs on a real local Spark, on loopback, whose tasks are killed."""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from aiotalonone.bulk import JobStoppedError
from aiotalonone.sandbox import Sandbox
from tests.cluster.conftest import API_KEY, VARIABLE, assert_stored, connection
from tests.support.sandbox_server import serving

if "SPARK" not in os.environ:
    pytest.importorskip("pyspark", reason="Spark is not installed; the session `cluster` installs it")

import pyarrow as pa
from pyspark.serializers import CloudPickleSerializer
from pyspark.sql import SparkSession

from aiotalonone.bulk.spark import sync_profiles

dumps = CloudPickleSerializer.dumps
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")

CORES = 2
RETRIES = 4


@pytest.fixture(scope="module")
def spark():
    """Run Spark in this process, with Python workers of its own; a task may be lost three times."""
    builder = SparkSession.builder.master(f"local[{CORES},{RETRIES}]")
    settings = {
        "spark.pyspark.python": sys.executable,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.python.worker.reuse": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def frame_of(spark, customers):
    """Return rows as a DataFrame."""
    return spark.createDataFrame(pa.table(customers.table()))


async def sync(spark, customers, url, **options):
    """Run a job in a thread; return its report and the rows of its rejects."""
    options = {"job": "nightly", "id_column": "id", **options}
    frame = frame_of(spark, customers)
    report, rejects = await asyncio.to_thread(sync_profiles, frame, connection(url), **options)
    return report, [row.asDict() for row in rejects.collect()]


def python_workers():
    """Return the process IDs of the tasks' Python processes, which a daemon of Spark's has forked."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
            command = (status.parent / "cmdline").read_bytes()
            found[int(status.parent.name)] = (int(fields["PPid"]), b"pyspark.daemon" in command)
    return [pid for pid, (parent, is_spark) in found.items() if is_spark and found.get(parent, (0, False))[1]]


async def kill_a_task(sandbox, profiles):
    """Kill a task when the sandbox has a number of profiles."""
    async with asyncio.timeout(240):
        while len(sandbox.state.profiles) < profiles or not (workers := python_workers()):
            await asyncio.sleep(0.02)  # noqa: ASYNC110 - nothing tells of another process
    os.kill(workers[0], signal.SIGKILL)


def assert_sent(customers, sandbox, report, rejects):
    """Check that a sandbox has exactly what was to be sent, and that each poisoned row is a reject, once."""
    assert_stored(customers, sandbox, report)
    poisoned = sorted(customers.rows[position]["id"] for position in customers.poison)
    assert sorted(json.loads(reject["record"])["integrationId"] for reject in rejects) == poisoned
    assert {reject["status"] for reject in rejects} == {400}


async def test_real_households_while_a_task_is_killed(spark, each_household):
    """The sandbox has each household, and each poisoned row is a reject, once."""
    sandbox = each_household.sandbox
    async with serving(sandbox.app) as server:
        killing = asyncio.create_task(kill_a_task(sandbox, 200))
        report, rejects = await sync(spark, each_household, server.url, rate=2)
        await killing
    assert_sent(each_household, sandbox, report, rejects)


async def test_half_a_million_while_a_task_is_killed(spark, half_a_million, tmp_path):
    """Nothing is lost or repeated though a task is killed, and what its store knows is not sent again."""
    sandbox = half_a_million.sandbox
    options = {"checkpoint": f"file://{tmp_path}", "order_by": ["points"]}
    async with serving(sandbox.app) as server:
        killing = asyncio.create_task(kill_a_task(sandbox, 100_000))
        report, rejects = await sync(spark, half_a_million, server.url, **options)
        await killing
    assert_sent(half_a_million, sandbox, report, rejects)
    assert report.resumed > 0


async def test_a_wrong_key_stops_the_job(spark, each_household):
    """A job whose calls are all rejected raises one error, with the figures of all tasks."""
    stranger = Sandbox(api_keys=["another-key"])
    async with serving(stranger.app) as server:
        with pytest.raises(JobStoppedError, match="401") as caught:
            await sync(spark, each_household, server.url)
    report = caught.value.report
    assert (report.accepted, report.not_attempted) == (0, report.records)


async def test_the_plan_holds_no_secret(spark, each_household, monkeypatch):
    """What Spark pickles and sends to its tasks names the variable of the key, and not the key."""
    pickled = []
    monkeypatch.setattr(
        CloudPickleSerializer, "dumps", lambda self, value: pickled.append(dumps(self, value)) or pickled[-1]
    )
    async with serving(each_household.sandbox.app) as server:
        await sync(spark, each_household, server.url)
    assert any(VARIABLE.encode() in one for one in pickled)
    assert not any(API_KEY.encode() in one for one in pickled)
