"""Error answers: what the API, or whatever stands before it, says went wrong."""

import re
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson

from aiotalonone.errors import APIStatusError, ErrorDetail, status_class

_LONGEST_SUMMARY: Final = 200
_HIDDEN: Final = "…"
_REQUEST_ID_HEADER: Final = "x-request-id"
_PUBLIC_MEMBERS: Final = frozenset({"action", "responseContent", "state", "type"})
"""Members of a request whose values belong to the API's vocabulary rather than to a customer."""


def status_error(
    operation_id: str, status: int, headers: Mapping[str, str], content: bytes, *, private: Iterable[str]
) -> APIStatusError:
    """The error of an answer that is no success, whatever its body looks like.

    Args:
        operation_id: The operation that was called.
        status: The answer's HTTP status.
        headers: The answer's headers.
        content: The answer's body: the API's JSON, a gateway's HTML, or nothing.
        private: What the error's one line must not repeat, such as the IDs of the call's path and body.
    """
    body = _parsed(content)
    problem = body if isinstance(body, Mapping) else {}
    message = _text(problem.get("message")) or _phrase(status)
    return status_class(status)(
        _summary(message, private),
        operation_id=operation_id,
        status=status,
        message=message,
        errors=_details(problem.get("errors")),
        request_id=request_id(headers) or _text(problem.get("RequestUUID")),
        body=body,
    )


def private_strings(request_body: bytes) -> Iterator[str]:
    """Every text of a request's JSON that may be personal: IDs, codes, attribute values."""
    return _strings(_parsed(request_body), "")


def request_id(headers: Mapping[str, str]) -> str | None:
    """The server's name for the request, where it gave one."""
    return headers.get(_REQUEST_ID_HEADER)


def _parsed(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return content.decode(errors="replace")


def _details(errors: Any) -> tuple[ErrorDetail, ...]:
    if not isinstance(errors, list):
        return ()
    return tuple(_detail(entry) for entry in errors if isinstance(entry, (str, Mapping)))


def _detail(entry: str | Mapping[str, Any]) -> ErrorDetail:
    if isinstance(entry, str):
        return ErrorDetail(entry)
    source = entry.get("source")
    pointer = source.get("pointer") if isinstance(source, Mapping) else None
    return ErrorDetail(_text(entry.get("title")) or "", _text(entry.get("details")), _text(pointer))


def _summary(message: str, private: Iterable[str]) -> str:
    """The message as one short line that repeats nothing private."""
    for value in private:
        if value and value in message:
            message = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", _HIDDEN, message)
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST_SUMMARY else line[: _LONGEST_SUMMARY - 1] + _HIDDEN


def _strings(value: Any, member: str) -> Iterator[str]:
    if isinstance(value, str):
        if value and member not in _PUBLIC_MEMBERS:
            yield value
    elif isinstance(value, Mapping):
        for name, child in value.items():
            yield from _strings(child, name)
    elif isinstance(value, list):
        for child in value:
            yield from _strings(child, member)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown status"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
