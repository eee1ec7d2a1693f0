"""The server of the process: it says where it listens, what it is asked, and follows the campaign file."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address
from itertools import islice
from typing import Any, Final

from aiotalonone.sandbox.sandbox import Sandbox
from aiotalonone.sandbox.server import Server
from aiotalonone.sandbox.serving.access import guarded
from aiotalonone.sandbox.serving.log import Log
from aiotalonone.sandbox.serving.options import Options

Companion = Callable[[], Coroutine[Any, Any, None]]

_MAX_SHOWN_COUPONS: Final = 5


class Service(Server):
    """Serve a sandbox, and print its address, key and some coupons as soon as it listens.

    Args:
        sandbox: To serve.
        options: Where and for whom.
        log: Is told of requests that are rejected at the door.
        companions: Run as long as it serves.
    """

    def __init__(self, sandbox: Sandbox, options: Options, log: Log, companions: Sequence[Companion]) -> None:
        super().__init__(guarded(sandbox.app, options.access, log.rejection), options.host, options.port)
        self._api_key = options.api_key
        self._coupons = sandbox.state.coupons.keys()
        self._companions = companions

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until it is asked to stop."""
        async with _running(self._companions):
            await super().serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening and print the address."""
        await super().startup(sockets)
        # The program that starts the process waits for this line.
        line = (
            f"Talon.One sandbox on {self.url} (API key: {self._api_key}){_coupons_text(self._coupons)}; "
            f"look inside at {self.url}/"
        )
        print(line, flush=True)  # noqa: T201


@asynccontextmanager
async def _running(companions: Sequence[Companion]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(companion()) for companion in companions]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens: uvicorn would end the process with a status of its own if it cannot.

    Raises:
        OSError: The port is in use, or not for this user; or the address is not this machine's.
    """
    is_any = ip_address(host).is_unspecified
    listening = socket.create_server(
        (host, port),
        family=socket.AF_INET6 if ":" in host else socket.AF_INET,
        dualstack_ipv6=is_any and ":" in host and socket.has_dualstack_ipv6(),
    )
    # Connections inherit it. asyncio sets it on its own sockets alone, and without it a response waits for 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _coupons_text(coupons: Collection[str]) -> str:
    """Return the part of the line with the first codes, in characters that any terminal shows on one line."""
    if not coupons:
        return ""
    shown = [ascii(code)[1:-1] for code in islice(coupons, _MAX_SHOWN_COUPONS)]
    further = len(coupons) - len(shown)
    return f", coupons: {', '.join(shown)}" + (f" and {further} more" if further else "")
