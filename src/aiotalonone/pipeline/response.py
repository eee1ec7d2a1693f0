"""Response to result, or to the error that it is."""

import re
from asyncio import isfuture
from collections.abc import Awaitable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from itertools import islice
from types import NoneType
from typing import Any, Final, Generic, Protocol, TypeVar

from attrs import field, frozen

from aiotalonone import codec
from aiotalonone.call import Call
from aiotalonone.codec.json import require_bounded
from aiotalonone.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ErrorDetail,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RedirectError,
    ResponseDecodeError,
    ServerError,
)
from aiotalonone.operation import Operation
from aiotalonone.pipeline.log import MismatchLog
from aiotalonone.pipeline.messages import members_of, quote_api, summarise
from aiotalonone.pipeline.middleware import Exchange
from aiotalonone.pipeline.outcome import is_success
from aiotalonone.pipeline.retry_rules import parse_retry_after

__all__ = ["RawResponse"]

T = TypeVar("T")

MAX_ERRORS: Final = 100
"""Entries of ``errors`` that an error keeps."""
MAX_ERROR_BODY: Final = 1024 * 1024
"""Bytes of an error's body that are parsed; of a larger one this much is kept, as text."""
_REQUEST_ID_HEADER: Final = "x-request-id"
_REQUEST_ID: Final = re.compile(r"[!-~]{1,200}")
_STATUS_ERRORS: Final[Mapping[int, type[APIStatusError]]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitError,
}
_CLASS_ERRORS: Final[Mapping[int, type[APIStatusError]]] = {3: RedirectError, 5: ServerError}


class Response(Protocol):
    """The parts of an HTTP response that matter here."""

    @property
    def status_code(self) -> int:
        """Its status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, looked up in any case."""
        ...

    @property
    def content(self) -> bytes:
        """Its body, whole and decoded."""
        ...


def raise_for_status(call: Call[Any], response: Response, *, show_api_messages: bool) -> None:
    """Raise the error of a response without success.

    Args:
        call: What was called.
        response: What came.
        show_api_messages: Whether the error's one line has the API's own words.

    Raises:
        APIStatusError: The status is not 2xx.
    """
    if not is_success(response.status_code):
        raise status_error(
            call.operation,
            response.status_code,
            response.headers,
            response.content,
            show_api_messages=show_api_messages,
        )


def decode_response(call: Call[Any], response: Response, mismatches: MismatchLog) -> Any:
    """Return the call's result, ``None`` if it has none or was asked for silence.

    Args:
        call: What was called.
        response: What came, with success.
        mismatches: Logs where it is not what its schema says; the result is returned all the same.

    Raises:
        ResponseDecodeError: The body cannot be decoded, or is neither JSON nor empty where there is no result.
    """
    operation = call.operation
    silent = call.query.get("silent")
    if operation.result is None or silent == "yes":
        if response.content.strip() and not _is_json_container(response.content):  # of a host that is not the API
            raise _decode_error(call, response, "neither JSON nor empty, such as a web page in place of the API")
        return None
    if not response.content and silent != "no" and HTTPStatus.NO_CONTENT in operation.success:
        return None
    try:
        return codec.decode_as(operation.result, response.content, partial(mismatches.inspect, operation.operation_id))
    except ValueError as failure:
        reason = str(failure)
    raise _decode_error(call, response, reason)  # outside of the handler: its frames hold the content


def status_error(
    operation: Operation[Any],
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    *,
    show_api_messages: bool = False,
) -> APIStatusError:
    """Return the error of a response without success, whatever its body looks like.

    Args:
        operation: What was called.
        status: The response's HTTP status.
        headers: The response's headers.
        content: The response's body: the API's JSON, a gateway's HTML, or nothing.
        show_api_messages: Whether the error's one line has the API's own words.
    """
    body = _parse_body(content)
    problem = body if isinstance(body, Mapping) else {}
    message, errors = _text(problem.get("message")), _details(problem.get("errors"))
    error = status_class(status)(
        f"{status} {summarise(members_of(operation), status, message, errors)}",
        operation.operation_id,
        status=status,
        api_message=message,
        errors=errors,
        request_id=request_id(headers) or _request_id(problem.get("RequestUUID")),
        retry_after=parse_retry_after(headers.get("retry-after"), datetime.now(UTC)),
        body=body,
    )
    if isinstance(error, RedirectError):
        error.location = headers.get("location")
    if show_api_messages:
        error.shown = f"{status} {quote_api(status, message, errors)}"
    return error


def status_class(status: int) -> type[APIStatusError]:
    """Return the error class of an error status."""
    return _STATUS_ERRORS.get(status) or _CLASS_ERRORS.get(min(status // 100, 5), APIStatusError)


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return the server's name for the request, if it gave one."""
    return _request_id(headers.get(_REQUEST_ID_HEADER))


def _decode_error(call: Call[Any], response: Response, reason: str) -> ResponseDecodeError:
    return ResponseDecodeError(
        f"{response.status_code} with a body that cannot be decoded",
        call.operation.operation_id,
        status=response.status_code,
        reason=reason,
        request_id=request_id(response.headers),
        content=response.content,
    )


def _parse_body(content: bytes) -> Any:
    """Return the JSON value of an error's body, or its text if it is not JSON or too large."""
    if len(content) <= MAX_ERROR_BODY:
        try:
            require_bounded(content)
            return codec.loads(content)
        except ValueError:
            pass
    return content[:MAX_ERROR_BODY].decode(errors="replace")


def _is_json_container(content: bytes) -> bool:
    """Return whether a body is what an API says that has no result to tell: an object, a list or null."""
    try:
        require_bounded(content)
        return isinstance(codec.loads(content), (dict, list, NoneType))
    except ValueError:
        return False


def _details(errors: Any) -> tuple[ErrorDetail, ...]:
    if not isinstance(errors, list):
        return ()
    return tuple(_detail(entry) for entry in islice(errors, MAX_ERRORS) if isinstance(entry, (str, Mapping)))


def _detail(entry: str | Mapping[str, Any]) -> ErrorDetail:
    if isinstance(entry, str):
        return ErrorDetail(entry)
    source = entry.get("source")
    place = source if isinstance(source, Mapping) else {}
    return ErrorDetail(
        _text(entry.get("title")) or "",
        _text(entry.get("details")),
        _text(place.get("pointer")),
        _text(place.get("parameter")),
    )


def _request_id(value: Any) -> str | None:
    return value if isinstance(value, str) and _REQUEST_ID.fullmatch(value) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


@frozen(kw_only=True)
class RawResponse(Generic[T]):
    """The result of a call, and the response that it was read from."""

    result: T = field(repr=False)
    """What the call returns."""
    status: int
    """The HTTP status."""
    headers: Mapping[str, str] = field(repr=False)
    """The response's headers, looked up in any case."""
    request_id: str | None
    """The API's ID of the request, for its support; ``None`` if the response had no ID."""
    attempts: int
    """How many attempts were started."""
    elapsed: float
    """Seconds from the start of the call to its end, including time spent waiting."""


_observed: Final[ContextVar[list[tuple[Exchange, Response]] | None]] = ContextVar("aiotalonone.observed", default=None)
"""Where calls that succeed leave their responses, if the caller asked for them."""


def note_response(exchange: Exchange, response: Response) -> None:
    """Keep the response of a call that has succeeded, if the caller asked for it."""
    if (responses := _observed.get()) is not None:
        responses.append((exchange, response))


async def with_response(call: Awaitable[T]) -> RawResponse[T]:
    """Await a call, and return its result with the response.

    Raises:
        TypeError: It runs already, in a task of its own.
        RuntimeError: What was awaited made no call, or none that succeeded.
    """
    if isfuture(call):
        raise TypeError("with_raw_response takes the call itself, not a task or future that runs already")
    responses: list[tuple[Exchange, Response]] = []
    token = _observed.set(responses)
    try:
        result = await call
    finally:
        _observed.reset(token)
    if not responses:
        raise RuntimeError("with_raw_response: what was awaited made no call that succeeded")
    exchange, response = responses[-1]  # a middleware may have made calls of its own, which ended before
    return RawResponse(
        result=result,
        status=response.status_code,
        headers=response.headers,
        request_id=request_id(response.headers),
        attempts=exchange.attempts,
        elapsed=exchange.elapsed,
    )
