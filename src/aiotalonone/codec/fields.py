"""How the members of a model are called in JSON, and what their types ask of the codec."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

import attrs

from aiotalonone.models._base import Model
from aiotalonone.models._fields import JSON_NAME
from aiotalonone.models.catalogs import CATALOG_ACTION_PAYLOADS, CatalogActionPayload, UnknownCatalogActionPayload
from aiotalonone.models.effects import EFFECT_PROPS, EffectProps, UnknownEffectProps

EXTRA: Final = "extra"
NUMBERS: Final = frozenset({int, float, Decimal})


@attrs.frozen
class Tag:
    """What says the class of a member: the text of another member beside it."""

    member: str
    """Python name of that other member."""
    name: str
    """Its JSON name."""
    classes: Mapping[str, type[Model]]
    """The classes by its texts."""
    unknown: type[Model]
    """What holds all that comes under any other text."""

    def class_of(self, tag: object, value: object) -> Any:
        """Return the class that a tag stands for, or that of the value if it is the one that holds anything."""
        if isinstance(value, self.unknown) or not isinstance(tag, str):
            return self.unknown
        return self.classes.get(tag, self.unknown)


TAGS: Final[Mapping[Any, Tag]] = {
    CatalogActionPayload: Tag("type", "type", CATALOG_ACTION_PAYLOADS, UnknownCatalogActionPayload),
    EffectProps: Tag("effect_type", "effectType", EFFECT_PROPS, UnknownEffectProps),
}
"""The tags of members, by the base class that such a member has for its type."""


def json_name(attribute: "attrs.Attribute[Any]") -> str:
    """Return the member's name on the wire: its own, or camelCase of the Python name."""
    own_name = attribute.metadata.get(JSON_NAME)
    if own_name is not None:
        return str(own_name)
    return camel_case(attribute.name)


def camel_case(name: str) -> str:
    """Return the JSON name of a Python name, such as ``profileId`` of ``profile_id``."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


@cache
def required_names(kind: Any) -> frozenset[str]:
    """Return the JSON names of the members that a model cannot do without."""
    return frozenset(json_name(member) for member in attrs.fields(kind) if member.default is attrs.NOTHING)


@cache
def tagged_members(kind: Any) -> dict[str, Tag]:
    """Return the tags of the members whose class another member says, by their JSON names."""
    return {json_name(member): TAGS[member.type] for member in attrs.fields(kind) if member.type in TAGS}


def union_members(annotation: object) -> frozenset[object]:
    """Return the types that a member may have: one if it is not a union, ``NoneType`` for ``None``."""
    if get_origin(annotation) in {Union, UnionType}:
        return frozenset(get_args(annotation))
    return frozenset({annotation})


def without_none(annotation: Any) -> Any:
    """Return the type that a member has if it is not ``None``; a union of several types as it is."""
    kinds = union_members(annotation) - {NoneType}
    return next(iter(kinds)) if len(kinds) == 1 else annotation


@cache
def is_passthrough(annotation: object) -> bool:
    """Return whether values of this type are the same in JSON and in the model: text, flags, free objects, lists."""
    return all(_is_passthrough_type(kind) for kind in union_members(annotation))


@cache
def is_number(annotation: object) -> bool:
    """Return whether it is an int, a float or a Decimal, possibly ``None``."""
    kinds = union_members(annotation) - {NoneType}
    return bool(kinds) and kinds <= NUMBERS


@cache
def is_date(annotation: object) -> bool:
    """Return whether it is a datetime, possibly ``None``."""
    return union_members(annotation) - {NoneType} == {datetime}


def container(annotation: object) -> type | None:
    """Return ``list`` or ``dict`` if the type is exactly one of these, ``None`` otherwise."""
    origin = get_origin(annotation)
    return origin if origin in {list, dict} else None


@cache
def is_set_in_place(kind: type[Any]) -> bool:
    """Return whether members can be set one by one: in a class of ours that checks no limit.

    A derived class may do anything when it is made.
    """
    is_ours = kind.__module__.startswith(Model.__module__.rpartition(".")[0])
    return is_ours and not any(member.validator for member in attrs.fields(kind))


@cache
def model_lists(kind: type[Model]) -> tuple[str, ...]:
    """Return the members of a model that are lists of models."""
    members = ((member.name, without_none(member.type)) for member in attrs.fields(kind))
    return tuple(name for name, type_ in members if container(type_) is list and attrs.has(get_args(type_)[0]))


@cache
def member_kinds(kind: type[Model]) -> dict[str, type | None]:
    """Return the JSON names of a model's members and of those within them, with ``list`` or ``dict`` for containers."""
    kinds: dict[str, type | None] = {}
    pending: list[type[Any]] = [kind]
    seen: set[type[Any]] = {kind}
    while pending:
        for member in attrs.fields(pending.pop()):
            if member.name == EXTRA:
                continue
            type_ = without_none(member.type)
            tag = TAGS.get(type_)
            within = [type_, *get_args(type_), *union_members(type_), *(tag.classes.values() if tag else ())]
            kinds[json_name(member)] = container(type_)
            found = {part for part in within if isinstance(part, type) and attrs.has(part)} - seen
            seen |= found
            pending += found
    return kinds


def _is_passthrough_type(kind: object) -> bool:
    if kind in {str, bool, int, float, Any, NoneType} or get_origin(kind) is Literal:
        return True
    return container(kind) is not None and all(is_passthrough(argument) for argument in get_args(kind))
