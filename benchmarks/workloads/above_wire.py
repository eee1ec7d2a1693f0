"""What a typed call costs above the wire: all use a transport that responds at once."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final
from unittest.mock import patch

import httpx

from aiotalonone.transport.messages import WholeResponse
from benchmarks import payloads
from benchmarks.contenders import AsyncCall, httpx_clients, ours
from benchmarks.meter import Round, take_turns
from benchmarks.workloads.workload import Job, Metric, Workload, kinds

BATCHES: Final = 40
URL: Final = "https://acme.europe-west1.talon.one"
HEAD: Final = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(payloads.RESPONSE))]


class InstantTransport(httpx.AsyncBaseTransport):
    """Respond at once, with the same bytes to all.

    Args:
        make_response: Makes a response of a status, headers and content.
    """

    is_observed: bool = False
    """As in the client's own pool, which test doubles may observe."""

    def __init__(self, make_response: Callable[..., httpx.Response]) -> None:
        self._make_response = make_response

    async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
        """Respond."""
        return self._make_response(200, HEAD, payloads.RESPONSE)

    send = handle_async_request
    """As in the client's own pool, for requests that nothing observes."""


def streamed_response(status: int, headers: list[tuple[bytes, bytes]], content: bytes) -> httpx.Response:
    """Return a response as httpx's connections do."""
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content))


def _in_loop(loop: asyncio.AbstractEventLoop, call: AsyncCall) -> Callable[[int], object]:
    async def calls(number: int) -> None:
        for _ in range(number):
            await call("session-1")

    return lambda number: loop.run_until_complete(calls(number))


def measure(job: Job) -> Round:
    """Let all three take turns in one event loop."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        stack = AsyncExitStack()
        sides = {name: _in_loop(loop, call) for name, call in runner.run(_opened(stack)).items()}
        try:
            return take_turns(sides, BATCHES, job.count(100))
        finally:
            runner.run(stack.aclose())


async def _opened(stack: AsyncExitStack) -> dict[str, Callable[[str], Awaitable[object]]]:
    timeout = httpx.Timeout(30)
    transport = InstantTransport(streamed_response)
    http_client = await stack.enter_async_context(
        httpx.AsyncClient(base_url=URL, transport=transport, timeout=timeout, trust_env=False)
    )
    own_transport = InstantTransport(WholeResponse)
    with patch("aiotalonone.transport.pool.ConnectionPool", lambda *_, **__: own_transport):
        default = await stack.enter_async_context(ours.client(URL))
    brought = await stack.enter_async_context(ours.client(URL, http_client=http_client))
    return {
        "httpx": httpx_clients.update_with(http_client),
        "ours": ours.update_with(default),
        "ours_on_httpx": ours.update_with(brought),
    }


WORKLOADS: Final = (
    Workload(
        "above-wire",
        "Session updates above a transport that responds at once",
        kinds("httpx", "ours", "ours_on_httpx"),
        (Metric("cpu", "CPU µs/call"),),
        measure,
        together=True,
    ),
)
