"""ASGI middleware that records each request and what became of it."""

from collections.abc import Callable
from time import perf_counter
from typing import Final

from attrs import define
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aiotalonone.sandbox.clock import Clock
from aiotalonone.sandbox.faults import Fault
from aiotalonone.sandbox.http.notes import NOTES, Notes
from aiotalonone.sandbox.recording.feed import REQUEST, Feed
from aiotalonone.sandbox.recording.requests import RecordedRequest, RequestLog

REQUEST_NUMBER: Final = "X-Sandbox-Request"
"""Header of a response with the number under which its request is recorded."""


@define(frozen=True)
class RecordingMiddleware:
    """An application whose requests are recorded, and told to those who watch."""

    application: ASGIApp
    requests: RequestLog
    feed: Feed
    clock: Clock
    operation_id_of: Callable[[Scope], str | None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request, and record it."""
        request = self.requests.start(scope, self.operation_id_of(scope), self.clock())
        notes, started = Notes(), perf_counter()

        async def record_receive() -> Message:
            message = await receive()
            request.request_body.add(message.get("body", b""))
            return message

        async def record_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_NUMBER] = str(request.number)
                request.status = message["status"]
            request.response.add(message.get("body", b""))
            await send(message)

        try:
            await self.application({**scope, NOTES: notes}, record_receive, record_send)
        finally:
            request.duration_ms = (perf_counter() - started) * 1000
            _take_over(notes, request)
            self.feed.publish(REQUEST, request)


def _take_over(notes: Notes, request: RecordedRequest) -> None:
    request.dry, request.replayed = notes.dry, notes.replayed
    request.fault = None if notes.fault is None else Fault(notes.fault)
    request.trace, request.effects = notes.trace, notes.effects
