"""The result of a job, for people and for machines: figures on stdout, what to do next on stderr."""

import sys
from typing import Any, Final

import attrs
from attrs import frozen

from aiotalonone import codec
from aiotalonone.bulk import Report
from aiotalonone.cli.console import format_duration, print_to_stderr
from aiotalonone.cli.exit_codes import ExitCode
from aiotalonone.cli.options import JobFiles

_OUTCOMES: Final = {ExitCode.SUCCESS: "accepted", ExitCode.REJECTED: "rejected", ExitCode.STOPPED: "stopped"}


@frozen
class Result:
    """How a job ended."""

    files: JobFiles
    first_row_number: int
    report: Report | None
    """``None`` if the job was interrupted."""
    error: str | None = None
    """Why the job stopped, unless the user stopped it."""

    @property
    def exit_code(self) -> ExitCode:
        """The command's exit code."""
        if self.report is None or not self.report.finished:
            return ExitCode.STOPPED
        return ExitCode.REJECTED if self.report.rejected else ExitCode.SUCCESS


def show_result(result: Result, *, as_json: bool) -> None:
    """Write the report to stdout, and what to do next to stderr."""
    if as_json:
        write_json(_document(result))
    elif result.report is not None:
        sys.stdout.write(f"{_figures(result.report)}\n")
    if result.report is not None and result.report.rejected:
        position = f"row {result.first_row_number} of the file is position 0"
        print_to_stderr(f"Rejected records are in {result.files.rejects}; {position}.")
    if result.error is not None:
        print_to_stderr(f"Error: {result.error}")
    if result.exit_code is ExitCode.STOPPED:
        print_to_stderr("The job is not finished: the same command with --resume resumes it.")


def write_json(document: Any) -> None:
    """Write a JSON document to stdout, in one line."""
    sys.stdout.write(codec.encode(document).decode() + "\n")


def _document(result: Result) -> dict[str, Any]:
    figures = {} if result.report is None else attrs.asdict(result.report)
    return {
        "job": result.files.name,
        "outcome": _OUTCOMES[result.exit_code],
        **{name: value for name, value in figures.items() if name != "job"},
        "rejects": str(result.files.rejects),
        "firstRow": result.first_row_number,
        "checkpoint": str(result.files.checkpoint),
        "error": result.error,
    }


def _figures(report: Report) -> str:
    numbers = [f"{report.accepted:,} accepted", f"{report.rejected:,} rejected"]
    if report.not_attempted:
        numbers.append(f"{report.not_attempted:,} not attempted")
    if report.resumed:
        numbers.append(f"{report.resumed:,} of them in earlier runs")
    requests = f"requests: {report.requests:,} ({report.retries:,} retries) in {format_duration(report.seconds)}"
    return f"{report.records:,} records: {', '.join(numbers)}; {requests}"
