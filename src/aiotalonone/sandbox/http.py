"""Requests and responses of the API: what an operation gets and returns, API keys."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import uuid4

from attrs import define, field
from starlette import responses
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.types import Receive, Scope

from aiotalonone.sandbox import json
from aiotalonone.sandbox.problems import ApiProblem, invalid, invalid_parameter
from aiotalonone.sandbox.query import Query, parse_integer
from aiotalonone.sandbox.rules.evaluation import Evaluation
from aiotalonone.sandbox.rules.trace import Trace
from aiotalonone.sandbox.validation import JsonObject, ValidationError, check_depth

API_KEY_SCHEME = "ApiKey-v1"
MANAGEMENT_SCHEME = "Bearer"
REQUEST_ID = "X-Request-ID"

MAX_BODY_BYTES = 16 * 2**20
MAX_BODY_SECONDS = 30.0
MAX_LENGTH_DIGITS = 20
CLOSE = {"Connection": "close"}
"""Headers of a response that leaves a part of the request unread."""

BEFORE_COMMIT = "aiotalonone.sandbox.before_commit"
"""Key in an ASGI scope of an async function to await before the request's changes are made."""
NOTES = "aiotalonone.sandbox.notes"
"""Key in an ASGI scope of the `Notes` on the request."""


@define
class Notes:
    """What is noted of a request while it is served, for the one who records it."""

    dry: bool = False
    performed: bool = False
    """Whether its operation was asked to perform it."""
    replayed: bool = False
    fault: str | None = None
    trace: Trace | None = None
    effects: Sequence[Mapping[str, Any]] = ()


def notes_of(scope: Scope) -> Notes:
    """Return the notes on a request; those on one that is not recorded are lost."""
    notes: Notes = scope.setdefault(NOTES, Notes())
    return notes


@define
class Request:
    """One request to an operation."""

    operation_id: str
    path: Mapping[str, str]
    """Decoded path values, by their names in the operation's template."""
    query: Query
    headers: Mapping[str, str]
    content: bytes
    _body: JsonObject | None = None

    @property
    def body(self) -> JsonObject:
        """The JSON object in the body."""
        if self._body is None:
            self._body = JsonObject(self.json())
        return self._body

    def json(self) -> Any:
        """Return the JSON value in the body, of any type."""
        try:
            value = json.loads(self.content)
        except json.JSONDecodeError as error:
            raise ApiProblem(400, f"The request body is not valid JSON: {error}") from None
        check_depth(value)
        return value

    def path_integer(self, name: str) -> int:
        """Return an integer of the path."""
        return parse_integer(name, self.path[name])

    @property
    def dry(self) -> bool:
        """Whether the query asks to store nothing."""
        return self.query.flag("dry")

    def evaluation_time(self, present: datetime, *, dry: bool) -> datetime:
        """Return the present, or the future time that a dry request asks for."""
        then = self.query.timestamp("now")
        if then is None:
            return present
        if not dry:
            raise invalid_parameter("now", "now needs dry")
        if then <= present:
            raise invalid_parameter("now", "now must be in the future")
        return then


@define(frozen=True)
class ErasedCustomer:
    """A customer whose data must not be stored anywhere from now on."""

    profile_id: str
    session_ids: frozenset[str]


@define(frozen=True)
class Reply:
    """A response as it is sent: status and encoded body."""

    status: int
    body: bytes
    request_uuid: str | None = None
    """The ID that the body names; None is one of its own for each response."""
    headers: Mapping[str, str] = field(factory=dict)


@define
class Response:
    """What an operation returns; without content the body is empty."""

    status: int
    content: Any = None
    erased: ErasedCustomer | None = None
    evaluation: Evaluation | None = None
    """The run of the rules that it tells of, or the roll-back."""

    def encode(self) -> Reply:
        """Return the response as it is sent."""
        return Reply(self.status, b"" if self.content is None else json.dumps(self.content))


async def read_body(request: HttpRequest, *, max_bytes: int, max_seconds: float) -> bytes:
    """Return the body of a request, which is read no further than its limits.

    Raises:
        ApiProblem: 413, it is too large; 408, it has not arrived in time. The connection closes.
    """
    too_large = ApiProblem(413, f"The request body must have at most {max_bytes} bytes", headers=CLOSE)
    announced = request.headers.get("content-length", "").lstrip("0")
    if len(announced) > MAX_LENGTH_DIGITS or (announced.isdecimal() and int(announced) > max_bytes):
        raise too_large
    content = bytearray()
    try:
        async with asyncio.timeout(max_seconds):
            async for chunk in request.stream():
                content += chunk
                if len(content) > max_bytes:
                    raise too_large
    except TimeoutError:
        raise ApiProblem(408, f"The request body must arrive within {max_seconds:g} seconds", headers=CLOSE) from None
    return bytes(content)


async def read_unheeded(scope: Scope, receive: Receive) -> None:
    """Read a body that nothing is done with, so that it is recorded."""
    with suppress(ApiProblem, ClientDisconnect):
        await read_body(HttpRequest(scope, receive), max_bytes=MAX_BODY_BYTES, max_seconds=MAX_BODY_SECONDS)


def error_reply(error: ApiProblem | ValidationError) -> Reply:
    """Return an error as it is sent."""
    problem = invalid(error) if isinstance(error, ValidationError) else error
    request_uuid = str(uuid4())
    body = json.dumps(problem.content(request_uuid))
    return Reply(problem.status, body, request_uuid, problem.headers)


def http_response(reply: Reply) -> responses.Response:
    """Return the HTTP response of a reply."""
    headers = {REQUEST_ID: reply.request_uuid or str(uuid4()), **reply.headers}
    return responses.Response(reply.body, reply.status, headers, "application/json" if reply.body else None)


@define(frozen=True)
class Keys:
    """The API keys and management tokens that the sandbox accepts."""

    api_keys: Collection[str]
    management_tokens: Collection[str]

    def check(self, headers: Mapping[str, str], *, accepts_management_token: bool) -> str:
        """Return the caller's credential, or raise a 401."""
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme == API_KEY_SCHEME and key in self.api_keys:
            return key
        if accepts_management_token and scheme == MANAGEMENT_SCHEME and key in self.management_tokens:
            return key
        raise ApiProblem(401, "Invalid API key")
