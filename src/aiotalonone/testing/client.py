"""A client of a sandbox in the same process."""

from typing import Any, TypeVar

import httpx

from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.operation import Call
from aiotalonone.sandbox.sandbox import DEFAULT_API_KEY, DEFAULT_MANAGEMENT_TOKEN, Sandbox
from aiotalonone.settings import RetryPolicy

T = TypeVar("T")

WITHOUT_PAUSES = RetryPolicy(initial_backoff=0, max_backoff=0, max_retry_after=0)


class SandboxClient(AsyncIntegrationClient):
    """A client that calls a sandbox without a socket, and pauses before no retry.

    It opens at its first call, on the event loop that runs then: whatever runs the test need not know of it. There is
    nothing to close.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        # Without the environment, whose proxy would be sent the requests.
        http_client = httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app), trust_env=False)
        super().__init__(
            "http://localhost",
            api_key=DEFAULT_API_KEY,
            management_token=DEFAULT_MANAGEMENT_TOKEN,
            http_client=http_client,
            retry=WITHOUT_PAUSES,
        )

    async def warm_up(self) -> None:
        """Open the client, and prepare for calls."""
        await self.open()
        await super().warm_up()

    async def _execute(self, call: Call[T], **about_it: Any) -> T:
        await self.open()
        return await super()._execute(call, **about_it)
