"""Jobs on a real Ray cluster of two nodes, on loopback, whose workers and nodes are killed."""

import asyncio
import os
import signal
import subprocess

import pytest

from tests.cluster.conftest import assert_sent, connection
from tests.support.sandbox_server import serving

if "RAY" not in os.environ:
    pytest.importorskip("ray", reason="Ray is not installed; the session `cluster` installs it")

os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
import pyarrow as pa
import ray
from ray.cluster_utils import Cluster

from aiotalonone.bulk.ray import sync_profiles

pytestmark = pytest.mark.filterwarnings("default")  # Ray uses what it has deprecated, and leaves files open
NODE = {"num_cpus": 3, "object_store_memory": 300 * 2**20, "node_ip_address": "127.0.0.1"}
ROWS_OF_A_BLOCK = 10_000


@pytest.fixture(scope="module")
def cluster(key):
    """Run a cluster of two nodes, the driver on the first one."""
    cluster = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    cluster.add_node(**NODE)
    ray.init(address=cluster.address, log_to_driver=False, configure_logging=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def dataset_of(customers):
    """Return rows as a dataset of some blocks."""
    table = pa.table(customers.table())
    return ray.data.from_arrow([table.slice(start, ROWS_OF_A_BLOCK) for start in range(0, len(table), ROWS_OF_A_BLOCK)])


async def sync(customers, url, **options):
    """Run a job in a thread; return its report and the rows of its rejects."""
    options = {"job": "nightly", "id_column": "id", **options}
    dataset = dataset_of(customers)
    report, rejects = await asyncio.to_thread(sync_profiles, dataset, connection(url), **options)
    return report, await asyncio.to_thread(lambda: list(rejects.iter_rows()))


def worker_processes():
    """Return the process IDs of the actors that send."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "ray::Worker" in line]


async def until(condition):
    """Wait until a condition holds."""
    async with asyncio.timeout(120):
        while not (value := condition()):
            await asyncio.sleep(0.02)
    return value


async def test_real_households_while_an_actor_is_killed(cluster, real_households):
    """The sandbox has each household as its last row says, and each poisoned row is a reject, once."""
    sandbox = real_households.sandbox

    async def kill_one():
        await until(lambda: len(sandbox.state.profiles) > 300)
        os.kill(worker_processes()[0], signal.SIGKILL)

    async with serving(sandbox.app) as server:
        killing = asyncio.create_task(kill_one())
        report, rejects = await sync(real_households, server.url, min_workers=2, max_workers=2, rate=40)
        await killing
    assert_sent(real_households, sandbox, report, rejects)


async def test_half_a_million_while_an_actor_and_a_node_are_killed(cluster, half_a_million, tmp_path):
    """Nothing is lost or repeated though an actor, and then a whole node with its actors, is killed."""
    sandbox = half_a_million.sandbox
    [second] = [node for node in cluster.list_all_nodes() if node != cluster.head_node]

    async def kill():
        await until(lambda: len(sandbox.state.profiles) > 50_000)
        os.kill(worker_processes()[0], signal.SIGKILL)
        await until(lambda: len(sandbox.state.profiles) > 150_000)
        await asyncio.to_thread(cluster.remove_node, second, allow_graceful=False)

    async with serving(sandbox.app) as server:
        killing = asyncio.create_task(kill())
        report, rejects = await sync(half_a_million, server.url, min_workers=2, max_workers=3, checkpoint=f"{tmp_path}")
        await killing
    await asyncio.to_thread(cluster.add_node, **NODE)
    assert_sent(half_a_million, sandbox, report, rejects)
