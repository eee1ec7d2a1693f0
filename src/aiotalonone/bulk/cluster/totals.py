"""The figures of a job that many workers have run."""

from collections.abc import Iterable, Mapping
from typing import Any

from aiotalonone import codec
from aiotalonone.bulk.report import Report

_SUMS = ("records", "accepted", "rejected", "not_attempted", "resumed", "merged", "requests", "retries")


def total(job: str, reports: Iterable[Report], *, unsent: int, seconds: float, finished: bool) -> Report:
    """Return one report for all partitions, whose figures are the sums of theirs.

    Args:
        job: Name of the job.
        reports: Those of the partitions that a worker has processed, or tried to.
        unsent: Records that were read and given to no worker, or whose worker was lost.
        seconds: Duration of the job.
        finished: Whether the whole source was read and processed.
    """
    listed = list(reports)
    sums = {name: sum(getattr(report, name) for report in listed) for name in _SUMS}
    sums["records"] += unsent
    sums["not_attempted"] += unsent
    return Report(job=job, **sums, seconds=seconds, finished=finished)


def reject_row(reject: Mapping[str, Any]) -> dict[str, Any]:
    """Return a reject of a partition as a row, with the JSON of its record."""
    return {**reject, "record": codec.encode(reject["record"]).decode()}
