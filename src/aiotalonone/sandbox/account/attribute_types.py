"""Attribute types: which attributes an entity may have, and of which type."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from aiotalonone.sandbox import json
from aiotalonone.sandbox.validation import INVALID_TYPE, UNKNOWN, Path, ValidationError, is_number, parse_timestamp

ENTITIES = ("CustomerProfile", "CustomerSession", "CartItem", "Event", "Referral", "Coupon")
COORDINATES = re.compile(r"-?\d+(\.\d+)?, ?-?\d+(\.\d+)?")
MAX_SHOWN_LENGTH = 100


def _is_time(value: Any) -> bool:
    try:
        parse_timestamp(value)
    except ValueError:
        return False
    return True


def _is_location(value: Any) -> bool:
    """Return whether the value holds two coordinates: no public source says how the platform spells them."""
    if isinstance(value, str):
        return COORDINATES.fullmatch(value) is not None
    match list(value.values()) if isinstance(value, dict) else value:
        case [latitude, longitude]:
            return is_number(latitude) and is_number(longitude)
        case _:
            return False


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(fits(entry) for entry in value)


TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "time": _is_time,
    "location": _is_location,
    "(list string)": _list_of(lambda value: isinstance(value, str)),
    "(list number)": _list_of(is_number),
    "(list time)": _list_of(_is_time),
    "(list location)": _list_of(_is_location),
}
"""The platform's types; it has no list of booleans."""


class AttributeTypes:
    """The attributes of an account; an entity without types takes any attribute."""

    def __init__(self, entities: Mapping[str, Mapping[str, str]]) -> None:
        self._entities = entities

    def check(self, entity: str, attributes: Mapping[str, Any], path: Path) -> None:
        """Raise ValidationError for an unknown attribute or one of another type; null, which erases one, is valid."""
        known = self._entities.get(entity)
        if known is None:
            return
        for name, value in attributes.items():
            kind = known.get(name)
            if kind is None:
                raise _unknown((*path, name), entity, name)
            if value is not None and not TYPES[kind](value):
                raise _of_another_type((*path, name), kind, name, value)


def _unknown(path: Path, entity: str, name: str) -> ValidationError:
    details = f'The attribute "{name}" is not defined on {entity} entities.'
    return ValidationError(path, "is not defined", title=UNKNOWN, details=details)


def _of_another_type(path: Path, kind: str, name: str, value: Any) -> ValidationError:
    scalar = kind.removeprefix("(list ").rstrip(")")
    text = f"is not a {scalar}" if scalar == kind else f"is not a list of {scalar}s"
    shown = json.dumps(value).decode()[:MAX_SHOWN_LENGTH]
    return ValidationError(path, text, title=INVALID_TYPE, details=f'Value of "{name}" attribute ({shown}) {text}')
