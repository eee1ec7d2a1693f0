"""The replay at work: calls in lanes, some of them at once, each measured, and what their answers say."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Final, TypeVar

from attrs import define, field

from aiotalonone import AsyncIntegrationClient, TalonOneError
from aiotalonone.demo.facts import Facts
from aiotalonone.demo.faults import Trouble
from aiotalonone.demo.meter import Meter
from aiotalonone.demo.scenario import Scenario
from aiotalonone.demo.screen import Screen

T = TypeVar("T")

LANES_AT_ONCE: Final = 4  # client and sandbox have a core each: more callers would only wait longer

Lanes = Sequence[Sequence[T]]
"""Things to do: those of one lane in their order, the lanes side by side."""


@define
class Replay:
    """One run through the scenario: what it needs, and what came of it."""

    client: AsyncIntegrationClient
    scenario: Scenario
    screen: Screen
    meter: Meter = field(factory=Meter)
    observed: Facts = field(factory=dict)
    errors: Counter[str] = field(factory=Counter)
    """The failures of calls, each with the number of calls that failed so."""
    trouble: Trouble = field(factory=Trouble)
    referral_codes: dict[str, str] = field(factory=dict)
    """By advocate."""

    def measuring(self, operation: str) -> AbstractContextManager[None]:
        """Measures one call of an operation."""
        return self.meter.measuring(operation)

    async def phase(self, title: str, lanes: Lanes[T], work: Callable[[T], Awaitable[None]]) -> None:
        """Works through the lanes, a bounded number of them at once; a failed call stops nothing but its own item."""
        waiting = iter(lanes)
        with self.screen.phase(title, sum(map(len, lanes))) as advance:

            async def follow_lanes() -> None:
                for lane in waiting:
                    for item in lane:
                        await self._attempt(work, item)
                        advance()

            async with asyncio.TaskGroup() as group:
                for _ in range(LANES_AT_ONCE):
                    group.create_task(follow_lanes())

    async def _attempt(self, work: Callable[[T], Awaitable[None]], item: T) -> None:
        try:
            await work(item)
        except TalonOneError as error:
            self.errors[str(error)] += 1


def side_by_side(items: Iterable[T]) -> Lanes[T]:
    """Each item in a lane of its own."""
    return [(item,) for item in items]


def in_order(items: Iterable[T], whose: Callable[[T], str]) -> Lanes[T]:
    """A lane for each household: the API wants one customer's updates one after another."""
    lanes: dict[str, list[T]] = defaultdict(list)
    for item in items:
        lanes[whose(item)].append(item)
    return list(lanes.values())


def in_portions(items: Sequence[T], size: int) -> Lanes[Sequence[T]]:
    """Requests of so many items each."""
    return side_by_side(items[start : start + size] for start in range(0, len(items), size))
