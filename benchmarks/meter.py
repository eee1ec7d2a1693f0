"""What is measured: processor time, latencies, memory, and how long an event loop stalls.

Imports little: what a benchmark has imported already, the first call of a client would find warm.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

TICK_SECONDS: Final = 0.005
_STATUS: Final = Path("/proc/self/status")

Sample = dict[str, float]
"""What one contender was measured by in one round, by the metric's name."""
Round = dict[str, Sample]
"""The samples of one round, by contender."""


def percentile(values: list[float], share: float) -> float:
    """Return the value that a share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


@contextmanager
def measured_calls(seconds: list[float]) -> Iterator[Sample]:
    """Measure a block that appends the seconds of each of its calls; the sample is complete when it ends."""
    sample: Sample = {}
    start, worked = perf_counter(), process_time()
    yield sample
    worked, duration = process_time() - worked, perf_counter() - start
    sample |= {
        "cpu": worked / len(seconds) * 1e6,
        "rate": len(seconds) / duration,
        "p50": percentile(seconds, 0.5) * 1e3,
        "p99": percentile(seconds, 0.99) * 1e3,
    }


@contextmanager
def measured_job(records: int) -> Iterator[Sample]:
    """Measure a block that handles so many records."""
    sample: Sample = {}
    idle, start, worked = _mebibytes("VmRSS"), perf_counter(), process_time()
    yield sample
    sample["rate"] = records / (perf_counter() - start)
    sample["cpu"] = (process_time() - worked) / records * 1e6
    # The kernel's peak of this program alone: ru_maxrss starts with that of the process which started it.
    sample["memory"] = _mebibytes("VmHWM") - idle


@asynccontextmanager
async def measured_loop_job(records: int) -> AsyncIterator[Sample]:
    """Do the same, and measure how late the event loop's timers are, in milliseconds."""
    delays: list[float] = []
    with measured_job(records) as sample:
        ticker = asyncio.create_task(_tick(delays))
        yield sample
        ticker.cancel()
        sample["lag"] = percentile(delays, 0.99) * 1e3 if delays else 0.0


async def _tick(delays: list[float]) -> None:
    while True:
        due = perf_counter() + TICK_SECONDS
        await asyncio.sleep(TICK_SECONDS)
        delays.append(perf_counter() - due)


def _mebibytes(name: str) -> float:
    """Read a member of the kernel's status of this process; 0 if there is no such member."""
    if not _STATUS.exists():
        return 0.0
    (kibibytes,) = re.findall(rf"{name}:\s*(\d+) kB", _STATUS.read_text())
    return int(kibibytes) / 1024


def repeated(call: Callable[[], object]) -> Callable[[int], object]:
    """Return a function that makes a number of calls."""

    def calls(number: int) -> None:
        for _ in range(number):
            call()

    return calls


def take_turns(sides: Mapping[str, Callable[[int], object]], batches: int, calls: int) -> Round:
    """Let functions that make a number of calls take turns; return each one's median of microseconds per call."""
    microseconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(batches):
        for name, make_calls in sides.items():
            start = process_time()
            make_calls(calls)
            microseconds[name].append((process_time() - start) / calls * 1e6)
    return {name: {"cpu": percentile(values, 0.5)} for name, values in microseconds.items()}
