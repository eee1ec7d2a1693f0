"""Who is compared: each contender updates a session of a given ID, with models or with bytes.

A contender is a context manager that takes a ``Target`` and yields the call. A module of its own is imported in the
process that measures it only, so that a library which is not installed does not keep others from running.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from importlib import import_module
from typing import Any, Final, NamedTuple

from benchmarks.contenders.target import Target

AsyncCall = Callable[[str], Awaitable[object]]
Call = Callable[[str], object]


class Contender(NamedTuple):
    """Where a contender is found, and what it is like."""

    place: str
    """Module of this package and function in it."""
    kind: str = "bytes"
    """``typed`` if it builds a model for each request and returns one, else ``bytes``."""
    in_threads: bool = False
    """Whether it blocks, so that each caller is a thread."""

    def _load(self) -> Any:
        module, _, function = self.place.partition(":")
        return getattr(import_module(f"{__name__}.{module}"), function)

    def open(self, target: Target) -> AbstractAsyncContextManager[AsyncCall]:
        """Return the context manager of an asynchronous contender."""
        opened: AbstractAsyncContextManager[AsyncCall] = self._load()(target)
        return opened

    def open_in_threads(self, target: Target) -> AbstractContextManager[Call]:
        """Return the context manager of a contender that blocks."""
        opened: AbstractContextManager[Call] = self._load()(target)
        return opened


CONTENDERS: Final = {
    "ours": Contender("ours:ours", kind="typed"),
    "ours_one_attempt": Contender("ours:ours_one_attempt", kind="typed"),
    "ours_warmed_up": Contender("ours:ours_warmed_up", kind="typed"),
    "ours_on_httpx": Contender("ours:ours_on_httpx", kind="typed"),
    "ours_on_httpx2": Contender("ours:ours_on_httpx2", kind="typed"),
    "vendor": Contender("vendor:vendor", kind="typed", in_threads=True),
    "httpx": Contender("httpx_clients:bare_httpx"),
    "httpx2": Contender("httpx_clients:bare_httpx2"),
    "aiohttp": Contender("aiohttp_client:bare_aiohttp"),
    "raw": Contender("raw_protocol:raw"),
}
