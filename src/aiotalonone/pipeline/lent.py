"""Attempts through an httpx client that is the caller's: its pool, unlike ours, loses slots where tasks are cancelled.

A request that is cancelled before its connection stands, or while its answer is being closed, leaves that connection
in the pool for good (httpcore issues 830 and 1093). So each attempt has a place in the pool before it begins, and is a
task of its own, which a cancellation of the call reaches only where it does no harm: while it waits for the network.
"""

from asyncio import CancelledError, Task, create_task, get_running_loop, shield, wait
from collections.abc import Mapping
from typing import Any, Final

import httpx
from attrs import define, field

from aiotalonone.errors import Outcome, TalonOneError, TransportTimeoutError
from aiotalonone.pipeline.contract import Exchange
from aiotalonone.pipeline.decision import Phase, outcome_of
from aiotalonone.pipeline.places import Places, places_for
from aiotalonone.pipeline.wire import Wire
from aiotalonone.transport import NOTHING_WRITTEN, drop_connection_with_surplus

_NETWORK_WAITS: Final = (
    "send_request_headers.started",
    "send_request_body.started",
    "receive_response_headers.started",
    "receive_response_body.started",
)
LONGEST_ABANDONED_SECONDS: Final = 10.0
"""An attempt without a caller is over by then, whatever its transport: usual pool and connect timeouts are shorter."""


@define
class LentWire:
    """Sends exchanges through a caller's ``httpx.AsyncClient``, one attempt each, and observes how far it comes."""

    wire: Wire
    abandoned: set[Task[httpx.Response]]
    """Attempts whose callers are gone."""

    async def send(self, exchange: Exchange) -> httpx.Response:
        """As ``Wire.send``; a cancelled caller leaves at once."""
        places = places_for(self.wire.http_client, exchange.request.url)
        await _enter(places, exchange)
        progress = _Progress(exchange.request)
        exchange.request.extensions["trace"] = progress.note
        attempt = create_task(self._attempt(exchange))
        attempt.add_done_callback(lambda _: places.leave())
        try:
            return await shield(attempt)
        except CancelledError:
            await self._leave(exchange, attempt, progress)
            raise

    async def _attempt(self, exchange: Exchange) -> httpx.Response:
        answer = await self.wire.send(exchange)
        await drop_connection_with_surplus(answer)
        return answer

    async def _leave(self, exchange: Exchange, attempt: Task[httpx.Response], progress: "_Progress") -> None:
        if progress.waits_for_network:
            attempt.cancel()
            await wait([attempt])
        if attempt.done():
            exchange.came_to(_outcome_of(attempt, exchange))
            return
        progress.abandoned = True
        nothing_written = progress.observed and not progress.writing
        exchange.came_to(Outcome.NOT_SENT if nothing_written else Outcome.UNKNOWN)
        self.abandoned.add(attempt)
        attempt.add_done_callback(self._forget)
        get_running_loop().call_later(LONGEST_ABANDONED_SECONDS, attempt.cancel)

    def _forget(self, attempt: Task[httpx.Response]) -> None:
        self.abandoned.discard(attempt)
        if not attempt.cancelled():
            attempt.exception()  # retrieved, so that nobody is told of it


async def _enter(places: Places, exchange: Exchange) -> None:
    """Take a place in the pool within the time that httpx would allow for it.

    Raises:
        TransportTimeoutError: None became free.
    """
    try:
        await places.enter(exchange.request.extensions.get("timeout", {}).get("pool"))
    except TimeoutError:
        exchange.attempts += 1
        operation_id = exchange.operation.operation_id
        raise TransportTimeoutError("pool timeout", operation_id=operation_id, outcome=Outcome.NOT_SENT) from None


@define
class _Progress:
    """What httpcore tells of a request on its way."""

    request: httpx.Request = field(repr=False)
    observed: bool = False
    writing: bool = False
    """Or beyond."""
    waits_for_network: bool = False
    """On the connection that is the request's alone, and is closed with it."""
    abandoned: bool = False

    async def note(self, event: str, _: Mapping[str, Any]) -> None:
        """Take an event of httpcore's ``trace`` extension.

        Raises:
            AbandonedError: The request is about to be written, and nobody waits for its answer.
        """
        self.observed = True
        self.waits_for_network = event.endswith(_NETWORK_WAITS)
        if self.writing:
            return
        self.writing = event.endswith("send_request_headers.started")
        if self.abandoned and self.writing:
            raise AbandonedError
        self.request.extensions[NOTHING_WRITTEN] = not self.writing


class AbandonedError(Exception):
    """The call was cancelled before its request was written."""


def _outcome_of(attempt: Task[httpx.Response], exchange: Exchange) -> Outcome:
    """What became of an attempt that is over, and whose answer came too late."""
    if attempt.cancelled():
        return exchange.outcome  # noted as it was cancelled
    failure = attempt.exception()
    if failure is None:
        return outcome_of(Phase.ANSWERED, attempt.result().status_code)
    return failure.outcome if isinstance(failure, TalonOneError) else Outcome.UNKNOWN


async def finish(abandoned: set[Task[httpx.Response]], patience: float) -> None:
    """End the attempts that nobody waits for, and wait until they are."""
    for attempt in abandoned:
        attempt.cancel()
    if abandoned:
        await wait(abandoned, timeout=patience)
