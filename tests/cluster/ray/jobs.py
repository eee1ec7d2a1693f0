"""What the tests on Ray share: jobs, their processes, and servers that note what arrives."""

import asyncio
import os
import signal
import subprocess
from contextlib import suppress

import pyarrow as pa
import ray

from aiotalonone.bulk.ray import sync_profiles
from tests.cluster.conftest import connection

ROWS_OF_A_BLOCK = 10_000


def dataset_of(table):
    """Return a table as a dataset of some blocks."""
    table = table if isinstance(table, pa.Table) else pa.table(table)
    starts = range(0, len(table), ROWS_OF_A_BLOCK)
    return ray.data.from_arrow([table.slice(start, ROWS_OF_A_BLOCK) for start in starts])


async def sync(dataset, url, **options):
    """Run a job in a thread; return its report and the rows of its rejects."""
    options = {"job": "nightly", "id_column": "id", **options}
    report, rejects = await asyncio.to_thread(sync_profiles, dataset, connection(url), **options)
    return report, await asyncio.to_thread(lambda: list(rejects.iter_rows()))


def processes(name="Worker"):
    """Return the process IDs of the actors of a class on the nodes that this process has started."""
    listed = subprocess.run(["/bin/ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=2) for line in listed.splitlines()[1:]]
    parents = {int(process): int(parent) for process, parent, *_ in lines}
    found = [int(process) for process, _, *words in lines if words and words[0].startswith(f"ray::{name}")]
    return [process for process in found if parents.get(parents[process]) == os.getpid()]


def kill_one(name="Worker"):
    """Kill an actor of a class, if there is one."""
    for process in processes(name)[:1]:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
