"""A storm of callers, some of whom lose patience, against a server that fails now and then: the client beside others.

``python benchmarks/storm.py``, on an idle machine; it takes minutes. The clients take turns under the same script: 500
callers at once, three of ten calls given up after a random while, one of ten met by a fault, 100 connections. All send
the same update of a session and decode the answer. The bare clients repeat nothing, so ours runs with its retries and
without.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from statistics import median, quantiles
from time import perf_counter
from typing import NamedTuple
from uuid import uuid4

import aiohttp
import httpx
from loopback import FAULTS, server_url

from aiotalonone import AsyncIntegrationClient, IntegrationRequest, NewCustomerSessionV2, RetryPolicy, Timeouts

ROUNDS = 5
CALLERS = 500
CALLS = 4  # of each caller, one after another
SLOTS = 100
IMPATIENT = 0.3
LONGEST_PATIENCE = 0.1  # seconds
FAULTY = 0.1
SECONDS = 30.0  # for a pool, a connection or an answer: more than any has to wait
POOL_SECONDS = 0.5  # when slots are counted
BOUND = 120.0  # of one storm
HOLD = f"/hold/{SLOTS}"
CART = {"profileId": "c-1", "couponCodes": ["WELCOME"], "state": "open"}
REQUEST = IntegrationRequest(
    customer_session=NewCustomerSessionV2(profile_id="c-1", coupon_codes=["WELCOME"], state="open")
)

Script = list[list[tuple[str, float | None]]]
"""For each caller and call the session's ID, and how long to wait for it where not to its end."""


class Sender(NamedTuple):
    """What a client can do here."""

    update: Callable[[str], Awaitable[object]]
    hold: Callable[[], Awaitable[object]]
    """A request that is answered when all slots have one."""


class Figures(NamedTuple):
    """Of one storm; times in milliseconds, of the calls that succeeded."""

    ends: Counter[str]
    rate: float
    p50: float
    p99: float
    usable: int


@asynccontextmanager
async def ours(url: str, attempts: int = RetryPolicy().attempts) -> AsyncIterator[Sender]:
    """The client as it comes, but for its patience and the pauses between attempts."""
    async with AsyncIntegrationClient(
        url,
        api_key="key",
        max_connections=SLOTS,
        timeouts=Timeouts(connect=SECONDS, pool=SECONDS, write=SECONDS, read=SECONDS),
        deadline=SECONDS,
        retry=RetryPolicy(attempts=attempts, first_backoff=0.01),
    ) as client:
        hasty = client.with_options(timeouts=Timeouts(pool=POOL_SECONDS), retry=RetryPolicy(attempts=1))
        yield Sender(
            lambda session: client.sessions.update_customer_session_v2(session, REQUEST),
            lambda: hasty.request("GET", HOLD),
        )


def headers() -> dict[str, str]:
    """Those that our client sends."""
    return {"Authorization": "ApiKey-v1 key", "Accept": "application/json", "Idempotency-Key": uuid4().hex}


@asynccontextmanager
async def bare_httpx(url: str) -> AsyncIterator[Sender]:
    """An ``httpx.AsyncClient``."""
    limits = httpx.Limits(max_connections=SLOTS, max_keepalive_connections=SLOTS)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=SECONDS, trust_env=False) as client:

        async def update(session: str) -> object:
            body = {"customerSession": CART}
            answer = await client.put(f"/v2/customer_sessions/{session}", json=body, headers=headers())
            return answer.raise_for_status().json()

        yield Sender(update, lambda: client.get(HOLD, timeout=httpx.Timeout(SECONDS, pool=POOL_SECONDS)))


@asynccontextmanager
async def bare_aiohttp(url: str) -> AsyncIterator[Sender]:
    """A ``ClientSession`` of aiohttp."""
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    connector = aiohttp.TCPConnector(limit=SLOTS)
    async with aiohttp.ClientSession(url, connector=connector, timeout=timeout, raise_for_status=True) as client:

        async def update(session: str) -> object:
            body = {"customerSession": CART}
            path = f"/v2/customer_sessions/{session}"
            async with client.put(path, json=body, headers=headers()) as answer:
                return await answer.json()

        async def hold() -> object:
            async with client.get(HOLD, timeout=aiohttp.ClientTimeout(connect=POOL_SECONDS)) as answer:
                return await answer.json()

        yield Sender(update, hold)


CLIENTS: dict[str, Callable[[str], AbstractAsyncContextManager[Sender]]] = {
    "client": ours,
    "client, 1 attempt": lambda url: ours(url, attempts=1),
    "httpx": bare_httpx,
    "aiohttp": bare_aiohttp,
}


def script_of(name: str, number: int) -> Script:
    """The same for all clients of a round, but for the sessions' names: the server knows whom it has failed."""
    chance = random.Random(number)  # noqa: S311

    def session(caller: int, turn: int) -> str:
        fault = f"-{chance.choice(FAULTS)}" if chance.random() < FAULTY else ""
        return f"{name.replace(', ', '-').replace(' ', '-')}-{number}-{caller}-{turn}{fault}"

    def patience() -> float | None:
        return chance.random() * LONGEST_PATIENCE if chance.random() < IMPATIENT else None

    return [[(session(caller, turn), patience()) for turn in range(CALLS)] for caller in range(CALLERS)]


async def storm(sender: Sender, script: Script) -> tuple[Counter[str], list[float]]:
    """How the calls ended, and how many seconds the successful ones took."""
    ends: Counter[str] = Counter()
    seconds: list[float] = []

    async def caller(calls: list[tuple[str, float | None]]) -> None:
        for session, patience in calls:
            started = perf_counter()
            call = asyncio.ensure_future(sender.update(session))
            await asyncio.wait([call], timeout=patience)
            call.cancel()  # nothing, where it is done
            await asyncio.wait([call])
            ends["cancelled" if call.cancelled() else "failed" if call.exception() else "succeeded"] += 1
            if not call.cancelled() and not call.exception():
                seconds.append(perf_counter() - started)

    await asyncio.gather(*map(caller, script))
    return ends, seconds


async def usable_slots(sender: Sender) -> int:
    """How many requests reach the server at the same time, when there are as many as slots."""
    answers = await asyncio.gather(*(sender.hold() for _ in range(SLOTS)), return_exceptions=True)
    return sum(not isinstance(answer, BaseException) for answer in answers)


async def figures_of(name: str, url: str, number: int) -> Figures:
    """One storm."""
    async with asyncio.timeout(BOUND), CLIENTS[name](url) as sender:
        await usable_slots(sender)  # connects
        started = perf_counter()
        ends, seconds = await storm(sender, script_of(name, number))
        duration = perf_counter() - started
        usable = await usable_slots(sender)
    if ends.total() != CALLERS * CALLS:
        raise AssertionError(f"{name}: of {CALLERS * CALLS} calls {ends.total()} have ended")
    percentiles = quantiles(seconds, n=100)
    return Figures(ends, ends["succeeded"] / duration, percentiles[49] * 1000, percentiles[98] * 1000, usable)


def show(name: str, rounds: list[Figures]) -> None:
    """The medians; of the slots the fewest."""
    ends = [f"{end} {median(figures.ends[end] for figures in rounds):4.0f}" for end in ENDS]
    rate, p50, p99 = (median(figure) for figure in zip(*(figures[1:4] for figures in rounds), strict=True))
    usable = min(figures.usable for figures in rounds)
    times = f"p50 {p50:6.0f} ms  p99 {p99:6.0f} ms"
    print(f"{name:18} {'  '.join(ends)}  {rate:6.0f}/s  {times}  {usable} of {SLOTS} slots usable")


ENDS = ("succeeded", "failed", "cancelled")


def main() -> None:
    """Let the clients take turns, the order of each round turned by one."""
    names = list(CLIENTS)
    runs: dict[str, list[Figures]] = {name: [] for name in names}
    with server_url() as url:
        for number in range(ROUNDS):
            turned = number % len(names)
            for name in names[turned:] + names[:turned]:
                runs[name].append(asyncio.run(figures_of(name, url, number)))
    for name, rounds in runs.items():
        show(name, rounds)
    for other in ("httpx", "aiohttp"):
        ratios = [ours.rate / its.rate for ours, its in zip(runs["client, 1 attempt"], runs[other], strict=True)]
        print(f"client, 1 attempt / {other}, successes/s: {median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}")


if __name__ == "__main__":
    main()
