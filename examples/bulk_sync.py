"""Bring the profiles of an NDJSON file to Talon.One: a nightly job that goes on where it was if it is interrupted.

A line is one profile: {"integrationId": "ada", "attributes": {"Name": "Ada"}}
"""

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiotalonone import AsyncIntegrationClient
from aiotalonone.bulk import JobStoppedError, ProfileSync, Report


def read_profiles(path: Path) -> Iterator[dict[str, Any]]:
    """The profiles of the file, a line at a time."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


async def sync(client: AsyncIntegrationClient, path: Path) -> Report:
    """Send all profiles, show how far it has come, and end in good order on Ctrl-C."""
    job = ProfileSync(
        client, job=path.stem, rejects=path.with_suffix(".rejects.ndjson"), checkpoint=path.with_suffix(".sqlite")
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, job.stop)
    running = asyncio.create_task(job.run(read_profiles(path)))
    async for snapshot in job.progress(every=10):
        print(f"{snapshot.accepted:,} profiles stored, {snapshot.rate:,.0f} in a second", file=sys.stderr)
    return await running


async def main(path: Path) -> int:
    """Sync the file, sum it up in one line, and tell the shell whether all went well."""
    async with AsyncIntegrationClient.from_env() as client:
        try:
            report = await sync(client, path)
        except JobStoppedError as error:
            print(f"{error}; run it again to go on", file=sys.stderr)
            return 1
    print(f"{report.accepted} profiles stored, {report.rejected} rejected, {report.not_attempted} left")
    return 0 if report.finished and not report.rejected else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
