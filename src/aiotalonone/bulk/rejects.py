"""Records that were not accepted: each a line of NDJSON, with its place in the source and the API's own words."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from aiotalonone import codec
from aiotalonone.bulk.subject import UnfitRecordError, as_mapping

_HIDDEN: Final = "…"
_NAMES_A_RECORD: Final = frozenset({"integrationId", "profileIntegrationId", "audienceId", "action"})


@frozen(kw_only=True)
class Reject:
    """One record that was not accepted."""

    position: int
    """In the source, from 0."""
    record: Any
    message: str
    """The API's words, or ours where the record could not be sent at all."""
    masked: str | None = None
    """The same without what the record holds; ``None`` where it repeats nothing of it."""
    status: int | None = None
    """The API's status; ``None`` where nothing was sent."""
    pointer: str | None = None
    """Where in the record, such as ``/attributes/shoeSize``."""

    @property
    def shareable(self) -> str:
        """The message, without what the record holds."""
        return self.message if self.masked is None else self.masked

    def line(self, *, redact: bool) -> bytes:
        """One line of the file; redacted, it has the record's ID and the names of the rest."""
        members = {
            "position": self.position,
            "status": self.status,
            "message": self.shareable if redact else self.message,
            "pointer": self.pointer,
            "record": _redacted(self.record) if redact else _readable(self.record),
        }
        return codec.encode(members) + b"\n"


class RejectFile:
    """The file that rejects are appended to.

    Args:
        path: Where it is.
        redact: Whether values of attributes stay out.
        kept: How many bytes of it an earlier run of the job has written; whatever follows them was not acknowledged.
    """

    def __init__(self, path: Path, *, redact: bool, kept: int) -> None:
        self._redact = redact
        self._file = path.open("r+b" if kept and path.exists() else "wb")
        self._file.truncate(min(kept, self._file.seek(0, os.SEEK_END)))
        self._file.seek(0, os.SEEK_END)

    def append(self, rejects: Iterable[Reject]) -> int:
        """Write rejects to the disk; the length of the file in bytes."""
        if lines := [reject.line(redact=self._redact) for reject in rejects]:
            self._file.writelines(lines)
            self._file.flush()
            os.fsync(self._file.fileno())
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _redacted(record: Any) -> Any:
    try:
        members = as_mapping(record)
    except UnfitRecordError:
        return _HIDDEN
    return {str(name): _without_values(name, value) for name, value in members.items()}


def _without_values(name: str, value: Any) -> Any:
    if name in _NAMES_A_RECORD and isinstance(value, (str, int)):
        return value
    if name == "attributes" and isinstance(value, Mapping):
        return dict.fromkeys(map(str, value), _HIDDEN)
    return _HIDDEN


def _readable(record: Any) -> Any:
    """The record as JSON, or as text where it is none."""
    try:
        members = as_mapping(record)
        codec.encode(members)
    except (TypeError, ValueError):
        return repr(record)
    return members
