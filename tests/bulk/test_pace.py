"""How a job finds the number of requests that the API bears."""

import asyncio
from itertools import pairwise

import pytest

from aiotalonone.bulk.pace import FIRST_LIMIT, Pace
from aiotalonone.bulk.stop import Stop, StopRequestedError
from tests.support.virtual_time import in_virtual_time


async def answer(pace, seconds, number):
    """So many requests, one after the other, each answered after so long."""
    for _ in range(number):
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(seconds)
        pace.succeeded(began)


async def full_round(pace, seconds):
    """As many requests as may be under way."""
    await answer(pace, seconds, pace.limit)


@in_virtual_time
async def test_each_good_round_permits_one_more():
    """Up to the most that was asked for."""
    pace = Pace(7, None, Stop())
    limits = [pace.limit]
    for _ in range(5):
        await full_round(pace, 0.1)
        limits.append(pace.limit)
    assert limits == [4, 5, 6, 7, 7, 7]


@in_virtual_time
async def test_a_sign_of_strain_halves_once_for_all_that_were_under_way():
    """Requests that began before are no further sign."""
    pace = Pace(16, None, Stop())
    began = asyncio.get_running_loop().time()
    for _ in range(12):
        await full_round(pace, 0.1)
    assert pace.limit == 16
    began = asyncio.get_running_loop().time()
    await asyncio.sleep(0.1)
    for _ in range(5):
        pace.pushed_back(began, None)
    assert pace.limit == 8
    await asyncio.sleep(0.1)
    pace.pushed_back(asyncio.get_running_loop().time(), None)
    assert pace.limit == 4


@in_virtual_time
async def test_it_never_comes_to_a_halt():
    """One request at a time remains."""
    pace = Pace(FIRST_LIMIT, None, Stop())
    for _ in range(9):
        await asyncio.sleep(1)
        pace.pushed_back(asyncio.get_running_loop().time(), None)
    assert pace.limit == 1


@in_virtual_time
async def test_rising_latency_is_a_sign_of_strain():
    """Twice the usual time, in a whole round; a single straggler is none."""
    pace = Pace(16, None, Stop())
    for _ in range(4):
        await full_round(pace, 0.1)
    limit = pace.limit
    await answer(pace, 0.1, limit - 1)
    await answer(pace, 5, 1)
    assert pace.limit == limit + 1
    await full_round(pace, 0.5)
    assert pace.limit == (limit + 1) // 2


@in_virtual_time
async def test_an_api_that_stays_slower_becomes_the_usual():
    """The number of requests grows again."""
    pace = Pace(16, None, Stop())
    await full_round(pace, 0.1)
    for _ in range(60):
        await full_round(pace, 0.25)
    assert pace.limit > FIRST_LIMIT


@in_virtual_time
async def test_the_api_s_own_wish_holds_for_all():
    """No request begins before the time it asks for."""
    pace = Pace(16, None, Stop())
    loop = asyncio.get_running_loop()
    pace.pushed_back(loop.time(), 7.0)
    await asyncio.gather(pace.turn(), pace.turn())
    assert loop.time() == pytest.approx(7.0)


@in_virtual_time
async def test_a_rate_spreads_requests_evenly():
    """Not as a burst each second."""
    pace = Pace(16, 4, Stop())
    loop, times = asyncio.get_running_loop(), []
    for _ in range(9):
        await pace.turn()
        times.append(loop.time())
    gaps = [later - earlier for earlier, later in pairwise(times[1:])]
    assert gaps == pytest.approx([0.25] * len(gaps), abs=0.02)


@in_virtual_time
async def test_a_stop_ends_every_wait():
    """Nothing begins any more."""
    stop = Stop()
    pace = Pace(16, None, stop)
    loop = asyncio.get_running_loop()
    pace.pushed_back(loop.time(), 300.0)
    loop.call_later(1, stop.request)
    with pytest.raises(StopRequestedError):
        await pace.turn()
    assert loop.time() == pytest.approx(1.0)


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
async def test_a_rate_is_a_number_above_zero(rate):
    """Nothing is sent at any other."""
    with pytest.raises(ValueError, match="rate must be"):
        Pace(16, rate, Stop())
