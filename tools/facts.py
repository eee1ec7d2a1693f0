"""Write what a specification of the API says, without its prose: ``python -m tools.facts integration-2021.yaml …``.

Each ``integration-VERSION.yaml`` becomes ``tests/contract/facts/VERSION.json``. Descriptions, titles, summaries and
examples are left out; a keyword that is neither known as a fact nor as prose is an error, so that nothing is lost.
"""

import json
import sys
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import yaml

Facts = dict[str, Any]

FOLDER: Final = Path(__file__).parents[1] / "tests" / "contract" / "facts"

_METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})
_PROSE: Final = frozenset({"description", "title", "summary", "example", "examples", "tags"})
_SCHEMA_FACTS: Final = frozenset(
    {
        *("$ref", "type", "format", "enum", "const", "default", "required", "nullable", "deprecated", "readOnly"),
        *("pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("minItems", "maxItems", "uniqueItems"),
    }
)
_MAX_LINE: Final = 120


class UnknownKeywordError(ValueError):
    """A specification says something in a way that this program does not know."""


def facts_of(source: bytes) -> Facts:
    """Return the facts of a specification, given as YAML.

    Raises:
        UnknownKeywordError: It has a keyword that is neither a fact nor prose.
    """
    document = yaml.load(source, Loader=yaml.CSafeLoader)
    components = document["components"]
    return {
        "source": {"sha256": sha256(source).hexdigest(), "openapi": document["openapi"]},
        "authorization": {name: _only_facts(scheme) for name, scheme in components["securitySchemes"].items()},
        "operations": {
            item["operationId"]: _operation(document, method, path, item)
            for path, items in document["paths"].items()
            for method, item in items.items()
            if method in _METHODS
        },
        "schemas": {name: _schema(schema) for name, schema in components["schemas"].items()},
    }


def dump(facts: Facts) -> str:
    """Return facts as JSON, in the order of the specification, each object or list on one line if it fits."""
    return _dump(facts, "", 0) + "\n"


def main(*paths: str) -> None:
    """Write the facts of each specification."""
    FOLDER.mkdir(exist_ok=True)
    for path in map(Path, paths):
        version = path.stem.removeprefix("integration-")
        (FOLDER / f"{version}.json").write_text(dump(facts_of(path.read_bytes())), encoding="utf-8")


def _operation(document: Facts, method: str, path: str, item: Facts) -> Facts:
    body = _resolve(document, item.get("requestBody", {}))
    security: list[Facts] = item["security"] if "security" in item else document["security"]
    facts: Facts = {
        "method": method.upper(),
        "path": path,
        "authorization": sorted(name for scheme in security for name in scheme),
        "parameters": [_parameter(_resolve(document, parameter)) for parameter in item.get("parameters", ())],
        "responses": {status: _json_schema(response) for status, response in item["responses"].items()},
    }
    if body:
        facts["body"] = {"required": body.get("required", False), "schema": _json_schema(body)}
    if item.get("deprecated"):
        facts["deprecated"] = True
    return facts


def _parameter(parameter: Facts) -> Facts:
    facts = {
        "in": parameter["in"],
        "name": parameter["name"],
        "required": parameter.get("required", False),
        "schema": _schema(parameter["schema"]),
    }
    if parameter["schema"].get("type") == "array":
        facts["style"] = parameter.get("style", "form")
        facts["explode"] = parameter.get("explode", facts["style"] == "form")
    return facts


def _json_schema(holder: Facts) -> Facts | None:
    """Return the schema of a body, which is JSON, or ``None`` if there is no body."""
    content: Facts = holder.get("content", {})
    if not content:
        return None
    ((media_type, described),) = content.items()
    if media_type != "application/json":
        raise UnknownKeywordError(f"a body is {media_type}")
    return _schema(described["schema"])


def _schema(schema: Facts) -> Facts:
    inner: dict[str, Callable[[Any], Any]] = {
        "properties": lambda members: {name: _schema(member) for name, member in members.items()},
        "items": _schema,
        "additionalProperties": lambda values: values if isinstance(values, bool) else _schema(values),
        **dict.fromkeys(("allOf", "oneOf", "anyOf"), _schemas),
    }
    facts = _only_facts({keyword: value for keyword, value in schema.items() if keyword not in inner}, _SCHEMA_FACTS)
    if "$ref" in facts:
        facts["$ref"] = facts["$ref"].rpartition("/")[2]
    if "required" in facts:
        facts["required"] = sorted(facts["required"])
    return facts | {keyword: read(schema[keyword]) for keyword, read in inner.items() if keyword in schema}


def _schemas(parts: list[Facts]) -> list[Facts]:
    return [_schema(part) for part in parts]


def _only_facts(described: Facts, known: frozenset[str] = frozenset({"type", "in", "name", "scheme"})) -> Facts:
    facts = {
        keyword: value for keyword, value in described.items() if keyword not in _PROSE and not keyword.startswith("x-")
    }
    if unknown := facts.keys() - known:
        raise UnknownKeywordError(f"unknown keywords: {', '.join(sorted(unknown))}")
    return facts


def _resolve(document: Facts, value: Facts) -> Facts:
    if "$ref" not in value:
        return value
    target: Any = document
    for step in value["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    found: Facts = target
    return found


def _dump(value: Any, indent: str, used: int) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if used + len(line) < _MAX_LINE or not value or not isinstance(value, (Mapping, list)):
        return line
    deeper = f"{indent}  "
    if isinstance(value, list):
        entries = [f"{deeper}{_dump(entry, deeper, len(deeper))}" for entry in value]
        opening, closing = "[]"
    else:
        names = {name: f"{deeper}{json.dumps(name)}: " for name in value}
        entries = [f"{start}{_dump(value[name], deeper, len(start))}" for name, start in names.items()]
        opening, closing = "{}"
    return f"{opening}\n" + ",\n".join(entries) + f"\n{indent}{closing}"


if __name__ == "__main__":
    main(*sys.argv[1:])
