"""How many slots of a pool remain usable after requests were cancelled at random: httpx's own pool, and ours.

``python benchmarks/cancellation.py``. Each pool goes through the same script of callers, pauses and cancellations.
"""

import asyncio
import random
import ssl
from contextlib import suppress

import httpx

from aiotalonone.transport import LifoPool

SLOTS = 10
CALLERS = 30
CANCELLATIONS = 2000
LONGEST_LIFE = 0.02
POOL_TIMEOUT = 0.5
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


class Server:
    """Answers at once, but for ``/hold``: those requests it answers when it has as many as it is asked to wait for."""

    def __init__(self) -> None:
        self.held: list[asyncio.WriteTransport] = []

    async def serve(self) -> asyncio.Server:
        """Listen on loopback."""
        return await asyncio.get_running_loop().create_server(lambda: Peer(self), "127.0.0.1", 0)


class Peer(asyncio.Protocol):
    """The server's end of one connection."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def connection_made(self, transport: asyncio.WriteTransport) -> None:
        """Remember where answers go."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Requests come whole, and have no bodies."""
        if b"/hold" in data:
            self.server.held.append(self.transport)
        else:
            self.transport.write(ANSWER)


async def cancel_at_random(client: httpx.AsyncClient) -> None:
    """Give up each request after a random while, that of the script."""
    script = random.Random(1093)  # noqa: S311

    async def caller() -> None:
        for _ in range(CANCELLATIONS // CALLERS):
            with suppress(TimeoutError, httpx.HTTPError):
                async with asyncio.timeout(script.random() * LONGEST_LIFE):
                    while True:
                        await client.get("/")

    await asyncio.gather(*(caller() for _ in range(CALLERS)))


async def usable_slots(client: httpx.AsyncClient, server: Server) -> int:
    """How many requests reach the server at the same time, when there are as many as slots."""
    requests = [asyncio.create_task(client.get("/hold")) for _ in range(SLOTS)]
    await asyncio.wait(requests, timeout=2 * POOL_TIMEOUT)
    for transport in server.held:
        transport.write(ANSWER)
    answers = await asyncio.gather(*requests, return_exceptions=True)
    return sum(isinstance(answer, httpx.Response) for answer in answers)


async def examine(name: str, transport: httpx.AsyncBaseTransport) -> None:
    """Cancel requests on a transport, then count what is left of it."""
    server = Server()
    async with await server.serve() as listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        timeout = httpx.Timeout(5, pool=POOL_TIMEOUT)
        async with httpx.AsyncClient(transport=transport, base_url=url, timeout=timeout) as client:
            await cancel_at_random(client)
            print(f"{name:6} {await usable_slots(client, server)} of {SLOTS} slots usable")


async def main() -> None:
    """Examine both."""
    context = ssl.create_default_context()
    limits = httpx.Limits(max_connections=SLOTS)
    await examine("httpx", httpx.AsyncHTTPTransport(verify=context, trust_env=False, limits=limits))
    await examine("lifo", LifoPool(context, max_connections=SLOTS))


if __name__ == "__main__":
    asyncio.run(main())
