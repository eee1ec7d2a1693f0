"""Keeps what a caller sent out of the one line of an error."""

import json
import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote, quote_plus

_MAX_SEARCHED_LENGTH: Final = 1000
"""Characters of a message that is searched; a longer one is not shown."""
_MAX_ENCODED_VALUES: Final = 1000
"""Values that are looked for in several spellings; with more of them, a message that may hold one is not shown."""
_MAX_SUMMARY_LENGTH: Final = 200
_MIN_SUBSTRING_LENGTH: Final = 4
_HIDDEN: Final = "…"
_ASCII_PREFIX: Final = re.compile("[0-9A-Za-z]*")
_ENCODED: Final = re.compile(r"[%+\\]")
_PUBLIC_MEMBERS: Final = frozenset({"action", "responseContent", "state", "type"})
"""Members of a request whose values belong to the API's vocabulary rather than to a customer."""


def redact(message: str, private: Iterable[str]) -> str | None:
    """Return a message as one short line that contains nothing private; ``None`` if it takes too long to make sure."""
    if len(message) > _MAX_SEARCHED_LENGTH:
        return None
    values = set(private) - {""}
    is_encoded = _ENCODED.search(message) is not None
    if is_encoded and len(values) > _MAX_ENCODED_VALUES:
        return None
    folded = message.casefold()
    # A batch holds thousands of values, and each has several spellings: all start with the same plain letters.
    possible = [value for value in values if _ascii_prefix(value).casefold() in folded] if is_encoded else values
    spellings = (_encodings(value) if is_encoded else (value,) for value in possible)
    repeated = {text for texts in spellings for text in texts if text.casefold() in folded}
    for text in sorted(repeated, key=len, reverse=True):
        message = re.sub(_match_pattern(text), _HIDDEN, message, flags=re.IGNORECASE)
    line = " ".join(message.split())
    return line if len(line) <= _MAX_SUMMARY_LENGTH else line[: _MAX_SUMMARY_LENGTH - 1] + _HIDDEN


def private_values(request_body: bytes) -> set[str]:
    """Return every value of a request's JSON that may be personal: IDs, codes, attributes."""
    from aiotalonone.codec.json import loads  # noqa: PLC0415 - importing the client loads no codec

    found: set[str] = set()
    if request_body:
        _collect_values(found, loads(request_body), "", is_free=False)
    return found


def _encodings(value: str) -> set[str]:
    """Return how a server may repeat a value: as it is, as it stood in the path, in the query, in the JSON."""
    if value.isalnum() and value.isascii():
        return {value}
    return {value, quote(value, safe=""), quote_plus(value), json.dumps(value, ensure_ascii=False)[1:-1]}


def _ascii_prefix(value: str) -> str:
    """Return the letters that every spelling starts with, perhaps no letter."""
    return _ASCII_PREFIX.match(value)[0]  # type: ignore[index]  # it matches everything


def _match_pattern(value: str) -> str:
    """Return a pattern; a short value counts as a whole word alone: an ID such as ``1`` would leave nothing."""
    pattern = re.escape(value)
    return pattern if len(value) >= _MIN_SUBSTRING_LENGTH else rf"(?<!\w){pattern}(?!\w)"


def _collect_values(found: set[str], value: Any, member: str, *, is_free: bool) -> None:
    """Add texts and numbers of a JSON value; within ``attributes`` names are free, so that none is the API's."""
    match value:
        case str():
            if value and (is_free or member not in _PUBLIC_MEMBERS):
                found.add(value)
        case int() | float():
            if not isinstance(value, bool) and len(text := str(value)) >= _MIN_SUBSTRING_LENGTH:
                found.add(text)
        case dict():
            for name, child in value.items():
                _collect_values(found, child, name, is_free=is_free or member == "attributes")
        case list():
            for child in value:
                _collect_values(found, child, member, is_free=is_free)
