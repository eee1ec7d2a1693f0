"""The sandbox as jobs meet it: who is under way is watched, and its refusals may keep silent about the culprit."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from attrs import define, field

from aiotalonone import AsyncIntegrationClient, RetryPolicy
from aiotalonone.sandbox import Sandbox

ACCOUNT = {
    "attributes": {"CustomerProfile": {"n": "number", "name": "string", "a": "number", "b": "number"}},
    "audiences": [{"id": 1, "name": "Families"}, {"id": 2, "name": "Regulars"}],
}
QUICK = RetryPolicy(attempts=8, initial_backoff=0.001, max_backoff=0.002, max_retry_after=0.002)
MEMBERS = {"customerProfiles": "integrationId", "data": "profileIntegrationId"}


def profile(customer: str, **attributes: Any) -> dict[str, Any]:
    """A record of a profile job."""
    return {"integrationId": customer, "attributes": attributes}


def action(kind: str, customer: str, audience: int) -> dict[str, Any]:
    """A record of an audience job."""
    return {"action": kind, "profileIntegrationId": customer, "audienceId": audience}


@define
class Api(httpx.AsyncBaseTransport):
    """What requests go through."""

    sandbox: Sandbox = field(factory=lambda: Sandbox(ACCOUNT))
    says_where: bool = True
    """Whether refusals point at the record that they mind."""
    requests: list[list[dict[str, Any]]] = field(factory=list)
    """The records of each."""
    keys: list[str | None] = field(factory=list)
    most_at_once: int = 0
    _under_way: list[set[str]] = field(factory=list)
    _inner: httpx.ASGITransport = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._inner = httpx.ASGITransport(self.sandbox.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Watch a request; it takes more turns of the loop than to read a batch."""
        ((collection, records),) = json.loads(await request.aread()).items()
        customers = {record[MEMBERS[collection]] for record in records}
        assert len(records) <= 1000
        assert all(customers.isdisjoint(others) for others in self._under_way), "a customer is under way twice"
        self.requests.append(records)
        self.keys.append(request.headers.get("idempotency-key"))
        self._under_way.append(customers)
        self.most_at_once = max(self.most_at_once, len(self._under_way))
        try:
            for _ in range(30):
                await asyncio.sleep(0)
            return await self._answer(request)
        finally:
            self._under_way.remove(customers)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        try:
            response = await self._inner.handle_async_request(request)
        except ConnectionError as broken:  # a fault of the sandbox, which has no connection here to break
            raise httpx.ReadError(str(broken)) from broken
        if self.says_where or response.status_code != httpx.codes.BAD_REQUEST:
            return response
        return httpx.Response(400, json={"message": "The submitted data was invalid", "errors": []})

    def attributes(self) -> dict[str, dict[str, Any]]:
        """What each customer has."""
        return {name: dict(held.attributes) for name, held in self.sandbox.state.profiles.items()}


@asynccontextmanager
async def client_of(transport: httpx.AsyncBaseTransport) -> AsyncIterator[AsyncIntegrationClient]:
    """A client of such an API."""
    async with (
        httpx.AsyncClient(transport=transport) as http_client,
        AsyncIntegrationClient("http://localhost", api_key="sandbox-key", http_client=http_client) as client,
    ):
        yield client


def lines(path: Any) -> list[dict[str, Any]]:
    """The lines of a file of rejects."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
