"""Rejected records: what the API says about each, and the file that holds them, one NDJSON line each."""

import os
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import attrs
from attrs import frozen

from aiotalonone import codec
from aiotalonone.bulk.kinds import InvalidRecordError, as_mapping
from aiotalonone.errors import APIStatusError, ErrorDetail
from aiotalonone.pipeline.masking import private_values, redact
from aiotalonone.pipeline.response import phrase

_HIDDEN: Final = "…"
_MAX_DEPTH: Final = 50
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


class RejectFile:
    """The file that rejects are appended to.

    Args:
        path: Path of the file.
        redact: Whether to leave out the values of attributes.
        kept: Length in bytes that an earlier run of the job has recorded; what follows is cut off.
    """

    def __init__(self, path: Path, *, redact: bool, kept: int) -> None:
        self._redact = redact
        self._file = path.open("r+b" if kept and path.exists() else "wb")
        self._file.truncate(min(kept, self._file.seek(0, os.SEEK_END)))
        self._file.seek(0, os.SEEK_END)

    def append(self, rejects: Iterable[Reject]) -> int:
        """Write rejects to the disk, and return the length of the file in bytes."""
        if lines := [reject.line(redact=self._redact) for reject in rejects]:
            self._file.writelines(lines)
            self._file.flush()
            os.fsync(self._file.fileno())
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


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
    """Return the record as a JSON value, in which text stands for what JSON does not have."""
    try:
        members = as_mapping(record)
    except InvalidRecordError:
        members = {"value": record}
    try:
        codec.encode(members)
    except (TypeError, ValueError, RecursionError):
        return _readable(members)
    return members


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
