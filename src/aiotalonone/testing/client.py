"""A client of a sandbox in the same process."""

import copy
from asyncio import AbstractEventLoop, get_running_loop
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary

import httpx

from aiotalonone.call import Call
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.pipeline.lifecycle import ClientLifecycle
from aiotalonone.sandbox.sandbox import DEFAULT_API_KEY, DEFAULT_MANAGEMENT_TOKEN, Sandbox
from aiotalonone.settings import RetryPolicy

T = TypeVar("T")

BASE_URL = "http://localhost"
WITHOUT_PAUSES = RetryPolicy(initial_backoff=0, max_backoff=0, max_retry_after=0)


class SandboxClient(AsyncIntegrationClient):
    """A client that calls a sandbox without a socket, and pauses before no retry.

    It opens at its first call on an event loop, and unlike other clients it may be used on several: a framework's test
    client runs the service on a loop of its own, or each request on another. There is nothing to close.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(
            BASE_URL,
            api_key=DEFAULT_API_KEY,
            management_token=DEFAULT_MANAGEMENT_TOKEN,
            http_client=_http_client(sandbox),
            retry=WITHOUT_PAUSES,
        )
        self._sandbox = sandbox
        self._lives: WeakKeyDictionary[AbstractEventLoop, ClientLifecycle] = WeakKeyDictionary()

    async def open(self) -> Self:
        """Make the client ready for calls on the running event loop; opening twice changes nothing."""
        await self._life().open()
        return self

    async def aclose(self, *, grace: float = 5.0) -> None:
        """Close the client on the running event loop."""
        await self._life().aclose(grace)

    async def warm_up(self) -> None:
        """Open the client, and prepare for calls."""
        await super(SandboxClient, await self._opened_here()).warm_up()

    async def _execute(self, call: Call[T], **about_it: Any) -> T:
        return await super(SandboxClient, await self._opened_here())._execute(call, **about_it)

    async def _opened_here(self) -> Self:
        """Return this client as it is on the running event loop."""
        here = copy.copy(self)
        here._lifecycle = self._life()  # noqa: SLF001 - its own class
        await here._lifecycle.open()  # noqa: SLF001
        return here

    def _life(self) -> ClientLifecycle:
        loop = get_running_loop()
        if loop not in self._lives:
            client = AsyncIntegrationClient(BASE_URL, api_key=DEFAULT_API_KEY, http_client=_http_client(self._sandbox))
            self._lives[loop] = client._lifecycle  # noqa: SLF001 - what a client has of a loop
        return self._lives[loop]


def _http_client(sandbox: Sandbox) -> httpx.AsyncClient:
    """Return an httpx client without the environment, whose proxy would be sent the requests."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app), trust_env=False)
