"""What a job has come to, for people and for machines."""

import sys
from typing import Any, Final

import attrs
import orjson
from attrs import frozen

from aiotalonone.bulk import Report
from aiotalonone.cli.exits import Exit
from aiotalonone.cli.files import JobFiles
from aiotalonone.cli.screen import duration, say

_OUTCOMES: Final = {Exit.DONE: "accepted", Exit.REJECTED: "rejected", Exit.STOPPED: "stopped"}


@frozen
class Result:
    """How a job ended."""

    files: JobFiles
    first_number: int
    """Of the file's rows."""
    report: Report | None
    """``None`` where the job was broken off."""
    error: str | None = None
    """Why it stopped, where nobody asked for it."""

    @property
    def exit(self) -> Exit:
        """The exit code that says so."""
        if self.report is None or not self.report.finished:
            return Exit.STOPPED
        return Exit.REJECTED if self.report.rejected else Exit.DONE


def show_result(result: Result, *, as_json: bool) -> None:
    """Tell it: the figures on stdout, what to do about them on stderr."""
    if as_json:
        write_json(_document(result))
    elif result.report is not None:
        sys.stdout.write(f"{_figures(result.report)}\n")
    if result.report is not None and result.report.rejected:
        where = f"row {result.first_number} of the file is position 0"
        say(f"What was not accepted is in {result.files.rejects}; {where}.")
    if result.error is not None:
        say(f"Error: {result.error}")
    if result.exit is Exit.STOPPED:
        say("The job is not finished: the same command with --resume goes on with it.")


def write_json(document: Any) -> None:
    """One document on stdout."""
    sys.stdout.write(orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2).decode() + "\n")


def _document(result: Result) -> dict[str, Any]:
    figures = {} if result.report is None else attrs.asdict(result.report)
    return {
        "job": result.files.name,
        "outcome": _OUTCOMES[result.exit],
        **{name: value for name, value in figures.items() if name != "job"},
        "rejects": str(result.files.rejects),
        "firstRow": result.first_number,
        "checkpoint": str(result.files.checkpoint),
        "error": result.error,
    }


def _figures(report: Report) -> str:
    numbers = [f"{report.accepted:,} accepted", f"{report.rejected:,} rejected"]
    if report.not_attempted:
        numbers.append(f"{report.not_attempted:,} not attempted")
    if report.resumed:
        numbers.append(f"{report.resumed:,} of them before")
    requests = f"requests: {report.requests:,} ({report.retries:,} repeated) in {duration(report.seconds)}"
    return f"{report.records:,} records: {', '.join(numbers)}; {requests}"
