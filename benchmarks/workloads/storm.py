"""A storm: callers that give up, a server that fails; and how many slots of the pool are usable afterwards.

The bare clients retry nothing, so the client runs with its retries and without.
"""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from time import perf_counter
from typing import Final, NamedTuple
from urllib.request import urlopen

from benchmarks.contenders import CONTENDERS, AsyncCall
from benchmarks.meter import Round, Sample, percentile
from benchmarks.server.peers import FAULTS, HOLD_SECONDS
from benchmarks.workloads.workload import Job, Metric, Workload, kinds

CALLERS: Final = 500
CALLS: Final = 4
"""Of each caller, one after another."""
SLOTS: Final = 100
IMPATIENT: Final = 0.3
MAX_PATIENCE: Final = 0.1
FAULTY: Final = 0.1
CANCELLATIONS: Final = 10_000
FEW_SLOTS: Final = 10
FEW_CALLERS: Final = 30


class Planned(NamedTuple):
    """A call of the script."""

    session: str
    patience: float | None
    """Seconds after which the caller gives up."""


def measure_storm(job: Job) -> Round:
    """Let all callers follow the script."""
    return {job.contender: asyncio.run(_storm(job))}


async def _storm(job: Job) -> Sample:
    async with CONTENDERS[job.contender].open(job.target("faulty", SLOTS)) as call:
        await _usable_slots(call, job, SLOTS)  # connects
        start = perf_counter()
        ends, seconds = await _follow(call, _script(job))
        duration = perf_counter() - start
        usable = await _usable_slots(call, job, SLOTS)
    return {
        "rate": ends["succeeded"] / duration,
        "p99": percentile(seconds, 0.99) * 1e3,
        "succeeded": ends["succeeded"],
        "failed": ends["failed"],
        "cancelled": ends["cancelled"],
        "usable": usable,
    }


def _script(job: Job) -> list[list[Planned]]:
    """Plan the calls of each caller, the same for all contenders but for the sessions' IDs.

    The server remembers whom it has failed, and a process is a new one in its eyes.
    """
    chance = random.Random(1093)
    run = f"{job.contender}-{perf_counter():.6f}"

    def planned(caller: int, turn: int) -> Planned:
        fault = f"-{chance.choice(FAULTS)}" if chance.random() < FAULTY else ""
        patience = chance.random() * MAX_PATIENCE if chance.random() < IMPATIENT else None
        return Planned(f"{run}-{caller}-{turn}{fault}", patience)

    return [[planned(caller, turn) for turn in range(CALLS)] for caller in range(job.count(CALLERS))]


async def _follow(call: AsyncCall, script: list[list[Planned]]) -> tuple[Counter[str], list[float]]:
    """Return how the calls ended, and how many seconds the successful ones took."""
    ends: Counter[str] = Counter()
    seconds: list[float] = []

    async def caller(calls: list[Planned]) -> None:
        for session, patience in calls:
            start = perf_counter()
            task = asyncio.ensure_future(call(session))
            await asyncio.wait([task], timeout=patience)
            task.cancel()  # nothing happens if it is done
            await asyncio.wait([task])
            end = "cancelled" if task.cancelled() else "failed" if task.exception() else "succeeded"
            ends[end] += 1
            if end == "succeeded":
                seconds.append(perf_counter() - start)

    await asyncio.gather(*map(caller, script))
    return ends, seconds


async def _usable_slots(call: AsyncCall, job: Job, slots: int) -> int:
    """Return how many requests reach the server at the same time, if there are as many as slots."""
    run = f"hold-{slots}-{job.contender}"
    tasks = [asyncio.ensure_future(call(f"{run}-{number}")) for number in range(slots)]
    _, pending = await asyncio.wait(tasks, timeout=2 * HOLD_SECONDS)
    for task in pending:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return await asyncio.to_thread(_most_held, job.urls["faulty"])


def _most_held(url: str) -> int:
    with urlopen(url) as response:  # noqa: S310 - our own server
        return int(response.read())


def measure_cancellations(job: Job) -> Round:
    """Give up call after call after a random while."""
    return {job.contender: asyncio.run(_cancellations(job))}


async def _cancellations(job: Job) -> Sample:
    async with CONTENDERS[job.contender].open(job.target("faulty", FEW_SLOTS)) as call:
        calls = await _cancel_at_random(call, job.count(CANCELLATIONS // FEW_CALLERS))
        return {"usable": await _usable_slots(call, job, FEW_SLOTS), "calls": calls}


async def _cancel_at_random(call: AsyncCall, cancellations: int) -> int:
    """Return how many calls succeeded before their caller gave up."""
    script = random.Random(1093)
    succeeded = 0

    async def caller(number: int) -> None:
        nonlocal succeeded
        for turn in range(cancellations):
            with suppress(Exception):  # what others raise then is up to them
                async with asyncio.timeout(script.random() * MAX_PATIENCE):
                    while True:
                        await call(f"session-{number}-{turn}")
                        succeeded += 1

    await asyncio.gather(*map(caller, range(FEW_CALLERS)))
    return succeeded


WORKLOADS: Final = (
    Workload(
        "storm",
        "500 callers, three of ten calls given up, one of ten met by a fault, 100 connections",
        kinds("ours", "ours_one_attempt", "httpx", "aiohttp"),
        (
            Metric("rate", "successes/s"),
            Metric("p99", "p99 ms"),
            Metric("succeeded", "succeeded"),
            Metric("failed", "failed"),
            Metric("cancelled", "cancelled"),
            Metric("usable", "usable slots of 100"),
        ),
        measure_storm,
    ),
    Workload(
        "cancellation",
        "10,000 calls given up at random, 10 connections",
        kinds("ours", "ours_on_httpx", "httpx", "aiohttp"),
        (Metric("usable", "usable slots of 10"), Metric("calls", "calls meanwhile")),
        measure_cancellations,
        max_rounds=1,
    ),
)
