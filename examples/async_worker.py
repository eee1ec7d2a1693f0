"""Track the events that come in on stdin, one JSON object a line, by several workers on one client.

At the end of stdin or on SIGTERM it reads no more, finishes what it read, and goes. Events that could not be tracked
are printed on stdout, for another run.
"""

import asyncio
import json
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import asynccontextmanager, suppress
from threading import Semaphore, Thread

from aiotalonone import AsyncIntegrationClient, IntegrationEventV2Request, TalonOneError, structure, unstructure

# The API lets one update of a customer run and two wait: three workers never meet its 409.
WORKERS = 3
WAITING = 1000
STDIN = 0

Events = asyncio.Queue[IntegrationEventV2Request]


@asynccontextmanager
async def tracked(client: AsyncIntegrationClient, counts: Counter[str]) -> AsyncGenerator[Events]:
    """A queue whose events are tracked; leaving it, in whatever way, waits for each of them."""
    events: Events = asyncio.Queue(maxsize=WAITING)
    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(work(client, events, counts)) for _ in range(WORKERS)]
        try:
            yield events
        finally:
            await events.join()
            for worker in workers:
                worker.cancel()


async def work(client: AsyncIntegrationClient, events: Events, counts: Counter[str]) -> None:
    """Track one event after the other."""
    while True:
        event = await events.get()
        try:
            await client.events.track_event_v2(event, silent=True)
            counts["tracked"] += 1
        except (TalonOneError, TypeError, ValueError) as error:
            print(json.dumps(unstructure(event)), flush=True)
            print(error, file=sys.stderr)
            counts["failed"] += 1
        finally:
            events.task_done()


async def stdin_until_sigterm() -> AsyncGenerator[bytes]:
    """The lines of stdin; the signal is their end.

    A thread reads them: asyncio itself cannot read a file, nor a pipe on every platform.
    """
    loop, lines, room = asyncio.get_running_loop(), asyncio.Queue[bytes](), Semaphore(WORKERS)

    def put(line: bytes) -> None:
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(lines.put_nowait, line)

    def read() -> None:
        with open(STDIN, "rb", closefd=False) as stdin:
            for line in stdin:
                room.acquire()
                put(line)
        put(b"")

    signal.signal(signal.SIGTERM, lambda _number, _frame: put(b""))
    Thread(target=read, daemon=True).start()
    while line := await lines.get():
        room.release()
        yield line


async def take(lines: AsyncIterable[bytes], events: Events, counts: Counter[str]) -> None:
    """Put what can be read into the queue, waiting for room there."""
    async for line in lines:
        try:
            event = structure(json.loads(line), IntegrationEventV2Request, strict=True)
        except ValueError as error:
            print(f"skipped a line: {error}", file=sys.stderr)
        else:
            await events.put(event)
            counts["taken"] += 1


async def main() -> None:
    """Take events until there are no more."""
    counts = Counter[str]()
    async with AsyncIntegrationClient.from_env() as client, tracked(client, counts) as events:
        await take(stdin_until_sigterm(), events, counts)
    print(f"{counts['taken']} taken, {counts['tracked']} tracked, {counts['failed']} failed", file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(main())
