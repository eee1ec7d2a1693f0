"""Bulk jobs on a Ray cluster of this machine: ``python -m benchmarks.cluster [LATENCY…]``.

Profiles per second of 1, 2 and 4 actors against a server that accepts each request after a fixed time, and what the
driver's parts can do: dividing rows, giving partitions to actors, and handing out the account's rate.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from typing import Any

os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # else Ray takes no address on loopback
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["TALON_ONE_API_KEY"] = "benchmark-key"

import pyarrow as pa
import ray

from aiotalonone.bulk.cluster import Connection
from aiotalonone.bulk.cluster.partitions import Partitioner
from aiotalonone.bulk.ray import sync_profiles
from aiotalonone.bulk.ray.workers import PaceKeeper

ROWS = 1_000_000
ROWS_OF_A_BLOCK = 20_000
ACTORS = (1, 2, 4)
LATENCIES = (0.5, 0.05)
_SECONDS = 10.0
"""How long a job should take that the server's time alone limits."""
_IN_FLIGHT_OF_AN_ACTOR = 16
"""Requests: four partitions of four."""
_RESPONSE = b"HTTP/1.1 204 No Content\r\n\r\n"


class Patient(asyncio.Protocol):
    """Accepts each request a fixed time after its last byte, and looks at nothing but its length."""

    def __init__(self, latency: float, arrivals: list[float]) -> None:
        self._latency = latency
        self._arrivals = arrivals
        self._missing = 0
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where responses go."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Count the bytes of a request, and respond later when it is whole."""
        if not self._missing:
            self._head += data
            head, end, body = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            [length] = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            self._missing, self._head, data = int(length[15:]), b"", body
        self._missing -= len(data)
        if not self._missing:
            loop = asyncio.get_running_loop()
            self._arrivals.append(loop.time())
            loop.call_later(self._latency, self._transport.write, _RESPONSE)


def serve(pipe: Pipe, latency: float) -> None:
    """Serve until the process is ended; whenever it is asked, tell for how long requests have arrived."""
    arrivals: list[float] = []

    def tell() -> None:
        pipe.recv()
        pipe.send(arrivals[-1] - arrivals[0] + latency)
        arrivals.clear()

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Patient(latency, arrivals), "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        loop.add_reader(pipe.fileno(), tell)
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def server(latency: float) -> Iterator[tuple[str, Pipe]]:
    """Serve in a process of its own, and yield the URL and what it can be asked with."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, latency))
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}", ours
    finally:
        process.kill()
        process.join()


def customers(rows: int) -> pa.Table:
    """Return customers with three attributes."""
    numbers = range(rows)
    return pa.table(
        {
            "integrationId": [f"customer-{number}" for number in numbers],
            "Name": [f"Customer {number}" for number in numbers],
            "Points": list(numbers),
            "Tier": ["gold" if number % 3 else "silver" for number in numbers],
        }
    )


def measure_actors(table: pa.Table, latency: float) -> None:
    """Print the speed of jobs with several numbers of actors, from the first request to the last response."""
    blocks = [table.slice(start, ROWS_OF_A_BLOCK) for start in range(0, len(table), ROWS_OF_A_BLOCK)]
    one = 0.0
    with server(latency) as (url, pipe):
        for actors in ACTORS:
            most = _IN_FLIGHT_OF_AN_ACTOR * actors * _SECONDS / latency  # requests of 1000 rows
            dataset = ray.data.from_arrow(blocks[: max(5, int(most * 1000 / ROWS_OF_A_BLOCK))])
            report, _ = sync_profiles(dataset, Connection(url), job="benchmark", min_workers=actors, max_workers=actors)
            pipe.send("for how long?")
            speed = report.accepted / pipe.recv()
            one = one or speed
            print(
                f"{latency * 1000:.0f} ms, {actors} actors: {speed:,.0f} profiles/s, {speed / one:.2f} times one"
                f" ({report.accepted:,} profiles)",
                flush=True,
            )


def measure_rows(table: pa.Table) -> None:
    """Print how many rows per second one driver divides."""
    source, start = Partitioner("integrationId", 64), time.perf_counter()
    for first in range(0, len(table), ROWS_OF_A_BLOCK):
        for _ in source.add(table.slice(first, ROWS_OF_A_BLOCK)):
            pass
    print(f"dividing: {len(table) / (time.perf_counter() - start):,.0f} rows/s")


class Echo:
    """An actor that does nothing with a partition."""

    async def take(self, partition: Any) -> int:
        """Return the number of its rows."""
        return len(partition.positions)


def measure_calls(table: pa.Table) -> None:
    """Print how many partitions per second one driver gives away."""
    partitions = [*Partitioner("integrationId", 64).add(table)][:200]
    echo = ray.remote(Echo).options(num_cpus=0).remote()
    ray.get(echo.take.remote(partitions[0]))
    start = time.perf_counter()
    ray.get([echo.take.remote(partition) for partition in partitions])
    calls = len(partitions) / (time.perf_counter() - start)
    size = sum(table.nbytes for table in partitions[0].tables)
    print(f"giving away: {calls:,.0f} partitions/s of {size / 1024:,.0f} KiB")


def measure_pace() -> None:
    """Print how many questions per second the pace answers."""
    keeper = ray.remote(PaceKeeper).options(num_cpus=0).remote(1e9)
    ray.get(keeper.reserve.remote(1))
    start, number = time.perf_counter(), 5_000
    ray.get([keeper.reserve.remote(8) for _ in range(number)])
    print(f"pace: {number / (time.perf_counter() - start):,.0f} questions/s")


def main(latencies: list[float]) -> None:
    """Print all figures."""
    ray.init(
        address="local",
        num_cpus=max(ACTORS) + 2,
        object_store_memory=500 * 2**20,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="WARNING",
        _node_ip_address="127.0.0.1",
    )
    ray.data.DataContext.get_current().enable_progress_bars = False
    table = customers(ROWS)
    measure_rows(table)
    measure_calls(table)
    measure_pace()
    for latency in latencies:
        measure_actors(table, latency)
    ray.shutdown()


if __name__ == "__main__":
    main([float(text) for text in sys.argv[1:]] or list(LATENCIES))
