"""The types of attributes, and how a value of a file becomes one of them."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from math import isfinite
from types import NoneType
from typing import Any, Final

import orjson

from aiotalonone.codec.dates import format_rfc3339

LARGEST_INTEGER: Final = 2**53
"""Beyond it, readers of JSON do not agree on an integer."""

_EXACT_DIGITS: Final = 15  # so many a float keeps
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
    OWN = "its own"
    """That of each value, as JSON has it."""


class ConversionError(ValueError):
    """A value that is none of the type; the message repeats nothing of it."""


Converter = Callable[[Any], Any]


def converter(kind: Type) -> Converter:
    """What makes a value one of a type, or raises a `ConversionError`; what is null stays so."""
    return _CONVERTERS[kind]


def identifier(value: Any) -> str:
    """A value as an ID: a text, or a whole number.

    Raises:
        ConversionError: It is none.
    """
    found = text(value)
    if not found:
        raise ConversionError("is empty")
    return found


def whole_number(value: Any) -> int:
    """A whole number, or a text of its digits.

    Raises:
        ConversionError: It is none.
    """
    found = _number_of_text(value) if isinstance(value, str) else value
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    raise ConversionError("is no whole number")


def own(value: Any) -> Any:
    """The value."""
    return value


def text(value: Any) -> str | None:
    """A text, or the digits of a whole number."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ConversionError("is no text")


def number(value: Any) -> int | float | Decimal | None:
    """A number, written as JSON writes numbers where it is a text."""
    if isinstance(value, str):
        return _number_of_text(value)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or not isfinite(value):
        raise ConversionError("is no number")
    return value


def boolean(value: Any) -> bool | None:
    """True or false, whatever their case where they are texts."""
    if isinstance(value, str):
        value = _BOOLEANS.get(value.lower(), value)
    if not isinstance(value, (bool, NoneType)):
        raise ConversionError("is neither true nor false")
    return value


def moment(value: Any) -> str | None:
    """A time in RFC 3339. A text must have its offset; a file's own date or time without one is taken as UTC."""
    if value is None or (isinstance(value, str) and _is_time(value)):
        return value
    if isinstance(value, date):
        aware = value if isinstance(value, datetime) else datetime.combine(value, time())
        return format_rfc3339(aware if aware.tzinfo else aware.replace(tzinfo=UTC))
    raise ConversionError("is no time such as 2026-08-01T12:00:00Z, with its offset")


def list_of_values(value: Any) -> list[Any] | None:
    """A list, written as JSON where it is a text."""
    if value is None:
        return None
    found = _list_of_text(value) if isinstance(value, str) else value
    if not isinstance(found, list):
        raise ConversionError("is no list")
    return [moment(element) if isinstance(element, date) else element for element in found]


_CONVERTERS: Final[Mapping[Type, Converter]] = {
    Type.OWN: own,
    Type.TEXT: text,
    Type.NUMBER: number,
    Type.BOOLEAN: boolean,
    Type.TIME: moment,
    Type.LIST: list_of_values,
}


def _number_of_text(value: str) -> int | float | Decimal:
    found = _NUMBER.fullmatch(value)
    if found is None:
        raise ConversionError("is no number")
    if found.lastindex:  # a fraction or an exponent
        return float(value) if len(value) <= _EXACT_DIGITS else Decimal(value)
    if len(value) > _EXACT_DIGITS and abs(int(value)) > LARGEST_INTEGER:
        raise ConversionError("is too large for a number")
    return int(value)


def _is_time(value: str) -> bool:
    try:
        return _TIME.fullmatch(value) is not None and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def _list_of_text(value: str) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
