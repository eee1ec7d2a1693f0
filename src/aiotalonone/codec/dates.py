"""Dates as the API writes them: RFC 3339 with an offset."""

import re
from datetime import UTC, datetime
from typing import Final

_from_isoformat: Final = datetime.fromisoformat
_RFC_3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
"""Python reads much else that ISO 8601 allows: weeks, commas, dates without hyphens, offsets without minutes."""


def format_rfc3339(value: datetime) -> str:
    """Return the text of an aware datetime.

    Raises:
        ValueError: It has no offset, or is not a time.
    """
    if value != value:  # noqa: PLR0124 - as pandas' NaT, which is a datetime
        raise ValueError("a datetime is not a time")
    offset = value.utcoffset()
    if offset is None:
        raise ValueError("a datetime has no offset: use an aware one, such as datetime.now(UTC)")
    # RFC 3339 knows offsets of whole minutes; local mean times have seconds.
    if offset.seconds % 60 or offset.microseconds:
        value = _in_utc(value)
    return value.isoformat()


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("a datetime cannot be told in UTC: it is at an end of the calendar") from None


def parse_rfc3339(value: object) -> datetime | object:
    """Return the aware datetime of an RFC 3339 text, UTC if it names no offset; return anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        date = _from_isoformat(value)
    except ValueError:
        return value
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def is_rfc3339(text: str) -> bool:
    """Return whether a text is a time with an offset, as the API takes it."""
    return _RFC_3339.fullmatch(text) is not None and parse_rfc3339(text) is not text
