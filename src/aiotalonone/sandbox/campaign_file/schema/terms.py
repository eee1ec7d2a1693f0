"""Parts of JSON schemas, as the readers of campaign files take values: null counts as left out."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiotalonone.sandbox.loyalty.durations import SPELLING
from aiotalonone.sandbox.validation import RFC_3339

Schema = dict[str, Any]

NULL: Final[Schema] = {"type": "null"}


def text(description: str = "", **limits: Any) -> Schema:
    """Return the schema of a string."""
    return _described({"type": "string", **limits}, description)


def name(description: str = "", **limits: Any) -> Schema:
    """Return the schema of a string that is not empty."""
    return text(description, minLength=1, **limits)


def integer(description: str = "", **limits: Any) -> Schema:
    """Return the schema of an integer."""
    return _described({"type": "integer", **limits}, description)


def number(description: str = "", **limits: Any) -> Schema:
    """Return the schema of a number."""
    return _described({"type": "number", **limits}, description)


def flag(description: str = "", *, default: bool = False) -> Schema:
    """Return the schema of a boolean."""
    return _described({"type": "boolean", "default": default}, description)


def choice(values: Iterable[str], description: str = "", **more: Any) -> Schema:
    """Return the schema of one of several strings."""
    return _described({"enum": list(values), **more}, description)


def mapping(description: str = "") -> Schema:
    """Return the schema of an object with members of the user's own."""
    return _described({"type": "object"}, description)


def listing(entry: Schema, description: str = "", **limits: Any) -> Schema:
    """Return the schema of a list."""
    return _described({"type": "array", "items": entry, **limits}, description)


def moment(description: str = "") -> Schema:
    """Return the schema of a date and time."""
    return text(description, format="date-time", pattern=whole(RFC_3339.pattern), examples=["2030-01-31T00:00:00Z"])


def duration(description: str = "") -> Schema:
    """Return the schema of a duration."""
    unroundable = {"not": {"pattern": "[smhWMY]_D$|[smh]_U$"}}
    return text(description, pattern=whole(SPELLING.pattern), examples=["30D", "1Y"], **unroundable)


def date_of(words: Iterable[str], description: str = "") -> Schema:
    """Return the schema of a time as loyalty programs have it: a word, a duration, or a date and time."""
    return _described({"anyOf": [{"enum": list(words)}, duration(), moment()]}, description)


def reference(kind: str, description: str = "") -> Schema:
    """Return the schema of what is defined under a name."""
    return _described({"$ref": f"#/$defs/{kind}"}, description)


def members(required: Mapping[str, Schema], optional: Mapping[str, Schema], *also: Schema) -> Schema:
    """Return the schema of an object that has no other members; further conditions on it may follow."""
    known = {**required, **{key: or_null(schema) for key, schema in optional.items()}}
    shown: Schema = {"type": "object", "properties": known, "additionalProperties": False}
    if required:
        shown["required"] = list(required)
    return shown | ({"allOf": list(also)} if also else {})


def or_null(schema: Schema) -> Schema:
    """Return the schema of a member that may be null, which counts as left out."""
    if "enum" in schema:
        return schema | {"enum": [*schema["enum"], None]}
    if isinstance(schema.get("type"), str):
        return schema | {"type": [schema["type"], "null"]}
    about = {key: schema[key] for key in ("description",) if key in schema}
    return about | {"anyOf": [{key: value for key, value in schema.items() if key not in about}, NULL]}


def given(*names: str) -> Schema:
    """Return the schema of an object that has these members."""
    return {"required": list(names), "properties": {one: {"not": NULL} for one in names}}


def exactly_one(*names: str) -> Schema:
    """Return the schema of an object that has one of these members, and no other of them."""
    return {"oneOf": [given(one) for one in names]}


def at_least_one(*names: str) -> Schema:
    """Return the schema of an object that has one of these members, or several."""
    return {"anyOf": [given(one) for one in names]}


def needs(one: str, *others: str) -> Schema:
    """Return the schema of an object that has other members if it has one."""
    return {"if": given(one), "then": given(*others)}


def one_of_types(types: Mapping[str, Schema], description: str) -> Schema:
    """Return the schema of an object whose member ``type`` says which of several kinds it is."""
    kinds = [{"if": of_type(kind), "then": {"$ref": f"#/$defs/{kind}"}} for kind in types]
    known = {"type": {"enum": list(types)}}
    return {"type": "object", "description": description, "required": ["type"], "properties": known, "allOf": kinds}


def typed(
    kind: str, description: str, required: Mapping[str, Schema], optional: Mapping[str, Schema], *also: Schema
) -> Schema:
    """Return the schema of one of these kinds."""
    return _described(members({"type": {"const": kind}, **required}, optional, *also), description)


def of_type(*kinds: str) -> Schema:
    """Return the schema of an object of one of some kinds, whatever else it has."""
    return {"required": ["type"], "properties": {"type": {"enum": list(kinds)}}}


def filled(name: str) -> Schema:
    """Return the schema of an object with a list that has entries."""
    return {"required": [name], "properties": {name: {"type": "array", "minItems": 1}}}


def whole(pattern: str) -> str:
    """Return a pattern that the whole string must match."""
    return f"^(?:{pattern})$"


def _described(schema: Schema, description: str) -> Schema:
    return {"description": description, **schema} if description else schema
