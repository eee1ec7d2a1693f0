"""The queue: a Redis stream, whose messages are delivered until they are acknowledged; and the client of a worker."""

import asyncio
import os
from contextlib import suppress

from redis.asyncio import Redis
from taskiq import SendTaskError, TaskiqEvents, TaskiqState
from taskiq_redis import RedisStreamBroker

from aiotalonone import AsyncIntegrationClient

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
# Seconds that the calls for one order may take together.
DEADLINE = float(os.environ.get("ORDER_DEADLINE", "20"))
# Seconds after which a message is delivered again that is not acknowledged. It waits behind others of its batch for a
# deadline at most, and is worked on for another: so no worker works on it any more.
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
    maxlen=1_000_000,  # of messages kept, done or not: far more than ever wait
)


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def start(state: TaskiqState) -> None:
    """Open what a worker process needs as long as it runs."""
    state.redis = Redis(connection_pool=broker.connection_pool)
    state.client = await AsyncIntegrationClient.from_env().open()
    state.reminding = asyncio.create_task(keep_reminding())


@broker.on_event(TaskiqEvents.WORKER_SHUTDOWN)
async def stop(state: TaskiqState) -> None:
    """Close it; the messages in flight are done by now."""
    state.reminding.cancel()
    await state.client.aclose()


@broker.task
async def remind() -> None:
    """Do nothing: taskiq-redis looks for messages of dead workers only after it has received a message."""


async def keep_reminding() -> None:
    """Have a message received now and then while the queue is empty."""
    while True:
        with suppress(SendTaskError):  # Redis is away: the next one reaches it
            await remind.kiq()
        await asyncio.sleep(REDELIVERY / 3)
