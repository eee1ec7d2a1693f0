"""Random jobs that are stopped, cancelled and run out of disk again and again, until another run completes them."""

import asyncio
import random
from contextlib import suppress

import pytest

from aiotalonone.bulk import JobStoppedError, ProfileSync
from aiotalonone.sandbox.faults import Fault
from tests.bulk.full_disk import FullDisk, file_size_limit
from tests.bulk.recording_api import FAST_RETRY, RecordingApi, apply_one_by_one, make_client, profile, read_rejects

FAULTS = [Fault.STATUS_429, Fault.STATUS_500, Fault.STATUS_409, Fault.DROP_AFTER_COMMIT, Fault.RESET, Fault.NOT_JSON]
MAX_RUNS = 60


class RandomJob:
    """One job, with everything that befalls it until it is finished."""

    def __init__(self, seed, folder, monkeypatch):
        self.dice = random.Random(seed)
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.api = RecordingApi(points_at_records=self.dice.random() < 0.5)
        self.records = [self._record(n) for n in range(self.dice.randrange(50, 900))]
        self.options = {
            "max_request_bytes": self.dice.choice([300, 1500, 6000]),
            "concurrency": self.dice.randrange(1, 9),
            "redact": self.dice.random() < 0.3,
        }

    def _record(self, n):
        if self.dice.random() < 0.02:
            return self.dice.choice([profile(""), profile(f"c-{n}", shoeSize=1), profile(f"c-{n}", n=float("nan"))])
        return profile(f"c-{self.dice.randrange(700)}", **{self.dice.choice("nab"): n})

    async def complete(self):
        """Run the job until it is finished, and check that nothing is lost, repeated or out of order."""
        for number in range(MAX_RUNS):
            report = await self._run(disturbed=number < MAX_RUNS // 2)
            if report is not None:
                positions = [reject["position"] for reject in read_rejects(self.folder / "rejects.ndjson")]
                assert len(positions) == len(set(positions)) == report.rejected
                if report.finished:
                    break
        expected, rejected = apply_one_by_one(self.records)
        assert (report.finished, report.not_attempted, sorted(positions)) == (True, 0, rejected)
        assert {name: held for name, held in self.api.attributes().items() if name in expected} == expected

    async def _run(self, *, disturbed):
        """Run the job once; return its report if it was not ended by a failure."""
        for _ in range(self.dice.randrange(4) if disturbed else 0):
            call = self.dice.randrange(1, 60)
            self.api.sandbox.faults.add("updateCustomerProfilesV2", self.dice.choice(FAULTS), calls=(call,), seconds=0)
        async with make_client(self.api) as client:
            job = ProfileSync(
                client,
                job="j",
                rejects=self.folder / "rejects.ndjson",
                checkpoint=self.folder / "job.sqlite",
                retry=FAST_RETRY,
                **self.options,
            )
            with self.monkeypatch.context() as patch:
                try:
                    return await self._disturb(job, patch) if disturbed else await job.run(self._source())
                except (OSError, JobStoppedError, asyncio.CancelledError):
                    return None

    async def _disturb(self, job, patch):
        kind = self.dice.choice(["stop", "cancel", "disk", "fsync", "size", "source", "nothing"])
        if kind in ("disk", "fsync"):
            at = "write" if kind == "disk" else "fsync"
            FullDisk(patch, at=at, after=self.dice.randrange(5), part=self.dice.randrange(300))
        if kind == "size":
            with suppress(ValueError), file_size_limit(self.dice.randrange(60_000)):
                return await job.run(self._source())
            return None
        running = asyncio.create_task(job.run(self._source(fails=kind == "source")))
        if kind in ("stop", "cancel"):
            for _ in range(self.dice.randrange(1500)):
                await asyncio.sleep(0)
            job.stop() if kind == "stop" else running.cancel()
        return await running

    def _source(self, *, fails=False):
        end = self.dice.randrange(len(self.records)) if fails else None

        def plain():
            yield from self.records[:end]
            if fails:
                raise OSError("the source is gone")

        async def asynchronous():
            for record in plain():
                yield record

        return self.dice.choice([plain, asynchronous])() if fails or self.dice.random() < 0.7 else self.records


async def complete(seed, folder, monkeypatch):
    """Run one random job to its end."""
    await RandomJob(seed, folder, monkeypatch).complete()


@pytest.mark.parametrize("seed", range(6))
async def test_a_random_job_loses_and_repeats_nothing(tmp_path, monkeypatch, seed):
    """Whatever befalls a job, each record is accepted or rejected once in the end, and each reject is there once."""
    await complete(seed, tmp_path, monkeypatch)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1120))
async def test_one_of_120_random_jobs_loses_and_repeats_nothing(tmp_path, monkeypatch, seed):
    """The same holds for a hundred and twenty further jobs."""
    await complete(seed, tmp_path, monkeypatch)
