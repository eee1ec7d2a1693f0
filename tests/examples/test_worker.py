import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections import Counter
from contextlib import asynccontextmanager

import pytest

pytest.importorskip("taskiq_redis")

from redis.asyncio import Redis

from aiotalonone import AsyncIntegrationClient, BadRequestError, TalonOneError
from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.process import API_KEY as PROCESS_KEY
from aiotalonone.sandbox.process import sandbox_process
from examples.worker import dead_letters
from tests.examples.conftest import API_KEY, EXAMPLES
from tests.support.redis_server import redis_server
from tests.support.sandbox_server import serving

ORDERS = 300
CUSTOMERS = 30
REFERRALS = 30
LOST_AND_SLOW = [
    {"operationId": "updateCustomerProfileV2", "fault": "dropAfterCommit", "every": 11},
    {"operationId": "updateCustomerSessionV2", "fault": "dropAfterCommit", "every": 7},
    {"operationId": "updateCustomerSessionV2", "fault": "slowCommit", "every": 2, "seconds": 0.1},
    {"operationId": "trackEventV3", "fault": "dropAfterCommit", "every": 5},
    {"operationId": "trackEventV3", "fault": "slowCommit", "every": 2, "seconds": 0.1},
    {"operationId": "createReferral", "fault": "dropAfterCommit", "every": 3},
]
BUSY = 0.02
"""Seconds between two looks at what other processes do."""


def order(number: int) -> dict:
    lines = [{"sku": "beans-1kg", "quantity": 1 + number % 3, "price": "10"}]
    paid = {"order": str(number), "customer": f"c-{number % CUSTOMERS}", "lines": lines}
    return paid | {"refers_friends": number < REFERRALS}


def points_of(orders: list[dict]) -> Counter[str]:
    """Return what the customers earn: the campaigns give a point for each unit of money."""
    earned = Counter[str]()
    for paid in orders:
        earned[paid["customer"]] += 10 * sum(line["quantity"] for line in paid["lines"])
    return earned


@pytest.fixture
def redis_url(monkeypatch):
    with redis_server() as url:
        monkeypatch.setenv("REDIS_URL", url)
        monkeypatch.setenv("ORDER_DEADLINE", "2")
        yield url


@pytest.fixture
async def redis(redis_url):
    async with Redis.from_url(redis_url) as redis:
        yield redis


class Worker:
    """One run of ``taskiq worker``, with one worker process."""

    async def start(self) -> "Worker":
        line = ["-m", "taskiq", "worker", "worker.tasks:broker", "--workers", "1", "--max-async-tasks", "10"]
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, *line, cwd=EXAMPLES, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True
        )
        return self

    async def kill(self) -> None:
        """End it at once, with the process that it has started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            return await self.process.wait()


@asynccontextmanager
async def working(count: int = 1):
    """Start workers, and kill those that still run at the end."""
    workers = [await Worker().start() for _ in range(count)]
    try:
        yield workers
    finally:
        for worker in workers:
            if worker.process.returncode is None:
                await worker.kill()


async def command(*arguments: str, stdin: str = "") -> str:
    """Run ``python -m worker``, and return what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "worker", *arguments, cwd=EXAMPLES, stdin=PIPE, stdout=PIPE, stderr=STDOUT
    )
    printed, _ = await process.communicate(stdin.encode())
    assert process.returncode == 0, printed
    return printed.decode()


async def send(*orders: dict) -> None:
    """Queue orders as the example does."""
    await command("send", stdin="\n".join(map(json.dumps, orders)))


async def done(redis) -> bool:
    """Return whether every message is acknowledged."""
    [group] = await redis.xinfo_groups("orders")
    return group["pending"] == group["lag"] == 0


async def until(condition) -> None:
    """Wait until something holds of other processes."""
    async with asyncio.timeout(60):
        while not await condition():
            await asyncio.sleep(BUSY)


async def deliveries(redis) -> dict[str, int]:
    """Return how often each task was started."""
    keys = [key async for key in redis.scan_iter(dead_letters.deliveries_key("*"))]
    return {key.decode().rpartition(":")[2]: int(count) for key, count in zip(keys, await redis.mget(keys), strict=True)}


async def applied(client) -> dict[str, int]:
    """Return how often the sandbox has carried out each operation, without replays."""
    state = await client.request("GET", "/sandbox/state")
    return state["applied"]


@pytest.fixture
async def process(monkeypatch):
    """Have the sandbox in a process of its own, which loses responses and is slow; return a client of it."""
    async with (
        sandbox_process(EXAMPLES / "campaigns.json", LOST_AND_SLOW) as url,
        AsyncIntegrationClient(url, api_key=PROCESS_KEY) as client,
    ):
        monkeypatch.setenv("TALON_ONE_BASE_URL", url)
        monkeypatch.setenv("TALON_ONE_API_KEY", PROCESS_KEY)
        yield client


async def test_killed_workers_book_each_order_exactly_once(redis, process):
    """Workers are killed again and again while responses are lost, and each order is booked once, none is lost."""
    orders, poison = [order(number) for number in range(ORDERS)], order(ORDERS) | {"customer": "x" * 2000}
    await send(*orders[:100], poison, *orders[100:])
    async with working(2) as workers:
        for booked in (40, 80, 120, 160, 200):

            async def is_under_way(booked=booked):
                return (await applied(process)).get("trackEventV3", 0) >= booked

            await until(is_under_way)
            await workers[0].kill()
            workers[:] = [workers[1], await Worker().start()]
        await until(lambda: done(redis))
    assert await applied(process) == {
        "updateCustomerProfileV2": ORDERS,
        "updateCustomerSessionV2": ORDERS,
        "trackEventV3": ORDERS,
        "createReferral": REFERRALS,
    }
    for customer, points in points_of(orders).items():
        inventory = await process.customers.get_customer_inventory(customer, loyalty=True)
        assert inventory.loyalty.programs["1"].ledger.current_balance == points
    delivered = await deliveries(redis)
    assert len(delivered) == ORDERS + 1
    assert any(count > 1 for count in delivered.values())
    [(task_id, letter)] = [letter async for letter in dead_letters.letters(redis)]
    assert (task_id, letter["message"]) == (f"order-{ORDERS}", poison)
