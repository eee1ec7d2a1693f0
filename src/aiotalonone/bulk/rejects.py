"""Rejected records: what the API says about each, and its line in the rejects file."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from aiotalonone import codec
from aiotalonone.bulk.kinds import InvalidRecordError, as_mapping
from aiotalonone.errors import APIStatusError, ErrorDetail
from aiotalonone.pipeline.masking import private_values, redact
from aiotalonone.pipeline.response import phrase

_HIDDEN: Final = "…"
_VISIBLE_MEMBERS: Final = frozenset({"integrationId", "profileIntegrationId", "audienceId", "action"})
"""Members that a redacted record keeps, so that it can be found."""


@frozen(kw_only=True)
class Reject:
    """One record that was not accepted."""

    position: int
    """In the source, from 0."""
    record: Any
    message: str
    """The API's message, or why the record could not be sent."""
    masked: str | None = None
    """The message without the record's values; ``None`` if it contains none of them."""
    status: int | None = None
    """Status of the API's response; ``None`` if the record was not sent."""
    pointer: str | None = None
    """The member that was rejected, such as ``/attributes/shoeSize``."""

    @property
    def safe_message(self) -> str:
        """The message without the record's values."""
        return self.message if self.masked is None else self.masked

    def line(self, *, redact: bool) -> bytes:
        """Return the line for the file; a redacted one holds the record's ID and the names of its other members."""
        members = {
            "position": self.position,
            "status": self.status,
            "message": self.safe_message if redact else self.message,
            "pointer": self.pointer,
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
    message = "; ".join(dict.fromkeys([error.message, *filter(None, map(_describe, details))]))
    pointers = (re.sub(rf"^/?{collection}/[0-9]+", "", detail.pointer) for detail in details if detail.pointer)
    return Reject(
        position=position,
        record=record,
        message=message,
        masked=redact(message, private_values(codec.encode(record))) or phrase(error.status),
        status=error.status,
        pointer=next(pointers, None),
    )


def _describe(detail: ErrorDetail) -> str:
    return ": ".join(dict.fromkeys(filter(None, [detail.title, detail.details])))


def _redacted(record: Any) -> Any:
    try:
        members = as_mapping(record)
    except InvalidRecordError:
        return _HIDDEN
    return {str(name): _without_values(name, value) for name, value in members.items()}


def _without_values(name: str, value: Any) -> Any:
    if name in _VISIBLE_MEMBERS and isinstance(value, (str, int)):
        return value
    if name == "attributes" and isinstance(value, Mapping):
        return dict.fromkeys(map(str, value), _HIDDEN)
    return _HIDDEN


def _as_json_value(record: Any) -> Any:
    """Return the record as a JSON value, or as its repr if it is not one."""
    try:
        return codec.raw_json(codec.encode(as_mapping(record)))  # once: a generator in it can be read once
    except (TypeError, ValueError):
        return repr(record)
