"""How many slots remain usable after calls were cancelled 10,000 times at random: a bare httpx client, and ours.

``python benchmarks/cancellation.py``. All go through the same script of callers and cancellations: an
``httpx.AsyncClient``, our client with its own transport, and our client through an ``httpx.AsyncClient``.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import httpx
from loopback import server_url

from aiotalonone import AsyncIntegrationClient, RetryPolicy, TalonOneError, Timeouts

SLOTS = 10
CALLERS = 30
CANCELLATIONS = 10_000
LONGEST_LIFE = 0.1  # seconds
POOL_TIMEOUT = 0.5
HOLD = f"/hold/{SLOTS}"

Get = Callable[[str], Awaitable[Any]]


@asynccontextmanager
async def bare_httpx(url: str) -> AsyncIterator[Get]:
    """An ``httpx.AsyncClient``."""
    limits, timeout = httpx.Limits(max_connections=SLOTS), httpx.Timeout(5, pool=POOL_TIMEOUT)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=timeout, trust_env=False) as http_client:
        yield http_client.get


@asynccontextmanager
async def client(url: str, **options: Any) -> AsyncIterator[Get]:
    """Ours."""
    timeouts, retry = Timeouts(pool=POOL_TIMEOUT), RetryPolicy(attempts=1)
    async with AsyncIntegrationClient(url, api_key="key", timeouts=timeouts, retry=retry, **options) as ours:
        yield lambda path: ours.request("GET", path)


@asynccontextmanager
async def lent_client(url: str) -> AsyncIterator[Get]:
    """Ours, through an httpx client."""
    limits = httpx.Limits(max_connections=SLOTS)
    async with (
        httpx.AsyncClient(limits=limits, trust_env=False) as http_client,
        client(url, http_client=http_client) as get,
    ):
        yield get


CLIENTS: dict[str, Callable[[str], AbstractAsyncContextManager[Get]]] = {
    "httpx": bare_httpx,
    "client": lambda url: client(url, max_connections=SLOTS),
    "client through httpx": lent_client,
}


async def cancel_at_random(get: Get) -> int:
    """Give up call after call after a random while, that of the script; how many were answered before."""
    script = random.Random(1093)  # noqa: S311
    answered = 0

    async def caller() -> None:
        nonlocal answered
        for _ in range(CANCELLATIONS // CALLERS):
            with suppress(TimeoutError, httpx.HTTPError, TalonOneError):
                async with asyncio.timeout(script.random() * LONGEST_LIFE):
                    while True:
                        await get("/")
                        answered += 1

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return answered


async def usable_slots(get: Get) -> int:
    """How many requests reach the server at the same time, when there are as many as slots."""
    answers = await asyncio.gather(*(get(HOLD) for _ in range(SLOTS)), return_exceptions=True)
    return sum(not isinstance(answer, BaseException) for answer in answers)


async def examine(name: str, url: str) -> None:
    """Cancel calls, then count what is left."""
    async with CLIENTS[name](url) as get:
        answered = await cancel_at_random(get)
        usable = await usable_slots(get)
    print(f"{name:20} {usable:2} of {SLOTS} slots usable, {answered:6,} calls answered meanwhile")


def main() -> None:
    """Examine all."""
    with server_url() as url:
        for name in CLIENTS:
            asyncio.run(examine(name, url))


if __name__ == "__main__":
    main()
