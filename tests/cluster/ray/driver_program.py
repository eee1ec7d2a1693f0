"""A job as a process that a test can kill: arguments as in `main`."""

import sys
from pathlib import Path

import attrs
import orjson
import ray

from aiotalonone.bulk.ray import sync_profiles
from tests.cluster.conftest import connection


def main(cluster, url, source, checkpoint, rate, file):  # noqa: PLR0917 - as the command line has them
    """Send the profiles of a Parquet file, and write the report and the rejects to a file."""
    ray.init(address=cluster, log_to_driver=False, configure_logging=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    report, rejects = sync_profiles(
        ray.data.read_parquet(source),
        connection(url),
        job="nightly",
        checkpoint=checkpoint,
        id_column="id",
        rate=float(rate),
        min_workers=2,
        max_workers=2,
    )
    result = {"report": attrs.asdict(report), "rejects": list(rejects.iter_rows())}
    Path(file).write_bytes(orjson.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
