"""Types of attributes, and conversions of a file's values to them."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from math import isfinite
from types import NoneType
from typing import Any, Final

from aiotalonone import codec
from aiotalonone.codec.dates import format_rfc3339

MAX_INTEGER: Final = 2**53
"""Parsers of JSON differ about larger integers."""

_EXACT_DIGITS: Final = 15  # that a float keeps
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_BOOLEANS: Final = {"true": True, "false": False}


class Type(Enum):
    """The type of an attribute."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    LIST = "list"
    NATIVE = "native"
    """The JSON type of each value."""


class ConversionError(ValueError):
    """A value that cannot be converted; the message never contains the value."""


Converter = Callable[[Any], Any]


def converter(kind: Type) -> Converter:
    """Return the function that converts a value to a type or raises `ConversionError`; null stays null."""
    return _CONVERTERS[kind]


def identifier(value: Any) -> str:
    """Return a text or a whole number as an ID.

    Raises:
        ConversionError: The value is neither, or empty.
    """
    found = text(value)
    if not found:
        raise ConversionError("is empty")
    return found


def whole_number(value: Any) -> int:
    """Return a whole number, which may be given as a text of its digits.

    Raises:
        ConversionError: The value is not a whole number.
    """
    found = _number_of_text(value) if isinstance(value, str) else value
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    raise ConversionError("is not a whole number")


def identity(value: Any) -> Any:
    """Return the value."""
    return value


def text(value: Any) -> str | None:
    """Return a text, or the digits of a whole number."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ConversionError("is not text")


def number(value: Any) -> int | float | Decimal | None:
    """Return a number, which may be given as a text in JSON's notation."""
    if isinstance(value, str):
        return _number_of_text(value)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or not isfinite(value):
        raise ConversionError("is not a number")
    return value


def boolean(value: Any) -> bool | None:
    """Return true or false, which may be given as a text in any case."""
    if isinstance(value, str):
        value = _BOOLEANS.get(value.lower(), value)
    if not isinstance(value, (bool, NoneType)):
        raise ConversionError("is neither true nor false")
    return value


def timestamp(value: Any) -> str | None:
    """Return a time in RFC 3339. A text must have an offset; a date or time of Parquet without a zone is in UTC."""
    if value is None or (isinstance(value, str) and _is_time(value)):
        return value
    if isinstance(value, date):
        aware = value if isinstance(value, datetime) else datetime.combine(value, time())
        return format_rfc3339(aware if aware.tzinfo else aware.replace(tzinfo=UTC))
    raise ConversionError("is not a time with an offset, such as 2026-08-01T12:00:00Z")


def list_of_values(value: Any) -> list[Any] | None:
    """Return a list, which may be given as a text of JSON."""
    if value is None:
        return None
    found = _list_of_text(value) if isinstance(value, str) else value
    if not isinstance(found, list):
        raise ConversionError("is not a list")
    return [timestamp(element) if isinstance(element, date) else element for element in found]


_CONVERTERS: Final[Mapping[Type, Converter]] = {
    Type.NATIVE: identity,
    Type.TEXT: text,
    Type.NUMBER: number,
    Type.BOOLEAN: boolean,
    Type.TIME: timestamp,
    Type.LIST: list_of_values,
}


def _number_of_text(value: str) -> int | float | Decimal:
    found = _NUMBER.fullmatch(value)
    if found is None:
        raise ConversionError("is not a number")
    if found.lastindex:  # a fraction or an exponent
        return float(value) if len(value) <= _EXACT_DIGITS else Decimal(value)
    if len(value) > _EXACT_DIGITS and abs(int(value)) > MAX_INTEGER:
        raise ConversionError("is too large for a number")
    return int(value)


def _is_time(value: str) -> bool:
    try:
        return _TIME.fullmatch(value) is not None and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def _list_of_text(value: str) -> Any:
    try:
        return codec.loads(value.encode())
    except ValueError:
        return None
