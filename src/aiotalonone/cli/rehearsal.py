"""A job without a request: what would be sent, and which rows would be set aside at once."""

import sys
from collections.abc import Iterator
from typing import Any, Final

import orjson
from attrs import define, field

from aiotalonone import codec
from aiotalonone.bulk.batches import Batch
from aiotalonone.bulk.job import Job
from aiotalonone.bulk.rejects import Reject
from aiotalonone.bulk.source import Source
from aiotalonone.cli.exits import Exit
from aiotalonone.cli.summary import write_json

_SHOWN: Final = 3


@define
class _Rehearsal:
    records: int = 0
    requests: int = 0
    unfit: int = 0
    first: list[Any] = field(factory=list)
    reasons: list[Reject] = field(factory=list)
    """The first ones."""

    def take(self, batch: Batch) -> None:
        """Count a request that would be sent."""
        self.records += batch.size
        self.requests += bool(batch.content)
        self.unfit += len(batch.invalid)
        if batch.content and len(self.first) < _SHOWN:
            records = codec.loads_exact_numbers(b"[%b]" % batch.content[0])
            self.first += records[: _SHOWN - len(self.first)]
        self.reasons += batch.invalid[: _SHOWN - len(self.reasons)]


async def rehearse(job: type[Job], records: Source, first_number: int, *, as_json: bool) -> Exit:
    """Go through all records, and show what they come to; whether any is unfit.

    Raises:
        UnreadableFileError: The file cannot be read to its end.
    """
    rehearsal = _Rehearsal()
    async for batch in job.batches(records):
        rehearsal.take(batch)
    if as_json:
        write_json(_document(rehearsal, first_number))
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(rehearsal, first_number)))
    return Exit.REJECTED if rehearsal.unfit else Exit.DONE


def _document(rehearsal: _Rehearsal, first_number: int) -> dict[str, Any]:
    return {
        "outcome": "dry run",
        "records": rehearsal.records,
        "requests": rehearsal.requests,
        "unfit": rehearsal.unfit,
        "reasons": [{"row": reject.position + first_number, "message": reject.message} for reject in rehearsal.reasons],
        "first": [orjson.Fragment(codec.encode(record)) for record in rehearsal.first],
    }


def _lines(rehearsal: _Rehearsal, first_number: int) -> Iterator[str]:
    if rehearsal.first:
        yield "The first records:"
        yield from (codec.encode(record).decode() for record in rehearsal.first)
    if rehearsal.reasons:
        yield "The first rows that cannot be sent:"
        yield from (f"row {reject.position + first_number}: {reject.message}" for reject in rehearsal.reasons)
    yield (
        f"{rehearsal.records:,} records, {rehearsal.unfit:,} of them cannot be sent; requests: {rehearsal.requests:,}."
        " Nothing was sent."
    )
