"""A job as a process of its own that a test can kill: ``python driver_program.py URL SOURCE CHECKPOINT RATE``."""

import sys

from aiotalonone.bulk.spark import sync_profiles
from tests.cluster.conftest import connection
from tests.cluster.spark.jobs import start_spark


def main(url, source, checkpoint, rate):
    """Send the profiles of a Parquet file."""
    frame = start_spark().read.parquet(source)
    sync_profiles(
        frame, connection(url), job="nightly", checkpoint=checkpoint, id_column="id", order_by=["n"], rate=float(rate)
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
