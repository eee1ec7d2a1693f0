"""The samples of a whole run, and the numbers that are made of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from benchmarks.meter import Round


class Spread(NamedTuple):
    """The median of some values, the least and the greatest."""

    median: float
    low: float
    high: float


def spread_of(values: Iterable[float]) -> Spread | None:
    """Return the spread of values, or ``None`` if there are no values."""
    known = list(values)
    return Spread(median(known), min(known), max(known)) if known else None


class Term(NamedTuple):
    """A metric of a contender in a workload."""

    workload: str
    contender: str
    metric: str


@dataclass
class Results:
    """What was measured, round by round."""

    rounds: dict[str, list[Round]] = field(default_factory=dict)
    """By workload."""
    missing: dict[str, dict[str, str]] = field(default_factory=dict)
    """Why a contender has no samples, by workload and contender."""
    failures: int = 0
    """How many contenders broke off."""

    def values(self, term: Term) -> list[float | None]:
        """Return a metric of each round."""
        return [samples.get(term.contender, {}).get(term.metric) for samples in self.rounds.get(term.workload, [])]

    def spread(self, term: Term) -> Spread | None:
        """Return the spread of a metric."""
        return spread_of(value for value in self.values(term) if value is not None)

    def ratio(self, top: Term, bottom: Term) -> Spread | None:
        """Return the spread of the ratios within the rounds."""
        pairs = zip(self.values(top), self.values(bottom), strict=False)
        return spread_of(above / below for above, below in pairs if above is not None and below)
