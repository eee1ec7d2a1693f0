"""Bring the profiles of an NDJSON file to Talon.One, 1000 in a request.

A line is one profile: {"integrationId": "ada", "attributes": {"Name": "Ada"}}
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from aiotalonone import AsyncIntegrationClient, BadRequestError

AT_ONCE = 1000

Profile = dict[str, Any]


def read_profiles(path: Path) -> Iterator[Profile]:
    """The profiles of the file, a line at a time."""
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def next_batch(profiles: Iterator[Profile]) -> list[Profile]:
    """The next profiles, none at the end."""
    return list(islice(profiles, AT_ONCE))


async def sync(client: AsyncIntegrationClient, path: Path) -> Counter[str]:
    """Send all profiles, one request after the other, and count what became of them."""
    counts = Counter[str]()
    profiles = read_profiles(path)
    while batch := await asyncio.to_thread(next_batch, profiles):
        try:
            await client.customers.update_customer_profiles_v2({"customerProfiles": batch}, silent=True)
        except BadRequestError as error:  # one profile that does not fit fails its whole request
            places = ", ".join(f"{detail.pointer}: {detail.title}" for detail in error.errors)
            print(f"refused after {counts.total()} profiles: {places or error}", file=sys.stderr)
            counts["refused"] += len(batch)
        else:
            counts["stored"] += len(batch)
    return counts


async def main(path: Path) -> int:
    """Sync the file, sum it up in one line, and tell the shell whether all went well."""
    async with AsyncIntegrationClient.from_env() as client:
        counts = await sync(client, path)
    print(f"{counts['stored']} profiles stored, {counts['refused']} refused")
    return 1 if counts["refused"] else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
