"""A sandbox that a test asks what it was sent."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import define, field
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request as HttpRequest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aiotalonone.attributes import attribute_types
from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults.file import load_faults
from aiotalonone.sandbox.routes import operation_id_of

Campaigns = Mapping[str, Any] | Path | str | None
"""A campaign file, its content, or ``None`` for an account without campaigns."""
FaultScript = Sequence[Mapping[str, Any]] | Path | str
"""A fault file, or its content."""


@define(frozen=True)
class SandboxSetup:
    """What a sandbox starts with."""

    campaigns: Campaigns = None
    attributes: Mapping[str, type[Any] | Mapping[str, str]] = field(factory=dict)
    """Attributes of the account by entity, such as ``CustomerProfile``: a declared class, or types by name."""
    faults: FaultScript = ()
    now: datetime | None = None
    """The present time, which continues from there; ``None`` is the machine's."""

    def campaign_file(self) -> Mapping[str, Any] | Path | str:
        """Return the campaign file with the attributes, as a mapping unless there is nothing to add to a file.

        Raises:
            OSError: The file cannot be read.
            ValueError: It is not a JSON object.
            TypeError: A class is not declared.
        """
        campaigns = self.campaigns or {}
        if not self.attributes:
            return campaigns
        document = dict(campaigns if isinstance(campaigns, Mapping) else json.loads(Path(campaigns).read_bytes()))
        types = {
            entity: attribute_types(declared) if isinstance(declared, type) else dict(declared)
            for entity, declared in self.attributes.items()
        }
        return {**document, "attributes": {**document.get("attributes", {}), **types}}

    def sandbox(self) -> "TalonOneSandbox":
        """Return a sandbox in this process.

        Raises:
            CampaignFileError: The campaigns are invalid, or their file cannot be read.
            FaultFileError: The faults are invalid, or their file cannot be read.
            ValueError: ``now`` has no offset from UTC.
        """
        sandbox = TalonOneSandbox(self.campaign_file())
        sandbox.faults.replace(load_faults(self.faults, sandbox.faults.operation_ids))
        sandbox.set_now(self.now)
        return sandbox


@define(frozen=True)
class RecordedRequest:
    """A request that the sandbox was sent."""

    operation_id: str | None
    """The operation, ``None`` if there is none of that method and path."""
    method: str
    path: str
    """As it was sent, percent-encoded."""
    query: QueryParams
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        """The body's JSON value, ``None`` if there is no body."""
        return json.loads(self.body) if self.body else None


class TalonOneSandbox(Sandbox):
    """A sandbox that records its requests.

    It has what every ``Sandbox`` has as well: ``state``, ``faults``, ``applied()``, ``set_now()``, ``before_commit()``.
    """

    def __init__(self, campaigns: Campaigns = None) -> None:
        super().__init__(campaigns)
        self._requests: list[RecordedRequest] = []

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests in the order in which they came, those that met a fault too."""
        return self._requests

    @property
    def app(self) -> ASGIApp:
        """The ASGI application."""
        return self._serve

    def assert_applied_once(self, operation_id: str) -> None:
        """Assert that an operation changed something exactly once, however often it was requested.

        Raises:
            AssertionError: It changed something never, or more than once.
            ValueError: There is no such operation.
        """
        __tracebackhide__ = True
        times = self.applied(operation_id)
        if times != 1:
            requests = sum(request.operation_id == operation_id for request in self._requests)
            faults = [one.fault.value for one in self.faults.triggered if one.operation_id == operation_id]
            text = f"{operation_id} was applied {times} times in {requests} requests"
            raise AssertionError(f"{text}, with the faults {', '.join(faults)}" if faults else text)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HttpRequest(scope, receive)
        body = await request.body()
        path = (scope.get("raw_path") or scope["path"].encode()).decode("ascii", errors="replace")
        self._requests.append(
            RecordedRequest(operation_id_of(scope), request.method, path, request.query_params, request.headers, body)
        )
        is_given = False

        async def receive_again() -> Message:
            nonlocal is_given
            if is_given:
                return await receive()
            is_given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await super().app(scope, receive_again, send)
