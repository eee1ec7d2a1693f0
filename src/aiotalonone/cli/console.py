"""What a command shows on stderr while it works, and how Ctrl-C stops it; stdout is for results."""

import signal
import sys
from asyncio import Task, get_running_loop
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from aiotalonone.bulk import Snapshot
from aiotalonone.bulk.job import Job

_SECONDS_BETWEEN_LINES: Final = 10.0
_SECONDS_BETWEEN_FRAMES: Final = 0.1
_MINUTE: Final = 60
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def is_interactive() -> bool:
    """Return whether a user can be prompted."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def print_to_stderr(line: str) -> None:
    """Print one line; scripts may search for it, so it is never wrapped."""
    make_console().print(line, markup=False, highlight=False, soft_wrap=True)


def make_console() -> Console:
    """Return a console on the current stderr."""
    return Console(stderr=True)


def make_table(title: str, *columns: str) -> Table:
    """Return an empty table."""
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


async def show_progress(job: Job) -> None:
    """Show a job's progress until it ends: a bar on a terminal, otherwise a line every 10 seconds."""
    if make_console().is_terminal:
        await _show_bar(job)
    else:
        await _print_lines(job)


async def _show_bar(job: Job) -> None:
    columns = (BarColumn(24), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=make_console(), auto_refresh=False) as progress:
        bar = progress.add_task("", total=None)
        async for snapshot in job.progress(_SECONDS_BETWEEN_FRAMES):
            progress.update(
                bar,
                completed=snapshot.accepted + snapshot.rejected,
                total=snapshot.total,
                description=describe_progress(snapshot),
                refresh=True,
            )


async def _print_lines(job: Job) -> None:
    async for snapshot in job.progress(_SECONDS_BETWEEN_LINES):
        if snapshot.seconds:
            print_to_stderr(describe_progress(snapshot))


def describe_progress(snapshot: Snapshot) -> str:
    """Return a job's progress in one line."""
    processed = snapshot.accepted + snapshot.rejected
    total = "" if snapshot.total is None else f" of {max(snapshot.total, processed):,}"
    rejected = f", {snapshot.rejected:,} rejected" if snapshot.rejected else ""
    left = "" if not snapshot.eta else f", {format_duration(snapshot.eta)} left"
    return f"{processed:,}{total}{rejected}, {snapshot.rate:,.0f}/s{left}"


def format_duration(seconds: float) -> str:
    """Return a duration in hours, minutes and seconds."""
    minutes, rest = divmod(round(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@contextmanager
def stop_on_signals(job: Job, running: "Task[Any]") -> Iterator[None]:
    """Within the block, the first Ctrl-C or SIGTERM stops the job in order, the second one cancels it."""
    loop = get_running_loop()
    is_stopping = False

    def stop() -> None:
        nonlocal is_stopping
        if is_stopping:
            running.cancel()
            return
        is_stopping = True
        print_to_stderr("Finishing in-flight requests, then stopping. Press Ctrl-C again to stop immediately.")
        job.stop()

    def on_signal(_: int, __: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop)

    # not the loop's own handlers: those do not exist on every platform
    previous = {number: signal.signal(number, on_signal) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
