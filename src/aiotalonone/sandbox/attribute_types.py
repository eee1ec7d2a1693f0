"""Attribute types: which attributes an entity may have, and of which type."""

from collections.abc import Callable, Mapping
from typing import Any

from aiotalonone.sandbox.validation import Path, ValidationError, is_number, parse_timestamp

ENTITIES = ("CustomerProfile", "CustomerSession", "CartItem", "Event", "Referral", "Coupon")


def _is_time(value: Any) -> bool:
    try:
        parse_timestamp(value)
    except ValueError:
        return False
    return True


SCALARS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "time": _is_time,
}


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(fits(entry) for entry in value)


TYPES = SCALARS | {f"(list {name})": _list_of(fits) for name, fits in SCALARS.items()}


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
                raise ValidationError((*path, name), f"attribute {name} is not defined for {entity}")
            if value is not None and not TYPES[kind](value):
                raise ValidationError((*path, name), f"attribute {name} must be of type {kind}")
