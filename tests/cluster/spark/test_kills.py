"""Jobs on a real local Spark whose tasks are killed, or whose driver: nothing is lost or repeated."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aiotalonone.bulk.cluster.store import JobStore
from tests.cluster.arrivals import Arrivals, until
from tests.cluster.conftest import Customers, assert_stored
from tests.cluster.spark.jobs import frame_of, kill_a_task, lost_tasks, processes, sync
from tests.support.sandbox_server import serving

ROOT = Path(__file__).parents[3]
PROGRAM = "tests.cluster.spark.driver_program"


def numbered(customers):
    """Return the rows by column, with the number of each: Spark keeps no order."""
    return {**customers.table(), "n": list(range(len(customers.rows)))}


def without_number(row):
    """Return the record of a row that has a number."""
    attributes = {name: value for name, value in row.items() if name not in {"id", "n"} and value is not None}
    return {"integrationId": row["id"], "attributes": attributes}


async def kill_when(condition):
    """Kill a task as soon as a condition holds."""
    await until(condition)
    await asyncio.to_thread(kill_a_task)


def assert_sent(customers, sandbox, report, rejects):
    """Check that a sandbox has exactly what was to be sent, and that each poisoned row is a reject, once."""
    assert_stored(customers, sandbox, report)
    poisoned = sorted(customers.rows[position]["id"] for position in customers.poison)
    assert sorted(json.loads(reject["record"])["integrationId"] for reject in rejects) == poisoned
    assert {reject["status"] for reject in rejects} == {400}


async def test_real_households_while_a_task_is_killed(spark, real_households):
    """The sandbox has each household as its last row says, and each poisoned row is a reject, once."""
    sandbox, lost = real_households.sandbox, lost_tasks(spark)
    frame = frame_of(spark, numbered(real_households))
    async with serving(sandbox.app) as server:
        killing = asyncio.create_task(kill_when(lambda: len(sandbox.state.profiles) > 300))
        report, rejects = await sync(frame, server.url, order_by=["n"], to_record=without_number, rate=20)
        await killing
    assert lost_tasks(spark) > lost
    assert_sent(real_households, sandbox, report, rejects)


async def test_half_a_million_while_a_task_is_killed(spark, half_a_million, tmp_path):
    """Nothing is lost or repeated though a task is killed, and what its store knows is not sent again."""
    sandbox, lost = half_a_million.sandbox, lost_tasks(spark)
    frame = frame_of(spark, half_a_million.table()).orderBy("points", ascending=False)
    async with serving(sandbox.app) as server:
        killing = asyncio.create_task(kill_when(lambda: len(sandbox.state.profiles) > 100_000))
        report, rejects = await sync(frame, server.url, order_by=["points"], checkpoint=f"file://{tmp_path}")
        await killing
    assert lost_tasks(spark) > lost
    assert report.resumed > 0
    assert_sent(half_a_million, sandbox, report, rejects)


@pytest.mark.soak
async def test_the_records_of_a_customer_keep_their_order(spark):
    """The records of a customer with more than a task reads at once arrive as its rows are ordered."""
    api, lost = Arrivals(latency=0.05), lost_tasks(spark)
    numbers = [number * 7919 % 30_000 for number in range(30_000)]
    frame = frame_of(spark, {"id": ["hot"] * 30_000, "n": numbers})
    async with serving(api) as server:
        killing = asyncio.create_task(kill_when(lambda: len(api.times) > 10))
        report, _ = await sync(frame, server.url, order_by=["n"], rate=20, tasks=1)
        await killing
    assert lost_tasks(spark) > lost
    found = [profile["attributes"]["n"] for profile in api.profiles]
    assert found == sorted(found)
    assert (found[-1], report.accepted) == (29_999, 30_000)


@pytest.fixture(scope="module")
def sixty_thousand():
    """60,000 rows of 50,000 customers; some poison."""
    customers = Customers()
    for number in range(60_000):
        customers.add(f"c-{number % 50_000}", {"name": f"Customer {number}", "n": number}, poison=number % 9973 == 7)
    return customers


async def start_driver(*arguments):
    """Start a job as a process of its own, whose own processes are in its session."""
    command = [sys.executable, "-m", PROGRAM, *map(str, arguments)]
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=PIPE, start_new_session=True)


@pytest.mark.soak
async def test_a_job_whose_driver_was_killed_goes_on(spark, sixty_thousand, tmp_path):
    """The next start sends what the checkpoint lacks, and has the rejects of both."""
    sandbox, source, jobs = sixty_thousand.sandbox, tmp_path / "customers.parquet", f"file://{tmp_path}/jobs"
    pq.write_table(pa.table(sixty_thousand.table()), source)
    async with serving(sandbox.app) as server:
        driver = await start_driver(server.url, source, jobs, 20)
        await until(lambda: list((tmp_path / "jobs").glob("nightly/*/0-1.json")))
        driver.send_signal(signal.SIGKILL)
        await driver.communicate()
        await until(lambda: not [one for one in processes().values() if one.session == driver.pid])
        assert JobStore(jobs, "nightly").is_unfinished
        stored = len(sandbox.state.profiles)
        report, rejects = await sync(
            spark.read.parquet(str(source)), server.url, order_by=["n"], checkpoint=jobs, tasks=3
        )
    assert_sent(sixty_thousand, sandbox, report, rejects)
    assert 0 < report.resumed < stored < 50_000
    assert not JobStore(jobs, "nightly").is_unfinished
