"""What two specifications of the API say differently.

Each becomes entries by their place, such as ``getThing query tags`` or ``Thing.kind``, with the aspects of that place:
its type, whether it is required, its limits. Entries are then compared, one place after the other.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from tools.facts import Facts
from tools.specs import Schema, Spec

ABSENT: Final = "-"
"""Stands for what only the other specification says."""
ENUM: Final = "enum"

_ELSEWHERE: Final = frozenset(
    {"$ref", "type", "format", "nullable", "const", "allOf", "oneOf", "anyOf", "properties", "required", "items", ENUM}
)
"""Keywords that are in the type, in another place, or compared by their values."""
_CHOICES: Final = ("oneOf", "anyOf")

Aspects = dict[str, Any]


class Entry(NamedTuple):
    """What a specification says of one place."""

    root: str
    """The operation, schema or way to authorize."""
    parent: str
    """The place that contains it; it is not compared if that is new or gone."""
    aspects: Aspects
    """Texts by what they are about; the values of an enum as a tuple."""


Entries = dict[str, Entry]


class Difference(NamedTuple):
    """A place of which two specifications say something else."""

    what: str
    """``new``, ``gone`` or ``changed``."""
    root: str
    place: str
    aspects: frozenset[str]
    """What they differ in."""
    facts: str
    file: str


def differences(ours: Entries, theirs: Entries) -> Iterator[Difference]:
    """Yield the places that differ, in the order of the specifications."""
    for place in ours | theirs:
        known, found = ours.get(place), theirs.get(place)
        entry = known or found
        if entry is None or (entry.parent and (entry.parent in ours) != (entry.parent in theirs)):
            continue
        before, after = known.aspects if known else {}, found.aspects if found else {}
        differing = [name for name in before | after if before.get(name) != after.get(name)]
        if differing:
            what = "new" if known is None else "gone" if found is None else "changed"
            texts = _text(before, after, differing), _text(after, before, differing)
            yield Difference(what, entry.root, place, frozenset(differing), *texts)


def entries_of_authorization(spec: Spec) -> Entries:
    """Return what a specification says of the ways to authorize a request."""
    return {
        f"authorization {name}": Entry(name, "", {key: f"{key} {value}" for key, value in scheme.items()})
        for name, scheme in spec.facts["authorization"].items()
    }


def entries_of_operations(spec: Spec) -> Entries:
    """Return what a specification says of its operations: their parameters, bodies and responses."""
    entries: Entries = {}
    for operation_id, operation in spec.operations.items():
        aspects = {
            "address": f"{operation['method']} {operation['path']}",
            "authorization": " or ".join(operation["authorization"]) or "no authorization",
        }
        entries[operation_id] = Entry(operation_id, "", aspects | _flags(operation))
        for part, schema, given in _parts_of(operation):
            place = f"{operation_id} {part}"
            entries |= _of_schema(spec, schema, Entry(operation_id, operation_id, given), place)
    return entries


def entries_of_schemas(spec: Spec) -> Entries:
    """Return what a specification says of its schemas and their members."""
    entries: Entries = {}
    for name, schema in spec.schemas.items():
        entries |= _of_schema(spec, schema, Entry(name, "", {}), name)
    return entries


def type_of(schema: Any) -> str:
    """Return the type of a value in words, such as ``list of string``."""
    if not isinstance(schema, dict):
        return "any"
    kinds = schema.get("type", "object" if schema.keys() & {"properties", "allOf"} else "any")
    name = " or ".join(map(str, kinds)) if isinstance(kinds, list) else str(kinds)
    choices = [type_of(choice) for keyword in _CHOICES for choice in schema.get(keyword, ())]
    if alias := _alias_in(schema):
        name = alias
    elif "const" in schema:
        name = json.dumps(schema["const"])
    elif choices:
        name = " or ".join(choices)
    elif name == "array":
        name = f"list of {type_of(schema.get('items'))}"
    elif isinstance(values := schema.get("additionalProperties"), dict):
        name = f"map of {type_of(values)}"
    if "format" in schema:
        name = f"{name} ({schema['format']})"
    return f"{name} or null" if schema.get("nullable") else name


def _parts_of(operation: Facts) -> Iterator[tuple[str, Schema | None, Aspects]]:
    """Yield the parameters, body and responses of an operation, with what is said of each besides its schema."""
    for parameter in operation["parameters"]:
        given = {"required": _requiredness(parameter["required"])}
        if "style" in parameter:
            given["style"] = f"{parameter['style']}{' exploded' if parameter['explode'] else ''}"
        yield f"{parameter['in']} {parameter['name']}", parameter["schema"], given
    if body := operation.get("body"):
        yield "body", body["schema"], {"required": _requiredness(body["required"])}
    for status, schema in operation["responses"].items():
        yield status, schema, {}


def _of_schema(spec: Spec, schema: Schema | None, entry: Entry, place: str, *, is_entry: bool = False) -> Entries:
    """Return the entries of a schema: itself, and what values of it contain.

    Args:
        spec: Has the schemas that it refers to.
        schema: The schema, ``None`` if there is no body.
        entry: Where it belongs, with what is said of it besides the schema.
        place: What it is called.
        is_entry: Whether the type is told by the list or map that contains it.
    """
    if schema is None:
        return {place: entry._replace(aspects={"type": "no body"})}
    aspects = {} if is_entry else {"type": type_of(schema)}
    entries = {place: entry._replace(aspects=aspects | entry.aspects | _limits(schema))}
    inner = Entry(entry.root, place, {})
    members, required = ({}, set()) if _alias_in(schema) else spec.merged(schema)
    for name in members | dict.fromkeys(sorted(required)):
        given = inner._replace(aspects={"required": _requiredness(name in required)})
        entries |= _of_schema(spec, members.get(name, {}), given, f"{place}.{name}")
    for keyword, mark in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(values := schema.get(keyword), dict):
            entries |= _of_schema(spec, values, inner, f"{place}{mark}", is_entry=True)
    choices = [choice for keyword in _CHOICES for choice in schema.get(keyword, ())]
    for number, choice in enumerate(choices, 1):
        entries |= _of_schema(spec, choice, inner, f"{place}({number})", is_entry=True)
    return entries


def _alias_in(schema: Schema) -> str:
    """Return the schema that another one stands for, with a description at most; empty if it says more."""
    match schema.get("allOf"):
        case [{"$ref": name}] if "properties" not in schema:
            return str(name)
    return str(schema.get("$ref", ""))


def _limits(schema: Schema) -> Aspects:
    """Return what a schema says of its values besides their type."""
    limits: Aspects = {name: _told(name, value) for name, value in schema.items() if name not in _ELSEWHERE}
    if isinstance(schema.get("additionalProperties"), dict):
        del limits["additionalProperties"]
    if ENUM in schema:
        limits[ENUM] = tuple(map(json.dumps, schema[ENUM]))
    return limits


def _flags(facts: Facts) -> Aspects:
    return {"deprecated": "deprecated"} if facts.get("deprecated") else {}


def _told(name: str, value: object) -> str:
    is_flag = value is True and name != "default"
    return name if is_flag else f"{name} {json.dumps(value, ensure_ascii=False, default=str)}"


def _requiredness(is_required: bool) -> str:
    return "required" if is_required else "optional"


def _text(aspects: Mapping[str, Any], others: Mapping[str, Any], names: list[str]) -> str:
    """Return what one specification says of the aspects that differ; of an enum, the values that the other lacks."""
    texts = []
    for name in names:
        told = aspects.get(name)
        if isinstance(told, tuple):
            texts += [value for value in told if value not in others.get(name, ())]
        elif told:
            texts.append(told)
    return ", ".join(texts) or ABSENT
