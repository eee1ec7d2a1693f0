"""What the process prints while it serves."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final, TextIO

import click
from attrs import define
from starlette.types import Scope

from aiotalonone.sandbox.http.problems import ApiProblem
from aiotalonone.sandbox.recording import RecordedRequest
from aiotalonone.sandbox.recording.feed import CAMPAIGNS, CLOCK, FAULTS, REQUEST, RESET, SEED
from aiotalonone.sandbox.sandbox import Sandbox
from aiotalonone.sandbox.serving.lines import Line, notice_line, rejection_line, request_line

_NOTICES: Final[Mapping[str, Callable[[Sandbox], str]]] = {
    CAMPAIGNS: lambda sandbox: (
        f"campaigns replaced; campaigns: {len(sandbox.platform.account.campaigns)}, "
        f"coupons: {len(sandbox.state.coupons)}"
    ),
    CLOCK: lambda sandbox: f"time set to {sandbox.now:%Y-%m-%d %H:%M:%S %Z}",
    FAULTS: lambda _: "faults replaced",
    RESET: lambda _: "reset: all is as at the start",
    SEED: lambda _: "customers, sessions and events put in",
}
"""What is told of an event that is not a request, by its kind."""


def is_colored(stream: TextIO | None, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether a stream is a terminal whose user wants colors."""
    is_wanted = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return is_wanted and stream is not None and stream.isatty()


@define(frozen=True)
class Log:
    """A line for each request, and for what else happens."""

    stream: TextIO | None
    """None if the process was started without it."""
    is_colored: bool
    is_quiet: bool = False
    """Whether requests have no lines."""
    clock: Callable[[], datetime] = datetime.now

    def request(self, request: RecordedRequest) -> None:
        """Tell of a request that is done."""
        if not self.is_quiet:
            self._print(request_line(request, self.clock()))

    async def follow(self, sandbox: Sandbox) -> None:
        """Tell of all that happens to a sandbox."""
        async for event in sandbox.subscribe():
            if event.kind == REQUEST:
                self.request(event.data)
            elif (tell := _NOTICES.get(event.kind)) is not None:
                self.notice(tell(sandbox))

    def rejection(self, scope: Scope, problem: ApiProblem) -> None:
        """Tell of a request that was not let in."""
        if not self.is_quiet:
            self._print(rejection_line(scope["method"], scope["path"], problem, self.clock()))

    def notice(self, text: str) -> None:
        """Tell of something that the user did."""
        self._print(notice_line(text, self.clock()))

    def alert(self, text: str) -> None:
        """Tell of something that the user has to know or to mend."""
        self._print(notice_line(text, self.clock(), "red"))

    def _print(self, line: Line) -> None:
        if self.stream is None:
            return
        with suppress(OSError, ValueError):  # a lost line does not stop the sandbox
            click.echo(line.fitted(_width(self.stream)), file=self.stream, color=self.is_colored)


def _width(stream: TextIO) -> int | None:
    """Return the width of a terminal, which users change; None if there is no terminal."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or None  # some terminals do not know it
    except (OSError, ValueError):
        return None
