"""Error answers: what the API, or whatever stands before it, says went wrong."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, quote_plus, urlsplit

import orjson

from aiotalonone.errors import APIStatusError, ErrorDetail, status_class
from aiotalonone.retry_after import seconds_to_wait

_LONGEST_SUMMARY: Final = 200
_HIDDEN: Final = "…"
_LONG_ENOUGH: Final = 4
_REQUEST_ID_HEADER: Final = "x-request-id"
_PLAIN_HEAD: Final = re.compile("[0-9A-Za-z]*")
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
        masked_line(message + _elsewhere(status, headers), private),
        operation_id=operation_id,
        status=status,
        message=message,
        errors=_details(problem.get("errors")),
        request_id=request_id(headers) or _text(problem.get("RequestUUID")),
        retry_after=seconds_to_wait(headers.get("retry-after"), datetime.now(UTC)),
        body=body,
    )


def private_values(request_body: bytes) -> set[str]:
    """Every value of a request's JSON that may be personal: IDs, codes, attributes."""
    found: set[str] = set()
    _collect(found, _parsed(request_body), "", is_free=False)
    return found


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


def masked_line(message: str, private: Iterable[str]) -> str:
    """A message as one short line that repeats nothing private."""
    folded = message.casefold()
    # A batch holds thousands of values, and each has several spellings: all begin with the same plain letters.
    possible = [value for value in set(private) if _plain_head(value).casefold() in folded]
    repeated = {text for value in possible for text in _spellings(value) if text.casefold() in folded}
    for text in sorted(repeated, key=len, reverse=True):
        message = re.sub(_anywhere(text), _HIDDEN, message, flags=re.IGNORECASE)
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST_SUMMARY else line[: _LONGEST_SUMMARY - 1] + _HIDDEN


def _spellings(value: str) -> set[str]:
    """How a server may repeat a value: as it is, as it stood in the path, in the query, in the JSON."""
    if value.isalnum() and value.isascii():
        return {value}
    return {value, quote(value, safe=""), quote_plus(value), orjson.dumps(value).decode()[1:-1]} - {""}


def _plain_head(value: str) -> str:
    """The letters that every spelling begins with, perhaps none."""
    return _PLAIN_HEAD.match(value)[0]  # type: ignore[index]  # it matches everything


def _anywhere(value: str) -> str:
    """A short value counts as a whole word alone: an ID such as ``1`` would leave nothing of a message."""
    pattern = re.escape(value)
    return pattern if len(value) >= _LONG_ENOUGH else rf"(?<!\w){pattern}(?!\w)"


def _collect(found: set[str], value: Any, member: str, *, is_free: bool) -> None:
    """Add texts and numbers of a JSON value; within ``attributes`` names are free, so that none is the API's."""
    match value:
        case str():
            if value and (is_free or member not in _PUBLIC_MEMBERS):
                found.add(value)
        case int() | float():
            if not isinstance(value, bool) and len(text := str(value)) >= _LONG_ENOUGH:
                found.add(text)
        case dict():
            for name, child in value.items():
                _collect(found, child, name, is_free=is_free or member == "attributes")
        case list():
            for child in value:
                _collect(found, child, member, is_free=is_free)


def _elsewhere(status: int, headers: Mapping[str, str]) -> str:
    """Which host a redirect names; the rest of its address may name people."""
    if not HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return ""
    try:
        host = urlsplit(headers.get("location", "")).hostname
    except ValueError:
        return ""
    return f" to {host}" if host else ""


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown status"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
