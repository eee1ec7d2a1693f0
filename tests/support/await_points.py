"""Coroutines run step by step, so that a test can act at each of their awaits in turn."""

import asyncio
import gc
import types
from collections.abc import Callable, Coroutine, Generator
from itertools import count
from typing import Any

from tests.support.raw_server import descriptors, until


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


async def assert_no_cancellation_leaks(make_client: Callable[[], Any]) -> None:
    """Cancel a request at each of its awaits in turn: neither socket nor task is left, garbage or an unheard error."""
    unheard = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
    gc.collect()
    gc.disable()
    try:
        async with make_client() as client:
            await client.get("/")
        await until(lambda: len(asyncio.all_tasks()) == 1)
        before = descriptors()
        for suspension in count():
            async with make_client() as client:
                cancelled = await cancel_at_await(suspension, client.get("/"))
            await until(lambda: len(asyncio.all_tasks()) == 1 and descriptors() <= before)
            if not cancelled:
                break
        assert suspension > 3
        assert unheard == []
    finally:
        gc.enable()
