"""Our own job, with a checkpoint where it is given one."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from meter import measured_loop

from aiotalonone import AsyncIntegrationClient
from aiotalonone.bulk import ProfileSync


async def main(url: str, source: str, callers: int, *, remembers: bool) -> None:
    """Send all profiles of a source."""
    async with AsyncIntegrationClient(url, api_key="key") as client:
        with TemporaryDirectory() as folder, Path(source).open("rb") as lines:  # noqa: ASYNC230 - as the others read
            checkpoint = Path(folder, "checkpoint.sqlite") if remembers else None
            rejects = Path(folder, "rejects.ndjson")
            job = ProfileSync(client, job="benchmark", rejects=rejects, checkpoint=checkpoint, concurrency=callers)
            async with measured_loop() as figures:
                report = await job.run(map(orjson.loads, lines))
                figures["accepted"] = report.accepted
                figures["concurrency"] = job.snapshot().concurrency


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), remembers="checkpoint" in sys.argv[4:]))
