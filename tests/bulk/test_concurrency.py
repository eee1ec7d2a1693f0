"""How a job adapts the number of its requests in flight to what the API can handle."""

import asyncio
from itertools import pairwise

import pytest

from aiotalonone.bulk.concurrency import INITIAL_CONCURRENCY, AdaptiveConcurrency, Stop, StopRequestedError
from aiotalonone.bulk.pace import LocalPace
from tests.support.virtual_time import in_virtual_time


async def accept(concurrency, seconds, number):
    """Let a number of requests be accepted one after the other, each after some seconds."""
    for _ in range(number):
        started = asyncio.get_running_loop().time()
        await asyncio.sleep(seconds)
        concurrency.on_success(started)


async def full_round(concurrency, seconds):
    """Let as many requests be accepted as may be in flight."""
    await accept(concurrency, seconds, concurrency.limit)


@in_virtual_time
async def test_each_good_round_raises_the_limit():
    """Each round of accepted requests raises the limit by one, up to its maximum."""
    concurrency = AdaptiveConcurrency(7, None, Stop())
    limits = [concurrency.limit]
    for _ in range(5):
        await full_round(concurrency, 0.1)
        limits.append(concurrency.limit)
    assert limits == [4, 5, 6, 7, 7, 7]


@in_virtual_time
async def test_backpressure_halves_the_limit_once_per_round():
    """Backpressure halves the limit once for all requests that were in flight together."""
    concurrency = AdaptiveConcurrency(16, None, Stop())
    started = asyncio.get_running_loop().time()
    for _ in range(12):
        await full_round(concurrency, 0.1)
    assert concurrency.limit == 16
    started = asyncio.get_running_loop().time()
    await asyncio.sleep(0.1)
    for _ in range(5):
        concurrency.on_backpressure(started, None)
    assert concurrency.limit == 8
    await asyncio.sleep(0.1)
    concurrency.on_backpressure(asyncio.get_running_loop().time(), None)
    assert concurrency.limit == 4


@in_virtual_time
async def test_the_limit_stays_at_least_one():
    """However much backpressure there is, one request may be in flight."""
    concurrency = AdaptiveConcurrency(INITIAL_CONCURRENCY, None, Stop())
    for _ in range(9):
        await asyncio.sleep(1)
        concurrency.on_backpressure(asyncio.get_running_loop().time(), None)
    assert concurrency.limit == 1


@in_virtual_time
async def test_rising_latency_lowers_the_limit():
    """A round with twice the usual latency halves the limit; a single slow request does not."""
    concurrency = AdaptiveConcurrency(16, None, Stop())
    for _ in range(4):
        await full_round(concurrency, 0.1)
    limit = concurrency.limit
    await accept(concurrency, 0.1, limit - 1)
    await accept(concurrency, 5, 1)
    assert concurrency.limit == limit + 1
    await full_round(concurrency, 0.5)
    assert concurrency.limit == (limit + 1) // 2


@in_virtual_time
async def test_a_lasting_slowdown_becomes_the_baseline():
    """If the API stays slower, its latency becomes the new baseline, and the limit grows again."""
    concurrency = AdaptiveConcurrency(16, None, Stop())
    await full_round(concurrency, 0.1)
    for _ in range(60):
        await full_round(concurrency, 0.25)
    assert concurrency.limit > INITIAL_CONCURRENCY


@in_virtual_time
async def test_retry_after_holds_for_all_requests():
    """No request of the job starts before the time that a Retry-After asks for."""
    concurrency = AdaptiveConcurrency(16, None, Stop())
    loop = asyncio.get_running_loop()
    concurrency.on_backpressure(loop.time(), 7.0)
    await asyncio.gather(concurrency.acquire(), concurrency.acquire())
    assert loop.time() == pytest.approx(7.0)


@in_virtual_time
async def test_retry_after_holds_for_requests_that_wait_for_the_rate():
    """Requests that a slow rate lets start during a pause start after it, in even intervals."""
    concurrency = AdaptiveConcurrency(16, LocalPace(0.5), Stop())
    loop, times = asyncio.get_running_loop(), []

    async def start():
        await concurrency.acquire()
        times.append(loop.time())

    starting = [asyncio.create_task(start()) for _ in range(4)]
    await asyncio.sleep(1)
    concurrency.on_backpressure(0.0, 7.0)
    await asyncio.gather(*starting)
    assert times == pytest.approx([0.0, 8.0, 10.0, 12.0])


@in_virtual_time
async def test_a_rate_spreads_requests_evenly():
    """A rate starts requests in even intervals, not as a burst each second."""
    concurrency = AdaptiveConcurrency(16, LocalPace(4), Stop())
    loop, times = asyncio.get_running_loop(), []
    for _ in range(9):
        await concurrency.acquire()
        times.append(loop.time())
    gaps = [later - earlier for earlier, later in pairwise(times[1:])]
    assert gaps == pytest.approx([0.25] * len(gaps), abs=0.02)


@in_virtual_time
async def test_a_stop_ends_every_wait():
    """A stop ends the wait for a Retry-After, and no request is started."""
    stop = Stop()
    concurrency = AdaptiveConcurrency(16, None, stop)
    loop = asyncio.get_running_loop()
    concurrency.on_backpressure(loop.time(), 300.0)
    loop.call_later(1, stop.request)
    with pytest.raises(StopRequestedError):
        await concurrency.acquire()
    assert loop.time() == pytest.approx(1.0)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
async def test_a_rate_is_above_zero(rate):
    """A rate that is not above 0, or has no end, raises ValueError."""
    with pytest.raises(ValueError, match="rate must be"):
        LocalPace(rate)


@pytest.mark.parametrize("rate", ["5", True, [5]])
async def test_a_rate_is_a_number(rate):
    """A rate of another type raises a TypeError in plain words."""
    with pytest.raises(TypeError, match=f"^rate must be a number of requests per second, not {type(rate).__name__}$"):
        LocalPace(rate)


class BrokenPace:
    """A pace whose owner is gone."""

    async def acquire(self):
        """Fail."""
        raise ConnectionError("the rate is gone")

    def back_off(self, seconds):
        """Fail nothing."""


async def test_a_pace_that_fails_starts_no_request():
    """What a shared pace fails with is raised: without it, no rate is known."""
    with pytest.raises(ConnectionError):
        await AdaptiveConcurrency(16, BrokenPace(), Stop()).acquire()


class NotedPace(BrokenPace):
    """A pace that notes what it is told."""

    def __init__(self):
        self.told = []

    def back_off(self, seconds):
        """Note the seconds."""
        self.told.append(seconds)


async def test_a_shared_pace_hears_of_an_overload():
    """Backpressure lowers the rate of all who share it, with what the API asks for."""
    pace = NotedPace()
    concurrency = AdaptiveConcurrency(16, pace, Stop())
    concurrency.on_backpressure(asyncio.get_running_loop().time(), None)
    concurrency.on_backpressure(asyncio.get_running_loop().time(), 3.0)
    assert pace.told == [None, 3.0]
