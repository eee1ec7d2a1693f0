"""The classes of a scaffold: one for each schema that has no class yet, in an order in which they can be defined."""

from typing import Any, Final

from attrs import define, field

from aiotalonone import models
from aiotalonone.codec.fields import camel_case
from tools.source import attribute_docstring, bracketed, in_words, python_name
from tools.specs import Schema, Spec

_PLAIN: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def plain_type(schema: Schema) -> str:
    """Return the type of a value that is not an object, as a parameter of a method has it."""
    if schema.get("format") == "date-time":
        return "datetime"
    if schema["type"] == "array":
        return f"Sequence[{plain_type(schema['items'])}]"
    return _PLAIN[schema["type"]]


def meaning(name: str, schema: Schema) -> str:
    """Return what the facts tell of a member: its name in words, its values, its limits."""
    text = in_words(name)
    values = schema.get("items", schema).get("enum")
    if values:
        text += f": {_listed([f'``{value}``' for value in values])}"
    for lowest, highest, what in (
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " entries"),
        ("minimum", "maximum", ""),
    ):
        if limits := _limits(schema.get(lowest), schema.get(highest), what):
            text += f", {limits}"
    if "default" in schema:
        text += f"; ``{schema['default']}`` by default"
    return f"{text}."


@define
class Classes:
    """Source of classes by their names."""

    specification: Spec
    sources: dict[str, str] = field(factory=dict)

    def add(self, name: str, schema: Schema, *, in_request: bool) -> None:
        """Add the class of a schema, after the classes of its members, unless it exists."""
        if hasattr(models, name) or name in self.sources:
            return
        members, required = self.specification.merged(schema)
        lines = [self._member(name, member, members[member], member in required, in_request) for member in members]
        known = name in self.specification.schemas
        told = f" Schema ``{name}``." if known else ""
        head = f'@define(kw_only=True)\nclass {name}(Model):\n    """{in_words(name)}.{told}"""\n'
        self.sources[name] = "\n".join([head, *lines]) if lines else head.rstrip()

    def _member(self, owner: str, name: str, schema: Schema, is_required: bool, in_request: bool) -> str:
        kind = self._type(f"{owner}{name[0].upper()}{name[1:]}", schema, in_request=in_request)
        attribute = python_name(name)
        options = []
        if camel_case(attribute) != name:
            options.append(f'metadata=json_name("{name}")')
        if in_request and (validator := _validator(self.specification.resolve(schema))):
            options.append(f"validator={validator}")
        if kind.startswith(("list[", "dict[")) and not in_request:
            options.insert(0, f"factory={kind[:4]}")
        elif not is_required:
            kind += "" if kind == "Any" else " | None"
            options.insert(0, "default=None")
        declared = f"{attribute}: {kind}"
        if options == ["default=None"]:
            line = f"    {declared} = None"
        else:
            line = bracketed(f"{declared} = field(", options, ")", indent=4) if options else f"    {declared}"
        return f"{line}\n{attribute_docstring(meaning(name, self.specification.resolve(schema)))}"

    def _type(self, name: str, schema: Schema, *, in_request: bool) -> str:
        """Return the type of a member's values; ``name`` is that of its class or values if its schema has no name."""
        if "$ref" in schema:
            name, schema = schema["$ref"], self.specification.resolve(schema)
        if "enum" in schema and in_request:
            values = [f'"{value}"' for value in schema["enum"]]
            self.sources.setdefault(name, bracketed(f"{name} = Literal[", values, "]", is_tuple=True))
            return name
        if self.specification.merged(schema)[0]:
            self.add(name, schema, in_request=in_request)
            return name
        if schema.get("type") == "array":
            return f"list[{self._type(name, schema['items'], in_request=in_request)}]"
        if schema.get("type") == "object":
            entries = schema.get("additionalProperties")
            kind = self._type(name, entries, in_request=in_request) if isinstance(entries, dict) else "Any"
            return f"dict[str, {kind}]"
        return _plain_member(schema, in_request=in_request)


def _plain_member(schema: Schema, *, in_request: bool) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return _plain_member({**schema, "type": kind[0]}, in_request=in_request)
    if kind == "number" and in_request:
        return "float | Decimal"
    return plain_type(schema) if kind in _PLAIN else "Any"


def _validator(schema: Schema) -> str | None:
    match schema:
        case {"minLength": lowest, "maxLength": highest}:
            return f'length_between({lowest}, {highest}, "characters")'
        case {"maxLength": highest}:
            return f'max_length({highest}, "characters")'
        case {"minItems": lowest, "maxItems": highest}:
            return f'length_between({lowest}, {highest}, "entries")'
        case {"maxItems": highest}:
            return f'max_length({highest}, "entries")'
        case {"minimum": lowest, "maximum": highest}:
            return f"number_between({lowest}, {highest})"
    return None


def _limits(lowest: Any, highest: Any, what: str) -> str:
    if lowest is not None and highest is not None:
        return f"{lowest} to {highest}{what}"
    if highest is not None:
        return f"at most {highest}{what}"
    return f"at least {lowest}{what}" if lowest is not None else ""


def _listed(values: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(values[:-1]), values[-1]]))
