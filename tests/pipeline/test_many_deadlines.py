"""Any number of calls on the one timer: each ends in its own time, whatever the others do."""

import asyncio
from contextlib import ExitStack, suppress

import httpx
import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

import aiotalonone
from aiotalonone import DeadlineExceededError, Outcome
from aiotalonone.endpoints.customers import DELETE_CUSTOMER_DATA
from aiotalonone.pipeline.deadline import CLEANUP_TIMEOUT, AbortReason, CallsInFlight, deadline_of
from aiotalonone.pipeline.lanes import Lanes
from aiotalonone.pipeline.retry import Retry
from aiotalonone.pipeline.retry_rules import RetryBudget
from aiotalonone.pipeline.runtime import CallPipeline
from aiotalonone.settings import RetryPolicy
from tests.pipeline.factories import exchange_of
from tests.support.virtual_time import in_virtual_time

seconds = st.integers(min_value=1, max_value=20)


@frozen
class Plan:
    """A call: when its blocks start, how long after that it starts, and how long it takes."""

    blocks_start: int
    blocks: list
    starts_after: int
    takes: int
    deadline: int | None

    @property
    def starts(self):
        """When the call is made."""
        return self.blocks_start + self.starts_after

    @property
    def ends_by(self):
        """The earliest end of its blocks, or else its own deadline."""
        if self.blocks:
            return self.blocks_start + min(self.blocks)
        return float("inf") if self.deadline is None else self.starts + self.deadline


plans = st.builds(
    Plan,
    blocks_start=st.integers(min_value=0, max_value=20),
    blocks=st.lists(seconds, max_size=3),
    starts_after=st.integers(min_value=0, max_value=5),
    takes=st.integers(min_value=0, max_value=30),
    deadline=st.none() | seconds,
)


def now():
    return asyncio.get_running_loop().time()


def pipeline(in_flight, send, lanes=None):
    return CallPipeline(in_flight, lanes, Retry(RetryPolicy(), RetryBudget(None), send))


async def carried_out(plan, in_flight):
    """When the call ended, and whether it was cut short."""

    async def send(_exchange):
        await asyncio.sleep(plan.takes)
        return httpx.Response(204)

    await asyncio.sleep(plan.blocks_start)
    with ExitStack() as blocks:
        for block in plan.blocks:
            blocks.enter_context(aiotalonone.deadline(block))
        await asyncio.sleep(plan.starts_after)
        exchange = exchange_of(DELETE_CUSTOMER_DATA, "c-1", deadline=deadline_of(now(), plan.deadline))
        try:
            await pipeline(in_flight, send).run(exchange)
            was_cut = False
        except DeadlineExceededError:
            was_cut = True
    assert asyncio.current_task().cancelling() == 0
    return now(), was_cut


@settings(deadline=None, max_examples=60)
@given(st.lists(plans, min_size=1, max_size=12))
@in_virtual_time
async def test_each_call_ends_in_its_own_time(plans):
    """Each call ends at its own deadline, in whatever order calls start and finish."""
    in_flight = CallsInFlight()
    ends = await asyncio.gather(*(carried_out(plan, in_flight) for plan in plans))
    for plan, (ended, was_cut) in zip(plans, ends, strict=True):
        done = plan.starts + plan.takes
        assert ended == (done if done <= plan.ends_by else max(plan.starts, plan.ends_by))
        if done != plan.ends_by:
            assert was_cut is (done > plan.ends_by)
    assert len(in_flight) == 0


@in_virtual_time
async def test_a_late_timer_aborts_all_calls_whose_time_is_over():
    """A timer that runs late aborts every call whose deadline has passed meanwhile."""
    in_flight, loop = CallsInFlight(), asyncio.get_running_loop()
    cancelled_at = []

    async def send(_exchange):
        try:
            await asyncio.Event().wait()
        finally:
            cancelled_at.append(loop.time())

    async def call(number):
        with suppress(DeadlineExceededError):
            await pipeline(in_flight, send).run(exchange_of(DELETE_CUSTOMER_DATA, "c", deadline=1 + number / 1000))

    calls = [asyncio.create_task(call(number)) for number in range(4000)]
    loop.call_at(1, lambda: setattr(loop._jumping, "passed", 10.0))
    await asyncio.gather(*calls)
    assert set(cancelled_at) == {10.0}


@in_virtual_time
async def test_many_calls_with_one_deadline_end_with_it():
    """Of 4,000 calls behind 50 connections of a server that never responds, none is sent after their deadline."""
    in_flight, connections = CallsInFlight(), asyncio.Semaphore(50)
    sent, ended_at = [], []

    async def send(exchange):
        async with connections:
            sent.append(exchange)
            await asyncio.Event().wait()

    async def call():
        with pytest.raises(DeadlineExceededError):
            await pipeline(in_flight, send).run(exchange_of(DELETE_CUSTOMER_DATA, "c", deadline=3.0))
        ended_at.append(now())

    await asyncio.gather(*(call() for _ in range(4000)))
    assert len(sent) == 50
    assert set(ended_at) == {3.0}
    assert len(in_flight) == 0


@pytest.mark.parametrize("swallows", [1, 3])
@in_virtual_time
async def test_a_call_that_swallows_a_cancellation_is_cancelled_again(swallows):
    """A middleware that catches everything delays the end of a call and does not prevent it."""
    in_flight = CallsInFlight()

    async def stubborn(_exchange):
        for _ in range(swallows):
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
        await asyncio.sleep(60)

    with pytest.raises(DeadlineExceededError):
        await pipeline(in_flight, stubborn).run(exchange_of(DELETE_CUSTOMER_DATA, "c", deadline=0.3))
    assert now() == pytest.approx(0.3 + swallows * CLEANUP_TIMEOUT)
    assert asyncio.current_task().cancelling() == 0
    await asyncio.sleep(10)


@in_virtual_time
async def test_the_callers_cancellation_takes_precedence():
    """A task that its caller cancels while its aborted call cleans up stays cancelled."""
    in_flight = CallsInFlight()

    async def stubborn(_exchange):
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await asyncio.sleep(60)

    call = asyncio.create_task(pipeline(in_flight, stubborn).run(exchange_of(DELETE_CUSTOMER_DATA, "c", deadline=1.0)))
    await asyncio.sleep(1.5)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert now() == 1.5
    assert call.cancelling() == 1


@in_virtual_time
async def test_closing_cancels_again_what_swallows_it():
    """``aclose`` returns after the time for cleaning up, and a call that swallows it is cancelled again."""
    in_flight = CallsInFlight()

    async def stubborn(_exchange):
        for _ in range(2):
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
        await asyncio.sleep(60)

    call = asyncio.create_task(pipeline(in_flight, stubborn).run(exchange_of(DELETE_CUSTOMER_DATA, "c")))
    await asyncio.sleep(1)
    await in_flight.end(grace=2.0)
    assert now() == pytest.approx(3 + CLEANUP_TIMEOUT)
    with pytest.raises(Exception, match=AbortReason.CLOSED.value):
        await call
    assert now() == pytest.approx(3 + 2 * CLEANUP_TIMEOUT)
    assert len(in_flight) == 0


@in_virtual_time
async def test_a_call_whose_time_was_over_in_its_lane_sends_nothing():
    """A call that gets its lane after its deadline, on a busy loop, sends nothing."""
    in_flight, lanes, loop = CallsInFlight(), Lanes(1), asyncio.get_running_loop()
    exchange = exchange_of(DELETE_CUSTOMER_DATA, "c", deadline=1.0)
    exchange.call.entity = "c"
    lanes.try_enter("c")

    def late():
        loop._jumping.passed = 2.0
        lanes.leave("c")

    async def send(_exchange):
        pytest.fail("the request was sent after its deadline")

    loop.call_at(0.9, late)
    with pytest.raises(DeadlineExceededError) as caught:
        await pipeline(in_flight, send, lanes).run(exchange)
    assert caught.value.outcome is Outcome.NOT_SENT
    assert len(lanes) == 0


@in_virtual_time
async def test_calls_that_ended_leave_nothing_behind():
    """The schedule forgets calls that ended long before their deadlines."""
    in_flight = CallsInFlight()

    async def send(_exchange):
        return httpx.Response(204)

    for _ in range(10_000):
        await pipeline(in_flight, send).run(exchange_of(DELETE_CUSTOMER_DATA, "c", deadline=15.0))
    assert in_flight._scheduled <= 65
    await in_flight.end(grace=0.0)
