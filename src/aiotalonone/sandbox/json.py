"""JSON values to text and back, through orjson: the only module of the sandbox that knows it."""

from decimal import Decimal
from typing import Any

import orjson

JSONDecodeError = orjson.JSONDecodeError


def loads(content: bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        JSONDecodeError: It is not JSON.
    """
    return orjson.loads(content)


def dumps(value: Any) -> bytes:
    """Return the JSON text of a value that may hold dates and exact amounts."""
    return orjson.dumps(value, default=_default, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _default(value: Any) -> float:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} cannot be written as JSON")
    return float(value)
