"""How a file of profiles is sent: by our job, by a loop written by hand, and with the vendor's SDK.

All read the same NDJSON and send batches of a thousand, at most sixteen at once.
"""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Semaphore
from typing import Any, Final

import httpx
import orjson

from aiotalonone import AsyncIntegrationClient
from aiotalonone.bulk import ProfileSync
from benchmarks.contenders.target import API_KEY, Target
from benchmarks.meter import Sample, measured_job, measured_loop_job

BATCH: Final = 1000
CALLERS: Final = 16
WARM_UP: Final = "/v1/warm-up"
"""Of a request before, so that no library is loaded and no first connection made while the clock runs."""


def batches(profiles: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Cut profiles into batches."""
    return iter(lambda: list(islice(profiles, BATCH)), [])


def ours(url: str, source: Path, profiles: int) -> Sample:
    """Send them with a job that remembers nothing."""
    return asyncio.run(_job(url, source, profiles, remembers=False))


def ours_checkpoint(url: str, source: Path, profiles: int) -> Sample:
    """Send them with a job that could be resumed."""
    return asyncio.run(_job(url, source, profiles, remembers=True))


async def _job(url: str, source: Path, profiles: int, *, remembers: bool) -> Sample:
    async with AsyncIntegrationClient(url, api_key=API_KEY) as client:
        with TemporaryDirectory() as folder, source.open("rb") as lines:
            checkpoint = Path(folder, "checkpoint.sqlite") if remembers else None
            rejects = Path(folder, "rejects.ndjson")
            job = ProfileSync(client, job="benchmark", rejects=rejects, checkpoint=checkpoint, concurrency=CALLERS)
            await client.request("GET", WARM_UP)
            async with measured_loop_job(profiles) as sample:
                report = await job.run(map(orjson.loads, lines))
    if report.accepted != profiles:
        raise RuntimeError(f"the job says that {report.accepted} of {profiles} profiles were accepted")
    return sample


def by_hand(url: str, source: Path, profiles: int) -> Sample:
    """Send them with the loop that one would write.

    It retries nothing, keeps no order, and does not know in the end what became of a record.
    """
    return asyncio.run(_loop(url, source, profiles))


async def _loop(url: str, source: Path, profiles: int) -> Sample:
    headers = {"Authorization": f"ApiKey-v1 {API_KEY}", "Content-Type": "application/json"}
    slots = asyncio.Semaphore(CALLERS)
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client:

        async def send(content: bytes) -> None:
            try:
                response = await client.put("/v2/customer_profiles?silent=yes", content=content)
                response.raise_for_status()
            finally:
                slots.release()

        await client.get(WARM_UP)
        async with measured_loop_job(profiles) as sample, asyncio.TaskGroup() as requests:
            with source.open("rb") as lines:
                for batch in batches(map(orjson.loads, lines)):
                    await slots.acquire()
                    requests.create_task(send(orjson.dumps({"customerProfiles": batch})))
    return sample


def vendor(url: str, source: Path, profiles: int) -> Sample:
    """Send them with the vendor's SDK: a model for each profile, and threads."""
    from talon_one.models import (  # noqa: PLC0415 - may not be installed
        MultipleCustomerProfileIntegrationRequest,
        MultipleCustomerProfileIntegrationRequestItem,
    )

    from benchmarks.contenders.vendor import api  # noqa: PLC0415

    opened = api(Target(url, max_connections=CALLERS))
    slots = Semaphore(CALLERS)

    def send(batch: list[dict[str, Any]]) -> None:
        try:
            items = [
                MultipleCustomerProfileIntegrationRequestItem(
                    integration_id=profile["integrationId"], attributes=profile["attributes"]
                )
                for profile in batch
            ]
            request = MultipleCustomerProfileIntegrationRequest(customer_profiles=items)
            opened.update_customer_profiles_v2(request, silent="yes")
        finally:
            slots.release()

    with measured_job(profiles) as sample, ThreadPoolExecutor(CALLERS) as threads, source.open("rb") as lines:
        for batch in batches(map(json.loads, lines)):
            slots.acquire()
            threads.submit(send, batch)
    return sample
