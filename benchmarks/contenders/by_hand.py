"""The loop that one would write: batches of plain dicts, encoded once, as many under way as ours may have.

It repeats nothing, keeps no order, and knows in the end of no record what became of it.
"""

import asyncio
import sys
from itertools import islice
from pathlib import Path

import httpx
import orjson
from meter import measured_loop


async def main(url: str, source: str, callers: int) -> None:
    """Send all profiles of a source."""
    headers = {"Authorization": "ApiKey-v1 key", "Content-Type": "application/json"}
    places = asyncio.Semaphore(callers)
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client:

        async def send(content: bytes) -> None:
            try:
                answer = await client.put("/v2/customer_profiles?silent=yes", content=content)
                answer.raise_for_status()
            finally:
                places.release()

        async with measured_loop(), asyncio.TaskGroup() as requests:
            with Path(source).open("rb") as lines:  # noqa: ASYNC230 - as the others read
                profiles = map(orjson.loads, lines)
                while batch := list(islice(profiles, 1000)):
                    await places.acquire()
                    requests.create_task(send(orjson.dumps({"customerProfiles": batch})))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
