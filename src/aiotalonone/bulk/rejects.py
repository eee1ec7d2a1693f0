"""Rejected records: what the API says about each, and its line in the rejects file."""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import attrs
from attrs import evolve, frozen

from aiotalonone import codec
from aiotalonone.bulk.kinds import InvalidRecordError, as_mapping
from aiotalonone.errors import APIStatusError, ErrorDetail
from aiotalonone.pipeline.messages import known_pointer, members_of, phrase, summarise

_HIDDEN: Final = "…"
_MAX_DEPTH: Final = 50
_MAX_MESSAGE: Final = 2000
_MAX_POINTER: Final = 500
"""Characters of the API's texts that a reject keeps: a response of a megabyte must not become as much of each line."""


@frozen(kw_only=True)
class Reject:
    """One record that was not accepted."""

    position: int
    """In the source, from 0."""
    record: Any
    """As the source yielded it."""
    message: str
    """The API's message, or why the record could not be sent."""
    known_message: str | None = None
    """The API's message in known words; ``None`` if the record was not sent: the message is ours."""
    status: int | None = None
    """Status of the API's response; ``None`` if the record was not sent."""
    pointer: str | None = None
    """The member that was rejected, such as ``/attributes/shoeSize``."""
    known_pointer: str | None = None
    """The pointer without names that are not the API's, such as ``/attributes/…``."""

    @property
    def safe_message(self) -> str:
        """The message without text from the API and without values of the record."""
        return self.message if self.known_message is None else self.known_message

    def line(self, *, redact: bool) -> bytes:
        """Return the line for the file; a redacted one has no value of the record, but the names of its members."""
        members = {
            "position": self.position,
            "status": self.status,
            "message": self.safe_message if redact else self.message,
            "pointer": self.known_pointer if redact else self.pointer,
            "record": _redacted(self.record) if redact else _as_json_value(self.record),
        }
        return codec.encode(members) + b"\n"


def pointed_records(error: APIStatusError, collection: str, size: int) -> Mapping[int, Sequence[ErrorDetail]]:
    """Return the details of each record that an error points at, by its index in the request."""
    pointed: dict[int, list[ErrorDetail]] = {}
    for detail in error.errors:
        found = re.match(rf"/?{collection}/([0-9]{{1,4}})(?=/|$)", detail.pointer or "")
        if found and int(found[1]) < size:
            pointed.setdefault(int(found[1]), []).append(detail)
    return pointed


def reject_of(
    error: APIStatusError, position: int, record: Any, collection: str, details: Sequence[ErrorDetail]
) -> Reject:
    """Return the reject for a record, with what the API's error says about it."""
    api_message = error.api_message or phrase(error.status)
    message = "; ".join(dict.fromkeys([api_message, *filter(None, map(_describe, details))]))
    pointers = (re.sub(rf"^/?{collection}/[0-9]+", "", detail.pointer) for detail in details if detail.pointer)
    pointer = next(pointers, None)
    members = {} if error.call is None else members_of(error.call.operation)
    return Reject(
        position=position,
        record=record,
        message=_cut(message, _MAX_MESSAGE),
        known_message=summarise(
            members, error.status, error.api_message, [evolve(detail, pointer=None) for detail in details]
        ),
        status=error.status,
        pointer=pointer and _cut(pointer, _MAX_POINTER),
        known_pointer=known_pointer(pointer, members),
    )


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + _HIDDEN


def _describe(detail: ErrorDetail) -> str:
    return ": ".join(dict.fromkeys(filter(None, [detail.title, detail.details])))


def _redacted(record: Any) -> Any:
    try:
        members = as_mapping(record)
    except InvalidRecordError:
        return _HIDDEN
    return {str(name): _without_values(value) for name, value in members.items()}


def _without_values(value: Any) -> Any:
    return dict.fromkeys(map(str, value), _HIDDEN) if isinstance(value, Mapping) else _HIDDEN


def _as_json_value(record: Any) -> Any:
    """Return the record as a JSON value, in which text stands for what JSON does not have."""
    try:
        members = as_mapping(record)
    except InvalidRecordError:
        members = {"value": record}
    try:
        return codec.raw_json(codec.encode(members))  # once: a generator in it can be read once
    except (TypeError, ValueError, RecursionError):
        return _readable(members)


def _readable(value: Any, depth: int = 0) -> Any:
    """Return a value with text for what JSON does not have: times without a zone, bytes, NaN and so on."""
    if attrs.has(type(value)):
        value = attrs.asdict(value, recurse=False)
    match value:
        case Mapping() if depth < _MAX_DEPTH:
            return {_as_text(str(name)): _readable(member, depth + 1) for name, member in value.items()}
        case list() | tuple() | set() | frozenset() if depth < _MAX_DEPTH:
            return [_readable(element, depth + 1) for element in value]
        case None | bool() | int() | float() | Decimal() if _is_json(value):
            return value
    return _as_text(value)


def _as_text(value: Any) -> str:
    match value:
        case bytes() | bytearray() | memoryview():
            return b64encode(value).decode()
        case date() | time():
            return value.isoformat()
        case str() | int() | float() | Decimal() | UUID() | timedelta():
            return str(value).encode(errors="replace").decode()
    return f"({type(value).__name__})"


def _is_json(value: Any) -> bool:
    try:
        codec.encode(value)
    except (TypeError, ValueError):
        return False
    return True
