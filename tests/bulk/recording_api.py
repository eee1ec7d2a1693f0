"""The sandbox as a transport that records a job's requests, and may leave out which record it rejects."""

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
    "attributes": {
        "CartItem": {"n": "number", "name": "string"},
        "CustomerProfile": {"n": "number", "name": "string", "a": "number", "b": "number"},
    },
    "catalogs": [{"id": 7, "name": "Food"}],
    "audiences": [{"id": 1, "name": "Families"}, {"id": 2, "name": "Regulars"}],
}
PATIENCE = 30.0
FAST_RETRY = RetryPolicy(attempts=8, initial_backoff=0.001, max_backoff=0.002, max_retry_after=0.002)
NAMED_BY = {
    "actions": lambda record: record["payload"]["sku"],
    "customerProfiles": lambda record: record["integrationId"],
    "data": lambda record: record["profileIntegrationId"],
}
"""What the records of each kind update."""


def profile(customer: str, **attributes: Any) -> dict[str, Any]:
    """Return a record of a profile job."""
    return {"integrationId": customer, "attributes": attributes}


def action(kind: str, customer: str, audience: int) -> dict[str, Any]:
    """Return a record of an audience job."""
    return {"action": kind, "profileIntegrationId": customer, "audienceId": audience}


@define
class RecordingApi(httpx.AsyncBaseTransport):
    """A transport to a sandbox that checks that no customer or item is in two requests at once."""

    sandbox: Sandbox = field(factory=lambda: Sandbox(ACCOUNT))
    points_at_records: bool = True
    """Whether a 400 says which record was rejected."""
    requests: list[list[dict[str, Any]]] = field(factory=list)
    """The records of each request."""
    keys: list[str | None] = field(factory=list)
    """The idempotency key of each request."""
    at_once: int = 1
    """How many requests must be in flight before the first one is responded to."""
    max_in_flight: int = 0
    _in_flight: list[set[str]] = field(factory=list)
    _inner: httpx.ASGITransport = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._inner = httpx.ASGITransport(self.sandbox.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Record a request, and respond after more turns of the event loop than reading a batch takes."""
        ((collection, records),) = json.loads(await request.aread()).items()
        entities = set(map(NAMED_BY[collection], records))
        assert len(records) <= 1000
        assert all(entities.isdisjoint(others) for others in self._in_flight), "a customer or item is in flight twice"
        self.requests.append(records)
        self.keys.append(request.headers.get("idempotency-key"))
        self._in_flight.append(entities)
        self.max_in_flight = max(self.max_in_flight, len(self._in_flight))
        try:
            for _ in range(30):
                await asyncio.sleep(0)
            async with asyncio.timeout(PATIENCE):
                while self.max_in_flight < self.at_once:  # noqa: ASYNC110 - the job has no event for it
                    await asyncio.sleep(0)
            return await self._respond(request)
        finally:
            self._in_flight.remove(entities)

    async def _respond(self, request: httpx.Request) -> httpx.Response:
        try:
            response = await self._inner.handle_async_request(request)
        except ConnectionError as error:  # a fault of the sandbox, which has no connection here to break
            raise httpx.ReadError(str(error)) from error
        if self.points_at_records or response.status_code != httpx.codes.BAD_REQUEST:
            return response
        return httpx.Response(400, json={"message": "The submitted data was invalid", "errors": []})

    def attributes(self) -> dict[str, dict[str, Any]]:
        """Return the attributes of each customer in the sandbox."""
        return {name: dict(held.attributes) for name, held in self.sandbox.state.profiles.items()}


@asynccontextmanager
async def make_client(transport: httpx.AsyncBaseTransport) -> AsyncIterator[AsyncIntegrationClient]:
    """Open a client whose requests go to a transport."""
    async with (
        httpx.AsyncClient(transport=transport) as http_client,
        AsyncIntegrationClient("http://localhost", api_key="sandbox-key", http_client=http_client) as client,
    ):
        yield client


def read_rejects(path: Any) -> list[dict[str, Any]]:
    """Return the lines of a rejects file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def is_valid(record: dict[str, Any]) -> bool:
    """Return whether the account accepts a profile."""
    values = record.get("attributes")
    return bool(record.get("integrationId")) and isinstance(values, dict) and not values.keys() - {"n", "a", "b"}


def apply_one_by_one(records: list[dict[str, Any]]) -> tuple[dict[str, dict[str, Any]], list[int]]:
    """Return the attributes of each customer after one request per record, and the positions of the rejects."""
    held: dict[str, dict[str, Any]] = {}
    rejected = []
    for position, record in enumerate(records):
        if not is_valid(record) or record["attributes"].get("n") != record["attributes"].get("n"):
            rejected.append(position)
            continue
        mine = held.setdefault(record["integrationId"], {})
        mine |= record["attributes"]
    return {customer: {n: v for n, v in mine.items() if v is not None} for customer, mine in held.items()}, rejected
