"""JSON values to text and back, through orjson: the only module that knows it."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from itertools import chain
from math import isfinite
from types import NoneType
from typing import Any, Final, NoReturn

import attrs
import orjson

from aiotalonone.codec.dates import format_rfc3339
from aiotalonone.codec.fields import model_lists
from aiotalonone.models._base import Model

_OPTIONS: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_ALWAYS_READ: Final = 64 * 1024
"""Bytes of JSON that are read however densely they are packed."""
_MAX_DEPTH: Final = 1024
_MAX_OBJECTS: Final = 20_000
_MIN_BYTES_PER_OBJECT: Final = 40
_MAX_VALUES: Final = 50_000
_MIN_BYTES_PER_VALUE: Final = 7
_DIGITS_OF_64_BITS: Final = 19
_FINITE: Final = frozenset({bool, int, NoneType, str})

raw_json: Final = orjson.Fragment
"""Takes a value's JSON text, which is written as it is."""


def loads(content: bytes) -> Any:
    """Return the value of a JSON text; a byte order mark before it is passed over.

    A number beyond the floats is a Decimal, half of a surrogate pair stays in its text.

    Raises:
        ValueError: It is not JSON.
    """
    content = content.removeprefix(_BYTE_ORDER_MARK)
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as failure:
        problem = f"not JSON: {failure.msg} at byte {failure.pos}"
    try:  # orjson rejects the two above, which JSON allows
        value = json.loads(content.decode(), parse_float=_finite_number, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):  # an exponent may be too large even for a Decimal
        pass
    else:
        if not _is_deeper_than(_MAX_DEPTH, value):
            return value
    raise ValueError(problem)  # outside of the handlers: the parsers' errors hold the whole text


def is_large(content: bytes) -> bool:
    """Return whether a JSON text may hold more values than are read at once without a thought."""
    return len(content) > _ALWAYS_READ


def require_bounded(content: bytes) -> None:
    """Check that a JSON text does not hold more values than a response of its size can: reading it would take too long.

    Three bytes, ``{},``, become several hundred in memory. A response has some 25 bytes for each value and 100 for each
    object; up to some number of them, and up to some size, any response is read.

    Raises:
        ValueError: It holds more.
    """
    if not is_large(content):
        return
    objects = content.count(b"{")
    values = len(content) - len(content.translate(None, b"{[,"))  # each starts behind one of these
    if objects > max(_MAX_OBJECTS, len(content) // _MIN_BYTES_PER_OBJECT):
        raise ValueError(f"more than {_MAX_OBJECTS} objects, of less than {_MIN_BYTES_PER_OBJECT} bytes each")
    if values > max(_MAX_VALUES, len(content) // _MIN_BYTES_PER_VALUE):
        raise ValueError(f"more than {_MAX_VALUES} values, of less than {_MIN_BYTES_PER_VALUE} bytes each")


def _is_deeper_than(levels: int, value: Any) -> bool:
    """Return whether a value has more levels of objects and arrays, as the other parser never lets pass."""
    layer = [value]
    for _ in range(levels + 1):
        nested = (
            entry.values() if isinstance(entry, dict) else entry for entry in layer if isinstance(entry, (dict, list))
        )
        layer = list(chain.from_iterable(nested))
        if not layer:
            return False
    return True


def _finite_number(digits: str) -> float | Decimal:
    number = float(digits)
    return number if isfinite(number) else Decimal(digits)


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)  # NaN or Infinity, which Python's parser takes for numbers


def loads_exact_numbers(content: bytes) -> Any:
    """Return the value of a JSON text, whose numbers are written again as they stand there."""
    return json.loads(content, parse_float=Decimal, parse_int=_exact_integer)


def _exact_integer(digits: str) -> int | Decimal:
    """Return an integer if orjson writes it."""
    return int(digits) if len(digits) < _DIGITS_OF_64_BITS else Decimal(digits)


def shared_key(name: str) -> str:
    """Return the very string that the parser uses for an object's key of that name.

    It keeps keys, and looking one up by itself spares the comparison: a quarter of the time of reading a model.
    """
    (key,) = orjson.loads(orjson.dumps({name: None}))
    return str(key)


def is_batch(value: object) -> bool:
    """Return whether a value is a model with a list of models, such as a request for many profiles."""
    if not isinstance(value, Model):
        return False
    kind: Any = type(value)
    return any(type(getattr(value, name)) is list for name in model_lists(kind))


def dumps(value: Any, unstructure: Callable[[object], Any], *, is_batch: bool = False) -> bytes:
    """Return the JSON text of a value; models inside it go through ``unstructure``.

    Raises:
        TypeError: Something in it is not written as it is.
        ValueError: A number is NaN or infinite, or a datetime has no offset.
    """
    content = orjson.dumps(value, default=partial(_default, unstructure), option=_OPTIONS)
    if _may_hold_null(content, is_batch=is_batch):
        _require_finite(value, unstructure)
    return content


def dumps_plain(value: Any) -> bytes:
    """Return the JSON text of plain values, which hold no NaN.

    Raises:
        TypeError: They are nested too deeply.
    """
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except orjson.JSONEncodeError as failure:
        problem = f"the body cannot be sent as JSON: {failure}"
    raise TypeError(problem)  # outside of the handler: its frames hold the values


def _may_hold_null(content: bytes, *, is_batch: bool) -> bool:
    """Return whether a text holds a null: orjson writes NaN like that, which would erase what it stands for.

    The search costs more than half of what writing costs, at least from the end; from the start, twice as much. A
    longer text is found faster. In a batch that has no other list, only members can be null: its entries are models.
    """
    has_one_list = is_batch and content.find(b"[", content.find(b"[") + 1) < 0
    return content.rfind(b'":null' if has_one_list else b"null") >= 0


def _default(unstructure: Callable[[object], Any], value: object) -> Any:
    if isinstance(value, Model):
        return unstructure(value)
    match value:
        case Decimal():
            if not value.is_finite():
                raise ValueError("a number is NaN or infinite")
            return orjson.Fragment(str(value))
        case datetime():
            return format_rfc3339(value)
        case Mapping():
            return dict(value)
    if attrs.has(type(value)):
        return unstructure(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _require_finite(value: object, unstructure: Callable[[object], Any]) -> None:
    if isinstance(value, Enum):
        value = value.value
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
            _require_finite(element, unstructure)
