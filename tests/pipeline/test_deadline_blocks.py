"""``with deadline(…)``: one deadline for the calls of a block, for as long as the block lasts."""

import asyncio
from decimal import Decimal
from math import inf, nan
from numbers import Real

import pytest

from aiotalonone import deadline
from aiotalonone.pipeline.deadline import _innermost_block, deadline_of
from tests.support.virtual_time import in_virtual_time


def now():
    return asyncio.get_running_loop().time()


def call_ends():
    """Return when a call would end that starts now, with 15 s of its client's."""
    return deadline_of(now(), 15.0)


@in_virtual_time
async def test_a_block_replaces_the_client_s_deadline():
    """Within a block its deadline holds, whether it is longer or shorter than the client's."""
    with deadline(2):
        assert call_ends() == 2
    with deadline(100):
        assert call_ends() == 100
    assert call_ends() == 15


@in_virtual_time
async def test_a_task_keeps_the_deadline_until_the_block_is_left():
    """A background task that was started in a block has the block's deadline until the block is left."""
    ends = []

    async def worker():
        for _ in range(3):
            ends.append(call_ends())
            await asyncio.sleep(1)

    with deadline(1.5):
        task = asyncio.create_task(worker())
        await asyncio.sleep(1.2)
    await task
    assert ends == [1.5, 1.5, 2 + 15]


@in_virtual_time
async def test_the_earliest_of_the_open_blocks_holds():
    """A task sees each block end for itself, whatever the order in which they are left."""
    ends, ended = [], asyncio.Event()

    async def worker():
        ends.append(call_ends())
        await ended.wait()
        ends.append(call_ends())
        with deadline(50):
            ends.append(call_ends())

    with deadline(30):
        with deadline(3):
            task = asyncio.create_task(worker())
            await asyncio.sleep(1)
        ended.set()
        await asyncio.sleep(1)
    await task
    assert ends == [3, 30, 30]


@in_virtual_time
async def test_a_block_inside_a_task_ends_before_the_task_s_own():
    """A task that was started in a block and opens its own is back under the outer one after it."""

    async def worker():
        with deadline(100):
            return call_ends()

    with deadline(5):
        assert await asyncio.create_task(worker()) == 5
    assert await asyncio.create_task(worker()) == 100


@in_virtual_time
async def test_tasks_that_start_each_other_in_blocks_keep_no_chain():
    """A block holds only the blocks around it that were open when it was entered."""

    async def worker(generations):
        with deadline(1):
            if generations:
                return asyncio.create_task(worker(generations - 1))
            return _innermost_block.get()

    block = worker(50)
    while not hasattr(block, "deadline"):
        block = await block
    depth = 0
    while block is not None:
        block, depth = block.outer, depth + 1
    assert depth <= 2


@in_virtual_time
async def test_a_block_may_end_in_another_context():
    """A block in an async generator ends without an error if another task closes the generator."""

    async def block():
        with deadline(2):
            yield call_ends()

    entries = block()
    assert await asyncio.create_task(anext(entries)) == 2
    await asyncio.create_task(entries.aclose())
    assert call_ends() == 15


@in_virtual_time
async def test_infinity_removes_the_client_s_deadline():
    """Calls of a block with an infinite deadline have no end; blocks around it still hold."""
    with deadline(inf):
        assert call_ends() == inf
    with deadline(4), deadline(inf):
        assert call_ends() == 4


@pytest.mark.parametrize("seconds", [0, -1, -inf, nan])
async def test_a_deadline_that_is_not_above_0_is_a_value_error(seconds):
    """A block's deadline that is not above 0, or is NaN, raises ValueError."""
    with pytest.raises(ValueError, match="deadline must be a number of seconds above 0"), deadline(seconds):
        pass


@pytest.mark.parametrize("seconds", ["5", None, True, Decimal(5), [5]])
async def test_a_deadline_that_is_not_a_number_is_a_type_error(seconds):
    """A block's deadline that is not a number raises TypeError."""
    with pytest.raises(TypeError, match="deadline must be a number of seconds, not"), deadline(seconds):
        pass


class Seconds:
    """A number of numpy's kind, which is not a float."""

    def __init__(self, value):
        self.value = value

    def __float__(self):
        return self.value


Real.register(Seconds)


@in_virtual_time
async def test_a_deadline_may_be_a_number_of_another_class():
    """A number of another class counts as the float that it is; the same limits hold for it."""
    with deadline(Seconds(4.0)):
        assert type(call_ends()) is float
        assert call_ends() == 4
    with pytest.raises(ValueError, match="above 0"), deadline(Seconds(nan)):
        pass
