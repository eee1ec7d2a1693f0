"""Updates of sessions by a number of callers, each of which makes one call after another."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from time import perf_counter
from typing import Final

from benchmarks.contenders import CONTENDERS, AsyncCall, Call
from benchmarks.meter import Round, Sample, measured_calls
from benchmarks.workloads.workload import Job, Metric, Workload, kinds

METRICS: Final = (
    Metric("cpu", "CPU µs/call"),
    Metric("rate", "calls/s"),
    Metric("p50", "p50 ms", 2),
    Metric("p99", "p99 ms", 2),
)
ASYNC: Final = ("ours", "ours_on_httpx", "ours_on_httpx2", "httpx", "httpx2", "aiohttp", "raw")
ALL: Final = ("ours", "ours_on_httpx", "ours_on_httpx2", "vendor", "httpx", "httpx2", "aiohttp", "raw")
SECONDS: Final = 1.5
"""For which calls are made in the long form."""
WARM_UP: Final = 0.25
"""Share of the calls, or of the time, that comes before and is not counted."""


@dataclass(frozen=True)
class SessionUpdates:
    """Measure the calls of one contender."""

    callers: int
    server: str = "plain"
    uvloop: bool = False
    turns: int | None = None
    """Calls of each caller, in the short form too; ``None`` to call for some time."""

    def __call__(self, job: Job) -> Round:
        """Make calls, after some that are not counted."""
        if CONTENDERS[job.contender].in_threads:
            return {job.contender: self._measure_threads(job)}
        with asyncio.Runner(loop_factory=self._loop_factory()) as runner:
            return {job.contender: runner.run(self._measure(job))}

    def _loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop]:
        if not self.uvloop:
            return asyncio.new_event_loop
        import uvloop  # noqa: PLC0415 - may not be installed

        factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
        return factory

    def _stop(self, job: Job, share: float = 1.0) -> Callable[[int], bool]:
        """Return what says whether a caller that has made so many calls makes no more."""
        if self.turns is not None:
            turns = max(1, round(self.turns * share))
            return lambda done: done >= turns
        end = perf_counter() + SECONDS * job.share * share
        return lambda _: perf_counter() >= end

    async def _measure(self, job: Job) -> Sample:
        latencies: list[float] = []
        async with CONTENDERS[job.contender].open(job.target(self.server)) as call:
            await self._drive(call, "warm-up", self._stop(job, WARM_UP), [])
            with measured_calls(latencies) as sample:
                await self._drive(call, "session", self._stop(job), latencies)
        return sample

    async def _drive(self, call: AsyncCall, name: str, stop: Callable[[int], bool], latencies: list[float]) -> None:
        """Let each caller make one call after another; no two calls update the same session."""

        async def caller(number: int) -> None:
            for turn in count(1):
                start = perf_counter()
                await call(f"{name}-{number}-{turn}")
                latencies.append(perf_counter() - start)
                if stop(turn):
                    return

        async with asyncio.TaskGroup() as tasks:
            for number in range(self.callers):
                tasks.create_task(caller(number))

    def _measure_threads(self, job: Job) -> Sample:
        latencies: list[float] = []
        target = job.target(self.server, max_connections=self.callers)
        opened = CONTENDERS[job.contender].open_in_threads(target)
        with opened as call, ThreadPoolExecutor(self.callers) as threads:
            self._drive_threads(threads, call, self._stop(job, WARM_UP), [])
            with measured_calls(latencies) as sample:
                self._drive_threads(threads, call, self._stop(job), latencies)
        return sample

    def _drive_threads(
        self, threads: ThreadPoolExecutor, call: Call, stop: Callable[[int], bool], latencies: list[float]
    ) -> None:
        def caller(number: int) -> None:
            for turn in count(1):
                start = perf_counter()
                call(f"session-{number}-{turn}")
                latencies.append(perf_counter() - start)
                if stop(turn):
                    return

        list(threads.map(caller, range(self.callers)))


def workload(name: str, title: str, contenders: tuple[str, ...], updates: SessionUpdates) -> Workload:
    """Return a workload of session updates."""
    return Workload(name, title, kinds(*contenders), METRICS, updates)


WORKLOADS: Final = (
    workload("session-1", "Session updates, 1 caller", ALL, SessionUpdates(1)),
    workload("session-10", "Session updates, 10 callers", ALL, SessionUpdates(10)),
    workload("session-50", "Session updates, 50 callers", ALL, SessionUpdates(50)),
    workload("session-500", "Session updates, 500 callers", ALL, SessionUpdates(500)),
    workload("tls", "Session updates over TLS, 10 callers", ALL, SessionUpdates(10, server="tls")),
    workload("uvloop", "Session updates on uvloop, 10 callers", ASYNC, SessionUpdates(10, uvloop=True)),
    workload(
        "tail",
        "500 callers on 100 connections, a server that takes 5 ms",
        ("ours", "httpx", "aiohttp", "raw"),
        SessionUpdates(500, server="slow", turns=10),
    ),
    workload(
        "state",
        "Session updates with responses of 31 KB and 50 effects, 10 callers",
        ("ours", "ours_on_httpx", "vendor", "httpx", "aiohttp"),
        SessionUpdates(10, server="large"),
    ),
)
