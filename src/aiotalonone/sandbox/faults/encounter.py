"""A request that meets a fault, and how its connection may end."""

import asyncio
from collections.abc import Awaitable, Callable

from attrs import define
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aiotalonone.sandbox.faults.script import Script


class BrokenConnectionError(ConnectionError):
    """Ends the connection; a caller of the application without a server of ours gets it as it is."""


class DroppedError(BrokenConnectionError, ConnectionResetError):
    """The connection closes after what has been sent."""


class NobodyReadsError(BrokenConnectionError, ConnectionRefusedError):
    """The connection is reset, as if nothing had been read."""


@define(frozen=True)
class Encounter:
    """One request that meets the fault of a script."""

    script: Script
    application: ASGIApp
    sleep: Callable[[float], Awaitable[None]]
    scope: Scope
    receive: Receive
    send: Send

    async def answer(self) -> tuple[Message, bytes]:
        """Lets the application do its work, and keeps its answer back: the start and the body."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.application(self.scope, self.receive, keep)
        start, *rest = messages
        return start, b"".join(message["body"] for message in rest)

    async def pause(self) -> None:
        """Pauses as long as the script says, or until the client leaves."""
        pausing = asyncio.ensure_future(self.sleep(self.script.seconds))
        leaving = asyncio.ensure_future(departure(self.receive))
        try:
            done, _ = await asyncio.wait((pausing, leaving), return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            pausing.cancel()
            leaving.cancel()


async def departure(receive: Receive) -> None:
    """Waits until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
