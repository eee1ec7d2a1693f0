"""The deadline of a call: one time for everything, kept to the tick."""

import asyncio

import httpx
import pytest

import aiotalonone
from aiotalonone import DeadlineExceededError, Outcome, RetryPolicy, ServerError, TransportTimeoutError
from tests.support.clients import TRANSPORTS
from tests.support.scripted_api import HANG, close_session, create_referral, scripted_client
from tests.support.virtual_time import in_virtual_time

both_transports = pytest.mark.parametrize("transport", TRANSPORTS)
TICK = 1e-3


def now():
    return asyncio.get_running_loop().time()


@both_transports
@in_virtual_time
async def test_a_call_that_is_not_answered_ends_with_its_deadline(transport):
    """15 seconds unless told otherwise; the request may have been carried out."""
    async with scripted_client(transport, HANG) as (client, _):
        with pytest.raises(DeadlineExceededError) as caught:
            await close_session(client)
    error = caught.value
    assert error.elapsed == pytest.approx(15, abs=TICK)
    assert (error.outcome, error.attempts) == (Outcome.UNKNOWN, 1)
    assert isinstance(error, TransportTimeoutError)
    assert isinstance(error, TimeoutError)
    assert str(error) == "updateCustomerSessionV2 failed: no response within the deadline (1 attempt, unknown)"


@both_transports
@in_virtual_time
async def test_attempts_and_pauses_share_it(transport):
    """The second attempt has what the first and the pause have left."""

    async def slow(_request):
        await asyncio.sleep(2)
        return httpx.Response(503)

    async with scripted_client(transport, slow, HANG, deadline=3.0) as (client, _):
        with pytest.raises(DeadlineExceededError) as caught:
            await close_session(client)
    assert caught.value.elapsed == pytest.approx(3, abs=TICK)
    assert caught.value.attempts == 2
    assert caught.value.outcome is Outcome.UNKNOWN


@both_transports
@in_virtual_time
async def test_waiting_in_a_lane_counts(transport):
    """Who has not had its turn by then has sent nothing, and leaves the queue."""
    async with scripted_client(transport, HANG, deadline=3.0) as (client, script):
        first = asyncio.create_task(close_session(client.with_options(deadline=10)))
        await asyncio.sleep(1)
        with pytest.raises(DeadlineExceededError) as caught:
            await close_session(client)
        assert caught.value.elapsed == pytest.approx(3, abs=TICK)
        assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 0)
        with pytest.raises(DeadlineExceededError):
            await first
        assert len(client._lifecycle._runtime.lanes) == 0
    assert len(script.requests) == 1


@both_transports
@in_virtual_time
async def test_a_block_of_calls_shares_one(transport):
    """In place of each call's own: the block ends in time, whatever its calls do."""

    async def slow(_request):
        await asyncio.sleep(2)
        return httpx.Response(200, json={"effects": []})

    async def block(client):
        with aiotalonone.deadline(5):
            for _ in range(10):
                await close_session(client)

    async with scripted_client(transport, slow) as (client, script):
        with pytest.raises(DeadlineExceededError):
            await block(client)
        assert now() == pytest.approx(5, abs=TICK)
        await close_session(client)
    assert len(script.requests) == 4


@both_transports
@in_virtual_time
async def test_a_block_may_give_more_time_than_the_client(transport):
    """A job that can wait says so in one place."""

    async def slow(_request):
        await asyncio.sleep(60)
        return httpx.Response(200, json={"effects": []})

    async with scripted_client(transport, slow) as (client, _):
        with aiotalonone.deadline(90):
            await close_session(client)
    assert now() == pytest.approx(60, abs=TICK)


@in_virtual_time
async def test_the_earlier_end_of_nested_blocks_holds():
    """What is within cannot take longer than what is around it."""
    async with scripted_client("own", HANG) as (client, _):
        with aiotalonone.deadline(2), aiotalonone.deadline(60), pytest.raises(DeadlineExceededError):
            await close_session(client)
        assert now() == pytest.approx(2, abs=TICK)
        with aiotalonone.deadline(60), aiotalonone.deadline(3), pytest.raises(DeadlineExceededError):
            await close_session(client)
    assert now() == pytest.approx(5, abs=TICK)


@both_transports
@in_virtual_time
async def test_a_call_whose_time_is_over_sends_nothing(transport):
    """The block ended while its task did something else."""
    async with scripted_client(transport, 200) as (client, script):
        with aiotalonone.deadline(1):
            await asyncio.sleep(2)
            with pytest.raises(DeadlineExceededError) as caught:
                await close_session(client)
    assert script.requests == []
    assert caught.value.outcome is Outcome.NOT_SENT


@both_transports
@in_virtual_time
async def test_a_call_whose_time_a_step_around_it_has_taken_sends_nothing(transport):
    """It waited for a limiter of the caller's, where no timer reaches it."""

    async def limiter(exchange, call_next):
        await asyncio.sleep(20)
        return await call_next(exchange)

    async with scripted_client(transport, 200, call_middleware=[limiter]) as (client, script):
        with pytest.raises(DeadlineExceededError) as caught:
            await close_session(client)
    assert script.requests == []
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 0)


@both_transports
@in_virtual_time
async def test_calls_of_many_deadlines_end_each_in_its_time(transport):
    """One timer serves them all."""
    seconds = [5, 1, 3, 2, 4, 3]

    async def one(client, index, deadline):
        with pytest.raises(DeadlineExceededError):
            await close_session(client.with_options(deadline=deadline), f"cart-{index}")
        return now()

    async with scripted_client(transport, HANG) as (client, _):
        ends = await asyncio.gather(*(one(client, index, deadline) for index, deadline in enumerate(seconds)))
    assert ends == [pytest.approx(deadline, abs=TICK) for deadline in seconds]


@both_transports
@in_virtual_time
async def test_without_a_deadline_a_call_waits(transport):
    """None sets no end."""

    async def after_an_hour(_request):
        await asyncio.sleep(3600)
        return httpx.Response(200, json={"effects": []})

    async with scripted_client(transport, after_an_hour, deadline=None) as (client, _):
        await close_session(client)
    assert now() == pytest.approx(3600, abs=TICK)


@both_transports
@in_virtual_time
async def test_the_caller_s_own_cancellation_stays_one(transport):
    """Only what the deadline cancels becomes an error of ours."""
    async with scripted_client(transport, HANG) as (client, _):
        task = asyncio.create_task(close_session(client))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(1):
                await close_session(client)
        assert not isinstance(caught.value, DeadlineExceededError)


@both_transports
@in_virtual_time
async def test_what_may_act_twice_is_unknown_after_its_deadline(transport):
    """A call without a response ends with its deadline, and its outcome is UNKNOWN."""
    async with scripted_client(transport, HANG, deadline=1) as (client, script):
        with pytest.raises(DeadlineExceededError) as caught:
            await create_referral(client)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert len(script.requests) == 1


@in_virtual_time
async def test_a_failure_before_the_deadline_stays_what_it_is():
    """The deadline cuts waiting, not errors."""
    async with scripted_client("own", 500, deadline=1, retry=RetryPolicy(attempts=1)) as (client, _):
        with pytest.raises(ServerError):
            await close_session(client)


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
async def test_a_client_s_deadline_that_is_not_above_0_is_a_value_error(client, seconds):
    """An option that leaves no time at all is a mistake of the caller's."""
    with pytest.raises(ValueError, match="deadline must be"):
        client.with_options(deadline=seconds)


@both_transports
@in_virtual_time
async def test_an_infinite_deadline_is_no_deadline(transport):
    """A block and a client may both be given infinity, which waits as ``None`` does."""

    async def after_an_hour(_request):
        await asyncio.sleep(3600)
        return httpx.Response(200, json={"effects": []})

    async with scripted_client(transport, after_an_hour) as (client, _):
        with aiotalonone.deadline(float("inf")):
            await close_session(client)
        await close_session(client.with_options(deadline=float("inf")))
    assert now() == pytest.approx(7200, abs=TICK)


@both_transports
@in_virtual_time
async def test_a_task_started_in_a_block_is_free_after_it(transport):
    """A background task that a block starts is not held to the block's deadline for the rest of its life."""
    async with scripted_client(transport, 200) as (client, script):

        async def worker():
            for number in range(5):
                await close_session(client, f"cart-{number}")
                await asyncio.sleep(1)

        with aiotalonone.deadline(2.5):
            task = asyncio.create_task(worker())
            await asyncio.sleep(2)
        await task
    assert len(script.requests) == 5


@both_transports
@in_virtual_time
async def test_a_middleware_that_swallows_the_cancellation_does_not_prevent_the_end(transport):
    """The call is cancelled again, so that it ends some time after its deadline."""

    async def stubborn(exchange, call_next):
        try:
            return await call_next(exchange)
        except asyncio.CancelledError:
            await asyncio.sleep(600)
            raise

    async with scripted_client(transport, HANG, deadline=0.3, middleware=[stubborn]) as (client, _):
        with pytest.raises(DeadlineExceededError):
            await close_session(client)
    assert now() < 2
