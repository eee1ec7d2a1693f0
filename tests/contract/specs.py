"""The two published specifications of the API, kept in a folder beside the checkout, and what they say."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[3] / "shared" / "spec"
VERSIONS = ("2021", "current")
needs_specs = pytest.mark.skipif(not FOLDER.is_dir(), reason="the specifications are not beside the checkout")

OPERATION_IDS = frozenset(
    {
        "createCouponReservation",
        "createReferral",
        "createReferralsForMultipleAdvocates",
        "deleteCouponReservation",
        "deleteCustomerData",
        "getCustomerInventory",
        "getReservedCustomers",
        "trackEvent",
        "updateCustomerProfile",
        "updateCustomerProfileAudiences",
        "updateCustomerProfileV2",
        "updateCustomerProfilesV2",
        "updateCustomerSession",
        "updateCustomerSessionV2",
    }
)

Schema = dict[str, Any]


@dataclass(frozen=True)
class Spec:
    """One specification."""

    document: dict[str, Any]

    def operations(self) -> dict[str, dict[str, Any]]:
        """The operations of this client that the specification has, by operation ID."""
        items = (item for path in self.document["paths"].values() for item in path.values())
        return {
            item["operationId"]: item
            for item in items
            if isinstance(item, dict) and item.get("operationId") in OPERATION_IDS
        }

    def resolve(self, schema: Schema) -> Schema:
        """What a reference stands for; anything else is returned as it is."""
        while "$ref" in schema:
            target: Any = self.document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            schema = target
        return schema

    def has(self, name: str) -> bool:
        """Whether there is a schema of that name."""
        return name in self.document["components"]["schemas"]

    def members(self, name: str) -> dict[str, Schema]:
        """The members of a named schema by their JSON names, those of its ``allOf`` included."""
        return self._merged(self.document["components"]["schemas"][name])[0]

    def required(self, name: str) -> set[str]:
        """The JSON names of the members that a named schema requires."""
        return self._merged(self.document["components"]["schemas"][name])[1]

    def sent(self) -> set[str]:
        """The names of the schemas whose values travel in requests."""
        bodies = (self.resolve(operation.get("requestBody", {})) for operation in self.operations().values())
        return self._reached(bodies)

    def answered(self) -> set[str]:
        """The names of the schemas whose values travel in answers, refusals included."""
        operations = self.operations().values()
        return self._reached(answer for operation in operations for answer in operation["responses"].values())

    def _reached(self, bodies: Iterator[dict[str, Any]]) -> set[str]:
        found: set[str] = set()
        for body in bodies:
            for content in body.get("content", {}).values():
                self._collect(content["schema"], found)
        return found

    def _collect(self, schema: Schema, found: set[str]) -> None:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name in found:
                return
            found.add(name)
            schema = self.resolve(schema)
        for inner in self._inside(schema):
            self._collect(inner, found)

    def _inside(self, schema: Schema) -> Iterator[Schema]:
        """The schemas of the values that a value holds: a part of an ``allOf`` is none of them."""
        yield from self._merged(schema)[0].values()
        yield from schema.get("oneOf", ())
        for keyword in ("items", "additionalProperties"):
            if isinstance(schema.get(keyword), dict):
                yield schema[keyword]

    def _merged(self, schema: Schema) -> tuple[dict[str, Schema], set[str]]:
        schema = self.resolve(schema)
        members: dict[str, Schema] = {}
        required: set[str] = set()
        for part in schema.get("allOf", ()):
            its_members, its_required = self._merged(part)
            members |= its_members
            required |= its_required
        return members | schema.get("properties", {}), required | set(schema.get("required", ()))


@cache
def spec(version: str) -> Spec:
    """The specification of that version."""
    text = (FOLDER / f"integration-{version}.yaml").read_text(encoding="utf-8")
    return Spec(yaml.load(text, Loader=yaml.CSafeLoader))
