"""Requests and responses of the API: what an operation gets and returns, errors, API keys."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from attrs import define, field
from starlette import responses
from starlette.requests import Request as HttpRequest

from aiotalonone.sandbox import json
from aiotalonone.sandbox.validation import (
    BAD_FORMAT,
    INVALID,
    INVALID_TYPE,
    NOT_ONE_OF,
    JsonObject,
    ValidationError,
    check_depth,
    choice_error,
    parse_timestamp,
    pointer,
)

API_KEY_SCHEME = "ApiKey-v1"
MANAGEMENT_SCHEME = "Bearer"
REQUEST_ID = "X-Request-ID"
INVALID_DATA = "The submitted data was invalid"
FLAGS = {"true": True, "false": False}
SILENT = ("yes", "no")

MAX_BODY_BYTES = 16 * 2**20
MAX_BODY_SECONDS = 30.0
MAX_LENGTH_DIGITS = 20
CLOSE = {"Connection": "close"}
"""Headers of a response that leaves a part of the request unread."""

BEFORE_COMMIT = "aiotalonone.sandbox.before_commit"
"""Key in an ASGI scope of an async function to await before the request's changes are made."""


@define
class Request:
    """One request to an operation."""

    operation_id: str
    path: Mapping[str, str]
    """Decoded path values, by their names in the operation's template."""
    query: Mapping[str, str]
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

    def flag(self, name: str) -> bool:
        """Return a query parameter that is ``true`` or ``false``, by default ``false``."""
        text = self.query.get(name, "false")
        if text not in FLAGS:
            raise invalid_parameter(name, f"{name} must be true or false", INVALID_TYPE)
        return FLAGS[text]

    @property
    def silent(self) -> bool:
        """Whether the caller wants a response without a body, which is the default."""
        text = self.query.get("silent", "yes")
        if text not in SILENT:
            raise invalid_parameter("silent", choice_error(("silent",), SILENT).details, NOT_ONE_OF)
        return text == "yes"

    @property
    def dry(self) -> bool:
        """Whether the query asks to store nothing."""
        return self.flag("dry")

    def evaluation_time(self, present: datetime, *, dry: bool) -> datetime:
        """Return the present, or the future time that a dry request asks for."""
        text = self.query.get("now")
        if text is None:
            return present
        if not dry:
            raise invalid_parameter("now", "now needs dry")
        try:
            then = parse_timestamp(text)
        except ValueError as error:
            raise invalid_parameter("now", f"now {error}", BAD_FORMAT) from None
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

    def encode(self) -> Reply:
        """Return the response as it is sent."""
        return Reply(self.status, b"" if self.content is None else json.dumps(self.content))


class ApiProblem(Exception):  # noqa: N818 - a response that the API documents
    """Ends a request with an error response in the API's format."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors: list[Mapping[str, Any]] = list(errors)
        self.headers: dict[str, str] = dict(headers or {})

    def content(self, request_uuid: str) -> dict[str, Any]:
        """Return the body of the error response."""
        return {
            "message": self.message,
            "errors": self.errors,
            "StatusCode": self.status,
            "RequestUUID": request_uuid,
        }


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


def invalid(error: ValidationError) -> ApiProblem:
    """Return a 400 for an invalid member, with its JSON pointer."""
    return _invalid(error.title, error.details, {"pointer": pointer(error.path)})


def invalid_parameter(parameter: str, details: str, title: str = INVALID) -> ApiProblem:
    """Return a 400 for an invalid path value, query parameter or header."""
    return _invalid(title, details, {"parameter": parameter})


def _invalid(title: str, details: str, source: Mapping[str, str]) -> ApiProblem:
    return ApiProblem(400, INVALID_DATA, [{"title": title, "details": details, "source": source}])


def not_found(what: str) -> ApiProblem:
    """Return a 404 for something that the request names and the sandbox does not hold."""
    return ApiProblem(404, f"{what} not found")


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
