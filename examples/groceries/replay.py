"""The replay's machinery: calls made concurrently, each measured, with their progress on the console."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from time import perf_counter
from types import TracebackType
from typing import Final, Self, TypeVar

from attrs import define, field
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from aiotalonone import AsyncIntegrationClient, TalonOneError, endpoints
from examples.groceries.facts import Facts
from examples.groceries.faults import InjectedFaults
from examples.groceries.scenario import Scenario

T = TypeVar("T")

CONCURRENCY: Final = 4  # client and sandbox have a core each: more callers would only wait longer

OPERATIONS: Final = tuple(operation.operation_id for operation in endpoints.all_operations())
"""The operations that the demo calls, by the API's names."""

Sequences = Sequence[Sequence[T]]
"""Items to work on: those of one sequence in their order, the sequences concurrently."""


class ProgressDisplay:
    """Shows the phases of the replay: live bars on a terminal, otherwise a line per phase."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description:<46}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bars.stop()

    @contextmanager
    def phase(self, title: str, total: int) -> Iterator[Callable[[], None]]:
        """Show one phase of ``total`` steps; call the function that the block is given after each step."""
        bar = self._bars.add_task(title, total=total)
        started = perf_counter()
        yield lambda: self._bars.advance(bar)
        if not self._console.is_terminal:
            self._console.print(f"{title:<46}{total:>8,}{perf_counter() - started:>8.1f} s", highlight=False)


@define
class CallStats:
    """The calls of one operation."""

    seconds: list[float] = field(factory=list)
    failures: int = 0

    @property
    def calls(self) -> int:
        """Number of calls, failed ones included."""
        return len(self.seconds)

    def percentile(self, percent: int) -> float:
        """Return the duration in seconds that ``percent`` of the calls did not exceed."""
        return sorted(self.seconds)[ceil(self.calls * percent / 100) - 1]


@define
class Replay:
    """One run of the scenario: what it needs, and what it has observed."""

    client: AsyncIntegrationClient
    scenario: Scenario
    progress: ProgressDisplay
    faults: InjectedFaults = field(factory=InjectedFaults)
    calls: dict[str, CallStats] = field(factory=lambda: {operation: CallStats() for operation in OPERATIONS})
    observed: Facts = field(factory=dict)
    errors: Counter[str] = field(factory=Counter)
    """The number of failed calls by error message."""
    referral_codes: dict[str, str] = field(factory=dict)
    """By advocate."""

    @contextmanager
    def measuring(self, operation: str) -> Iterator[None]:
        """Record how long one call takes, and whether it fails."""
        stats = self.calls[operation]
        started = perf_counter()
        try:
            yield
        except TalonOneError:
            stats.failures += 1
            raise
        finally:
            stats.seconds.append(perf_counter() - started)

    @property
    def unused_operations(self) -> list[str]:
        """Operations without any call."""
        return [operation for operation, stats in self.calls.items() if not stats.calls]

    async def phase(self, title: str, sequences: Sequences[T], work: Callable[[T], Awaitable[None]]) -> None:
        """Work on all items, at most `CONCURRENCY` sequences at once; a failed call affects only its own item."""
        waiting = iter(sequences)
        with self.progress.phase(title, sum(map(len, sequences))) as advance:

            async def take_sequences() -> None:
                for sequence in waiting:
                    for item in sequence:
                        await self._attempt(work, item)
                        advance()

            async with asyncio.TaskGroup() as group:
                for _ in range(CONCURRENCY):
                    group.create_task(take_sequences())

    async def _attempt(self, work: Callable[[T], Awaitable[None]], item: T) -> None:
        try:
            await work(item)
        except TalonOneError as error:
            self.errors[str(error)] += 1


def independent(items: Iterable[T]) -> Sequences[T]:
    """Return each item as a sequence of its own."""
    return [(item,) for item in items]


def grouped(items: Iterable[T], key: Callable[[T], str]) -> Sequences[T]:
    """Return a sequence for each household: the API takes the updates of one customer one after another."""
    groups: dict[str, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return list(groups.values())


def chunked(items: Sequence[T], size: int) -> Sequences[Sequence[T]]:
    """Return chunks of at most ``size`` items, each for one request."""
    return independent(items[start : start + size] for start in range(0, len(items), size))
