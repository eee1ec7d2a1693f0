"""Answers of the sandbox as HTTP responses."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import orjson
from starlette.responses import Response

from aiotalonone.sandbox.idempotency import Reply
from aiotalonone.sandbox.problems import ProblemError

REQUEST_ID = "X-Request-ID"


def answered(reply: Reply) -> Response:
    """The response of an operation that was performed."""
    return _response(reply, {REQUEST_ID: str(uuid4())})


def refused(problem: ProblemError) -> Response:
    """The response that tells a problem."""
    request_uuid = str(uuid4())
    reply = Reply(problem.status, encoded(problem.content(request_uuid)))
    return _response(reply, {REQUEST_ID: request_uuid, **problem.headers})


def encoded(content: Any) -> bytes:
    """The JSON text of an answer."""
    return orjson.dumps(content, default=_number, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _response(reply: Reply, headers: dict[str, str]) -> Response:
    return Response(reply.body, reply.status, headers, "application/json" if reply.body else None)


def _number(amount: Any) -> float:
    if not isinstance(amount, Decimal):
        raise TypeError(f"{type(amount).__name__} has no JSON form")
    return float(amount)
