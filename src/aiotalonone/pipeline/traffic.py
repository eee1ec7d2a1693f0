"""What the calls of an open client share on its event loop: the httpx client, the lanes, and who is under way."""

from asyncio import AbstractEventLoop, Task, get_running_loop
from collections.abc import Sequence
from typing import Any

import httpx
from attrs import define, field

from aiotalonone.call import Call
from aiotalonone.pipeline.budget import RetryBudget
from aiotalonone.pipeline.contract import Exchange, Middleware, Proceed
from aiotalonone.pipeline.deadline import CallsInFlight, deadline_of
from aiotalonone.pipeline.lanes import Lanes
from aiotalonone.pipeline.lent import LentWire, finish
from aiotalonone.pipeline.way import the_way
from aiotalonone.pipeline.wire import Wire
from aiotalonone.settings import RetryPolicy

PATIENCE_SECONDS = 1.0
"""How long a call that is ended may take to clean up."""


@define(eq=False)
class Traffic:
    """Calls from their start to their end."""

    http_client: httpx.AsyncClient
    is_lent: bool
    lanes: Lanes | None
    _loop: AbstractEventLoop = field(factory=get_running_loop)
    _in_flight: CallsInFlight = field(factory=CallsInFlight)
    _abandoned: set[Task[httpx.Response]] = field(factory=set)

    @property
    def on_this_loop(self) -> bool:
        """Whether the event loop that runs is the one on which this began."""
        return get_running_loop() is self._loop

    def begin(self, call: Call[Any], request: httpx.Request, seconds: float | None) -> Exchange:
        """A call starts, and has so many seconds."""
        started = self._loop.time()
        return Exchange(call, request, started, deadline_of(started, seconds))

    def now(self) -> float:
        """The event loop's clock, in seconds."""
        return self._loop.time()

    def way(
        self, *, middleware: Sequence[Middleware], retry: RetryPolicy, budget: RetryBudget, max_response_bytes: int
    ) -> Proceed:
        """What calls pass through: every step, down to the httpx client."""
        wire = Wire(self.http_client, max_response_bytes)
        return the_way(
            LentWire(wire, self._abandoned).send if self.is_lent else wire.send,
            middleware=middleware,
            retry=retry,
            budget=budget,
            in_flight=self._in_flight,
            lanes=self.lanes,
        )

    async def end(self, grace: float) -> None:
        """Let running calls finish, end those that do not, and close the httpx client where it is not lent."""
        try:
            await self._in_flight.end(grace, PATIENCE_SECONDS)
        finally:
            await self._close()

    async def _close(self) -> None:
        try:
            await finish(self._abandoned, PATIENCE_SECONDS)
        finally:
            if not self.is_lent:
                await self.http_client.aclose()
