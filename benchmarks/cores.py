"""One core for the server and another one for the contender, if the machine lets us choose."""

import os
from typing import NamedTuple


class Cores(NamedTuple):
    """Where the two processes of a measurement run; ``None`` leaves it to the operating system."""

    server: int | None
    contender: int | None


def choose() -> Cores:
    """Return two different cores, or none at all if there is only one."""
    available = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return Cores(available[0], available[1]) if len(available) > 1 else Cores(None, None)


def pin(core: int | None) -> None:
    """Keep this process, and those that it starts, on one core."""
    if core is not None:
        os.sched_setaffinity(0, {core})
