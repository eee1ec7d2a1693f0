"""The books of the pool, whatever requests do: every slot is somebody's, or free."""

import asyncio

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone.transport import slots as room
from aiotalonone.transport.slots import Slots
from tests.scripts_of_visits import one_of, scripts, settled
from tests.virtual_time import in_virtual_time

PATIENCE = 5


@define(eq=False)
class Paper:
    """A slot in the books."""


@define
class Requests:
    """Requests that take slots, each with a number."""

    slots: Slots
    limit: int
    tasks: dict = field(factory=dict)
    held: dict = field(factory=dict)
    """The slot that a request has, by number."""
    served: list = field(factory=list)

    def take(self, seconds):
        """A request comes; it waits so long."""
        number = len(self.tasks)
        self.tasks[number] = asyncio.create_task(self._take(number, seconds))

    async def _take(self, number, seconds):
        self.held[number] = await self.slots.take(seconds)
        self.served.append(number)

    @property
    def waiting(self):
        """Those who have neither a slot nor lost patience."""
        return [number for number, task in self.tasks.items() if not task.done()]

    def check(self):
        """Nobody shares a slot, no slot is lost, nobody waits while one is free, first come, first served."""
        idle = [slot for _, slot in self.slots._idle]
        assert len({*self.held.values(), *idle}) == len(self.held) + len(idle) == len(self.slots._all) <= self.limit
        assert not self.waiting or (len(self.held) == self.limit and not idle)
        assert self.served == sorted(self.served)


async def play(script, requests, clock):
    """What the script says; who is handed a slot may be cancelled before it knows."""
    slots = requests.slots
    for verb, number in script:
        who = one_of(requests.held, number)
        if verb == "take":
            await settled()  # who was handed a slot has it
            requests.take(None if number % 3 else PATIENCE)
            await asyncio.sleep(0)
        elif verb == "give back" and who is not None:
            slots.give_back(requests.held.pop(who))
        elif verb == "replace" and who is not None:
            slots.replace(requests.held.pop(who))
        elif verb == "hand over" and who is not None and requests.waiting:
            slots.give_back(requests.held.pop(who))
            requests.tasks[requests.waiting[0]].cancel()
        elif verb == "cancel" and (leaver := one_of(requests.waiting, number)) is not None:
            requests.tasks[leaver].cancel()
        elif verb == "expire":
            clock.append(clock[-1] + number * 2)
            if expired := slots.pop_expired():
                slots.replace(expired)
        elif verb == "wait":
            await asyncio.sleep(number % PATIENCE + 1)
            requests.check()


async def end_closed(requests):
    """Those who wait learn of it, those who come later too; what comes back is not kept."""
    waiting = requests.waiting
    requests.slots.close()
    await settled()
    assert not requests.waiting
    for number in waiting:
        task = requests.tasks[number]
        assert task.cancelled() or number in requests.held or isinstance(task.exception(), (RuntimeError, TimeoutError))
    for slot in requests.held.values():
        requests.slots.give_back(slot)
    with pytest.raises(RuntimeError, match="pool is closed"):
        await requests.slots.take(None)
    assert not requests.slots._idle


async def end_open(requests):
    """Every slot can be had, at the same time as all others, and no more than these."""
    while requests.held or requests.waiting:
        await settled()
        requests.check()
        for number in list(requests.held):
            requests.slots.give_back(requests.held.pop(number))
    await settled()
    assert not requests.slots._waiting
    assert len({await requests.slots.take(0) for _ in range(requests.limit)}) == requests.limit
    with pytest.raises(TimeoutError):
        await requests.slots.take(0)


VERBS = ("take", "take", "take", "give back", "give back", "replace", "hand over", "cancel", "expire", "wait")


@settings(deadline=None, max_examples=120)
@given(st.integers(min_value=1, max_value=3), scripts(*VERBS), st.sampled_from([end_open, end_closed]))
@in_virtual_time
async def test_whatever_requests_do_the_books_are_right(limit, script, end):
    """Hand-overs, cancellations and timeouts may fall into one turn of the event loop; nothing is lost by that."""
    clock = [0.0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "monotonic", lambda: clock[-1])
        requests = Requests(Slots(Paper, limit), limit)
        await play(script, requests, clock)
        await end(requests)
