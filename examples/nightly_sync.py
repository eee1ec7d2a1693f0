"""Send the profiles of an NDJSON file to Talon.One: a nightly job that resumes if it was interrupted.

Each line is one profile: {"integrationId": "ada", "attributes": {"Name": "Ada"}}
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
    """Yield the profiles of the file."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


async def sync(client: AsyncIntegrationClient, path: Path) -> Report:
    """Send all profiles and show the progress; Ctrl-C finishes the requests in flight and stops."""
    job = ProfileSync(
        client, job=path.stem, rejects=path.with_suffix(".rejects.ndjson"), checkpoint=path.with_suffix(".sqlite")
    )
    loop = asyncio.get_running_loop()  # whose own signal handlers do not exist on Windows
    signal.signal(signal.SIGINT, lambda _number, _frame: loop.call_soon_threadsafe(job.stop))
    running = asyncio.create_task(job.run(read_profiles(path)))
    async for snapshot in job.progress(every=10):
        print(f"{snapshot.accepted:,} profiles stored, {snapshot.rate:,.0f} per second", file=sys.stderr)
    return await running


async def main(path: Path) -> int:
    """Send the file, print a summary, and return the exit code."""
    async with AsyncIntegrationClient.from_env() as client:
        try:
            report = await sync(client, path)
        except JobStoppedError as error:
            print(f"{error}; run it again to resume", file=sys.stderr)
            return 1
    print(f"{report.accepted} profiles stored, {report.rejected} rejected, {report.not_attempted} not attempted")
    return 0 if report.finished and not report.rejected else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
