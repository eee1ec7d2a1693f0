from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient
from aiotalonone.sandbox import Sandbox
from tests.sandbox.support import CAMPAIGNS, Clock, Shop


@pytest.fixture
async def open_shop() -> AsyncIterator[Any]:
    clients: list[httpx.AsyncClient] = []

    def open_with(campaigns: Any = None, **options: Any) -> Shop:
        clock = Clock()
        sandbox = Sandbox(campaigns, clock=clock, **options)
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(sandbox.app),
            base_url="http://sandbox",
            headers={"Authorization": "ApiKey-v1 sandbox-key"},
        )
        clients.append(http)
        return Shop(sandbox, clock, http)

    yield open_with
    for client in clients:
        await client.aclose()


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[AsyncIntegrationClient]:
    """A client of the module's own sandbox."""
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app)) as http_client,
        AsyncIntegrationClient("http://127.0.0.1", api_key="sandbox-key", http_client=http_client) as client,
    ):
        yield client


@pytest.fixture
def shop(open_shop: Any) -> Shop:
    return open_shop(CAMPAIGNS)
