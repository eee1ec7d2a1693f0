"""Finds members that campaign files do not have: one that is misspelt would have no effect."""

from collections.abc import Mapping
from typing import Any

from aiotalonone.sandbox.campaign_file.schema.document import campaign_schema
from aiotalonone.sandbox.campaign_file.schema.terms import Schema
from aiotalonone.sandbox.validation import Path, ValidationError, unknown_name


def check_members(document: Mapping[str, Any]) -> None:
    """Raise ValidationError for the first unknown member of a campaign file that is valid apart from that."""
    _check(document, campaign_schema(), ())


def _check(value: Any, schema: Schema, path: Path) -> None:
    schema = _resolved(value, schema)
    if isinstance(value, list):
        for index, entry in enumerate(value):
            _check(entry, schema.get("items", {}), (*path, index))
    elif isinstance(value, dict) and schema.get("additionalProperties") is False:
        for name, inner in value.items():
            if name not in schema["properties"]:
                raise ValidationError((*path, name), unknown_name("member", name, schema["properties"]))
            _check(inner, schema["properties"][name], (*path, name))


def _resolved(value: Any, schema: Schema) -> Schema:
    """Return the schema that a reference, or the type of a condition or effect, leads to."""
    definitions = campaign_schema()["$defs"]
    if "$ref" in schema:
        return _resolved(value, definitions[schema["$ref"].rpartition("/")[2]])
    is_one_of_types = "additionalProperties" not in schema and "type" in schema.get("properties", {})
    return definitions[value["type"]] if is_one_of_types else schema
