"""The server that puts the sandbox on a socket, and breaks a connection where a fault says so."""

import asyncio
import socket
import struct
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from aiotalonone.sandbox.faults.encounter import BrokenConnectionError, NobodyReadsError, departure
from aiotalonone.sandbox.faults.impairments import SURPLUS

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Server(uvicorn.Server):
    """Serves an application on a loopback address, one that may break its connections."""

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> None:
        config = uvicorn.Config(
            app, host, port, http=Connection, lifespan="off", ws="none", access_log=False, log_level="warning"
        )
        super().__init__(config)

    @property
    def url(self) -> str:
        """Where it listens, with the port that a 0 has become."""
        host, port = self.servers[0].sockets[0].getsockname()[:2]
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
        """Stops listening and ends every request: one that is never answered would never end by itself."""
        self._abort_connections()
        await asyncio.sleep(0)  # and they are lost: uvicorn would look for that after a tenth of a second
        await super().shutdown(sockets)

    def _abort_connections(self) -> None:
        for connection in self.server_state.connections:
            connection.transport.abort()


class Connection(H11Protocol):
    """An HTTP connection that breaks off where the application raises a `BrokenConnectionError`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._application: Any = self.app
        self.app: ASGIApp = self._serve

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_surplus(message: Message) -> None:
            await send(message)
            self.transport.write(message.get(SURPLUS, b""))

        try:
            await self._application(scope, receive, send_with_surplus)
        except BrokenConnectionError as broken:
            self._break(broken)
            # uvicorn would report an error if this returned without an answer before the connection is lost
            await departure(receive)

    def _break(self, broken: BrokenConnectionError) -> None:
        if isinstance(broken, NobodyReadsError):
            connection: socket.socket = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            self.transport.abort()
        else:
            self.transport.close()
