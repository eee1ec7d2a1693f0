"""Requests through httpx's own pool and through ours, in turn, from few callers and from many.

Run it on an idle machine: ``python benchmarks/pool.py``. The server is a process of its own, on loopback.
"""

import asyncio
import ssl
from collections.abc import Callable
from statistics import median, quantiles
from time import perf_counter
from typing import NamedTuple

import httpx
from loopback import server_url

from aiotalonone.transport import LifoPool

ROUNDS = 3
REQUESTS = 400  # of each run; at 200 callers httpx's pool takes seconds for them
CALLERS = (1, 10, 50, 200)
MAX_CONNECTIONS = 100


class Figures(NamedTuple):
    """Of one run."""

    rate: float
    p50: float
    p99: float


def with_own_pool() -> httpx.AsyncClient:
    """As httpx comes, with as many connections as ours."""
    limits = httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS)
    return httpx.AsyncClient(limits=limits, timeout=30, trust_env=False)


def with_lifo_pool() -> httpx.AsyncClient:
    """As the client makes it."""
    pool = LifoPool(ssl.create_default_context(), max_connections=MAX_CONNECTIONS)
    return httpx.AsyncClient(transport=pool, timeout=30, trust_env=False)


async def run(client: httpx.AsyncClient, url: str, callers: int) -> Figures:
    """Share the requests among the callers, each of which sends one after another."""
    seconds: list[float] = []

    async def caller() -> None:
        for _ in range(REQUESTS // callers):
            start = perf_counter()
            await client.get(url)
            seconds.append(perf_counter() - start)

    async with client:
        await asyncio.gather(*(client.get(url) for _ in range(min(callers, MAX_CONNECTIONS))))  # connects
        start = perf_counter()
        await asyncio.gather(*(caller() for _ in range(callers)))
        duration = perf_counter() - start
    percentiles = quantiles(seconds, n=100)
    return Figures(len(seconds) / duration, percentiles[49] * 1000, percentiles[98] * 1000)


def compare(url: str, callers: int) -> None:
    """Run both in turn, and print the medians and the median of the ratios, pair by pair."""

    def figures_of(make: Callable[[], httpx.AsyncClient]) -> Figures:
        return asyncio.run(run(make(), url, callers))

    pairs = [(figures_of(with_own_pool), figures_of(with_lifo_pool)) for _ in range(ROUNDS)]
    for name, runs in zip(("httpx", "lifo"), zip(*pairs, strict=True), strict=True):
        rate, p50, p99 = (median(figure) for figure in zip(*runs, strict=True))
        print(f"{callers:4} callers  {name:6} {rate:7.0f} requests/s  p50 {p50:7.2f} ms  p99 {p99:7.2f} ms")
    ratios = [ours.rate / theirs.rate for theirs, ours in pairs]
    print(
        f"{callers:4} callers  lifo / httpx, requests/s: {median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}"
    )


def main() -> None:
    """Compare them at each number of callers."""
    with server_url() as url:
        for callers in CALLERS:
            compare(url, callers)


if __name__ == "__main__":
    main()
