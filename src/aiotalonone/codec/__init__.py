"""Models to JSON and back: names, dates, exact numbers, and nothing lost on the way.

``structure`` is tolerant and turns JSON values into models, ``unstructure`` turns models into JSON values, ``json``
turns JSON values into bytes and back. The first two register generated hooks with ``converter``.
"""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any, Final

from aiotalonone import models
from aiotalonone.codec import json
from aiotalonone.codec.generate import Hook, converter, generate_pending
from aiotalonone.codec.json import loads, loads_exact_numbers, raw_json
from aiotalonone.codec.shape import another_kind, latest_mismatch, mismatches
from aiotalonone.codec.structure import structure
from aiotalonone.codec.unstructure import exact_writers, fits, unstructure, unstructure_exact, unstructure_exact_list
from aiotalonone.codec.validation import plain
from aiotalonone.models._base import Model
from aiotalonone.models._init import prepare_init
from aiotalonone.operation import JSON_VALUE, Operation

__all__ = [
    "converter",
    "decode_as",
    "encode",
    "encode_as",
    "encode_records",
    "loads",
    "loads_exact_numbers",
    "mismatches",
    "raw_json",
    "structure",
    "unstructure",
    "warm_up",
]

Inspect = Callable[[Any, type[Any], bool], None]

_LIST_OF: Final = "list["

_NOTHING: Final = nullcontext()


def encode(body: object) -> bytes:
    """Return a model or JSON value as JSON text; numbers travel exactly.

    Raises:
        TypeError: A member of a model has a wrong type, or something is not a JSON value.
        ValueError: A number is NaN or infinite, a datetime has no offset, or a text cannot be sent as UTF-8.
    """
    content = _encode_exact(body)
    return json.dumps_plain(plain(body)) if content is None else content


def encode_as(model_name: str, body: object) -> bytes:
    """Return a request body as JSON text, if it is the model of that name or a mapping in its JSON names.

    Raises:
        TypeError: It is neither, a member has a wrong type, or something is not a JSON value.
        ValueError: A member is missing or misspelt, a number is NaN or infinite, a datetime has no offset, or a text
            cannot be sent as UTF-8.
    """
    model = _model(model_name)
    is_exact = isinstance(body, model) or fits(model)(body)
    content = _encode_exact(body) if is_exact else None
    return json.dumps_plain(plain(body, model)) if content is None else content


def encode_records(model_name: str, records: list[Any]) -> bytes:
    """Return the JSON text of a list of models of that name, or mappings in its JSON names.

    Raises:
        TypeError: As ``encode_as``. The error tells a place in the record, not which record it is.
        ValueError: As ``encode_as``.
    """
    model = _model(model_name)
    fit = fits(model)
    is_exact = all(isinstance(record, Model) or fit(record) for record in records)
    content = _encode_exact(records) if is_exact else None
    if content is None:
        content = json.dumps_plain([plain(record, model, name="the record") for record in records])
    return content


def _encode_exact(body: object) -> bytes | None:
    """Return the JSON text of a body, ``None`` if anything in it is not written as it is: most bodies are."""
    try:
        if type(body) is list and body and isinstance(body[0], Model):
            body = unstructure_exact_list(body)
        if json.is_batch(body):
            with _gc_paused():
                return json.dumps(body, unstructure_exact, is_batch=True)
        return json.dumps(body, unstructure_exact)
    except (AttributeError, TypeError, ValueError, RecursionError):
        return None


def decode_as(model_name: str, content: bytes, inspect: Inspect | None = None) -> Any:
    """Return a response's JSON text as the model of that name, as a list of it, or as it is.

    Args:
        model_name: Name of the model, such as ``Coupon`` or ``list[Coupon]``; any JSON object is one.
        content: The JSON text.
        inspect: Called with the JSON value, the model, and whether the value is known to be not what the model says.

    Raises:
        ValueError: It is not JSON, not an object, or not a list if one is read.
    """
    json.require_bounded(content)
    with _gc_paused() if json.is_large(content) else _NOTHING:
        value = loads(content)
        if model_name == JSON_VALUE:
            return value
        expected = list if model_name.startswith(_LIST_OF) else dict
        if not isinstance(value, expected):
            raise ValueError(f"not a {model_name}: {another_kind(expected, value)} @ $")  # noqa: TRY004 - of a response
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
            exact_writers[_model(operation.body)]
    generate_pending()
    for kind in exact_writers:
        prepare_init(kind)


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
def _model(name: str) -> Any:
    if name.startswith(_LIST_OF):
        return list[_model(name.removeprefix(_LIST_OF).removesuffix("]"))]  # type: ignore[misc]  # known at run time
    return getattr(models, name)


@cache
def _reader(model_name: str) -> Hook:
    return converter.get_structure_hook(_model(model_name))
