"""The Retry-After header: seconds, or a date."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

_SECONDS: Final = re.compile(r"\d+(?:\.\d*)?", re.ASCII)
_LONGEST: Final = timedelta.max.total_seconds()


def seconds_to_wait(retry_after: str | None, now: datetime) -> float | None:
    """How long to wait, in seconds from ``now``; ``None`` where the header is left out or says nothing.

    A date that is past means not at all.
    """
    text = (retry_after or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), _LONGEST)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:  # "-0000": in UTC, says RFC 5322
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())
