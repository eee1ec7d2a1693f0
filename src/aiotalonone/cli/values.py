"""Types of attributes, and conversions of a file's values to them."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any, Final
from uuid import UUID

from attrs import frozen

from aiotalonone import codec
from aiotalonone.codec.dates import format_rfc3339, is_rfc3339

MAX_INTEGER: Final = 2**53
"""Parsers of JSON differ about larger integers."""

MAX_EXACT_SINGLE: Final = 2**24
"""Up to it a number of single precision has all digits of a whole number."""

_EXACT_DIGITS: Final = 15  # that a float keeps
_MAX_EXPONENT: Final = 99  # beyond it a float may become zero or infinite
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?(?:[eE][+-]?([0-9]+))?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SCIENTIFIC: Final = re.compile(r"[+-]?(?:[0-9]+[.,][0-9]+[eE][+-]?|[0-9]+[eE][+-]|[0-9][eE])[0-9]{1,3}")
"""A number as spreadsheets and floats write it; `0012e5` is more likely an ID."""
_BOOLEANS: Final = {
    word: value for value, words in ((True, "true t yes y 1"), (False, "false f no n 0")) for word in words.split()
}


class Type(Enum):
    """The type of an attribute."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    DATE = "date"
    LIST = "list"
    NATIVE = "native"
    """The JSON type of each value."""


class ConversionError(ValueError):
    """A value that cannot be converted; the message never contains the value."""


@frozen
class Unreadable:
    """A value that its file holds and Python cannot."""

    reason: str


class SinglePrecision(float):
    """A number of single precision beyond `MAX_EXACT_SINGLE`."""


Converter = Callable[[Any], Any]


def converter(kind: Type) -> Converter:
    """Return the function that converts a value to a type or raises `ConversionError`; null stays null."""
    return _CONVERTERS[kind]


def identifier(value: Any) -> str:
    """Return a text, a whole number or a UUID as an ID, without the blanks around it.

    Raises:
        ConversionError: The value is neither, or blank, or a number in scientific notation, which has lost digits.
    """
    found = (text(value) or "").strip()
    if not found:
        raise ConversionError("is empty")
    if found[0] < "A" and _SCIENTIFIC.fullmatch(found):  # most IDs start with a letter
        raise ConversionError(
            "is in scientific notation, as spreadsheets show long numbers: format its column as text there; "
            "--verbatim-ids takes such IDs"
        )
    return found


def verbatim_identifier(value: Any) -> str:
    """Return a text, a whole number or a UUID as an ID, as it is.

    Raises:
        ConversionError: The value is neither, or blank.
    """
    found = text(value) or ""
    if not found.strip():
        raise ConversionError("is empty")
    return found


def whole_number(value: Any) -> int:
    """Return a whole number, which may be given as a text of its digits.

    Raises:
        ConversionError: The value is not a whole number.
    """
    if isinstance(value, str):
        found = _number_of_text(value)
        if isinstance(found, int):
            return found
    elif value is not None:
        return int(_digits(value, "is not a whole number"))
    raise ConversionError("is not a whole number")


def native(value: Any) -> Any:
    """Return a JSON value, with integers beyond 64 bits as Decimals, which are sent digit by digit."""
    kind = type(value)
    if kind is str:
        return value
    if kind is int and not -(2**63) <= value < 2**64:
        return Decimal(value)
    if kind is list:
        return [native(element) for element in value]
    if kind is dict:
        return {name: native(member) for name, member in value.items()}
    return value


def text(value: Any) -> str | None:
    """Return a text, the digits of a whole number, or a UUID."""
    if isinstance(value, str) or value is None:
        return value
    return str(value) if isinstance(value, UUID) else _digits(value, "is not text")


def number(value: Any) -> int | float | Decimal | None:
    """Return a number, which may be given as a text in JSON's notation; whole numbers up to 2⁵³."""
    if isinstance(value, str):
        return _number_of_text(value)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or not _is_finite(value):
        raise _error(value, "is not a number")
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise ConversionError("is too large for a number")
    return value


def boolean(value: Any) -> bool | None:
    """Return true or false, which may be given as 1 or 0, or as a text: true, t, yes, y, 1 and so on, in any case."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        found = _BOOLEANS.get(value.strip().lower())
        if found is not None:
            return found
    elif isinstance(value, (int, float, Decimal)) and value in (0, 1):
        return bool(value)
    raise _error(value, "is neither true nor false")


def timestamp(value: Any) -> str | None:
    """Return a time in RFC 3339. A text has an offset or is a plain date; what has no zone is in UTC."""
    if value is None or (isinstance(value, str) and is_rfc3339(value)):
        return value
    found = _date_of_text(value) if isinstance(value, str) else value
    if isinstance(found, date):
        return _start_or_time(found)
    raise _error(value, "is not a time with an offset, such as 2026-08-01T12:00:00Z, or a date")


def day(value: Any) -> str | None:
    """Return the start of a day, in UTC. A text is a plain date; a time must be midnight."""
    if value is None:
        return None
    found = _date_of_text(value) if isinstance(value, str) else value
    if isinstance(found, datetime) and found.time() != time():
        found = None
    if isinstance(found, date):
        return _start_or_time(found)
    raise _error(value, "is not a date, such as 2026-08-01")


def list_of_values(value: Any) -> list[Any] | None:
    """Return a list of JSON values, which may be given as a text of JSON."""
    if value is None:
        return None
    found = _list_of_text(value) if isinstance(value, str) else value
    if not isinstance(found, list):
        raise _error(value, "is not a list")
    return [_element(element) for element in found]


_CONVERTERS: Final[Mapping[Type, Converter]] = {
    Type.NATIVE: native,
    Type.TEXT: text,
    Type.NUMBER: number,
    Type.BOOLEAN: boolean,
    Type.TIME: timestamp,
    Type.DATE: day,
    Type.LIST: list_of_values,
}


def _error(value: Any, otherwise: str) -> ConversionError:
    return ConversionError(value.reason if isinstance(value, Unreadable) else otherwise)


def _digits(value: Any, otherwise: str) -> str:
    """Return the digits of a whole number, which may be a float or a Decimal without a fraction.

    Raises:
        ConversionError: It is another value, or a float so large that its last digits may be lost.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, (float, Decimal)) or not _is_finite(value):
        raise _error(value, otherwise)
    if isinstance(value, Decimal) and value.as_tuple().exponent == 0:
        return str(value)
    if isinstance(value, SinglePrecision) or not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise ConversionError("is a number whose last digits may be lost")
    if value != int(value):
        raise ConversionError("is a number with a fraction")
    return str(int(value))


def _is_finite(value: float | Decimal) -> bool:
    return value.is_finite() if isinstance(value, Decimal) else isinstance(value, int) or isfinite(value)


def _number_of_text(value: str) -> int | float | Decimal:
    found = _NUMBER.fullmatch(value)
    if found is None:
        raise ConversionError("is not a number")
    if found.lastindex:  # a fraction or an exponent
        exponent = found[2] or "0"
        if len(exponent) > _EXACT_DIGITS:
            raise ConversionError("is too large for a number")
        is_exact = len(value) <= _EXACT_DIGITS and int(exponent) <= _MAX_EXPONENT
        return float(value) if is_exact else Decimal(value)
    if len(value) > _EXACT_DIGITS + 2 or abs(int(value)) > MAX_INTEGER:
        raise ConversionError("is too large for a number")
    return int(value)


def _date_of_text(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        return None


def _start_or_time(value: date) -> str:
    """Return a time, or the start of a day; in UTC, if it has no zone."""
    found = value if isinstance(value, datetime) else datetime.combine(value, time())
    return format_rfc3339(found if found.tzinfo else found.replace(tzinfo=UTC))


def _list_of_text(value: str) -> Any:
    try:
        return codec.loads_exact_numbers(value.encode())
    except (ValueError, ArithmeticError, RecursionError):
        return None


def _element(value: Any) -> Any:
    """Return a value inside of a list, as JSON has it.

    Raises:
        ConversionError: JSON has no such values.
    """
    match value:
        case str() | bool() | None:
            return value
        case int() | float() | Decimal() if _is_finite(value):
            return native(value)
        case date():
            return _start_or_time(value)
        case UUID():
            return str(value)
        case list() | tuple():
            return [_element(element) for element in value]
        case Mapping():
            return {str(name): _element(member) for name, member in value.items()}
    raise _error(value, "is a list of values that an attribute cannot hold")
