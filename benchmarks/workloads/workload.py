"""What a workload is, and what the process that measures one is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.contenders import CONTENDERS
from benchmarks.contenders.target import Target
from benchmarks.meter import Round
from benchmarks.server.process import CA_FILE

TOGETHER: Final = "all"
"""In place of a contender, if all are measured by one process, in turn."""


class Job(NamedTuple):
    """One contender in one round of one workload."""

    subject: str
    workload: str
    contender: str
    share: float
    """Of the calls that the long form makes."""
    urls: dict[str, str]
    folder: str
    core: int | None

    def count(self, full: int, minimum: int = 1) -> int:
        """Return how many calls to make."""
        return max(minimum, round(full * self.share))

    def target(self, server: str = "plain", max_connections: int = 100) -> Target:
        """Return where the contender sends its requests."""
        url = self.urls[server]
        ca_file = str(Path(self.folder, CA_FILE)) if url.startswith("https") else None
        return Target(url, ca_file, max_connections)


class Metric(NamedTuple):
    """A column of a table."""

    key: str
    title: str
    digits: int = 0


@dataclass(frozen=True)
class Workload:
    """What is measured, of whom."""

    name: str
    title: str
    contenders: Mapping[str, str]
    """What each is like, by name; the first one is what the others are compared with."""
    metrics: tuple[Metric, ...]
    """The first one is compared."""
    measure: Callable[[Job], Round] = field(repr=False)
    together: bool = False
    """Whether one process measures all, batch by batch in turn, as suits what takes microseconds."""
    turns: int = 1
    """How often each contender runs in a round."""
    max_rounds: int | None = None
    by_default: bool = True
    """Whether it runs if no workload is named."""

    @property
    def subject(self) -> str:
        """The module that defines it."""
        return self.measure.__module__.rpartition(".")[2]

    @property
    def processes(self) -> list[str]:
        """Who gets a process."""
        return [TOGETHER] if self.together else list(self.contenders)


def kinds(*names: str) -> dict[str, str]:
    """Return what contenders are like."""
    return {name: CONTENDERS[name].kind for name in names}
