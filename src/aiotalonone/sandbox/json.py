"""JSON values to text and back, through orjson: the only module of the sandbox that knows it."""

from codecs import BOM_UTF8
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

JSONDecodeError = orjson.JSONDecodeError


def loads(content: bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        JSONDecodeError: It is not JSON.
    """
    return orjson.loads(content)


def load(file: Path | str) -> Any:
    """Return the value in a JSON file, which is UTF-8, with or without a byte order mark.

    Raises:
        ValueError: It cannot be read, or is not JSON; the message names it.
    """
    try:
        content = Path(file).read_bytes().removeprefix(BOM_UTF8)
        content.decode()
        return loads(content)
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: is not UTF-8") from error
    except JSONDecodeError as error:
        raise ValueError(f"{file}: {error}") from error


def dumps(value: Any) -> bytes:
    """Return the JSON text of a value that may hold dates and exact amounts."""
    return orjson.dumps(value, default=_default, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _default(value: Any) -> float:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} cannot be written as JSON")
    return float(value)
