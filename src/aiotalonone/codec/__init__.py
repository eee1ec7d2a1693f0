"""Models to JSON and back: names, dates, exact numbers, and nothing lost on the way.

``reading`` is tolerant and turns JSON values into models, ``writing`` turns models into JSON values, ``text`` turns
JSON values into bytes and back.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import attrs
from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError, StructureHandlerNotFoundError

from aiotalonone import models
from aiotalonone.codec import reading, text, writing
from aiotalonone.codec.text import loads, loads_exactly
from aiotalonone.models._limits import LimitError
from aiotalonone.operation import JSON_VALUE

__all__ = ["decode_as", "encode", "encode_as", "loads", "loads_exactly", "structure", "unstructure"]

T = TypeVar("T")

_converter = Converter(detailed_validation=True)
reading.register(_converter)
writing.register(_converter)


def structure(json_value: object, model: type[T]) -> T:
    """Read a JSON value into a model.

    What the model has no member for goes to ``extra``, new enum values are read as text, lists and maps that are null
    or left out of an answer read as empty.

    Args:
        json_value: What a JSON parser made: dicts, lists, strings, numbers.
        model: The class to read, or a list of one: ``list[Coupon]``.

    Raises:
        ValueError: The value has another shape; the message names each place, no value.
        TypeError: ``model`` is none.
    """
    try:
        return _converter.structure(json_value, model)
    except BaseValidationError as failure:
        places = "; ".join(transform_error(failure, format_exception=_describe))
    except reading.WrongShapeError as failure:
        places = str(failure)
    except StructureHandlerNotFoundError:
        raise TypeError(f"{model!r} is not a model, nor a list of one") from None
    raise ValueError(f"not a {getattr(model, '__name__', model)}: {places}")


def unstructure(model: object) -> Any:
    """The JSON value of a model, in the API's names.

    Members that are ``None`` are left out; dates become RFC 3339 strings; a ``Decimal`` stays one. What stands inside
    ``attributes`` is passed on as it is.

    Raises:
        ValueError: A datetime has no offset.
    """
    return _converter.unstructure(model)


def encode(body: object) -> bytes:
    """A model or JSON value as JSON text; numbers travel exactly.

    Raises:
        TypeError: Something in it is no JSON value.
        ValueError: A number is NaN or infinite, or a datetime has no offset.
    """
    try:
        return text.dumps(unstructure(body) if attrs.has(type(body)) else body, unstructure)
    except (AttributeError, RecursionError):  # what a member of a wrong type, or one that holds itself, comes to
        raise TypeError("the body cannot be sent as JSON: a member has a wrong type or contains itself") from None


def encode_as(model_name: str, body: object) -> bytes:
    """A request body as JSON text, where it is the model of that name or a mapping in JSON names.

    Raises:
        TypeError: It is neither, or something in it is no JSON value.
        ValueError: A number is NaN or infinite, or a datetime has no offset.
    """
    if not isinstance(body, (Mapping, getattr(models, model_name))):
        raise TypeError(f"expected a {model_name} or a mapping in JSON names, not {type(body).__name__}")
    return encode(body)


def decode_as(model_name: str, content: bytes) -> Any:
    """An answer's JSON text as the model of that name, or as it is.

    Raises:
        ValueError: It is no JSON, or has another shape.
    """
    value = loads(content)
    return value if model_name == JSON_VALUE else structure(value, getattr(models, model_name))


def _describe(failure: BaseException, _: object) -> str:
    """What is wrong at one place, without the value that stands there."""
    if isinstance(failure, KeyError):
        return "missing"
    return str(failure) if isinstance(failure, (reading.WrongShapeError, LimitError)) else "unreadable"
