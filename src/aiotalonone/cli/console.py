"""What a command shows on stderr while it works, and how Ctrl-C stops it; stdout is for results."""

import os
import re
import signal
import sys
from asyncio import Task, get_running_loop
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path
from types import FrameType
from typing import Any, Final, TextIO

import typer
from attrs import define, field
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from aiotalonone import codec
from aiotalonone.bulk import Snapshot
from aiotalonone.bulk.job import Job
from aiotalonone.pipeline.messages import phrase

_SECONDS_BETWEEN_LINES: Final = 10.0
_SECONDS_BETWEEN_FRAMES: Final = 0.1
_MINUTE: Final = 60
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_MAX_REASONS: Final = 20
_MAX_READ: Final = 256 * 1024
"""Bytes of rejects between two frames, after which no further line is read."""
_WIDE: Final = 1000
"""Width of a table that is not for a terminal: a program may search its lines."""
_MEMBER: Final = re.compile(r"/(?:attributes/)?[A-Za-z][A-Za-z0-9_]{0,60}")
_PLACE: Final = re.compile(" at byte [0-9]+$")
"""Where in its line a record is not JSON: the same mistake elsewhere is not another reason."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What starts another line or is a command to the terminal: names of files and columns may hold it."""


def is_interactive() -> bool:
    """Return whether a user can be prompted."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def on_one_line(text: str) -> str:
    """Return a text with escapes in place of control characters."""
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def print_to_stderr(line: str, console: Console | None = None) -> None:
    """Print one line; scripts may search for it, so it is wrapped only on a terminal."""
    console = console or make_console()
    with unless_full(sys.stderr):
        console.print(Text(on_one_line(line)), soft_wrap=not console.is_terminal)


def write_to_stdout(line: str | bytes) -> None:
    """Write a line of the result: bytes as they are, and a text as far as the stream's encoding has its characters.

    If that fails, the exit code still says what became of the records.
    """
    if isinstance(line, str):
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"  # there may be no stdout
        line = line.encode(encoding, "backslashreplace").decode(encoding)
    with unless_full(sys.stdout):
        typer.echo(line)


@contextmanager
def unless_full(stream: TextIO) -> Iterator[None]:
    """Within the block, lose what the stream cannot take any more, because of a full disk or an ended reader."""
    try:
        yield
    except OSError as failure:
        with Path(os.devnull).open("wb") as nothing, suppress(OSError):  # otherwise Python tries again when it ends
            os.dup2(nothing.fileno(), stream.fileno())
        if stream is not sys.stderr and not isinstance(failure, BrokenPipeError):
            print_to_stderr(f"Error: the result cannot be written: {failure.strerror}")


def make_console() -> Console:
    """Return a console on the current stderr; in a pipe it is not a terminal, whatever FORCE_COLOR says."""
    return Console(stderr=True, force_terminal=_is_terminal(sys.stderr))


def show_table(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Show a table; on a terminal that is too narrow for it, a paragraph for each row."""
    console = make_console()
    if not console.is_terminal:
        console.width = _WIDE
    with unless_full(sys.stderr):
        _print_table(console, title, columns, [list(row) for row in rows])


def _print_table(console: Console, title: str, columns: Iterable[str], rows: list[list[str]]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*map(Text, map(on_one_line, row)))
    if console.measure(table, options=console.options.update(width=_WIDE)).maximum <= console.width:
        console.print(table)
    else:
        console.print(title, style="bold")
        for row in rows:
            print_to_stderr("  " + ", ".join(filter(None, row)), console)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


@define
class Reasons:
    """Why records were rejected: how many for each reason, and the first of them. A reason contains no values."""

    _found: dict[str, list[int]] = field(factory=dict)
    """Number of rejects and the lowest position, by reason."""
    _read: int = 0

    def add(self, reason: str, position: int) -> bool:
        """Count a reject, and return whether its reason is new."""
        if reason not in self._found and len(self._found) >= _MAX_REASONS:
            reason = "other reasons"
        is_new = reason not in self._found
        entry = self._found.setdefault(reason, [0, position])
        entry[0] += 1
        entry[1] = min(entry[1], position)  # rejects are written as their requests end
        return is_new

    def read_file(self, path: Path, size: float = inf) -> list[str]:
        """Count what a rejects file holds beyond what has been read of it, and return the reasons that are new.

        Args:
            path: Of the file.
            size: Bytes after which the current line is the last one.
        """
        new = []
        end = self._read + size
        with suppress(OSError), path.open("rb") as file:
            file.seek(self._read)
            while self._read < end and (line := file.readline()).endswith(b"\n"):
                reject = codec.loads(line)
                reason = reason_of(reject["status"], reject["message"], reject["pointer"])
                if self.add(reason, reject["position"]):
                    new.append(reason)
                self._read += len(line)
        return new

    def counts(self) -> list[tuple[str, int, int]]:
        """Return each reason, the number of its rejects and the position of the first; the most frequent ones first."""
        found = [(reason, count, first) for reason, (count, first) in self._found.items()]
        return sorted(found, key=lambda entry: -entry[1])

    def lines(self, first_row_number: int) -> Iterator[str]:
        """Yield a line for each reason."""
        for reason, count, first in self.counts():
            yield f"{count:,}: {reason} (first: row {first + first_row_number})"


def reason_of(status: int | None, message: str, pointer: str | None) -> str:
    """Return why a record was rejected: a status and a member, since a server's own words may contain values."""
    if status is None:
        return _PLACE.sub("", message)
    pointer = pointer or ""
    member = f" at {pointer[1:]}" if _MEMBER.fullmatch(pointer) else ""
    return f"rejected by the API: {status} {phrase(status)}{member}"


@define
class Screen:
    """What is shown of a job until it ends.

    Args:
        rejects: Its rejects file.
        hint: Returns what to do about the reason why a request failed; empty if nothing is known about it.
        is_counted: Whether the number of its records is known rather than estimated.
        is_quiet: Whether to show nothing but errors.
        has_log: Whether the client's log is on stderr as well; its lines would tear a bar.
    """

    rejects: Path
    hint: Callable[[str], str]
    is_counted: bool = False
    is_quiet: bool = False
    has_log: bool = False
    reasons: Reasons = field(factory=Reasons)
    _failures: set[str] = field(factory=set)
    """Reasons of retries that have been shown."""
    _console: Console | None = None

    def notice(self, line: str) -> None:
        """Show a line, above the bar if there is one."""
        if not self.is_quiet:
            print_to_stderr(line, self._console)

    async def show_progress(self, job: Job) -> None:
        """Show a job's progress until it ends: a bar on a terminal, otherwise a line every 10 seconds."""
        console = make_console()
        can_redraw = console.is_terminal and not console.is_dumb_terminal
        if can_redraw and not (self.is_quiet or self.has_log):
            await self._show_bar(job)
        else:
            await self._print_lines(job)

    async def _show_bar(self, job: Job) -> None:
        columns = (BarColumn(24), TextColumn("{task.description}", markup=False))
        with Progress(*columns, console=make_console(), auto_refresh=False) as progress:
            self._console = progress.console
            bar = progress.add_task("", total=None)
            async for snapshot in job.progress(_SECONDS_BETWEEN_FRAMES):
                self._show_news(snapshot)
                progress.update(
                    bar,
                    completed=snapshot.accepted + snapshot.rejected,
                    total=snapshot.total,
                    description=describe_progress(snapshot, is_counted=self.is_counted),
                    refresh=True,
                )
        self._console = None

    async def _print_lines(self, job: Job) -> None:
        async for snapshot in job.progress(_SECONDS_BETWEEN_LINES):
            self._show_news(snapshot)
            if snapshot.seconds:
                self.notice(describe_progress(snapshot, is_counted=self.is_counted))

    def _show_news(self, snapshot: Snapshot) -> None:
        """Show each reason once: that of rejects as soon as it is in their file, that of a retry with what to do."""
        if (retry := snapshot.retry) and retry.reason not in self._failures:
            self._failures.add(retry.reason)
            self.notice(f"{retry.reason}. {self.hint(retry.reason)}".strip())
        if snapshot.rejected:  # before, the file may be an earlier job's
            for reason in self.reasons.read_file(self.rejects, _MAX_READ):
                self.notice(f"Rejected: {reason}")


def describe_progress(snapshot: Snapshot, *, is_counted: bool = False) -> str:
    """Return a job's progress in one line; ``~`` marks an estimate."""
    processed = snapshot.accepted + snapshot.rejected
    rejected = f", {snapshot.rejected:,} rejected" if snapshot.rejected else ""
    left = "" if not snapshot.eta else f", ~{format_duration(snapshot.eta)} left"
    total = describe_total(snapshot, is_counted=is_counted)
    waiting = f"; {snapshot.retry}" if snapshot.retry else ""
    return f"{processed:,}{total and f' of {total}'}{rejected}, {snapshot.rate:,.0f}/s{left}{waiting}"


def describe_total(snapshot: Snapshot, *, is_counted: bool) -> str:
    """Return the number of records in the source, ``~`` before an estimate; empty if there is no estimate."""
    if snapshot.total is None:
        return ""
    known = max(snapshot.records, snapshot.accepted + snapshot.rejected)
    is_estimate = not is_counted and snapshot.total > known
    return f"{'~' if is_estimate else ''}{max(snapshot.total, known):,}"


def format_duration(seconds: float) -> str:
    """Return a duration in hours, minutes and seconds."""
    if seconds < 1:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@contextmanager
def stop_on_signals(job: Job, running: "Task[Any]", screen: Screen) -> Iterator[None]:
    """Within the block, the first Ctrl-C or SIGTERM stops the job in order, the second one cancels it."""
    loop = get_running_loop()
    is_stopping = False

    def stop() -> None:
        nonlocal is_stopping
        if is_stopping:
            running.cancel()
            return
        is_stopping = True
        screen.notice("Finishing in-flight requests, then stopping.")
        screen.notice("Press Ctrl-C again to stop immediately.")
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
