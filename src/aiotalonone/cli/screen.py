"""What a person sees while a command works: all of it on stderr, since stdout is for results."""

import sys
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from aiotalonone.bulk import Snapshot
from aiotalonone.bulk.job import Job

_SECONDS_BETWEEN_LINES: Final = 10.0
_SECONDS_BETWEEN_FRAMES: Final = 0.1
_MINUTE: Final = 60


def is_interactive() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def say(line: str) -> None:
    """One line for the person at the terminal; a script may look for it, so that it is never wrapped."""
    console().print(line, markup=False, highlight=False, soft_wrap=True)


def console() -> Console:
    """Stderr, as it is now."""
    return Console(stderr=True)


def table(title: str, *columns: str) -> Table:
    """An empty table."""
    made = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


async def show_progress(job: Job) -> None:
    """A bar on a terminal, elsewhere a line now and then, until the job is over."""
    if console().is_terminal:
        await _show_bar(job)
    else:
        await _write_lines(job)


async def _show_bar(job: Job) -> None:
    columns = (BarColumn(24), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console(), auto_refresh=False) as progress:
        bar = progress.add_task("", total=None)
        async for snapshot in job.progress(_SECONDS_BETWEEN_FRAMES):
            progress.update(
                bar,
                completed=snapshot.accepted + snapshot.rejected,
                total=snapshot.total,
                description=figures(snapshot),
                refresh=True,
            )


async def _write_lines(job: Job) -> None:
    async for snapshot in job.progress(_SECONDS_BETWEEN_LINES):
        if snapshot.seconds:
            say(figures(snapshot))


def figures(snapshot: Snapshot) -> str:
    """How far a job has come, in one line."""
    settled = snapshot.accepted + snapshot.rejected
    total = "" if snapshot.total is None else f" of {max(snapshot.total, settled):,}"
    rejected = f", {snapshot.rejected:,} rejected" if snapshot.rejected else ""
    left = "" if not snapshot.eta else f", {duration(snapshot.eta)} left"
    return f"{settled:,}{total}{rejected}, {snapshot.rate:,.0f}/s{left}"


def duration(seconds: float) -> str:
    """A time as people say it."""
    minutes, rest = divmod(round(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
