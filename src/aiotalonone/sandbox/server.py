"""The server that listens on a socket, and breaks a connection if a fault says so."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aiotalonone.sandbox.faults.connection_faults import (
    TRAILING_DATA,
    BrokenConnectionError,
    ConnectionRefused,
    wait_for_disconnect,
)

try:
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        f'the sandbox needs {_missing.name} to listen: pip install "aiotalonone[sandbox]"', name=_missing.name
    ) from None

LOOPBACK: Mapping[str, str] = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not listened on
"""The address of this machine that stands for all of its addresses."""
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
MAX_HEAD_BYTES = 256 * 1024
"""Of a request's line and headers: a session's ID may be of any length."""
MAX_HEAD_SECONDS = 30.0
"""After which a connection closes that has not sent them, so that it is not open for ever."""


class Server(uvicorn.Server):
    """Serve an application, which may break its connections, on a loopback address."""

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> None:
        config = uvicorn.Config(
            app,
            host,
            port,
            http=BreakableProtocol,
            lifespan="off",
            ws="none",
            access_log=False,
            log_level="warning",
            h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        )
        super().__init__(config)

    @property
    def url(self) -> str:
        """The address it listens on, with the actual port if it was given 0; one of this machine's if it is on all."""
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        host = LOOPBACK.get(host, str(host))
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until it is asked to stop; a server that is cancelled keeps no socket open either."""
        try:
            await super().serve(sockets)
        finally:
            for server in getattr(self, "servers", []):  # uvicorn sets it when it starts to listen
                server.close()
            self._abort_connections()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening and abort each request: one without a response would never end by itself."""
        self._abort_connections()
        await asyncio.sleep(0)  # the connections close now; uvicorn would check for that every tenth of a second
        await super().shutdown(sockets)

    def _abort_connections(self) -> None:
        for connection in self.server_state.connections:
            connection.transport.abort()


class BreakableProtocol(H11Protocol):
    """An HTTP connection that breaks if the application raises a `BrokenConnectionError`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._application: Any = self.app
        self.app: ASGIApp = self._serve
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for a first request."""
        super().connection_made(transport)
        self._time_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        super().connection_lost(exc)
        self._stop_timing()

    def handle_events(self) -> None:
        """Start to serve a request that has arrived, or wait for the rest of it or the next one."""
        super().handle_events()
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]  # None at first
            self._time_head()
        else:
            self._stop_timing()

    def _time_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(MAX_HEAD_SECONDS, self.transport.close)

    def _stop_timing(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_trailing_data(message: Message) -> None:
            await send(message)
            trailing = message.get(TRAILING_DATA, b"")
            if trailing and not self.transport.is_closing():  # uvloop raises for a transport that is closed
                self.transport.write(trailing)

        try:
            await self._application(scope, receive, send_with_trailing_data)
        except BrokenConnectionError as broken:
            self._break(broken)
            # uvicorn would log an error if this returned without a response before the connection is closed
            await wait_for_disconnect(receive)

    def _break(self, broken: BrokenConnectionError) -> None:
        if self.transport.is_closing():  # the client has left, and the socket may be gone
            return
        if isinstance(broken, ConnectionRefused):
            connection: socket.socket = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            self.transport.abort()
        else:
            self.transport.close()
