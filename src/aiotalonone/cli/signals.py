"""What Ctrl-C and SIGTERM do to a job: the first stops it in order, the second at once."""

import signal
from asyncio import Task, get_running_loop
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from aiotalonone.bulk.job import Job
from aiotalonone.cli.screen import say

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopped_by_signals(job: Job, running: "Task[Any]") -> Iterator[None]:
    """Within the block, signals stop the job."""
    loop = get_running_loop()
    asked = False

    def ask() -> None:
        nonlocal asked
        if asked:
            running.cancel()
            return
        asked = True
        say("Stopping when the requests under way are answered. Once more, and it is at once.")
        job.stop()

    def on_signal(_: int, __: FrameType | None) -> None:
        loop.call_soon_threadsafe(ask)

    # not the loop's own handlers: those do not exist on every platform
    earlier = {number: signal.signal(number, on_signal) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
