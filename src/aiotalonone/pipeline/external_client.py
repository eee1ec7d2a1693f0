"""Attempts through an httpx client that the caller owns, of httpx or of httpx2, by their public API alone.

Their pool loses connections if a task is cancelled before its connection stands, or while a response is being closed
(httpcore issues 830 and 1093). So each attempt is a task of its own, and a cancellation of the call reaches it only
where it does no harm: while it waits for the network on an HTTP/1.1 connection, and while it waits for a connection of
httpx2, whose pool has been mended. How far it comes is reported by the ``trace`` extension.

Nor are these pools made for many that wait: they search all of them at each step, and 2,000 hold up the event loop for
a minute. So attempts wait for their turn here, and only as many as may be in flight are with the library.
"""

from asyncio import CancelledError, Task, create_task, get_running_loop, shield, timeout, to_thread, wait
from collections.abc import Mapping
from sys import modules
from typing import Any, Final

import httpx
from attrs import define, field

from aiotalonone.pipeline.lanes import Lanes
from aiotalonone.pipeline.middleware import Exchange
from aiotalonone.pipeline.send import HttpSender, transport_error
from aiotalonone.transport.failures import PoolTimedOut
from aiotalonone.transport.progress import PROGRESS, RequestProgress

_NETWORK_WAITS: Final = (
    "http11.send_request_headers.started",
    "http11.send_request_body.started",
    "http11.receive_response_headers.started",
    "http11.receive_response_body.started",
)
_HARMLESS_ENDS: Final = ("connect_tcp.started", "connect_unix_socket.started", "send_request_headers.started")
"""Where an attempt that is not written may end: the library closes its connection, and nothing else is open."""
_LANE: Final = "external client"
ABANDONED_TIMEOUT: Final = 60.0
"""Seconds until an attempt without a caller is cancelled; usual timeouts are shorter."""


@define
class ExternalClientSender:
    """Sends exchanges through a caller's httpx client, one attempt each, and observes how far it comes."""

    sender: HttpSender
    abandoned: set[Task[httpx.Response]]
    """Attempts whose callers are gone."""
    turns: Lanes
    """Where attempts wait for their turn, all in one lane."""
    _may_leave_pool: bool = field(init=False)
    """Whether an attempt that waits for a connection may be cancelled."""

    def __attrs_post_init__(self) -> None:
        httpx2 = modules.get("httpx2")
        self._may_leave_pool = httpx2 is not None and isinstance(self.sender.http_client, httpx2.AsyncClient)

    async def send(self, exchange: Exchange) -> httpx.Response:
        """Send as ``HttpSender.send`` does; a cancelled caller leaves at once."""
        await self._wait_for_turn(exchange)
        trace = _Trace(exchange.request.extensions)
        exchange.request.extensions["trace"] = trace.note
        attempt = create_task(self.sender.send(exchange))
        attempt.add_done_callback(lambda _: self.turns.leave(_LANE))  # it is with the library until then
        try:
            return await shield(attempt)
        except CancelledError:
            if not attempt.done():
                await self._abandon(attempt, trace)
            raise

    async def _wait_for_turn(self, exchange: Exchange) -> None:
        """Wait as long as the request may wait for a connection; the attempt has not started yet.

        Raises:
            TransportTimeoutError: There was no turn in time.
        """
        if self.turns.try_enter(_LANE):
            return
        seconds = exchange.request.extensions.get("timeout", {}).get("pool")
        try:
            async with timeout(seconds):
                await self.turns.enter(_LANE)
        except TimeoutError:
            failure = PoolTimedOut("pool timeout")
            raise transport_error(exchange, failure) from failure

    async def _abandon(self, attempt: Task[httpx.Response], trace: "_Trace") -> None:
        trace.abandoned = True
        self.abandoned.add(attempt)
        attempt.add_done_callback(self._discard_result)
        if trace.waits_for_network or (self._may_leave_pool and not trace.has_started):
            attempt.cancel()
            await wait([attempt])
        else:
            timer = get_running_loop().call_later(ABANDONED_TIMEOUT, attempt.cancel)
            attempt.add_done_callback(lambda _: timer.cancel())

    def _discard_result(self, attempt: Task[httpx.Response]) -> None:
        self.abandoned.discard(attempt)
        if not attempt.cancelled():
            attempt.exception()  # taken, so that asyncio does not report it


@define
class _Trace:
    """Notes what httpcore reports of an attempt."""

    extensions: Mapping[str, Any] = field(repr=False)
    has_started: bool = False
    """It has, or makes, a connection."""
    waits_for_network: bool = False
    """On a connection that is the request's alone, and is closed with it."""
    opens_tunnel: bool = False
    abandoned: bool = False

    async def note(self, event: str, info: Mapping[str, Any]) -> None:
        """Take an event of the ``trace`` extension.

        Raises:
            RequestAbandoned: The request is about to be written, and no caller waits for its response.
        """
        progress: RequestProgress = self.extensions[PROGRESS]
        progress.observed = self.has_started = True
        if self.abandoned and event.endswith(_HARMLESS_ENDS) and not progress.written:
            raise RequestAbandoned
        if event.endswith("send_request_headers.started"):
            self.opens_tunnel = _is_connect(info)
        if self.opens_tunnel:  # that exchange with a proxy is not the request
            return
        self.waits_for_network = event.endswith(_NETWORK_WAITS)
        if event.endswith("send_request_headers.started"):
            progress.written = True
        elif event.endswith("receive_response_headers.complete"):
            progress.status = _status(info)


class RequestAbandoned(Exception):  # noqa: N818 - the call does not end in it
    """The call was cancelled before its request was written."""


def _is_connect(info: Mapping[str, Any]) -> bool:
    return getattr(info.get("request"), "method", None) == b"CONNECT"


def _status(info: Mapping[str, Any]) -> int | None:
    """Return the status of a response's head: HTTP/1.1 tells the version before it, HTTP/2 does not."""
    return next((value for value in info["return_value"] if isinstance(value, int)), None)


async def load_backend() -> None:
    """Load, in a thread, what an external client's library would load at its first request."""
    if (anyio := modules.get("anyio")) is not None:
        await to_thread(anyio.run, anyio.sleep, 0)


async def cancel_abandoned(abandoned: set[Task[httpx.Response]], cleanup_timeout: float) -> None:
    """Cancel the attempts without a caller, and wait until they are over."""
    for attempt in abandoned:
        attempt.cancel()
    if abandoned:
        await wait(abandoned, timeout=cleanup_timeout)
