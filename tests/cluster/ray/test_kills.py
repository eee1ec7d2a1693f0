"""Jobs on a real Ray cluster whose workers, nodes and drivers are killed: nothing is lost, and nothing sent twice."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aiotalonone.bulk import Report
from aiotalonone.bulk.cluster import partitions
from aiotalonone.bulk.cluster.store import JobStore
from tests.cluster.arrivals import Arrivals, until
from tests.cluster.conftest import assert_sent
from tests.cluster.ray.jobs import dataset_of, kill_one, processes, sync
from tests.support.sandbox_server import serving

pytestmark = pytest.mark.usefixtures("second_node")

ROOT = Path(__file__).parents[3]
PROGRAM = "tests.cluster.ray.driver_program"
BULK = "updateCustomerProfilesV2"


async def test_real_households_while_an_actor_and_the_pace_are_killed(real_households):
    """The sandbox has each household as its last row says, and each poisoned row is a reject, once."""
    sandbox = real_households.sandbox

    async def kill():
        await until(lambda: len(sandbox.state.profiles) > 300)
        kill_one()
        await until(lambda: len(sandbox.state.profiles) > 900)
        kill_one("PaceKeeper")

    async with serving(sandbox.app) as server:
        killing = asyncio.create_task(kill())
        dataset = dataset_of(real_households.table())
        report, rejects = await sync(dataset, server.url, min_workers=2, max_workers=2, rate=60)
        await killing
    assert_sent(real_households, sandbox, report, rejects)


async def test_half_a_million_while_an_actor_and_a_node_are_killed(cluster, second_node, half_a_million, tmp_path):
    """Nothing is lost or repeated though an actor, and then a whole node with its actors, is killed."""
    sandbox = half_a_million.sandbox

    async def kill():
        await until(lambda: len(sandbox.state.profiles) > 50_000)
        kill_one()
        await until(lambda: len(sandbox.state.profiles) > 150_000)
        await asyncio.to_thread(cluster.remove_node, second_node, allow_graceful=False)

    async with serving(sandbox.app) as server:
        killing = asyncio.create_task(kill())
        dataset = dataset_of(half_a_million.table())
        report, rejects = await sync(dataset, server.url, min_workers=2, max_workers=3, checkpoint=f"{tmp_path}")
        await killing
    assert_sent(half_a_million, sandbox, report, rejects)
    assert list((tmp_path / "nightly").iterdir()) == [tmp_path / "nightly" / "job.json"]


@pytest.mark.soak
async def test_the_records_of_a_customer_keep_their_order(monkeypatch):
    """Though an actor is killed meanwhile, the records of each customer arrive in the order of the source."""
    monkeypatch.setattr(partitions, "ROWS", 40)
    api = Arrivals(latency=0.02)
    ids = [f"c-{number % 300}" for number in range(12_000)]

    async def kill():
        await until(lambda: len(api.times) > 60)
        kill_one()

    async with serving(api) as server:
        killing = asyncio.create_task(kill())
        dataset = dataset_of({"id": ids, "n": list(range(12_000))})
        report, _ = await sync(dataset, server.url, min_workers=2, max_workers=3)
        await killing
    assert (report.accepted, report.finished) == (12_000, True)
    numbers = {}
    for profile in api.profiles:
        numbers.setdefault(profile["integrationId"], []).append(profile["attributes"]["n"])
    assert len(numbers) == 300
    assert all(found == sorted(found) for found in numbers.values())
    assert {name: found[-1] for name, found in numbers.items()} == {f"c-{n % 300}": n for n in range(11_700, 12_000)}


async def start_driver(cluster, url, source, rate):
    """Start a job as a process of its own, with its checkpoint and result beside its source."""
    files = source.parent / "jobs", str(rate), source.with_suffix(".json")
    command = [sys.executable, "-m", PROGRAM, cluster.address, url, str(source), *map(str, files)]
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=PIPE)


@pytest.mark.soak
async def test_a_job_whose_driver_was_killed_goes_on(cluster, real_households, tmp_path):
    """The next start sends what the checkpoint lacks, and has the rejects of both."""
    sandbox, source = real_households.sandbox, tmp_path / "households.parquet"
    pq.write_table(pa.table(real_households.table()), source)
    async with serving(sandbox.app) as server:
        driver = await start_driver(cluster, server.url, source, 10)
        await until(lambda: sandbox.applied(BULK) > 30)
        driver.send_signal(signal.SIGKILL)
        await driver.communicate()
        await until(lambda: not processes())
        assert JobStore(f"{tmp_path}/jobs", "nightly").is_unfinished
        applied = sandbox.applied(BULK)
        driver = await start_driver(cluster, server.url, source, 200)
        _, errors = await driver.communicate()
        assert driver.returncode == 0, errors.decode()
    result = orjson.loads(source.with_suffix(".json").read_bytes())
    assert_sent(real_households, sandbox, Report(**result["report"]), result["rejects"])
    assert 0 < result["report"]["resumed"] < result["report"]["records"]
    assert sandbox.applied(BULK) < 2 * applied + result["report"]["requests"]


@pytest.mark.soak
async def test_an_interrupted_driver_lets_no_request_follow(cluster, tmp_path):
    """Ctrl-C ends the job when the requests in flight have ended; the checkpoint has what is processed."""
    api, source = Arrivals(latency=0.05), tmp_path / "customers.parquet"
    pq.write_table(pa.table({"id": [f"c-{number}" for number in range(100_000)]}), source)
    async with serving(api) as server:
        driver = await start_driver(cluster, server.url, source, 20)
        await until(lambda: len(api.times) > 20)
        driver.send_signal(signal.SIGINT)
        _, errors = await driver.communicate()
        arrived = len(api.times)
        await until(lambda: not processes())
    assert b"KeyboardInterrupt" in errors
    assert len(api.times) == arrived < 100
    assert JobStore(f"{tmp_path}/jobs", "nightly").is_unfinished
