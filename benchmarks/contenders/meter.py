"""What a contender is measured by: its time, its memory over the idle process, and how long its event loop stalls."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time
from typing import Final

TICK_SECONDS: Final = 0.005


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Print the figures of a block as a line of JSON; the block may add its own."""
    figures: dict[str, float] = {}
    idle, start, worked = _mebibytes("VmRSS"), perf_counter(), process_time()
    yield figures
    figures["seconds"] = perf_counter() - start
    figures["processor"] = process_time() - worked
    # The kernel's peak of this program alone: ru_maxrss begins with that of the process which started it.
    figures["memory"] = _mebibytes("VmHWM") - idle
    print(json.dumps(figures))


@asynccontextmanager
async def measured_loop() -> AsyncIterator[dict[str, float]]:
    """The same, with the 99th percentile of how late a timer of the event loop is, in milliseconds."""
    delays: list[float] = []
    with measured() as figures:
        ticker = asyncio.create_task(_tick(delays))
        yield figures
        ticker.cancel()
        figures["lag"] = quantiles(delays, n=100)[98] * 1000


async def _tick(delays: list[float]) -> None:
    while True:
        due = perf_counter() + TICK_SECONDS
        await asyncio.sleep(TICK_SECONDS)
        delays.append(perf_counter() - due)


def _mebibytes(name: str) -> float:
    (kibibytes,) = re.findall(rf"{name}:\s*(\d+) kB", Path("/proc/self/status").read_text())
    return int(kibibytes) / 1024
