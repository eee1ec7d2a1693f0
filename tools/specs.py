"""Read what the specifications of the API say, from the facts in the repository."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from tools.facts import FOLDER, Facts

Schema = dict[str, Any]

VERSIONS: Final = ("2021", "current")
"""The specifications, the oldest first."""


@dataclass(frozen=True)
class Spec:
    """One specification."""

    facts: Facts

    @property
    def operations(self) -> dict[str, Facts]:
        """All operations of the specification, by operation ID."""
        operations: dict[str, Facts] = self.facts["operations"]
        return operations

    @property
    def schemas(self) -> dict[str, Schema]:
        """All schemas of the specification, by name."""
        schemas: dict[str, Schema] = self.facts["schemas"]
        return schemas

    def resolve(self, schema: Schema) -> Schema:
        """Return what a reference stands for; any other schema as it is.

        Raises:
            KeyError: There is no such schema.
            RecursionError: It stands for itself.
        """
        for _ in self.schemas:
            if "$ref" not in schema:
                return schema
            schema = self.schemas[schema["$ref"]]
        if "$ref" in schema:
            raise RecursionError(f"{schema['$ref']} stands for itself")
        return schema

    def members(self, name: str) -> dict[str, Schema]:
        """Return the members of a named schema by their JSON names, those of its ``allOf`` included."""
        return self.merged(self.schemas[name])[0]

    def required(self, name: str) -> set[str]:
        """Return the JSON names of the members that a named schema requires."""
        return self.merged(self.schemas[name])[1]

    def merged(self, schema: Schema) -> tuple[dict[str, Schema], set[str]]:
        """Return the members of a schema and which of them it requires, with those of its ``allOf`` and ``oneOf``.

        A member that the choices of a ``oneOf`` describe differently is a ``oneOf`` itself; what one choice alone
        requires is not required.
        """
        schema = self.resolve(schema)
        members: dict[str, Schema] = {}
        required: set[str] = set()
        for part in schema.get("allOf", ()):
            its_members, its_required = self.merged(part)
            members |= its_members
            required |= its_required
        choices = [self.merged(choice) for choice in schema.get("oneOf", ())]
        if choices:
            members |= _either([choice_members for choice_members, _ in choices])
            required |= set.intersection(*(choice_required for _, choice_required in choices))
        return members | schema.get("properties", {}), required | set(schema.get("required", ()))

    def reached(self, schemas: Iterable[Schema | None]) -> set[str]:
        """Return the names of the schemas that values of some schemas may contain, those themselves included."""
        found: set[str] = set()
        for schema in schemas:
            if schema is not None:
                self._collect(schema, found)
        return found

    def _collect(self, schema: Schema, found: set[str]) -> None:
        if "$ref" in schema:
            name = schema["$ref"]
            if name in found:
                return
            found.add(name)
            schema = self.resolve(schema)
        for inner in self._inside(schema):
            self._collect(inner, found)

    def _inside(self, schema: Schema) -> Iterator[Schema]:
        """Yield the schemas of the values that a value contains: a part of an ``allOf`` is not one of them."""
        yield from self.merged(schema)[0].values()
        yield from schema.get("oneOf", ())
        for keyword in ("items", "additionalProperties"):
            if isinstance(schema.get(keyword), dict):
                yield schema[keyword]


def _either(choices: list[dict[str, Schema]]) -> dict[str, Schema]:
    """Return the members of several choices; one that they describe differently has their schemas to choose from."""
    members: dict[str, Schema] = {}
    for name in dict.fromkeys(name for choice in choices for name in choice):
        described = [choice[name] for choice in choices if name in choice]
        alike = all(schema == described[0] for schema in described)
        constants = [schema["const"] for schema in described if "const" in schema]
        enums = [schema["enum"] for schema in described if "enum" in schema]
        if alike:
            members[name] = described[0]
        elif len(constants) == len(described):
            members[name] = {"type": "string", "enum": constants}
        elif len(enums) == len(described):
            members[name] = {"type": "string", "enum": [value for enum in enums for value in enum]}
        else:
            members[name] = {"oneOf": described}
    return members


@cache
def spec(version: str) -> Spec:
    """Return the specification of that version."""
    return Spec(json.loads((FOLDER / f"{version}.json").read_text(encoding="utf-8")))
