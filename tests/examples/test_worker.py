import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections import Counter
from contextlib import asynccontextmanager
from functools import partial

import pytest

pytest.importorskip("taskiq_redis")

from redis.asyncio import Redis
from taskiq import Context, TaskiqMessage
from taskiq.acks import AckController

from aiotalonone import AsyncIntegrationClient, ConflictError, Outcome, RetryPolicy, ServerError, TransportError
from aiotalonone.sandbox import Fault, Sandbox
from aiotalonone.sandbox.process import API_KEY as PROCESS_KEY
from aiotalonone.sandbox.process import sandbox_process
from examples.worker import dead_letters
from examples.worker.broker import broker
from examples.worker.tasks import MAX_DELIVERIES, order_paid
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
        monkeypatch.setenv("ORDER_DEADLINE", "10")
        yield url


@pytest.fixture
async def redis(redis_url):
    async with Redis.from_url(redis_url) as redis:
        yield redis


class Worker:
    """One run of ``taskiq worker``, with one worker process."""

    async def start(self) -> "Worker":
        """Start it as the page says."""
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
        """Ask it to stop, and return its status."""
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
        while not await condition():  # noqa: ASYNC110 - of other processes
            await asyncio.sleep(BUSY)


async def deliveries(redis) -> dict[str, int]:
    """Return how often each task was started."""
    keys = [key async for key in redis.scan_iter(dead_letters.deliveries_key("*"))]
    return {
        key.decode().rpartition(":")[2]: int(count) for key, count in zip(keys, await redis.mget(keys), strict=True)
    }


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


async def test_killed_workers_book_each_order_exactly_once(redis, process, monkeypatch):
    """Workers are killed again and again while responses are lost, and each order is booked once, none is lost."""
    monkeypatch.setenv("ORDER_DEADLINE", "1.5")
    orders, poison = [order(number) for number in range(ORDERS)], order(ORDERS) | {"customer": "x" * 2000}
    await send(*orders[:100], poison, *orders[100:])
    async with working(2) as workers:
        for booked in (40, 100, 160, 220):

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
    assert [letter["task_id"] for letter in await dead_letters.letters(redis)] == [f"order-{ORDERS}"]


async def test_sigterm_finishes_what_is_in_work(redis, process):
    """After SIGTERM a worker takes no more orders, finishes each that it has started, and exits with 0."""
    await send(*(order(number) for number in range(REFERRALS, REFERRALS + 200)))
    async with working() as [worker]:

        async def is_under_way():
            return (await applied(process)).get("trackEventV3", 0) >= 20

        await until(is_under_way)
        assert await worker.stop() == 0
    started = await deliveries(redis)
    assert set(started.values()) == {1}
    assert (await applied(process))["trackEventV3"] == len(started)
    [group] = await redis.xinfo_groups("orders")
    assert group["lag"] > 0
    assert not set(started) & await unacknowledged(redis)


async def unacknowledged(redis) -> set[str]:
    """Return the IDs of tasks that would be delivered again."""
    pending = await redis.xpending_range("orders", "talon-one", "-", "+", 1000)
    messages = [await redis.xrange("orders", each["message_id"], each["message_id"]) for each in pending]
    return {json.loads(fields[b"data"])["task_id"] for [(_, fields)] in messages}


@pytest.fixture
async def sandbox(monkeypatch):
    """Have the sandbox in this process, with a note of each request's method, path and idempotency key."""
    sandbox = Sandbox(EXAMPLES / "campaigns.json", api_keys=[API_KEY])
    sandbox.noted = []

    async def noting(scope, receive, send):
        headers = dict(scope["headers"])
        sandbox.noted.append((scope["method"], scope["path"], headers.get(b"idempotency-key", b"").decode()))
        await sandbox.app(scope, receive, send)

    async with serving(noting) as server:
        monkeypatch.setenv("TALON_ONE_BASE_URL", server.url)
        yield sandbox


async def test_a_message_whose_worker_died_is_told_again_with_the_same_keys(redis, sandbox, monkeypatch):
    """If a worker dies before it acknowledges, the next one sends the same keys and IDs, and all is applied once."""
    monkeypatch.setenv("ORDER_DEADLINE", "2")
    reached, go = asyncio.Event(), asyncio.Event()

    @sandbox.before_commit
    async def hold(operation_id):
        if operation_id == "trackEventV3":
            reached.set()
            await go.wait()

    await send(order(7))
    async with working() as [worker]:
        async with asyncio.timeout(30):
            await reached.wait()
        await worker.kill()
    go.set()
    async with working():
        await until(lambda: done(redis))
    assert await deliveries(redis) == {"order-7": 2}
    once = ["updateCustomerProfileV2", "updateCustomerSessionV2", "trackEventV3", "createReferral"]
    assert {operation: sandbox.applied(operation) for operation in once} == dict.fromkeys(once, 1)
    writes = Counter(request for request in sandbox.noted if request[0] != "GET")
    assert writes == {
        ("PUT", "/v2/customer_profiles/c-7", "order-7-profile"): 2,
        ("PUT", "/v2/customer_sessions/7", "order-7-session"): 2,
        ("POST", "/v3/events", ""): 2,
        ("POST", "/v1/referrals", ""): 1,
    }
    assert ("GET", "/v3/events/order-7-paid", "") in sandbox.noted


class Delivery:
    """A message that is delivered to the task, in this process."""

    def __init__(self, redis, client, message, task_id="task"):
        self.acknowledged = False
        broker.state.redis, broker.state.client = redis, client
        task = TaskiqMessage(task_id=task_id, task_name="order_paid", labels={}, args=[], kwargs={})
        self.context = Context(task, broker, AckController(self.acknowledge))
        self.message = message

    def acknowledge(self):
        """Note that the worker is done with it."""
        self.acknowledged = True

    async def work(self):
        """Do what a worker does with it."""
        await order_paid.original_func(self.message, self.context)


@pytest.fixture
async def deliver(redis, sandbox):  # noqa: ARG001 - whose URL the client reads
    """Return what delivers a message."""
    async with AsyncIntegrationClient.from_env(retry=RetryPolicy(attempts=1)) as client:
        yield partial(Delivery, redis, client)


async def test_the_orders_that_come_with_the_example_are_booked(deliver, sandbox):
    """Each order of the example's file is booked, with a code for friends where the customer wants one."""
    orders = (EXAMPLES / "worker" / "orders.ndjson").read_text().splitlines()
    for line in orders:
        delivery = deliver(json.loads(line))
        await delivery.work()
        assert delivery.acknowledged
    assert [sandbox.applied(name) for name in ("updateCustomerSessionV2", "createReferral")] == [len(orders), 1]


async def test_what_may_be_booked_later_is_left_in_the_queue(deliver, redis, sandbox):
    """While the API fails a message is left unacknowledged, until its last delivery makes it a dead letter."""
    sandbox.faults.add("updateCustomerSessionV2", Fault.STATUS_503, every=1)
    for _ in range(MAX_DELIVERIES - 1):
        delivery = deliver(order(40))
        with pytest.raises(ServerError):
            await delivery.work()
        assert not delivery.acknowledged
    last = deliver(order(40))
    await last.work()
    assert last.acknowledged
    [letter] = await dead_letters.letters(redis)
    assert letter["message"] == order(40)
    error = dead_letters.restore(letter["error"])
    assert (type(error), error.outcome) == (ServerError, Outcome.UNKNOWN)


async def test_a_message_that_kills_its_workers_is_a_dead_letter(deliver, redis, sandbox):
    """A message whose workers died at every delivery is not worked on any more."""
    for _ in range(MAX_DELIVERIES):
        await dead_letters.count_delivery(redis, "task")
    delivery = deliver(order(40))
    await delivery.work()
    assert delivery.acknowledged
    assert sandbox.noted == []
    [letter] = await dead_letters.letters(redis)
    assert dead_letters.restore(letter["error"]) == "GaveUpError: delivered 11 times"


async def test_a_lost_referral_code_is_found(deliver, sandbox):
    """A code whose response was lost is found by the next delivery, which creates no other."""
    sandbox.faults.drop_after_commit("createReferral")
    first = deliver(order(7))
    with pytest.raises(TransportError):
        await first.work()
    second = deliver(order(7))
    await second.work()
    assert (first.acknowledged, second.acknowledged) == (False, True)
    assert sandbox.applied("createReferral") == 1


async def test_too_many_updates_of_a_customer_are_no_event_that_exists(deliver, sandbox):
    """A 409 that does not mean that the event exists leaves the message in the queue."""
    sandbox.faults.add("trackEventV3", Fault.STATUS_409)
    delivery = deliver(order(40))
    with pytest.raises(ConflictError):
        await delivery.work()
    assert not delivery.acknowledged


async def test_a_letter_that_is_put_while_others_are_retried_stays(redis):
    """A message that fails again while its letter is queued again has a letter afterwards, and so have all others."""
    for task_id in ("first", "second"):
        await dead_letters.put(redis, task_id, {}, ValueError())
    for letter in await dead_letters.take(redis):
        await dead_letters.put(redis, letter["task_id"], {}, ValueError("again"))
        await dead_letters.remove(redis, letter["task_id"])
    left = {letter["task_id"]: letter["error"]["text"] for letter in await dead_letters.letters(redis)}
    assert left == {"first": "again", "second": "again"}


async def test_retrying_that_was_interrupted_continues(redis):
    """What was not queued again before the program was killed is still listed, and is taken by the next run."""
    await dead_letters.put(redis, "first", {}, ValueError())
    await dead_letters.take(redis)
    await dead_letters.put(redis, "second", {}, ValueError())
    assert {letter["task_id"] for letter in await dead_letters.letters(redis)} == {"first", "second"}
    for task_id in ("first", "second"):
        [letter] = await dead_letters.take(redis)
        assert letter["task_id"] == task_id
        await dead_letters.remove(redis, task_id)


async def test_dead_letters_are_listed_and_queued_again(redis, talon_one):
    """What the API rejects is a dead letter at once; it is listed with its error, and can be queued again."""
    cancelled = {"profileId": "mary", "cartItems": [], "state": "cancelled"}
    number = 1_000_001
    await talon_one.sessions.update_customer_session_v2(str(number), {"customerSession": {"profileId": "mary"}})
    await talon_one.sessions.update_customer_session_v2(str(number), {"customerSession": cancelled})
    await send(order(number), {"order": "no lines"})
    async with working():
        await until(lambda: done(redis))
        listed = await command("dead")
        assert '{"order": "no lines"}\tValidationError' in listed
        assert "updateCustomerSessionV2 failed: 400" in listed
        assert "(1 attempt, rejected)" in listed
        assert await deliveries(redis) == {f"order-{number}": 1, "order-no lines": 1}
        await redis.hdel(dead_letters.DEAD_LETTERS, "order-no lines")
        await command("retry")
        await until(lambda: redis.hexists(dead_letters.DEAD_LETTERS, f"order-{number}"))
        assert await deliveries(redis) == {f"order-{number}": 1, "order-no lines": 1}
