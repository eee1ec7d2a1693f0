"""What is done with a message: it is booked, set aside, or left to be delivered again."""

from typing import Any

from taskiq import Context, TaskiqDepends

from aiotalonone import BadRequestError, NotFoundError, deadline

from . import dead_letters
from .broker import DEADLINE, broker
from .orders import OrderPaid, book

MAX_DELIVERIES = 10


class GaveUpError(Exception):
    """A message was delivered too often, without an error to show for it: its workers died."""


@broker.task(ack_type="manual")
async def order_paid(message: dict[str, Any], context: Context = TaskiqDepends()) -> None:  # noqa: B008 - injected
    """Book an order, and acknowledge its message after that.

    An error leaves the message unacknowledged, to be delivered again, unless no further delivery can help.
    """
    client, redis = context.state.client, context.state.redis
    task_id = context.message.task_id
    delivery = await dead_letters.count_delivery(redis, task_id)
    try:
        check(delivery)
        with deadline(DEADLINE):
            await book(client, OrderPaid.model_validate(message))
    except Exception as error:
        if delivery < MAX_DELIVERIES and not is_poison(error):
            raise
        await dead_letters.put(redis, task_id, message, error)
    await context.ack()


def check(delivery: int) -> None:
    """Raise GaveUpError for a message that has taken its workers with it."""
    if delivery > MAX_DELIVERIES:
        raise GaveUpError(f"delivered {delivery} times")


def is_poison(error: Exception) -> bool:
    """Whether the message itself is to blame, rather than network, API or key."""
    return isinstance(error, (BadRequestError, NotFoundError, ValueError, TypeError))
