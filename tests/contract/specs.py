"""What the two published specifications of the API say, as facts that ``tools.facts`` has written."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from aiotalonone.endpoints import OPERATIONS
from tools.facts import FOLDER

VERSIONS = ("2021", "current")

Schema = dict[str, Any]


@dataclass(frozen=True)
class Spec:
    """One specification."""

    facts: dict[str, Any]

    @property
    def operations(self) -> dict[str, dict[str, Any]]:
        """All operations of the specification, by operation ID."""
        return self.facts["operations"]

    @property
    def schemas(self) -> dict[str, Schema]:
        """All schemas of the specification, by name."""
        return self.facts["schemas"]

    def resolve(self, schema: Schema) -> Schema:
        """Return what a reference stands for; any other schema as it is."""
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"]]
        return schema

    def members(self, name: str) -> dict[str, Schema]:
        """Return the members of a named schema by their JSON names, those of its ``allOf`` included."""
        return self.merged(self.schemas[name])[0]

    def required(self, name: str) -> set[str]:
        """Return the JSON names of the members that a named schema requires."""
        return self.merged(self.schemas[name])[1]

    def merged(self, schema: Schema) -> tuple[dict[str, Schema], set[str]]:
        """Return the members of a schema and which of them it requires, with those of its ``allOf``."""
        schema = self.resolve(schema)
        members: dict[str, Schema] = {}
        required: set[str] = set()
        for part in schema.get("allOf", ()):
            its_members, its_required = self.merged(part)
            members |= its_members
            required |= its_required
        return members | schema.get("properties", {}), required | set(schema.get("required", ()))

    def request_schemas(self) -> set[str]:
        """Return the names of the schemas that the client's operations send."""
        return self._reached(operation["body"]["schema"] for operation in self._ours() if "body" in operation)

    def response_schemas(self) -> set[str]:
        """Return the names of the schemas that the client's operations receive, errors included."""
        return self._reached(schema for operation in self._ours() for schema in operation["responses"].values())

    def _ours(self) -> Iterator[dict[str, Any]]:
        ids = {operation.operation_id for operation in OPERATIONS}
        return (described for operation_id, described in self.operations.items() if operation_id in ids)

    def _reached(self, schemas: Iterator[Schema | None]) -> set[str]:
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


@cache
def spec(version: str) -> Spec:
    """Return the specification of that version."""
    return Spec(json.loads((FOLDER / f"{version}.json").read_text(encoding="utf-8")))
