"""Coroutines run step by step, so that a test can act at each of their awaits in turn."""

import asyncio
import types
from collections.abc import Callable, Coroutine, Generator
from itertools import count
from typing import Any


@types.coroutine
def interrupt_at_await(
    suspension: int, coroutine: Coroutine[Any, Any, Any], interrupt: Callable[[], object]
) -> Generator[Any, Any, bool]:
    """Run a coroutine, and something else at its nth await; return whether it came to that."""
    value, error = None, None
    for step in count():
        try:
            awaited = coroutine.throw(error) if error else coroutine.send(value)
        except StopIteration:
            return step > suspension
        if step == suspension:
            interrupt()
        try:
            value, error = (yield awaited), None
        except BaseException as thrown:  # noqa: BLE001
            error = thrown
    raise AssertionError


async def cancel_at_await(suspension: int, coroutine: Coroutine[Any, Any, Any]) -> bool:
    """Run a coroutine and cancel its task at its nth await; return whether it came to that."""
    task = asyncio.current_task()
    try:
        assert not await interrupt_at_await(suspension, coroutine, task.cancel), "the cancellation was swallowed"
    except asyncio.CancelledError:
        task.uncancel()
        return True
    return False
