"""The other side of the queue.

``python -m worker send`` queues the orders of stdin, one JSON object a line; ``python -m worker dead`` prints what
could not be booked, and ``python -m worker retry`` queues that again.
"""

import asyncio
import json
import sys
from typing import Any

from redis.asyncio import Redis

from . import dead_letters
from .broker import broker
from .tasks import order_paid


async def send(task_id: str, message: dict[str, Any]) -> None:
    """Queue one order; the ID of its task is what its deliveries are counted by."""
    await order_paid.kicker().with_task_id(task_id).kiq(message)


async def send_all() -> None:
    """Queue the orders of stdin."""
    for line in sys.stdin:
        message = json.loads(line)
        await send(f"order-{message['order']}", message)


async def print_dead(redis: Redis) -> None:
    """Print each message, and why it could not be booked."""
    for letter in await dead_letters.letters(redis):
        print(json.dumps(letter["message"]), dead_letters.restore(letter["error"]), sep="\t")


async def retry_dead(redis: Redis) -> None:
    """Queue again what could not be booked, with its deliveries counted from zero."""
    for letter in await dead_letters.take(redis):
        task_id = letter["task_id"]
        await redis.delete(dead_letters.deliveries_key(task_id))
        await send(task_id, letter["message"])
        await dead_letters.remove(redis, task_id)


async def main(command: str) -> None:
    """Do what the command says."""
    redis = Redis(connection_pool=broker.connection_pool)
    await broker.startup()
    try:
        match command:
            case "send":
                await send_all()
            case "dead":
                await print_dead(redis)
            case "retry":
                await retry_dead(redis)
            case _:
                sys.exit(__doc__)
    finally:
        await broker.shutdown()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:2] or [""]))
