"""Profiles by the hundred thousand, from NDJSON to a server that counts them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import orjson

from benchmarks import payloads
from benchmarks.contenders import bulk
from benchmarks.meter import Round
from benchmarks.workloads.workload import Job, Metric, Workload

KINDS: Final = {"by_hand": "dicts", "ours": "dicts", "ours_checkpoint": "dicts", "vendor": "typed"}
SENDERS: Final = {
    "by_hand": bulk.by_hand,
    "ours": bulk.ours,
    "ours_checkpoint": bulk.ours_checkpoint,
    "vendor": bulk.vendor,
}
METRICS: Final = (
    Metric("rate", "profiles/s"),
    Metric("cpu", "CPU µs/profile", 1),
    Metric("memory", "MiB over idle", 1),
    Metric("lag", "p99 of loop lag ms", 1),
)


@dataclass(frozen=True)
class BulkProfiles:
    """Measure how one contender sends a file of profiles."""

    profiles: int

    def __call__(self, job: Job) -> Round:
        """Send them, and see that all arrived."""
        profiles = job.count(self.profiles, minimum=2000)
        source = _source(Path(job.folder), profiles)
        url = job.urls["profiles"]
        sample = SENDERS[job.contender](url, source, profiles)
        with urlopen(url) as response:  # noqa: S310 - our own server
            arrived = int(response.read())
        if arrived != profiles:
            raise RuntimeError(f"{arrived} of {profiles} profiles arrived at the server")
        return {job.contender: sample}


def _source(folder: Path, profiles: int) -> Path:
    """Return a file of profiles, made by the first process that asks for it."""
    source = folder / f"{profiles}.ndjson"
    if not source.exists():
        with source.open("wb") as file:
            file.writelines(orjson.dumps(payloads.profile(number)) + b"\n" for number in range(profiles))
    return source


WORKLOADS: Final = (
    Workload("bulk", "100,000 profiles", KINDS, METRICS, BulkProfiles(100_000)),
    Workload(
        "large-bulk",
        "2,000,000 profiles: the memory stays",
        {name: KINDS[name] for name in ("ours", "ours_checkpoint")},
        METRICS,
        BulkProfiles(2_000_000),
        max_rounds=1,
        by_default=False,
    ),
)
