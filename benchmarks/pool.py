"""Requests through httpx's own pool and through ours, in turn, from few callers and from many.

Run it on an idle machine: ``python benchmarks/pool.py``. The server is a process of its own, on loopback.
"""

import asyncio
import multiprocessing
import ssl
from collections.abc import Callable
from contextlib import contextmanager
from multiprocessing.connection import Connection
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import httpx

from aiotalonone.transport import LifoPool

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 3
REQUESTS = 400  # of each run; at 200 callers httpx's pool takes seconds for them
CALLERS = (1, 10, 50, 200)
MAX_CONNECTIONS = 100
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


class Answering(asyncio.Protocol):
    """Answers every request at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Requests come whole, and have no bodies."""
        self.transport.write(ANSWER * data.count(b"\r\n\r\n"))


async def serve(ports: Connection) -> None:
    """Tell the port, and answer until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
    ports.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def run_server(ports: Connection) -> None:
    """What the server's process does."""
    asyncio.run(serve(ports))


@contextmanager
def server_url() -> "Iterator[str]":
    """A server, for as long as this lasts."""
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    process = spawning.Process(target=run_server, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()


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
