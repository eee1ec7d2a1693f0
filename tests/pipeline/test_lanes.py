"""Lanes: one at a time, first come, first served, and nothing kept."""

import asyncio

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone.pipeline.lanes import Lanes
from tests.support.strategies import action_sequences, drain_loop, pick

CART = ("session", "cart-1")


async def pass_through(lanes, name, log, number, gate):
    """Go through a lane, and tell when."""
    await lanes.enter(name)
    try:
        log.append(f"in {number}")
        await gate.wait()
    finally:
        log.append(f"out {number}")
        lanes.leave(name)


def start(lanes, log, gate, count, name=CART):
    """So many that want to pass, in order."""
    return [asyncio.create_task(pass_through(lanes, name, log, number, gate)) for number in range(count)]


async def turns(number=5):
    """Let everybody do what can be done."""
    for _ in range(number):
        await asyncio.sleep(0)


async def test_one_at_a_time_in_the_order_in_which_they_came():
    """The API answers 409 to updates that crowd."""
    lanes, log, gate = Lanes(1), [], asyncio.Event()
    gate.set()
    await asyncio.gather(*start(lanes, log, gate, 4))
    assert log == ["in 0", "out 0", "in 1", "out 1", "in 2", "out 2", "in 3", "out 3"]


async def test_a_wider_lane_takes_so_many_at_once():
    """The API itself has room for one, and two in its queue."""
    lanes, log, gate = Lanes(3), [], asyncio.Event()
    tasks = start(lanes, log, gate, 5)
    await turns()
    assert log == ["in 0", "in 1", "in 2"]
    gate.set()
    await asyncio.gather(*tasks)
    assert log.index("in 3") > log.index("out 0")
    assert log.index("in 4") > log.index("out 1")


async def test_others_have_lanes_of_their_own():
    """Another session does not wait, nor does a profile of the same name."""
    lanes, log, gate = Lanes(1), [], asyncio.Event()
    names = [CART, ("session", "cart-2"), ("profile", "cart-1")]
    tasks = [asyncio.create_task(pass_through(lanes, name, log, name, gate)) for name in names]
    await turns()
    assert len(log) == len(lanes) == 3
    gate.set()
    await asyncio.gather(*tasks)


async def test_nothing_is_kept_of_a_lane_that_is_empty():
    """A job over millions of customers keeps lanes only for the updates in flight."""
    lanes, log, gate = Lanes(1), [], asyncio.Event()
    gate.set()
    await asyncio.gather(*start(lanes, log, gate, 3))
    assert len(lanes) == 0


@pytest.mark.parametrize("leaver", [1, 2, 3])
async def test_a_cancelled_waiter_leaves_the_queue(leaver):
    """If a waiting update is cancelled, the one behind it moves up."""
    lanes, log, gate = Lanes(1), [], asyncio.Event()
    tasks = start(lanes, log, gate, 4)
    await turns()
    tasks[leaver].cancel()
    await turns()
    gate.set()
    await asyncio.wait(tasks)
    assert log[::2] == [f"in {number}" for number in range(4) if number != leaver]
    assert len(lanes) == 0


async def test_a_waiter_cancelled_as_it_is_handed_the_place_passes_it_on():
    """Between the hand-over and its next step it holds the place without knowing."""
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
    """It has not left yet, and is no longer waiting."""
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
    """Visitors of lanes, each with a number, a lane and a task that ends as it has entered."""

    width: int
    lanes: Lanes
    names: dict = field(factory=dict)
    tasks: dict = field(factory=dict)
    inside: list = field(factory=list)
    entered: list = field(factory=list)

    def come(self, name):
        """Add an update that wants to enter."""
        number = len(self.tasks)
        self.names[number] = name
        self.tasks[number] = asyncio.create_task(self._enter(number))

    async def _enter(self, number):
        await self.lanes.enter(self.names[number])
        self.inside.append(number)
        self.entered.append(number)

    def leave(self, number):
        """Let the running update leave at once."""
        self.inside.remove(number)
        self.lanes.leave(self.names[number])

    @property
    def waiting(self):
        """Those who have neither entered nor lost patience."""
        return [number for number, task in self.tasks.items() if not task.done()]

    def check(self):
        """A lane never holds more than its width, serves in order, and leaves no update waiting in vain."""
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
async def test_whatever_visitors_do_the_lanes_are_in_order(width, script):
    """Hand-overs and cancellations may fall into one turn of the event loop."""
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
