"""Models to JSON and back: names, dates, exact numbers, and nothing lost on the way.

``structure`` is tolerant and turns JSON values into models, ``unstructure`` turns models into JSON values, ``json``
turns JSON values into bytes and back. The first two register generated hooks with ``converter``.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any, Final

from aiotalonone import models
from aiotalonone.codec import json
from aiotalonone.codec.generate import Hook, converter, generate_pending
from aiotalonone.codec.json import loads, loads_exact_numbers, raw_json
from aiotalonone.codec.shape import another_kind, latest_mismatch, mismatches
from aiotalonone.codec.structure import structure
from aiotalonone.codec.unstructure import unstructure, write, write_list
from aiotalonone.models._base import Model
from aiotalonone.operation import JSON_VALUE, Operation

__all__ = [
    "converter",
    "decode_as",
    "encode",
    "encode_as",
    "loads",
    "loads_exact_numbers",
    "mismatches",
    "raw_json",
    "structure",
    "unstructure",
    "warm_up",
]

Inspect = Callable[[dict[str, Any], type[Any], bool], None]

_NOTHING: Final = nullcontext()


def encode(body: object) -> bytes:
    """Return a model or JSON value as JSON text; numbers travel exactly.

    Raises:
        TypeError: Something in it is not a JSON value.
        ValueError: A number is NaN or infinite, or a datetime has no offset.
    """
    try:
        if type(body) is list and body and isinstance(body[0], Model):
            body = write_list(body)
        if json.is_batch(body):
            with _gc_paused():
                return json.dumps(body, write, is_batch=True)
        return json.dumps(body, write)
    except (AttributeError, RecursionError):  # what a member of a wrong type, or one that holds itself, comes to
        raise TypeError("the body cannot be sent as JSON: a member has a wrong type or contains itself") from None


def encode_as(model_name: str, body: object) -> bytes:
    """Return a request body as JSON text, if it is the model of that name or a mapping in JSON names.

    Raises:
        TypeError: It is neither, or something in it is not a JSON value.
        ValueError: A number is NaN or infinite, or a datetime has no offset.
    """
    if not isinstance(body, (_model(model_name), Mapping)):
        raise TypeError(f"expected a {model_name} or a mapping in JSON names, not {type(body).__name__}")
    return encode(body)


def decode_as(model_name: str, content: bytes, inspect: Inspect | None = None) -> Any:
    """Return a response's JSON text as the model of that name, or as it is.

    Args:
        model_name: Name of the model; any JSON object is one.
        content: The JSON text.
        inspect: Called with the JSON value, the model, and whether the value is known to be not what the model says.

    Raises:
        ValueError: It is not JSON, or not an object.
    """
    json.require_bounded(content)
    with _gc_paused() if json.is_large(content) else _NOTHING:
        value = loads(content)
        if model_name == JSON_VALUE:
            return value
        if not isinstance(value, dict):
            raise ValueError(f"not a {model_name}: {another_kind(dict, value)} @ $")  # noqa: TRY004 - of a response
        mark = latest_mismatch()
        result = _reader(model_name)(value, None)
        if inspect is not None:
            inspect(value, _model(model_name), latest_mismatch() is not mark)
        return result


def warm_up(operations: Iterable[Operation[Any]]) -> None:
    """Generate what operations need, so that their first call takes no longer than the second."""
    for operation in operations:
        if operation.result not in (None, JSON_VALUE):
            _reader(operation.result)
        if operation.body is not None:
            converter.get_unstructure_hook(_model(operation.body))
    generate_pending()


@contextmanager
def _gc_paused() -> Iterator[None]:
    """Keep the garbage collector from passing again and again over what is being made: it takes twice the rest."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@cache
def _model(name: str) -> type[Any]:
    model: type[Any] = getattr(models, name)
    return model


@cache
def _reader(model_name: str) -> Hook:
    return converter.get_structure_hook(_model(model_name))
