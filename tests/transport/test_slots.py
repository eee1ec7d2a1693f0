"""The books of the pool, whatever requests do: every slot is taken, idle or free."""

import asyncio
from math import inf

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone.transport.slots import Slots
from tests.support.strategies import action_sequences, drain_loop, pick
from tests.support.virtual_time import in_virtual_time

PATIENCE = 5


class FakeConnection:
    """A connection without a network."""

    def __init__(self):
        self.is_usable = True
        self.idle_until = inf
        self.failed = False

    def abort(self):
        """End it."""
        self.is_usable = False

    def fail_closed(self):
        """End it with its pool."""
        self.abort()
        self.failed = True


async def occupied(slots, number):
    """Occupy so many slots with new connections."""
    connections = [FakeConnection() for _ in range(number)]
    for connection in connections:
        assert await slots.acquire(fresh=False, seconds=None) is None
        slots.take(connection)
    return connections


async def test_idle_connection_used_last_is_taken_first():
    """The idle connection that was used last is acquired first, so that the others may expire."""
    slots = Slots(3)
    connections = await occupied(slots, 3)
    for connection in connections:
        slots.release(connection, inf)
    assert [await slots.acquire(fresh=False, seconds=0) for _ in range(3)] == connections[::-1]


async def test_useless_idle_connections_are_passed_over():
    """Idle connections that cannot be used are closed, and their slots free."""
    slots = Slots(3)
    connections = await occupied(slots, 3)
    for connection in connections:
        slots.release(connection, inf)
    connections[1].is_usable = connections[2].is_usable = False
    assert await slots.acquire(fresh=False, seconds=0) is connections[0]
    assert [await slots.acquire(fresh=False, seconds=0) for _ in range(2)] == [None, None]


async def test_fresh():
    """A request that needs a fresh connection is given a slot, and all connections that were idle end."""
    slots = Slots(2)
    connections = await occupied(slots, 2)
    for connection in connections:
        slots.release(connection, inf)
    assert await slots.acquire(fresh=True, seconds=0) is None
    assert not any(connection.is_usable for connection in connections)
    assert await slots.acquire(fresh=False, seconds=0) is None


async def test_waiting_requests_are_served_in_their_order():
    """What becomes free goes to the request that has waited longest; a newcomer waits behind the others."""
    slots = Slots(1)
    [connection] = await occupied(slots, 1)
    order = []

    async def request(number):
        acquired = await slots.acquire(fresh=False, seconds=None)
        order.append(number)
        assert acquired is connection
        slots.release(connection, inf)

    tasks = [asyncio.create_task(request(number)) for number in range(3)]
    await drain_loop()
    slots.release(connection, inf)
    tasks.append(asyncio.create_task(request(3)))
    await asyncio.gather(*tasks)
    assert order == [0, 1, 2, 3]


async def test_cancelled_just_before_the_hand_over():
    """A request that was cancelled, and has not left the queue yet, is passed over."""
    slots = Slots(1)
    [connection] = await occupied(slots, 1)
    first, second = (asyncio.create_task(slots.acquire(fresh=False, seconds=None)) for _ in range(2))
    await drain_loop()
    first.cancel()
    slots.release(connection, inf)
    assert await second is connection
    assert first.cancelled()


@pytest.mark.parametrize("others", [0, 1])
async def test_cancelled_just_after_the_hand_over(others):
    """A request that is cancelled before it knows of its connection passes it on, or leaves it idle as it was."""
    slots = Slots(1)
    [connection] = await occupied(slots, 1)
    first, *waiting = (asyncio.create_task(slots.acquire(fresh=False, seconds=None)) for _ in range(1 + others))
    await drain_loop()
    slots.release(connection, 30.0)
    first.cancel()
    await drain_loop()
    assert first.cancelled()
    for task in waiting:
        assert await task is connection
        slots.release(connection, 30.0)
    assert slots.close_expired(0) == connection.idle_until == 30.0
    assert await slots.acquire(fresh=False, seconds=0) is connection


async def test_cancelled_just_after_a_slot_became_free():
    """A request that is cancelled before it knows of its free slot passes it on."""
    slots = Slots(1)
    [connection] = await occupied(slots, 1)
    first, second = (asyncio.create_task(slots.acquire(fresh=False, seconds=None)) for _ in range(2))
    await drain_loop()
    slots.free(connection)
    first.cancel()
    assert await second is None
    assert not connection.is_usable


async def test_connection_that_ends_just_after_the_hand_over():
    """A request whose connection ends before it knows of it has the slot alone, and connects."""
    slots = Slots(1)
    [connection] = await occupied(slots, 1)
    waiting = asyncio.create_task(slots.acquire(fresh=False, seconds=None))
    await drain_loop()
    slots.release(connection, inf)
    connection.abort()
    assert await waiting is None
    assert not slots.taken
    slots.free()
    assert await slots.acquire(fresh=False, seconds=0) is None


@in_virtual_time
async def test_timeout():
    """A request waits as long as it says."""
    slots = Slots(1)
    await occupied(slots, 1)
    with pytest.raises(TimeoutError):
        await slots.acquire(fresh=False, seconds=PATIENCE)
    assert asyncio.get_running_loop().time() == PATIENCE
    assert not slots._waiting


async def test_expired_connections():
    """Connections whose time is over end, and it is said when the next one's is."""
    slots = Slots(3)
    for connection, idle_until in zip(await occupied(slots, 3), (3.0, 1.0, 2.0), strict=True):
        slots.release(connection, idle_until)
    assert slots.close_expired(1.5) == 2.0
    assert slots.close_expired(2.0) == 3.0
    assert slots.close_expired(3.0) == inf
    assert [await slots.acquire(fresh=False, seconds=0) for _ in range(3)] == [None] * 3


async def test_connection_that_ends_while_it_is_idle():
    """An idle connection that has ended leaves its slot; one that is taken keeps it."""
    slots = Slots(1)
    [connection] = await occupied(slots, 1)
    slots.forget_idle(connection)
    with pytest.raises(TimeoutError):
        await slots.acquire(fresh=False, seconds=0)
    slots.release(connection, inf)
    slots.forget_idle(connection)
    slots.forget_idle(connection)
    assert await slots.acquire(fresh=False, seconds=0) is None
    with pytest.raises(TimeoutError):
        await slots.acquire(fresh=False, seconds=0)


async def test_connection_made_while_the_pool_closes():
    """A connection that stands when its pool is closed already is not used."""
    slots = Slots(1)
    assert await slots.acquire(fresh=False, seconds=0) is None
    slots.close()
    with pytest.raises(RuntimeError, match="pool is closed"):
        slots.take(FakeConnection())
    assert not slots.taken


@define
class Requests:
    """Requests that acquire, each with a number."""

    slots: Slots
    limit: int
    tasks: dict = field(factory=dict)
    held: dict = field(factory=dict)
    """The connection of a request, by its number; ``None`` while it connects."""
    served: list = field(factory=list)

    def acquire(self, seconds, *, fresh):
        """A request comes; it waits so long."""
        number = len(self.tasks)
        self.tasks[number] = asyncio.create_task(self._acquire(number, seconds, fresh=fresh))

    async def _acquire(self, number, seconds, *, fresh):
        connection = await self.slots.acquire(fresh=fresh, seconds=seconds)
        self.held[number] = connection
        assert connection is None or connection.is_usable
        self.served.append(number)

    @property
    def waiting(self):
        """Those who have neither a slot nor lost patience."""
        return [number for number, task in self.tasks.items() if not task.done()]

    def check(self):
        """No connection is shared, no slot lost, no request waits while one is free; first come, first served."""
        held, idle = [connection for connection in self.held.values() if connection], list(self.slots._idle)
        assert len({*held, *idle}) == len(held) + len(idle)
        assert set(held) == self.slots.taken
        assert self.slots._free + len(self.held) + len(idle) == self.limit
        assert not self.waiting or (len(self.held) == self.limit and not idle)
        assert self.served == sorted(self.served)

    def release(self, number):
        """A request ends; its connection can be used again, if it had one."""
        connection = self.held.pop(number)
        if connection is None:
            self.slots.free()
        else:
            self.slots.release(connection, asyncio.get_running_loop().time() + PATIENCE)


async def play(script, requests):
    """Play a script; a request that is handed something may be cancelled before it knows."""
    slots = requests.slots
    for verb, number in script:
        idle = pick(slots._idle, number)
        if verb == "acquire":
            await drain_loop()  # a request that was handed something has it
            requests.acquire(None if number % 3 else PATIENCE, fresh=not number % 7)
            await asyncio.sleep(0)
        elif verb == "end idle" and idle is not None:
            idle.abort()
            slots.forget_idle(idle)
        elif verb == "expire":
            slots.close_expired(asyncio.get_running_loop().time())
        elif verb == "wait":
            await asyncio.sleep(number % PATIENCE + 1)
            requests.check()
        elif verb == "cancel" and (leaver := pick(requests.waiting, number)) is not None:
            requests.tasks[leaver].cancel()
        elif (who := pick(requests.held, number)) is not None:
            act(requests, who, verb)


def act(requests, who, verb):
    """Let a request that has a slot do something with it."""
    slots = requests.slots
    if verb == "connect" and requests.held[who] is None:
        requests.held[who] = FakeConnection()
        slots.take(requests.held[who])
    elif verb == "release":
        requests.release(who)
    elif verb == "free":
        slots.free(requests.held.pop(who))
    elif verb == "hand over" and requests.waiting:
        requests.release(who)
        requests.tasks[requests.waiting[0]].cancel()


async def end_closed(requests):
    """The requests that wait learn of the end, and those that come later; no connection remains."""
    waiting, held = requests.waiting, [connection for connection in requests.held.values() if connection]
    requests.slots.close()
    await drain_loop()
    assert not requests.waiting
    for number in waiting:
        task = requests.tasks[number]
        assert task.cancelled() or number in requests.held or isinstance(task.exception(), (RuntimeError, TimeoutError))
    assert all(connection.failed for connection in held)
    for number in list(requests.held):
        requests.release(number)
    with pytest.raises(RuntimeError, match="pool is closed"):
        await requests.slots.acquire(fresh=False, seconds=None)
    assert not requests.slots._idle
    assert not requests.slots.taken


async def end_open(requests):
    """Every slot can be had at the same time as all others, and no more than these."""
    while requests.held or requests.waiting:
        await drain_loop()
        requests.check()
        for number in list(requests.held):
            requests.release(number)
    await drain_loop()
    assert not requests.slots._waiting
    acquired = [await requests.slots.acquire(fresh=False, seconds=0) for _ in range(requests.limit)]
    connections = [connection for connection in acquired if connection]
    assert len(set(connections)) == len(connections)
    with pytest.raises(TimeoutError):
        await requests.slots.acquire(fresh=False, seconds=0)


VERBS = (
    *["acquire"] * 3,
    *["connect"] * 2,
    *["release"] * 2,
    "free",
    "hand over",
    "cancel",
    "end idle",
    "expire",
    "wait",
)


@settings(deadline=None, max_examples=200)
@given(
    st.integers(min_value=1, max_value=3),
    action_sequences(*VERBS),
    st.sampled_from([end_open, end_closed]),
)
@in_virtual_time
async def test_any_script(limit, script, end):
    """Hand-overs, cancellations and timeouts may fall into one turn of the event loop; no slot is lost by that."""
    requests = Requests(Slots(limit), limit)
    await play(script, requests)
    await end(requests)
