"""What happens to the sandbox, as server-sent events."""

import asyncio
from typing import Final

from attrs import define
from starlette.datastructures import Headers, QueryParams
from starlette.types import Receive, Scope, Send

from aiotalonone.sandbox import json
from aiotalonone.sandbox.control.requests import summary_json
from aiotalonone.sandbox.http.query import parse_integer
from aiotalonone.sandbox.recording import Feed, RecordedRequest, SandboxEvent, Subscription

HEARTBEAT_SECONDS: Final = 15.0
"""Seconds after which something is sent in any case, so that nothing between the two takes the connection for dead."""
LAST_EVENT_ID: Final = "Last-Event-ID"
_HEADERS: Final = ((b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store"))
_HEARTBEAT: Final = b": still here\n\n"


@define(frozen=True)
class EventStream:
    """A response that ends when the client leaves, or the server ends."""

    feed: Feed
    heartbeat_seconds: float

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what happens, after the last event that the client knows."""
        last_known = _last_known(scope)
        subscription = self.feed.subscribe(last_known)
        await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        # A client that comes for the first time is told from where on it can come back.
        await _send(send, f"retry: 1000\nid: {self.feed.last_id if last_known is None else last_known}\n\n".encode())
        leaving = asyncio.ensure_future(_disconnected(receive))
        try:
            while not leaving.done():
                await self._send_next(subscription, leaving, send)
        finally:
            leaving.cancel()
        await send({"type": "http.response.body", "body": b""})

    async def _send_next(self, subscription: Subscription, leaving: "asyncio.Future[None]", send: Send) -> None:
        """Send the next event, or a heartbeat if there is none for long."""
        arriving = asyncio.ensure_future(anext(subscription))
        try:
            await asyncio.wait((arriving, leaving), timeout=self.heartbeat_seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            arriving.cancel()  # no effect if it is done
        if arriving.done():
            await _send(send, event_text(arriving.result()))
        elif not leaving.done():
            await _send(send, _HEARTBEAT)


def event_text(event: SandboxEvent) -> bytes:
    """Return an event as it is sent: on one line, since JSON escapes line breaks."""
    content = summary_json(event.data) if isinstance(event.data, RecordedRequest) else {}
    return f"id: {event.id}\nevent: {event.kind}\ndata: ".encode() + json.dumps(content) + b"\n\n"


def _last_known(scope: Scope) -> int | None:
    """Return the last event that the client knows, None if this is its first request."""
    header = Headers(scope=scope).get(LAST_EVENT_ID)
    if header:
        return parse_integer(LAST_EVENT_ID, header)
    after = QueryParams(scope["query_string"]).get("after")
    return None if after is None else parse_integer("after", after)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})
