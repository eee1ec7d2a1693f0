"""How the members of a model are called in JSON, and what their types ask of the codec."""

from datetime import datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final, Literal, Union, get_args, get_origin

from aiotalonone.models._json_name import JSON_NAME

if TYPE_CHECKING:
    import attrs

EXTRA: Final = "extra"


def json_name(attribute: "attrs.Attribute[Any]") -> str:
    """The member's name on the wire: its own, or camelCase of the Python name."""
    named = attribute.metadata.get(JSON_NAME)
    if named is not None:
        return str(named)
    first, *rest = attribute.name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def alternatives(annotation: object) -> frozenset[object]:
    """The types that a member may have; one where it is no union, ``NoneType`` for ``None``."""
    if get_origin(annotation) in {Union, UnionType}:
        return frozenset(get_args(annotation))
    return frozenset({annotation})


def is_plain(annotation: object) -> bool:
    """Whether values of this type are the same in JSON and in the model: text, flags, free objects, lists of those."""
    return all(_is_plain_type(kind) for kind in alternatives(annotation))


def is_number(annotation: object) -> bool:
    """Whether it is an int, a float or a Decimal, possibly ``None``."""
    kinds = alternatives(annotation) - {NoneType}
    return bool(kinds) and kinds <= {int, float, Decimal}


def is_date(annotation: object) -> bool:
    """Whether it is a datetime, possibly ``None``."""
    return alternatives(annotation) - {NoneType} == {datetime}


def container(annotation: object) -> type | None:
    """``list`` or ``dict`` where the type is exactly one of these, ``None`` otherwise."""
    origin = get_origin(annotation)
    return origin if origin in {list, dict} else None


def _is_plain_type(kind: object) -> bool:
    if kind in {str, bool, int, float, Any, NoneType} or get_origin(kind) is Literal:
        return True
    return container(kind) is not None and all(is_plain(argument) for argument in get_args(kind))
