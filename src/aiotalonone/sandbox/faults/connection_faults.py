"""Faults of the connection: what each does to a request, applied or not, and to its response."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from attrs import define
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aiotalonone.sandbox.faults.script import Fault, FaultRule
from aiotalonone.sandbox.http.body import read_unheeded
from aiotalonone.sandbox.http.notes import BEFORE_COMMIT

TRAILING_DATA = "aiotalonone.sandbox.trailing_data"
"""Key in an ASGI message with a body of bytes to send beyond the content length."""

PAGE = "<!doctype html><title>Welcome</title><p>Please sign in to this network.</p>"
PIECE_LENGTH = 8


class BrokenConnectionError(ConnectionError):
    """Ends the connection; without the sandbox's server the caller of the application gets this error itself."""


class ConnectionDropped(BrokenConnectionError, ConnectionResetError):  # noqa: N818 - the bases say that it is an error
    """The connection closes after what has been sent."""


class ConnectionRefused(BrokenConnectionError, ConnectionRefusedError):  # noqa: N818 - likewise
    """The connection is reset, as if the request had not been read."""


@define(frozen=True)
class FaultedRequest:
    """A request that meets a fault."""

    rule: FaultRule
    application: ASGIApp
    sleep: Callable[[float], Awaitable[None]]
    scope: Scope
    receive: Receive
    send: Send

    async def perform(self) -> tuple[Message, bytes]:
        """Let the application perform the request, and return the start and the body of its response unsent.

        Raises:
            ConnectionDropped: The client disconnected within its request, so there is no response.
        """
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        await self.application(self.scope, self.receive, collect)
        if not messages:
            raise ConnectionDropped("the client disconnected within its request")
        start, *rest = messages
        return start, b"".join(message["body"] for message in rest)

    async def pause(self) -> None:
        """Pause as long as the rule says, or until the client disconnects."""
        pausing = asyncio.ensure_future(self.sleep(self.rule.seconds))
        leaving = asyncio.ensure_future(wait_for_disconnect(self.receive))
        try:
            done, _ = await asyncio.wait((pausing, leaving), return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            pausing.cancel()
            leaving.cancel()


async def wait_for_disconnect(receive: Receive) -> None:
    """Wait until the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _reset(request: FaultedRequest) -> None:
    await read_unheeded(request.scope, request.receive)
    raise ConnectionRefused("connection refused")


async def _drop_before_reading(request: FaultedRequest) -> None:
    await read_unheeded(request.scope, request.receive)
    raise ConnectionDropped("dropped before the request was read")


async def _no_response(request: FaultedRequest) -> None:
    await wait_for_disconnect(request.receive)


async def _drop_after_commit(request: FaultedRequest) -> None:
    await request.perform()
    raise ConnectionDropped("dropped before the response")


async def _half_a_body(request: FaultedRequest) -> None:
    start, body = await request.perform()
    if body:
        await request.send(start)
        await request.send(_piece(body[: len(body) // 2]))
    raise ConnectionDropped("dropped within the response")


async def _trickle(request: FaultedRequest) -> None:
    start, body = await request.perform()
    await request.send(start)
    for offset in range(0, len(body), PIECE_LENGTH):
        await request.send(_piece(body[offset : offset + PIECE_LENGTH]))
        await request.pause()
    await request.send({"type": "http.response.body"})


async def _wrong_content_length(request: FaultedRequest) -> None:
    start, body = await request.perform()
    half = len(body) // 2
    headers = [(name, str(half).encode() if name == b"content-length" else value) for name, value in start["headers"]]
    await request.send({**start, "headers": headers})
    await request.send({**_piece(body[:half]), TRAILING_DATA: body[half:]})
    await request.send({"type": "http.response.body"})


async def _not_json(request: FaultedRequest) -> None:
    await request.perform()
    await HTMLResponse(PAGE)(request.scope, request.receive, request.send)


async def _slow_commit(request: FaultedRequest) -> None:
    scope = {**request.scope, BEFORE_COMMIT: request.pause}
    await request.application(scope, request.receive, request.send)


CONNECTION_FAULTS: Mapping[Fault, Callable[[FaultedRequest], Awaitable[None]]] = {
    Fault.RESET: _reset,
    Fault.DROP_BEFORE_READING: _drop_before_reading,
    Fault.NO_RESPONSE: _no_response,
    Fault.DROP_AFTER_COMMIT: _drop_after_commit,
    Fault.HALF_A_BODY: _half_a_body,
    Fault.TRICKLE: _trickle,
    Fault.WRONG_CONTENT_LENGTH: _wrong_content_length,
    Fault.NOT_JSON: _not_json,
    Fault.SLOW_COMMIT: _slow_commit,
}


def _piece(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}
