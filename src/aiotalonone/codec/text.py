"""JSON values to text and back, through orjson."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from math import isfinite
from types import NoneType
from typing import Any, Final

import attrs
import orjson

from aiotalonone.dates import rfc3339

_OPTIONS: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS

_DIGITS_OF_64_BITS: Final = 19
_FINITE: Final = frozenset({bool, int, NoneType, str})


def loads(content: bytes) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: It is no JSON.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as failure:
        raise ValueError(f"no JSON: {failure.msg} at byte {failure.pos}") from None


def loads_exactly(content: bytes) -> Any:
    """The value of a JSON text, whose numbers are written again as they stand there."""
    return json.loads(content, parse_float=Decimal, parse_int=_exact_integer)


def _exact_integer(digits: str) -> int | Decimal:
    """An integer, where orjson writes it."""
    return int(digits) if len(digits) < _DIGITS_OF_64_BITS else Decimal(digits)


def dumps(value: Any, unstructure: Callable[[object], Any]) -> bytes:
    """The JSON text of a value; models inside it go through ``unstructure``.

    Raises:
        TypeError: Something in it is no JSON value.
        ValueError: A number is NaN or infinite, or a datetime has no offset.
    """
    try:
        content = orjson.dumps(value, default=partial(_beyond_json, unstructure), option=_OPTIONS)
    except orjson.JSONEncodeError as failure:
        ours = failure.__cause__
        if type(ours) is ValueError:
            raise ours from None
        raise TypeError(f"the body cannot be sent as JSON: {ours if type(ours) is TypeError else failure}") from None
    # orjson writes NaN as null, which would erase what it stands for. Looking for a null costs a fifth of what writing
    # costs, from the end at least; from the begin, a third.
    if content.rfind(b"null") >= 0:
        _refuse_non_finite(value, unstructure)
    return content


def _beyond_json(unstructure: Callable[[object], Any], value: object) -> Any:
    match value:
        case Decimal():
            if not value.is_finite():
                raise ValueError("a number is NaN or infinite")
            return orjson.Fragment(str(value))
        case datetime():
            return rfc3339(value)
        case Mapping():
            return dict(value)
    if attrs.has(type(value)):
        return unstructure(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _refuse_non_finite(value: object, unstructure: Callable[[object], Any]) -> None:
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("a number is NaN or infinite")
    if attrs.has(type(value)):
        value = unstructure(value)
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return
    for element in value:
        if type(element) not in _FINITE:  # most are, and asking each what else it is takes four times as long
            _refuse_non_finite(element, unstructure)
