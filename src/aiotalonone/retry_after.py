"""The Retry-After header: seconds, or a date."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"\d{1,9}(?:\.\d{0,9})?", re.ASCII)


def seconds_to_wait(retry_after: str | None, now: datetime) -> float | None:
    """How long to wait, in seconds from ``now``; ``None`` where the header is left out or says nothing.

    A date that is past means not at all.
    """
    text = (retry_after or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:  # "-0000": in UTC, says RFC 5322
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())
