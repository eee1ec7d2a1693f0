"""What the tests on Ray share: jobs, their processes, and servers that note what arrives."""

import asyncio
import json
import os
import signal
import subprocess
from contextlib import suppress

import pyarrow as pa
import ray
from attrs import define, field

from aiotalonone.bulk.ray import sync_profiles
from tests.cluster.conftest import connection

ROWS_OF_A_BLOCK = 10_000
SECONDS = 120.0
"""How long something may take on a busy machine."""


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
    """Return the process IDs of the actors of a class."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if f"ray::{name}" in line]


def kill_one(name="Worker"):
    """Kill an actor of a class, if there is one."""
    for process in processes(name)[:1]:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


async def until(condition):
    """Wait until a condition holds, and return its value."""
    async with asyncio.timeout(SECONDS):
        while not (value := condition()):
            await asyncio.sleep(0.02)
    return value


@define
class Arrivals:
    """An API that accepts all records after a while, and notes what arrives, and when."""

    latency: float = 0.0
    status: int = 204
    times: list[float] = field(factory=list)
    profiles: list[dict] = field(factory=list)
    """The records of all requests, in the order of their arrival; those of a repeated request are there once."""
    _keys: set[bytes] = field(factory=set)

    async def __call__(self, scope, receive, send):
        """Respond to a request."""
        if scope["type"] != "http":
            raise NotImplementedError
        self.times.append(asyncio.get_running_loop().time())
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        key = dict(scope["headers"])[b"idempotency-key"]
        if key not in self._keys:
            self._keys.add(key)
            self.profiles += json.loads(body)["customerProfiles"]
        await asyncio.sleep(self.latency)
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})
