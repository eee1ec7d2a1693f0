"""Any number of calls on the one timer: each ends in its own time, whatever the others do."""

import asyncio
from contextlib import ExitStack

from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

import aiotalonone
from aiotalonone import DeadlineExceededError
from aiotalonone.endpoints.customers import DELETE_CUSTOMER_DATA
from aiotalonone.pipeline.deadline import CallsInFlight, deadline_of
from aiotalonone.pipeline.way import Way
from tests.pipeline.exchanges import exchange_of
from tests.virtual_time import in_virtual_time

seconds = st.integers(min_value=1, max_value=20)


@frozen
class Plan:
    """A call: when its blocks begin, how long after that it starts, and how long it takes."""

    begins: int
    blocks: list
    starts_after: int
    takes: int
    deadline: int | None

    @property
    def starts(self):
        """When the call is made."""
        return self.begins + self.starts_after

    @property
    def ends_by(self):
        """The earliest end of its blocks, or else its own deadline."""
        if self.blocks:
            return self.begins + min(self.blocks)
        return float("inf") if self.deadline is None else self.starts + self.deadline


plans = st.builds(
    Plan,
    begins=st.integers(min_value=0, max_value=20),
    blocks=st.lists(seconds, max_size=3),
    starts_after=st.integers(min_value=0, max_value=5),
    takes=st.integers(min_value=0, max_value=30),
    deadline=st.none() | seconds,
)


def now():
    return asyncio.get_running_loop().time()


async def carried_out(plan, in_flight):
    """When the call ended, and whether it was cut short."""

    async def attempt(_exchange):
        await asyncio.sleep(plan.takes)

    await asyncio.sleep(plan.begins)
    with ExitStack() as blocks:
        for block in plan.blocks:
            blocks.enter_context(aiotalonone.deadline(block))
        await asyncio.sleep(plan.starts_after)
        exchange = exchange_of(DELETE_CUSTOMER_DATA, "c-1", deadline=deadline_of(now(), plan.deadline))
        try:
            await Way(in_flight, None, attempt).run(exchange)
            was_cut = False
        except DeadlineExceededError:
            was_cut = True
    assert asyncio.current_task().cancelling() == 0
    return now(), was_cut


@settings(deadline=None, max_examples=60)
@given(st.lists(plans, min_size=1, max_size=12))
@in_virtual_time
async def test_each_call_ends_in_its_own_time(plans):
    """Neither before its deadline nor a tick after it, in whatever order calls start and finish."""
    in_flight = CallsInFlight()
    ends = await asyncio.gather(*(carried_out(plan, in_flight) for plan in plans))
    for plan, (ended, was_cut) in zip(plans, ends, strict=True):
        done = plan.starts + plan.takes
        assert ended == (done if done <= plan.ends_by else max(plan.starts, plan.ends_by))
        if done != plan.ends_by:
            assert was_cut is (done > plan.ends_by)
    assert len(in_flight) == 0
