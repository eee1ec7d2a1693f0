"""Requests and responses of the API: what an operation gets and what it returns."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from attrs import define, field
from starlette import responses

from aiotalonone.sandbox import json
from aiotalonone.sandbox.http.problems import ApiProblem, invalid, invalid_parameter
from aiotalonone.sandbox.http.query import Query, parse_integer
from aiotalonone.sandbox.rules.evaluation import Evaluation
from aiotalonone.sandbox.validation import LATEST, JsonObject, ValidationError, check_depth

REQUEST_ID = "X-Request-ID"


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
        return min(then, LATEST)


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


def error_reply(error: ApiProblem | ValidationError, *, bare_400: bool = False) -> Reply:
    """Return an error as it is sent: with its status in the body, unless it is a 400 that goes without."""
    problem = invalid(error) if isinstance(error, ValidationError) else error
    request_uuid = str(uuid4())
    content = problem.content(request_uuid)
    if bare_400 and problem.status == HTTPStatus.BAD_REQUEST:
        del content["StatusCode"]
    body = json.dumps(content)
    return Reply(problem.status, body, request_uuid, problem.headers)


def http_response(reply: Reply) -> responses.Response:
    """Return the HTTP response of a reply."""
    headers = {REQUEST_ID: reply.request_uuid or str(uuid4()), **reply.headers}
    return responses.Response(reply.body, reply.status, headers, "application/json" if reply.body else None)
