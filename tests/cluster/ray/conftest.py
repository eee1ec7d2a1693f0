"""A Ray cluster of two nodes on loopback, in which the tests of this folder run their jobs."""

import os
from importlib.util import find_spec

import pytest

from aiotalonone.settings import API_KEY_VARIABLE
from tests.cluster.conftest import API_KEY

if find_spec("ray") is None and "RAY" not in os.environ:
    collect_ignore_glob = ["test_*.py"]  # the session `cluster` installs Ray

os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # else Ray takes no address on loopback
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

NODE = {"num_cpus": 3, "object_store_memory": 300 * 2**20, "node_ip_address": "127.0.0.1"}


def pytest_collection_modifyitems(items):
    """Let Ray use what it has deprecated, and leave files open."""
    for item in items:
        if "tests/cluster/ray" in item.path.as_posix():
            item.add_marker(pytest.mark.filterwarnings("default"))


@pytest.fixture(scope="session")
def cluster(key):  # noqa: ARG001 - its variable is inherited
    """Run a cluster of one node, with the driver on it."""
    import ray  # noqa: PLC0415 - it may be missing
    from ray.cluster_utils import Cluster  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(API_KEY_VARIABLE, API_KEY)  # for commands, which name no other variable
        cluster = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
        ray.init(address=cluster.address, log_to_driver=False, configure_logging=False)
        ray.data.DataContext.get_current().enable_progress_bars = False
        yield cluster
        ray.shutdown()
        cluster.shutdown()


@pytest.fixture
def second_node(cluster):
    """Have another node in the cluster, unless a test has killed it."""
    nodes = cluster.worker_nodes
    return next(iter(nodes), None) or cluster.add_node(**NODE)
