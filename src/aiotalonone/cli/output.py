"""Results for people and for machines: those of a job and of a dry run on stdout, what to do next on stderr."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import attrs
from attrs import define, field, frozen

from aiotalonone import codec
from aiotalonone.bulk import Report, Snapshot
from aiotalonone.bulk.batches import Batch, decode_records
from aiotalonone.bulk.job import Job
from aiotalonone.bulk.rejects import Reject
from aiotalonone.bulk.source import Source
from aiotalonone.cli.console import Reasons, format_duration, on_one_line, print_to_stderr, reason_of, write_to_stdout
from aiotalonone.cli.exit_codes import ExitCode
from aiotalonone.cli.options import JobFiles

_OUTCOMES: Final = {ExitCode.SUCCESS: "accepted", ExitCode.REJECTED: "rejected", ExitCode.STOPPED: "stopped"}
_SHOWN: Final = 3


@frozen(kw_only=True)
class Result:
    """How a job ended."""

    files: JobFiles
    checkpoint: str | None
    """Path or URL of the job's checkpoint, if it has one."""
    first_row_number: int
    figures: Report | Snapshot
    """A snapshot if the job was interrupted."""
    reasons: Reasons
    total: str = ""
    """Number of all rows, perhaps an estimate, if the job is not finished."""
    error: str | None = None
    """Why the job stopped, unless the user stopped it."""
    next_step: str = ""
    """What the next run will do, if the job is not finished."""

    @property
    def exit_code(self) -> ExitCode:
        """The command's exit code."""
        if not isinstance(self.figures, Report) or not self.figures.finished:
            return ExitCode.STOPPED
        return ExitCode.REJECTED if self.figures.rejected else ExitCode.SUCCESS


def show_result(result: Result, *, as_json: bool, is_quiet: bool) -> None:
    """Write the report to stdout, and what to do next to stderr."""
    if result.figures.rejected:
        with suppress(KeyboardInterrupt):  # the figures are known, and the file may be large
            result.reasons.read_file(result.files.rejects)
    if as_json:
        write_json(_document(result))
    else:
        write_to_stdout(_figures(result))
    if result.figures.rejected and not is_quiet:
        print_to_stderr("Rejected records, by reason:")
        for line in result.reasons.lines(result.first_row_number):
            print_to_stderr(f"  {line}")
        position = f"row {result.first_row_number} of the file is position 0"
        print_to_stderr(f"Rejected records are in {result.files.rejects}; {position}.")
    if result.error is not None:
        print_to_stderr(f"Error: {result.error}")
    if result.exit_code is ExitCode.STOPPED and not is_quiet:
        print_to_stderr(result.next_step)


def write_json(document: Any) -> None:
    """Write a JSON document to stdout, in one line of UTF-8."""
    write_to_stdout(codec.encode(document))


def _document(result: Result) -> dict[str, Any]:
    return {
        "job": result.files.name,
        "outcome": _OUTCOMES[result.exit_code],
        **_members(result.figures),
        "reasons": [
            {"message": message, "records": count, "firstRow": first + result.first_row_number}
            for message, count, first in result.reasons.counts()
        ],
        "rejects": _in_utf8(str(result.files.rejects)),
        "firstRow": result.first_row_number,
        "checkpoint": result.checkpoint,
        "error": result.error and _in_utf8(result.error),
    }


def _in_utf8(text: str) -> str:
    """Return a text with escapes for the bytes of a path that are not UTF-8."""
    return text.encode(errors="backslashreplace").decode()


def _members(figures: Report | Snapshot) -> dict[str, Any]:
    if isinstance(figures, Report):
        return attrs.asdict(figures, filter=lambda member, _: member.name != "job")
    return {
        "records": figures.records,
        "accepted": figures.accepted,
        "rejected": figures.rejected,
        "not_attempted": figures.records - figures.accepted - figures.rejected,
        "resumed": None,
        "merged": None,
        "requests": figures.requests,
        "retries": figures.retries,
        "seconds": figures.seconds,
        "finished": False,
    }


def _count_records(number: int) -> str:
    return "1 record" if number == 1 else f"{number:,} records"


def _figures(result: Result) -> str:
    figures = result.figures
    numbers = [f"{figures.accepted:,} accepted", f"{figures.rejected:,} rejected"]
    if isinstance(figures, Report) and figures.resumed:
        numbers.append(f"{figures.resumed:,} of them in earlier runs")
    requests = f"requests: {figures.requests:,} ({figures.retries:,} retries) in {format_duration(figures.seconds)}"
    if isinstance(figures, Report) and figures.finished:
        return f"{_count_records(figures.records)}: {', '.join(numbers)}; {requests}"
    processed = figures.accepted + figures.rejected
    rest = "the rest is not attempted, or has no response"
    return f"{processed:,} of {result.total} records processed: {', '.join(numbers)}; {rest}; {requests}"


@define
class _DryRun:
    records: int = 0
    requests: int = 0
    invalid: int = 0
    first: list[Any] = field(factory=list)
    """The first records that would be sent."""
    rejects: list[Reject] = field(factory=list)
    """The first invalid rows."""
    reasons: Reasons = field(factory=Reasons)

    def add(self, batch: Batch) -> None:
        """Count a batch, and the request that it would be sent with."""
        self.records += batch.size
        self.requests += bool(batch.content)
        self.invalid += len(batch.invalid)
        if len(self.first) < _SHOWN:
            self.first += decode_records(batch.content[:_SHOWN])[: _SHOWN - len(self.first)]
        self.rejects += batch.invalid[: _SHOWN - len(self.rejects)]
        for reject in batch.invalid:
            self.reasons.add(reason_of(reject.status, reject.message, reject.pointer), reject.position)


async def dry_run(job: type[Job], records: Source, first_row_number: int, *, as_json: bool) -> ExitCode:
    """Read all records, show what would be sent, and return whether any is invalid.

    Raises:
        UnreadableFileError: The file cannot be read to its end.
    """
    result = _DryRun()
    async for batch in job.batches(records):
        result.add(batch)
    if as_json:
        write_json(_dry_document(result, first_row_number))
    else:
        write_to_stdout("\n".join(_dry_lines(result, first_row_number)))
    return ExitCode.REJECTED if result.invalid else ExitCode.SUCCESS


def _dry_document(result: _DryRun, first_row_number: int) -> dict[str, Any]:
    reasons = [{"row": reject.position + first_row_number, "message": reject.message} for reject in result.rejects]
    return {
        "outcome": "dry run",
        "records": result.records,
        "requests": result.requests,
        "invalid": result.invalid,
        "reasons": reasons,
        "first": result.first,
    }


def _dry_lines(result: _DryRun, first_row_number: int) -> Iterator[str]:
    if result.first:
        yield "The first records:"
        yield from (codec.encode(record).decode() for record in result.first)
    if result.rejects:
        yield "The first invalid rows:"
        for reject in result.rejects:
            yield on_one_line(f"row {reject.position + first_row_number}: {reject.message}")
    if result.invalid > len(result.rejects):
        yield "Invalid rows, by reason:"
        yield from map(on_one_line, result.reasons.lines(first_row_number))
    yield (
        f"{_count_records(result.records)}, {result.invalid:,} of them invalid; requests: {result.requests:,}."
        " Nothing was sent."
    )
