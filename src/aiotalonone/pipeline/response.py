"""Response to result, or to the error that it is."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from itertools import chain, islice
from types import NoneType
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from aiotalonone import codec
from aiotalonone.codec.json import require_bounded
from aiotalonone.errors import APIStatusError, ErrorDetail, ResponseDecodeError, status_class
from aiotalonone.operation import Call, EncodedQuery
from aiotalonone.pipeline.log import MismatchLog
from aiotalonone.pipeline.masking import private_values, redact
from aiotalonone.pipeline.outcome import is_success
from aiotalonone.pipeline.retry_rules import parse_retry_after
from aiotalonone.settings import Credentials

MAX_ERRORS: Final = 100
"""Entries of ``errors`` that an error keeps."""
MAX_ERROR_BODY: Final = 1024 * 1024
"""Bytes of an error's body that are parsed; of a larger one this much is kept, as text."""
_MAX_SEARCHED_REQUEST: Final = 1024 * 1024
"""Bytes of a request whose values are looked for in a message; with a larger one the message is not shown at all."""
_FLAGS: Final = frozenset({"true", "false", "yes", "no"})
_REQUEST_ID_HEADER: Final = "x-request-id"


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


def raise_for_status(call: Call[Any], response: Response, credentials: Credentials) -> None:
    """Raise the error of a response without success.

    Args:
        call: What was called; the error's one line contains nothing of it.
        response: What came.
        credentials: What that line must not contain either.

    Raises:
        APIStatusError: The status is not 2xx.
    """
    if not is_success(response.status_code):
        raise status_error(
            call.operation.operation_id,
            response.status_code,
            response.headers,
            response.content,
            private=_private_texts(call, credentials),
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
    operation_id: str, status: int, headers: Mapping[str, str], content: bytes, *, private: Iterable[str] | None
) -> APIStatusError:
    """Return the error of a response without success, whatever its body looks like.

    Args:
        operation_id: The operation that was called.
        status: The response's HTTP status.
        headers: The response's headers.
        content: The response's body: the API's JSON, a gateway's HTML, or nothing.
        private: What the error's one line must not contain, such as the IDs of the call's path and body; ``None`` if
            that is too much to look for.
    """
    body = _parse_body(content)
    problem = body if isinstance(body, Mapping) else {}
    message = _text(problem.get("message")) or phrase(status)
    line = message + _redirect_host(status, headers)
    return status_class(status)(
        (None if private is None else redact(line, private)) or phrase(status),
        operation_id=operation_id,
        status=status,
        message=message,
        errors=_details(problem.get("errors")),
        request_id=request_id(headers) or _text(problem.get("RequestUUID")),
        retry_after=parse_retry_after(headers.get("retry-after"), datetime.now(UTC)),
        body=body,
    )


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return the server's name for the request, if it gave one."""
    return headers.get(_REQUEST_ID_HEADER)


def phrase(status: int) -> str:
    """Return what HTTP calls a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown status"


def _private_texts(call: Call[Any], credentials: Credentials) -> Iterable[str] | None:
    """Return what the line of an error must not contain; ``None`` if that is too much to look for."""
    content = call.content or b""
    if len(content) > _MAX_SEARCHED_REQUEST:
        return None
    return chain(
        credentials.secrets, map(str, call.sensitive_values), _query_texts(call.query), private_values(content)
    )


def _query_texts(query: EncodedQuery) -> Iterator[str]:
    """Yield the texts of a query, other than its flags."""
    for value in query.values():
        for text in [value] if isinstance(value, str) else value:
            if text not in _FLAGS:
                yield text


def _decode_error(call: Call[Any], response: Response, reason: str) -> ResponseDecodeError:
    return ResponseDecodeError(
        reason,
        operation_id=call.operation.operation_id,
        status=response.status_code,
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


def _redirect_host(status: int, headers: Mapping[str, str]) -> str:
    """Return which host a redirect names; the rest of its address may contain personal data."""
    if not HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return ""
    try:
        host = urlsplit(headers.get("location", "")).hostname
    except ValueError:
        return ""
    return f" to {host}" if host else ""


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
