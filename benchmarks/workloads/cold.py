"""What a fresh process pays: the import, and the first call."""

import asyncio
import subprocess
import sys
from time import perf_counter
from typing import Final

from benchmarks.contenders import CONTENDERS
from benchmarks.meter import Round
from benchmarks.workloads.workload import Job, Metric, Workload, kinds

# httpx loads its command line with these packages, if they are there; a service has no reason to install them.
TIMED_IMPORT: Final = """
import sys
sys.modules |= {"click": None, "rich": None}
from time import perf_counter
start = perf_counter()
%s
print((perf_counter() - start) * 1000)
"""

IMPORTS: Final = {"httpx": "import httpx", "aiotalonone": "from aiotalonone import AsyncIntegrationClient"}
"""The second package loads its client when it is first used."""


def measure_import(job: Job) -> Round:
    """Import a package in an interpreter of its own."""
    command = [sys.executable, "-c", TIMED_IMPORT % IMPORTS[job.contender]]
    milliseconds = float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return {job.contender: {"milliseconds": milliseconds}}


def measure_first_call(job: Job) -> Round:
    """Make two calls."""
    return asyncio.run(_first_call(job))


async def _first_call(job: Job) -> Round:
    async with CONTENDERS[job.contender].open(job.target()) as call:
        times = [perf_counter()]
        for number in range(2):
            await call(f"session-{number}")
            times.append(perf_counter())
    first, second = (times[1] - times[0]) * 1e3, (times[2] - times[1]) * 1e3
    return {job.contender: {"extra": first - second, "first": first, "second": second}}


WORKLOADS: Final = (
    Workload(
        "first-call",
        "The first call of a process",
        kinds("ours", "ours_warmed_up", "httpx", "aiohttp"),
        (Metric("extra", "first - second ms", 1), Metric("first", "first ms", 1), Metric("second", "second ms", 1)),
        measure_first_call,
        turns=3,
    ),
    Workload(
        "import",
        "Importing the client",
        dict.fromkeys(IMPORTS, "package"),
        (Metric("milliseconds", "ms", 1),),
        measure_import,
        turns=3,
    ),
)
