"""``--dry-run``: what a job would send, and which rows are invalid, without a request."""

import sys
from collections.abc import Iterator
from typing import Any, Final

from attrs import define, field

from aiotalonone import codec
from aiotalonone.bulk.batches import Batch
from aiotalonone.bulk.job import Job
from aiotalonone.bulk.rejects import Reject
from aiotalonone.bulk.source import Source
from aiotalonone.cli.exit_codes import ExitCode
from aiotalonone.cli.output import write_json

_SHOWN: Final = 3


@define
class _DryRun:
    records: int = 0
    requests: int = 0
    invalid: int = 0
    first: list[Any] = field(factory=list)
    """The first records that would be sent."""
    reasons: list[Reject] = field(factory=list)
    """The first invalid rows."""

    def add(self, batch: Batch) -> None:
        """Count a batch, and the request that it would be sent with."""
        self.records += batch.size
        self.requests += bool(batch.content)
        self.invalid += len(batch.invalid)
        if batch.content and len(self.first) < _SHOWN:
            records = codec.loads_exact_numbers(b"[%b]" % batch.content[0])
            self.first += records[: _SHOWN - len(self.first)]
        self.reasons += batch.invalid[: _SHOWN - len(self.reasons)]


async def dry_run(job: type[Job], records: Source, first_row_number: int, *, as_json: bool) -> ExitCode:
    """Read all records, show what would be sent, and return whether any is invalid.

    Raises:
        UnreadableFileError: The file cannot be read to its end.
    """
    result = _DryRun()
    async for batch in job.batches(records):
        result.add(batch)
    if as_json:
        write_json(_document(result, first_row_number))
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(result, first_row_number)))
    return ExitCode.REJECTED if result.invalid else ExitCode.SUCCESS


def _document(result: _DryRun, first_row_number: int) -> dict[str, Any]:
    reasons = [{"row": reject.position + first_row_number, "message": reject.message} for reject in result.reasons]
    return {
        "outcome": "dry run",
        "records": result.records,
        "requests": result.requests,
        "invalid": result.invalid,
        "reasons": reasons,
        "first": result.first,
    }


def _lines(result: _DryRun, first_row_number: int) -> Iterator[str]:
    if result.first:
        yield "The first records:"
        yield from (codec.encode(record).decode() for record in result.first)
    if result.reasons:
        yield "The first invalid rows:"
        yield from (f"row {reject.position + first_row_number}: {reject.message}" for reject in result.reasons)
    yield (
        f"{result.records:,} records, {result.invalid:,} of them invalid; requests: {result.requests:,}."
        " Nothing was sent."
    )
