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
_SCHEME_FACTS: Final = frozenset({"type", "in", "name", "scheme"})
_JSON: Final = "application/json"
_MAX_LINE: Final = 120


class NotOpenAPIError(ValueError):
    """A file is not an OpenAPI document; the text says why in one line."""


class UnknownKeywordError(ValueError):
    """A specification says something in a way that this program does not know."""


def facts_of(source: bytes) -> Facts:
    """Return the facts of a specification, given as YAML or JSON.

    Raises:
        NotOpenAPIError: It is not an OpenAPI document.
        UnknownKeywordError: It has a keyword that is neither a fact nor prose.
    """
    facts, unknown = all_facts_of(source)
    if unknown:
        raise UnknownKeywordError(f"unknown keywords: {', '.join(unknown)}")
    return facts


def all_facts_of(source: bytes) -> tuple[Facts, list[str]]:
    """Return the facts of a specification with the keywords that are not known, whose values are taken for facts.

    Raises:
        NotOpenAPIError: It is not an OpenAPI document.
    """
    document = _parse(source)
    reader = _Reader(document)
    try:
        facts = reader.facts()
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as failure:
        problem = f"{failure} is missing" if isinstance(failure, KeyError) else str(failure)
        raise NotOpenAPIError(f"it is not written as OpenAPI is: {problem}") from failure
    return {"source": {"sha256": sha256(source).hexdigest(), "openapi": document["openapi"]}, **facts}, reader.unknown


def dump(facts: Facts) -> str:
    """Return facts as JSON, in the order of the specification, each object or list on one line if it fits."""
    return _dump(facts, "", 0) + "\n"


def main(*paths: str) -> None:
    """Write the facts of each specification."""
    FOLDER.mkdir(exist_ok=True)
    for path in map(Path, paths):
        version = path.stem.removeprefix("integration-")
        (FOLDER / f"{version}.json").write_text(dump(facts_of(path.read_bytes())), encoding="utf-8")


def _parse(source: bytes) -> Facts:
    try:
        document = json.loads(source)
    except (ValueError, RecursionError):
        document = _parse_yaml(source)
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3."):
        raise NotOpenAPIError("it is not an OpenAPI 3 document")
    return document


def _parse_yaml(source: bytes) -> Any:
    """Return the value of a YAML text.

    Raises:
        NotOpenAPIError: It is broken.
    """
    try:
        return yaml.load(source, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as failure:
        line = failure.problem_mark.line + 1 if failure.problem_mark else 1
        problem = f"{failure.problem} in line {line}"
    except (yaml.YAMLError, RecursionError, ValueError) as failure:
        problem = " ".join(str(failure).split())
    raise NotOpenAPIError(f"it is neither JSON nor YAML: {problem}")


class _Reader:
    """Takes the facts out of a document, and notes the keywords that it does not know."""

    def __init__(self, document: Facts) -> None:
        self.document = document
        self.unknown: list[str] = []

    def facts(self) -> Facts:
        components = self.document.get("components", {})
        return {
            "authorization": {
                name: self._only_facts(scheme) for name, scheme in components.get("securitySchemes", {}).items()
            },
            "operations": {
                item["operationId"]: self._operation(method, path, item, items.get("parameters", []))
                for path, items in self.document["paths"].items()
                for method, item in items.items()
                if method in _METHODS
            },
            "schemas": {name: self._schema(schema) for name, schema in components.get("schemas", {}).items()},
        }

    def _operation(self, method: str, path: str, item: Facts, shared: list[Facts]) -> Facts:
        body = self._resolve(item.get("requestBody", {}))
        security: list[Facts] = item["security"] if "security" in item else self.document.get("security", [])
        parameters = [self._parameter(self._resolve(parameter)) for parameter in [*shared, *item.get("parameters", ())]]
        facts: Facts = {
            "method": method.upper(),
            "path": path,
            "authorization": sorted(name for scheme in security for name in scheme),
            # An operation's own parameter replaces that of its path.
            "parameters": list({(facts["in"], facts["name"]): facts for facts in parameters}.values()),
            "responses": {
                str(status): self._json_schema(self._resolve(response))
                for status, response in item["responses"].items()
            },
        }
        if body:
            facts["body"] = {"required": body.get("required", False), "schema": self._json_schema(body)}
        if item.get("deprecated"):
            facts["deprecated"] = True
        return facts

    def _parameter(self, parameter: Facts) -> Facts:
        facts = {
            "in": parameter["in"],
            "name": parameter["name"],
            "required": parameter.get("required", False),
            "schema": self._schema(parameter["schema"]),
        }
        if parameter["schema"].get("type") == "array":
            facts["style"] = parameter.get("style", "form")
            facts["explode"] = parameter.get("explode", facts["style"] == "form")
        return facts

    def _json_schema(self, holder: Facts) -> Facts | None:
        """Return the schema of a body, which is JSON, or ``None`` if there is no body."""
        content: Facts = holder.get("content", {})
        if not content:
            return None
        if others := content.keys() - {_JSON}:
            self.unknown += sorted(others)
        return self._schema(content.get(_JSON, next(iter(content.values()))).get("schema", {}))

    def _schema(self, schema: Facts) -> Facts:
        inner: dict[str, Callable[[Any], Any]] = {
            "properties": lambda members: {name: self._schema(member) for name, member in members.items()},
            "items": self._schema,
            "additionalProperties": lambda values: values if isinstance(values, bool) else self._schema(values),
            **dict.fromkeys(("allOf", "oneOf", "anyOf"), self._schemas),
        }
        outer = {keyword: value for keyword, value in schema.items() if keyword not in inner}
        facts = self._only_facts(outer, _SCHEMA_FACTS)
        if "$ref" in facts:
            facts["$ref"] = facts["$ref"].rpartition("/")[2]
        if "required" in facts:
            facts["required"] = sorted(facts["required"])
        if "enum" in facts:
            facts["enum"] = list(facts["enum"])
        return facts | {keyword: read(schema[keyword]) for keyword, read in inner.items() if keyword in schema}

    def _schemas(self, parts: list[Facts]) -> list[Facts]:
        return [self._schema(part) for part in parts]

    def _only_facts(self, described: Facts, known: frozenset[str] = _SCHEME_FACTS) -> Facts:
        facts = {
            keyword: value
            for keyword, value in described.items()
            if keyword not in _PROSE and not keyword.startswith("x-")
        }
        self.unknown += sorted(facts.keys() - known)
        return facts

    def _resolve(self, value: Facts) -> Facts:
        if "$ref" not in value:
            return value
        target: Any = self.document
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
