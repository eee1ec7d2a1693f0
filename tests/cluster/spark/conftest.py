"""A local Spark on loopback, in which the tests of this folder run their jobs."""

import os
from importlib.util import find_spec

import pytest

if find_spec("pyspark") is None and "SPARK" not in os.environ:
    collect_ignore_glob = ["test_*.py"]  # the session `cluster` installs Spark


@pytest.fixture(scope="session")
def spark(key):  # noqa: ARG001 - its variable is inherited
    """Run Spark in this process, with two cores; each task has a Python process, which may be lost three times."""
    from tests.cluster.spark.jobs import start_spark  # noqa: PLC0415 - Spark may be missing

    session = start_spark()
    yield session
    session.stop()
