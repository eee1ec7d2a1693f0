"""The facts in the repository are those of the published specifications."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tools.facts import FOLDER, UnknownKeywordError, dump, facts_of
from tools.specs import VERSIONS

PUBLISHED = Path(__file__).parents[3] / "shared" / "spec"

SOURCE = """
openapi: 3.0.3
paths:
  /v1/things/{thingId}:
    get:
      operationId: getThing
      summary: prose
      security: [{key: []}]
      parameters:
        - {name: thingId, in: path, required: true, description: prose, schema: {type: integer, example: 7}}
        - {name: tags, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - $ref: "#/components/parameters/ids"
      responses:
        "200": {description: prose, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
        "204": {description: prose}
components:
  securitySchemes: {key: {type: http, scheme: bearer, description: prose}}
  parameters:
    ids: {name: ids, in: query, schema: {type: array, items: {type: string}}}
  schemas:
    Thing:
      title: prose
      type: object
      required: [title, kind]
      properties:
        title: {type: string, description: prose, maxLength: 9}
        kind: {enum: [a, b], x-vertical: prose}
        description: {oneOf: [{type: string}, {nullable: true}], examples: [prose]}
      additionalProperties: false
"""

FACTS = {
    "source": {"openapi": "3.0.3", "sha256": sha256(SOURCE.encode()).hexdigest()},
    "authorization": {"key": {"scheme": "bearer", "type": "http"}},
    "operations": {
        "getThing": {
            "authorization": ["key"],
            "method": "GET",
            "parameters": [
                {"in": "path", "name": "thingId", "required": True, "schema": {"type": "integer"}},
                {
                    "explode": False,
                    "in": "query",
                    "name": "tags",
                    "required": False,
                    "schema": {"items": {"type": "string"}, "type": "array"},
                    "style": "form",
                },
                {
                    "explode": True,
                    "in": "query",
                    "name": "ids",
                    "required": False,
                    "schema": {"items": {"type": "string"}, "type": "array"},
                    "style": "form",
                },
            ],
            "path": "/v1/things/{thingId}",
            "responses": {"200": {"$ref": "Thing"}, "204": None},
        }
    },
    "schemas": {
        "Thing": {
            "additionalProperties": False,
            "properties": {
                "description": {"oneOf": [{"type": "string"}, {"nullable": True}]},
                "kind": {"enum": ["a", "b"]},
                "title": {"maxLength": 9, "type": "string"},
            },
            "required": ["kind", "title"],
            "type": "object",
        }
    },
}


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published specifications are not beside the checkout")
@pytest.mark.parametrize("version", VERSIONS)
def test_the_facts_are_those_of_the_published_specification(version):
    """What the repository has is what the tool writes for the YAML file today."""
    source = (PUBLISHED / f"integration-{version}.yaml").read_bytes()
    assert (FOLDER / f"{version}.json").read_text(encoding="utf-8") == dump(facts_of(source))


def test_facts_are_what_a_specification_says_without_its_prose():
    """Parameters, statuses and schemas are kept, references are by name, and descriptions and examples are left out."""
    assert facts_of(SOURCE.encode()) == FACTS


def test_an_unknown_keyword_is_an_error():
    """A keyword that is neither a fact nor prose stops the tool, so that no fact is lost in silence."""
    with pytest.raises(UnknownKeywordError, match="multipleOf"):
        facts_of(SOURCE.replace("maxLength", "multipleOf").encode())


@pytest.mark.parametrize("version", VERSIONS)
def test_facts_contain_no_sentence(version):
    """No text of the facts contains a blank: they are names, types and values."""
    texts = json.loads(
        (FOLDER / f"{version}.json").read_text(encoding="utf-8"), object_hook=lambda pairs: [*pairs.items()]
    )
    assert [text for text in strings_in(texts) if " " in text] == []


def strings_in(value):
    """Yield every string of nested lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from strings_in(entry)
