"""Bulk jobs: send millions of customer profiles, audience memberships or catalog items to Talon.One.

    job = ProfileSync(client, job="nightly", rejects="rejects.ndjson", checkpoint="nightly.sqlite")
    report = await job.run(profiles)

``job`` has the public classes. ``source`` reads the records, ``batches`` cuts them into requests, ``run`` keeps several
batches in flight. ``delivery`` sends one batch and finds its invalid records by bisection, ``sender`` sends one request
with retries, ``concurrency`` limits how many are in flight, ``pace`` when they may start. ``journal`` writes the
results to disk: the ``checkpoint``, and a line for each of the ``rejects``. ``kinds`` and ``catalog_actions`` hold what
differs between the jobs, ``report`` the figures, and ``failure`` what a stopped job raises. ``cluster`` has the same
engine for the workers of ``ray`` and ``spark``.
"""

from aiotalonone.bulk.checkpoint import CheckpointError, JobRunningError, SourceChangedError
from aiotalonone.bulk.failure import JobStoppedError
from aiotalonone.bulk.job import AudienceSync, CatalogSync, ProfileSync
from aiotalonone.bulk.kinds import InvalidRecord
from aiotalonone.bulk.report import Report, RetryNotice, Snapshot

__all__ = [
    "AudienceSync",
    "CatalogSync",
    "CheckpointError",
    "InvalidRecord",
    "JobRunningError",
    "JobStoppedError",
    "ProfileSync",
    "Report",
    "RetryNotice",
    "Snapshot",
    "SourceChangedError",
]
