"""A nightly job as a process of its own that a test can kill: ``python job_program.py URL SOURCE FOLDER [CATALOG]``."""

import asyncio
import sys
from pathlib import Path

import attrs
import orjson

from aiotalonone import AsyncIntegrationClient
from aiotalonone.bulk import CatalogSync, ProfileSync


async def main(url, source, folder, *catalog):
    """Send the profiles of an NDJSON file, or the items of a catalog, and write the report to stdout."""
    start, own = (CatalogSync, {"catalog_id": int(*catalog)}) if catalog else (ProfileSync, {})
    with source.open("rb") as lines:
        async with AsyncIntegrationClient(url, api_key="sandbox-key") as client:
            job = start(
                client,
                job="nightly",
                rejects=folder / "rejects.ndjson",
                checkpoint=folder / "nightly.sqlite",
                concurrency=4,
                max_request_bytes=max(2000, source.stat().st_size // 120),
                **own,
            )
            report = await job.run(map(orjson.loads, lines))
    sys.stdout.buffer.write(orjson.dumps(attrs.asdict(report)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:]))
