"""The queue: a Redis stream, whose messages are delivered until they are acknowledged; and the client of a worker."""

import asyncio
import os

from redis.asyncio import Redis
from taskiq import TaskiqEvents, TaskiqState
from taskiq_redis import RedisStreamBroker

from aiotalonone import AsyncIntegrationClient

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
# Seconds that an order may take, from its delivery to its end.
DEADLINE = float(os.environ.get("ORDER_DEADLINE", "20"))
# A message waits for its turn behind others of its batch, at most for one deadline, and is then worked on for another.
# So nobody works on it any more when it is delivered again.
REDELIVERY = 3 * DEADLINE
BATCH = 10  # not above `--max-async-tasks` of taskiq, which is 100

broker = RedisStreamBroker(
    REDIS_URL,
    queue_name="orders",
    consumer_group_name="talon-one",
    consumer_id="0",  # from the start: also what was sent before the first worker existed
    idle_timeout=int(REDELIVERY * 1000),
    xread_count=BATCH,
    unacknowledged_batch_size=BATCH,
    unacknowledged_lock_timeout=REDELIVERY,
    maxlen=1_000_000,  # the stream keeps what is done; far more than ever waits, since what is beyond is forgotten
)


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def start(state: TaskiqState) -> None:
    """Open what a worker process needs as long as it runs."""
    state.redis = Redis.from_url(REDIS_URL)
    state.client = await AsyncIntegrationClient.from_env().open()
    state.reminding = asyncio.create_task(keep_reminding())


@broker.on_event(TaskiqEvents.WORKER_SHUTDOWN)
async def stop(state: TaskiqState) -> None:
    """Close it; the messages in flight are done by now."""
    state.reminding.cancel()
    await state.client.aclose()
    await state.redis.aclose()


@broker.task
async def remind() -> None:
    """Do nothing: taskiq-redis looks for messages of dead workers only after it has received a message."""


async def keep_reminding() -> None:
    """Have a message received now and then while the queue is empty."""
    while True:
        await remind.kiq()
        await asyncio.sleep(REDELIVERY / 3)
