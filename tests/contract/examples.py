"""Values that fit a schema, made of its facts."""

from typing import Any

from tools.specs import Schema, Spec

TEXTS = {"date-time": "2030-01-02T03:04:05Z", "uuid": "0c0e0207-eb30-4e06-a56c-2b7c8a64953c"}


def example_of(spec: Spec, schema: Schema, *inside: str) -> Any:
    """Return a value with every member that a schema has; ``inside`` are the schemas whose value it is a part of."""
    if "$ref" in schema:
        return example_of(spec, spec.schemas[schema["$ref"]], *inside, schema["$ref"])
    for keyword in ("const", "default"):
        if keyword in schema:
            return schema[keyword]
    if "enum" in schema:
        return schema["enum"][0]
    if "oneOf" in schema:
        return example_of(spec, schema["oneOf"][0], *inside)
    members, _ = spec.merged(schema)
    if members:
        return {name: example_of(spec, member, *inside) for name, member in members.items()}
    return _plain(spec, schema, *inside)


def _plain(spec: Spec, schema: Schema, *inside: str) -> Any:
    match schema.get("type"):
        case "string":
            return TEXTS.get(schema.get("format", ""), "text" * (1 + schema.get("minLength", 0) // 4))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "array":
            items = schema["items"]
            return [] if items.get("$ref") in inside else [example_of(spec, items, *inside)]
        case [*types]:
            return example_of(spec, {**schema, "type": types[0]}, *inside)
    values = schema.get("additionalProperties")
    return {"text": example_of(spec, values, *inside)} if isinstance(values, dict) and values else {}
