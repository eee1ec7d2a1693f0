from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

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
def shop(open_shop: Any) -> Shop:
    return open_shop(CAMPAIGNS)
