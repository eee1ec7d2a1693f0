"""An OpenAPI document made of the facts of a specification, for a mock server that rejects what they do not allow."""

from typing import Any

from tests.contract.examples import example_of
from tools.specs import Schema, Spec

REJECTED = {"description": "", "content": {"application/problem+json": {"schema": {"type": "object"}}}}
"""What the mock server responds with, status 422, if a request does not fit; no specification documents it."""


def openapi_document(spec: Spec) -> dict[str, Any]:
    """Return the document of a specification."""
    paths: dict[str, Any] = {}
    for operation_id, operation in spec.operations.items():
        paths.setdefault(operation["path"], {})[operation["method"].lower()] = _operation(spec, operation_id, operation)
    return {
        "openapi": spec.facts["source"]["openapi"],
        "info": {"title": "facts", "version": "1"},
        "servers": [{"url": "http://127.0.0.1"}],
        "paths": paths,
        "components": {
            "schemas": {name: _schema(schema) for name, schema in spec.schemas.items()},
            "securitySchemes": spec.facts["authorization"],
        },
    }


def _operation(spec: Spec, operation_id: str, operation: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation_id,
        "security": [{name: []} for name in operation["authorization"]],
        "parameters": [{**parameter, "schema": _schema(parameter["schema"])} for parameter in operation["parameters"]],
        "responses": {
            **{status: _response(spec, schema) for status, schema in operation["responses"].items()},
            "422": REJECTED,
        },
    }
    if "body" in operation:
        body = operation["body"]
        described["requestBody"] = {
            "required": body["required"],
            "content": {"application/json": {"schema": _schema(body["schema"])}},
        }
    return described


def _response(spec: Spec, schema: Schema | None) -> dict[str, Any]:
    if schema is None:
        return {"description": ""}
    content = {"schema": _schema(schema), "example": example_of(spec, schema)}
    return {"description": "", "content": {"application/json": content}}


def _schema(schema: Schema) -> Schema:
    """Return a schema with whole references, without what no value could fulfil.

    A schema may require members that it does not have, and the props of several types of effects look alike.
    """
    made = dict(schema)
    if "$ref" in made:
        made["$ref"] = f"#/components/schemas/{made['$ref']}"
    if "properties" in made:
        made["properties"] = {name: _schema(member) for name, member in made["properties"].items()}
        made["required"] = [name for name in made.get("required", ()) if name in made["properties"]]
    for keyword in ("items", "additionalProperties"):
        if isinstance(made.get(keyword), dict):
            made[keyword] = _schema(made[keyword])
    if "allOf" in made:
        made["allOf"] = [_schema(part) for part in made["allOf"]]
    if "oneOf" in made:
        made["anyOf"] = [_schema(choice) for choice in made.pop("oneOf")]
    if not made.get("required", True):
        del made["required"]  # an empty list is not allowed by OpenAPI 3.0
    return made
