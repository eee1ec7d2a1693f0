"""Jobs that bring very many records to Talon.One: customers' profiles, and who belongs to which audience.

    job = ProfileSync(client, job="nightly", rejects="rejects.ndjson", checkpoint="nightly.sqlite")
    report = await job.run(profiles)

``job`` is what its owner holds. A ``run`` of it takes ``batches`` from the ``source``, lets them go at the ``pace``
that the API bears, and writes into the ``books`` (``checkpoint`` and ``rejects``) what became of each. A ``delivery``
brings one batch to its end by ``sending`` requests; ``subject`` is what differs between ``profiles`` and ``audiences``.
"""

from aiotalonone.bulk.audiences import AudienceSync
from aiotalonone.bulk.checkpoint import CheckpointError, JobRunningError, SourceChangedError
from aiotalonone.bulk.job import JobStoppedError
from aiotalonone.bulk.profiles import ProfileSync
from aiotalonone.bulk.report import Report, Snapshot
from aiotalonone.bulk.subject import UnfitRecord

__all__ = [
    "AudienceSync",
    "CheckpointError",
    "JobRunningError",
    "JobStoppedError",
    "ProfileSync",
    "Report",
    "Snapshot",
    "SourceChangedError",
    "UnfitRecord",
]
