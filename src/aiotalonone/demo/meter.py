"""How often each operation was called, how often it failed, and how long it took."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from time import perf_counter
from typing import Final

from attrs import define, field

from aiotalonone import TalonOneError, endpoints

OPERATIONS: Final = tuple(operation.operation_id for operation in endpoints.OPERATIONS)
"""The operations that the demo goes through."""


@define
class Usage:
    """The calls of one operation."""

    seconds: list[float] = field(factory=list)
    failures: int = 0

    @property
    def calls(self) -> int:
        """How many there were, failed ones included."""
        return len(self.seconds)

    def percentile(self, percent: int) -> float:
        """The time in seconds that so many of a hundred calls did not exceed."""
        return sorted(self.seconds)[ceil(self.calls * percent / 100) - 1]


class Meter:
    """The calls of all operations."""

    def __init__(self) -> None:
        self.usage: dict[str, Usage] = {operation: Usage() for operation in OPERATIONS}

    @contextmanager
    def measuring(self, operation: str) -> Iterator[None]:
        """Notes one call's time and whether it failed."""
        usage = self.usage[operation]
        started = perf_counter()
        try:
            yield
        except TalonOneError:
            usage.failures += 1
            raise
        finally:
            usage.seconds.append(perf_counter() - started)

    @property
    def unused(self) -> list[str]:
        """The operations that nobody called."""
        return [operation for operation, usage in self.usage.items() if not usage.calls]
