"""Messages that could not be booked, each once, with what happened."""

import json
from typing import Any

from redis.asyncio import Redis

from aiotalonone import TalonOneError

DEAD_LETTERS = "orders:dead-letters"  # a hash by task ID: what is put twice is there once
RETRYING = "orders:dead-letters:retrying"
DAY = 24 * 60 * 60


async def count_delivery(redis: Redis, task_id: str) -> int:
    """Return how often the message was delivered, this time included."""
    async with redis.pipeline() as pipe:
        pipe.incr(deliveries_key(task_id))
        pipe.expire(deliveries_key(task_id), DAY)
        count, _ = await pipe.execute()
    return int(count)


def deliveries_key(task_id: str) -> str:
    """Where the deliveries of a message are counted."""
    return f"orders:deliveries:{task_id}"


async def put(redis: Redis, task_id: str, message: dict[str, Any], error: Exception) -> None:
    """Set a message aside, with what became of it."""
    letter = {"task_id": task_id, "message": message, "error": describe(error)}
    await redis.hset(DEAD_LETTERS, task_id, json.dumps(letter))


def describe(error: Exception) -> dict[str, Any]:
    """An error as it crosses the queue."""
    if isinstance(error, TalonOneError):
        return error.to_dict()
    return {"type": type(error).__name__, "text": str(error)}


def restore(described: dict[str, Any]) -> TalonOneError | str:
    """What ``describe`` described."""
    return TalonOneError.from_dict(described) if "outcome" in described else "{type}: {text}".format(**described)


async def letters(redis: Redis) -> list[dict[str, Any]]:
    """All letters: task ID, message and error of each."""
    return await read(redis, DEAD_LETTERS) + await read(redis, RETRYING)


async def take(redis: Redis) -> list[dict[str, Any]]:
    """Move the letters aside, to be queued again: one that is put meanwhile is not removed with them."""
    if await redis.exists(DEAD_LETTERS):
        await redis.renamenx(DEAD_LETTERS, RETRYING)  # not over those of a run that was killed: they come first
    return await read(redis, RETRYING)


async def remove(redis: Redis, task_id: str) -> None:
    """Forget a letter that was taken."""
    await redis.hdel(RETRYING, task_id)


async def read(redis: Redis, name: str) -> list[dict[str, Any]]:
    """The letters of one hash."""
    return [json.loads(letter) for letter in await redis.hvals(name)]
