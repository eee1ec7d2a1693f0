"""What the tests on Spark share: jobs, and their processes."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
from attrs import frozen
from pyspark.sql import SparkSession

from aiotalonone.bulk.spark import sync_profiles
from tests.cluster.conftest import connection

CORES = 2
ATTEMPTS = 4
"""Of a task."""


def start_spark():
    """Start Spark in this process, and its Python processes with this interpreter."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    builder = SparkSession.builder.master(f"local[{CORES},{ATTEMPTS}]")
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.log.level": "OFF",  # what is lost is lost on purpose
        "spark.python.worker.reuse": "false",  # so that each process has a task
        "spark.sql.session.timeZone": "Europe/Berlin",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def frame_of(spark, table):
    """Return rows by column as a DataFrame."""
    return spark.createDataFrame(pa.table(table))


async def sync(frame, url, **options):
    """Run a job in a thread; return its report and the rows of its rejects."""
    options = {"job": "nightly", "id_column": "id", **options}
    report, rejects = await asyncio.to_thread(sync_profiles, frame, connection(url), **options)
    return report, [row.asDict() for row in await asyncio.to_thread(rejects.collect)]


@frozen
class Process:
    """A process of this machine."""

    pid: int
    parent: int
    session: int
    command: bytes


def processes():
    """Return all processes by their ID."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            _, parent, _, session, *_ = (folder / "stat").read_text().rpartition(")")[2].split()
            process = Process(int(folder.name), int(parent), int(session), (folder / "cmdline").read_bytes())
            found[process.pid] = process
    return found


def task_processes():
    """Return the process IDs of the tasks of this process's Spark: a daemon has forked them."""
    found = processes()

    def ancestors(pid):
        while process := found.get(pid):
            yield process
            pid = process.parent

    daemons = {pid for pid, process in found.items() if b"pyspark.daemon" in process.command}
    return [
        pid
        for pid in daemons
        if found[pid].parent in daemons and any(process.pid == os.getpid() for process in ancestors(pid))
    ]


def kill_a_task():
    """Kill the process of a task."""
    os.kill(task_processes()[0], signal.SIGKILL)


def lost_tasks(spark):
    """Return how many tasks have failed so far."""
    tracker = spark.sparkContext.statusTracker()
    jobs = filter(None, map(tracker.getJobInfo, tracker.getJobIdsForGroup()))
    stages = filter(None, (tracker.getStageInfo(stage) for job in jobs for stage in job.stageIds))
    return sum(stage.numFailedTasks for stage in stages)
