"""Lanes: updates of one entity run one at a time, in order, and an unused lane is dropped."""

import asyncio

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone.pipeline.lanes import Lanes
from tests.support.strategies import action_sequences, drain_loop, pick

CART = ("session", "cart-1")


async def pass_through(lanes, name, log, number, gate):
    """Pass through a lane, and note when."""
    await lanes.enter(name)
    try:
        log.append(f"in {number}")
        await gate.wait()
    finally:
        log.append(f"out {number}")
        lanes.leave(name)


def start(lanes, log, gate, count, name=CART):
    """Start as many tasks as given that want to pass, in order."""
    return [asyncio.create_task(pass_through(lanes, name, log, number, gate)) for number in range(count)]


async def turns(number=5):
    """Let all tasks run as far as they can."""
    for _ in range(number):
        await asyncio.sleep(0)


async def test_one_at_a_time_in_the_order_in_which_they_came():
    """Updates of one session run one at a time, in the order in which they were made."""
    lanes, log, gate = Lanes(1), [], asyncio.Event()
    gate.set()
    await asyncio.gather(*start(lanes, log, gate, 4))
    assert log == ["in 0", "out 0", "in 1", "out 1", "in 2", "out 2", "in 3", "out 3"]


async def test_a_wider_lane_takes_several_at_once():
    """A lane of width three lets three updates run at once, and the others in order."""
    lanes, log, gate = Lanes(3), [], asyncio.Event()
    tasks = start(lanes, log, gate, 5)
    await turns()
    assert log == ["in 0", "in 1", "in 2"]
    gate.set()
    await asyncio.gather(*tasks)
    assert log.index("in 3") > log.index("out 0")
    assert log.index("in 4") > log.index("out 1")


async def test_others_have_lanes_of_their_own():
    """Another session does not wait, and neither does a profile of the same name."""
    lanes, log, gate = Lanes(1), [], asyncio.Event()
    names = [CART, ("session", "cart-2"), ("profile", "cart-1")]
    tasks = [asyncio.create_task(pass_through(lanes, name, log, name, gate)) for name in names]
    await turns()
    assert len(log) == len(lanes) == 3
    gate.set()
    await asyncio.gather(*tasks)


async def test_nothing_is_kept_of_a_lane_that_is_empty():
    """A lane without updates takes no memory."""
    lanes, log, gate = Lanes(1), [], asyncio.Event()
    gate.set()
    await asyncio.gather(*start(lanes, log, gate, 3))
    assert len(lanes) == 0


@pytest.mark.parametrize("leaver", [1, 2, 3])
async def test_a_cancelled_waiter_leaves_the_queue(leaver):
    """An update that is cancelled while it waits leaves the queue to those behind it."""
    lanes, log, gate = Lanes(1), [], asyncio.Event()
    tasks = start(lanes, log, gate, 4)
    await turns()
    tasks[leaver].cancel()
    await turns()
    gate.set()
    await asyncio.wait(tasks)
    assert log[::2] == [f"in {number}" for number in range(4) if number != leaver]
    assert len(lanes) == 0


async def test_a_waiter_that_is_closed_gives_away_no_place():
    """An update whose coroutine is closed while it waits leaves the queue, and those before it wait on."""
    lanes = Lanes(1)
    await lanes.enter(CART)
    first = asyncio.create_task(lanes.enter(CART))
    await turns()
    closed = lanes.enter(CART)
    closed.send(None)
    closed.close()
    await turns()
    assert not first.done()
    lanes.leave(CART)
    await first
    lanes.leave(CART)
    assert len(lanes) == 0


async def test_a_waiter_cancelled_as_it_gets_the_lane_passes_it_on():
    """An update that is cancelled between the hand-over and its next step passes the lane on."""
    lanes, log, gate = Lanes(1), [], asyncio.Event()
    await lanes.enter(CART)
    tasks = start(lanes, log, gate, 2)
    await turns()
    lanes.leave(CART)
    tasks[0].cancel()
    gate.set()
    await asyncio.wait(tasks)
    assert log == ["in 1", "out 1"]
    assert len(lanes) == 0


async def test_a_waiter_cancelled_before_the_hand_over_is_passed_over():
    """An update that is cancelled, and has not left the queue yet, is passed over."""
    lanes, log, gate = Lanes(1), [], asyncio.Event()
    await lanes.enter(CART)
    tasks = start(lanes, log, gate, 2)
    await turns()
    tasks[0].cancel()
    lanes.leave(CART)
    gate.set()
    await asyncio.wait(tasks)
    assert log == ["in 1", "out 1"]
    assert len(lanes) == 0


@define
class Visits:
    """Tasks that use lanes, each with a number, a lane and a task that ends once it has entered."""

    width: int
    lanes: Lanes
    names: dict = field(factory=dict)
    tasks: dict = field(factory=dict)
    inside: list = field(factory=list)
    entered: list = field(factory=list)

    def come(self, name):
        """Start a task that wants to enter."""
        number = len(self.tasks)
        self.names[number] = name
        self.tasks[number] = asyncio.create_task(self._enter(number))

    async def _enter(self, number):
        await self.lanes.enter(self.names[number])
        self.inside.append(number)
        self.entered.append(number)

    def leave(self, number):
        """Let a task inside leave at once."""
        self.inside.remove(number)
        self.lanes.leave(self.names[number])

    @property
    def waiting(self):
        """Those that have neither entered nor been cancelled."""
        return [number for number, task in self.tasks.items() if not task.done()]

    def check(self):
        """Check the width, the order, and that no task waits in vain."""
        for name in set(self.names.values()):
            inside, entered, waiting = (
                [number for number in numbers if self.names[number] == name]
                for numbers in (self.inside, self.entered, self.waiting)
            )
            assert len(inside) <= self.width
            assert not waiting or len(inside) == self.width
            assert entered == sorted(entered)


@settings(deadline=None, max_examples=120)
@given(
    st.integers(min_value=1, max_value=3),
    action_sequences("come", "come", "come", "leave", "leave", "cancel", "settle"),
)
async def test_lanes_are_in_order_after_any_script(width, script):
    """No script of entering, leaving and cancelling breaks the order or the width of a lane."""
    visits = Visits(width, Lanes(width))
    for verb, number in script:
        if verb == "come":
            await drain_loop()  # who was handed a place has taken it
            visits.come(number % 2)
            await asyncio.sleep(0)
        elif verb == "leave" and (leaver := pick(visits.inside, number)) is not None:
            visits.leave(leaver)
        elif verb == "cancel" and (leaver := pick(visits.waiting, number)) is not None:
            visits.tasks[leaver].cancel()
        elif verb == "settle":
            await drain_loop()
            visits.check()
    while visits.inside or visits.waiting:
        await drain_loop()
        visits.check()
        for number in list(visits.inside):
            visits.leave(number)
    assert len(visits.lanes) == 0
    assert not visits.lanes._waiting
