"""What a newer specification says differently, and what it asks of a maintainer."""

import json
import re
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from tools import drift as program
from tools.drift import Row, drift, main, table
from tools.facts import all_facts_of
from tools.specs import VERSIONS, Spec, spec

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT.parent / "shared" / "spec"

KNOWN = yaml.safe_load("""
openapi: 3.0.3
security: [{key: []}]
paths:
  /v1/customer_profiles/{integrationId}/inventory:
    parameters:
      - {name: integrationId, in: path, required: true, schema: {type: string}}
    get:
      operationId: getCustomerInventory
      parameters:
        - {name: coupons, in: query, schema: {type: boolean}}
        - {name: tags, in: query, schema: {type: array, items: {type: string, enum: [a, b]}}}
      responses:
        "200": {content: {application/json: {schema: {$ref: "#/components/schemas/CustomerInventory"}}}}
        "404": {description: not there}
  /v1/moons:
    post:
      operationId: makeMoon
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Moon"}}}}
      responses: {"201": {description: made}}
components:
  securitySchemes: {key: {type: http, scheme: bearer}, other: {type: http, scheme: bearer}}
  schemas:
    CustomerInventory:
      type: object
      required: [profile]
      properties:
        profile: {$ref: "#/components/schemas/Person"}
        coupons: {type: array, items: {type: object, properties: {value: {type: string, maxLength: 9}}}}
        notes: {type: object, additionalProperties: {type: string}}
    CartItem: {type: object, properties: {sku: {type: string, minLength: 1}, price: {type: number}}}
    CustomerProfile: {allOf: [{$ref: "#/components/schemas/Person"}, {properties: {id: {type: integer}}}]}
    Person: {type: object, properties: {state: {type: string, enum: [open, closed]}}}
    Moon: {type: object, properties: {phase: {oneOf: [{type: string}, {type: integer}]}}}
""")

PATH = "/v1/customer_profiles/{integrationId}/inventory"
INVENTORY = f"paths {PATH} get"


def specification(document):
    """Return the specification that a document is."""
    return Spec(all_facts_of(json.dumps(document).encode())[0])


def changed(place, value):
    """Return the document with another value at a place, or without the place if there is no value."""
    document = deepcopy(KNOWN)
    *steps, last = place.split(" ")
    holder = document
    for step in steps:
        holder = holder[int(step) if isinstance(holder, list) else step]
    if value is None:
        del holder[last]
    elif isinstance(holder, list):
        holder[int(last) : int(last) + 1] = [value]
    else:
        holder[last] = value
    return document


def reference(name):
    """Return what refers to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def test_a_specification_does_not_drift_from_itself():
    """The same document, its prose and order changed, has no differences."""
    document = deepcopy(KNOWN) | {"info": {"title": "prose"}}
    document["paths"] = dict(reversed(document["paths"].items()))
    document["components"]["schemas"]["Moon"]["description"] = "prose"
    assert drift(specification(KNOWN), specification(document)) == []


CASES = [
    (
        "components securitySchemes key",
        {"type": "http", "scheme": "digest"},
        ["changed | authorization key | scheme bearer | scheme digest | check it in settings.py"],
    ),
    (
        "components securitySchemes other",
        None,
        ["gone | authorization other | type http, scheme bearer | - | keep it in settings.py while servers have it"],
    ),
    (
        f"{INVENTORY} parameters 0",
        {"name": "coupons", "in": "query", "required": True, "schema": {"type": "string"}},
        ["changed | getCustomerInventory query coupons | boolean, optional | string, required | check it in ENDPOINTS"],
    ),
    (
        f"{INVENTORY} parameters 2",
        {"name": "moons", "in": "query", "schema": {"type": "integer", "maximum": 9}},
        ["new | getCustomerInventory query moons | - | integer, optional, maximum 9 | add it in ENDPOINTS"],
    ),
    (
        f"{INVENTORY} parameters 2",
        {"name": "loyalty", "in": "query", "schema": {"type": "boolean", "default": True}},
        ["new | getCustomerInventory query loyalty | - | boolean, optional, default true | nothing: ENDPOINTS has it"],
    ),
    (
        f"{INVENTORY} parameters 1 schema items enum",
        ["b", "c", "d"],
        ['changed | getCustomerInventory query tags[] | "a" | "c", "d" | check it in ENDPOINTS'],
    ),
    (
        f"{INVENTORY} parameters 1 explode",
        False,
        ["changed | getCustomerInventory query tags | form exploded | form | check it in ENDPOINTS"],
    ),
    (
        f"{INVENTORY} requestBody",
        {"required": True, "content": {"application/json": {"schema": reference("Moon")}}},
        ["new | getCustomerInventory body | - | Moon, required | add it in ENDPOINTS"],
    ),
    (
        f"{INVENTORY} responses 202",
        {"content": {"application/json": {"schema": {"type": "object", "properties": {"id": {"type": "integer"}}}}}},
        ["new | getCustomerInventory 202 | - | object | add it in ENDPOINTS"],
    ),
    (
        f"{INVENTORY} responses 404",
        None,
        ["gone | getCustomerInventory 404 | no body | - | nothing: an error has the class of its status"],
    ),
    (
        f"{INVENTORY} security",
        [{"other": []}],
        ["changed | getCustomerInventory | key | other | check it in ENDPOINTS"],
    ),
    (f"{INVENTORY} security", [], ["changed | getCustomerInventory | key | no authorization | check it in ENDPOINTS"]),
    (f"{INVENTORY} deprecated", True, ["changed | getCustomerInventory | - | deprecated | deprecate it in ENDPOINTS"]),
    (
        "paths /v1/moons post requestBody required",
        True,
        ["changed | makeMoon body | optional | required | nothing: no method calls it"],
    ),
    ("paths /v1/moons", None, ["gone | makeMoon | POST /v1/moons, key | - | nothing: no method calls it"]),
    (
        "paths /v1/suns",
        {"get": {"operationId": "getSun", "responses": {"200": {"description": "there"}}}},
        ["new | getSun | - | GET /v1/suns, key | add an endpoint"],
    ),
    (
        "components schemas CustomerInventory required",
        ["notes"],
        [
            "changed | CustomerInventory.profile | required | optional | check its default in MODELS",
            "changed | CustomerInventory.notes | optional | required | check its default in MODELS",
        ],
    ),
    (
        "components schemas CustomerInventory properties coupons items properties value maxLength",
        10,
        [
            (
                "changed | CustomerInventory.coupons[].value | maxLength 9 | maxLength 10"
                " | check its limits and docstring in MODELS"
            )
        ],
    ),
    (
        "components schemas CustomerInventory properties notes additionalProperties",
        {"type": "integer", "minimum": 0},
        [
            "changed | CustomerInventory.notes | map of string | map of integer | check its type in MODELS",
            "changed | CustomerInventory.notes{} | - | minimum 0 | check its limits and docstring in MODELS",
        ],
    ),
    (
        "components schemas CustomerInventory properties giveaways",
        {"type": "array", "items": reference("Moon")},
        ["new | CustomerInventory.giveaways | - | list of Moon, optional | nothing: MODELS has it"],
    ),
    (
        "components schemas CustomerInventory properties moons",
        {"type": ["integer", "null"], "format": "int64"},
        ["new | CustomerInventory.moons | - | integer or null (int64), optional | add it in MODELS"],
    ),
    (
        "components schemas CartItem properties sku",
        {"type": "integer", "nullable": True},
        ["changed | CartItem.sku | string, minLength 1 | integer or null | check its type in models/carts.py"],
    ),
    (
        "components schemas CartItem",
        None,
        ["gone | CartItem | object | - | keep it in models/carts.py while servers have it"],
    ),
    (
        "components schemas CustomerProfile allOf 1",
        {"required": ["id", "name"], "properties": {"id": {"type": "string"}}},
        [
            "changed | CustomerProfile.id | integer, optional | string, required | check its type in MODELS",
            "new | CustomerProfile.name | - | any, required | add it in MODELS",
        ],
    ),
    (
        "components schemas Person properties state enum",
        ["open", "closed", "gone"],
        [
            'changed | CustomerProfile.state | - | "gone" | check its Literal in MODELS',
            'changed | Person.state | - | "gone" | check what reads it',
        ],
    ),
    (
        "components schemas Moon properties phase oneOf 1",
        {"const": 5},
        ["changed | Moon.phase | string or integer | string or 5 | nothing: no method reaches it"],
    ),
    (
        "components schemas Star",
        {"properties": {"name": {"type": "string"}}, "multipleOf": 5},
        ["new | Star | - | object, multipleOf 5 | nothing: no method reaches it"],
    ),
    (
        "components schemas CustomerSessionV2",
        {"type": "object"},
        ["new | CustomerSessionV2 | - | object | nothing: models/sessions.py has it"],
    ),
    (
        "components schemas Effect",
        {"allOf": [reference("Person")]},
        ["new | Effect | - | Person | nothing: models/effects/ has it"],
    ),
]


@pytest.mark.parametrize(("place", "value", "expected"), CASES, ids=[place for place, _, _ in CASES])
def test_a_difference_is_a_row(place, value, expected):
    """What is new, gone or changed is told once, where it is, and with what a maintainer does about it."""
    files = {"ENDPOINTS": "endpoints/customers.py", "MODELS": "models/customers.py"}
    rows = [Row(*line.split(" | ")) for line in expected]
    rows = [row._replace(act=re.sub("[A-Z]{6,}", lambda name: files[name[0]], row.act)) for row in rows]
    assert drift(specification(KNOWN), specification(changed(place, value))) == rows


def test_a_schema_that_a_method_reaches_needs_a_class():
    """A new schema that a response of the client contains asks for a class."""
    document = changed("components schemas CustomerInventory properties moon", reference("Crater"))
    document["components"]["schemas"]["Crater"] = {"type": "object"}
    assert Row("new", "Crater", "-", "object", "add a class to models/") in drift(
        specification(KNOWN), specification(document)
    )


def test_an_operation_that_the_client_has_asks_for_nothing():
    """An operation that an older specification lacks, and that the client has, is a row without an act."""
    rows = drift(specification(changed(f"paths {PATH}", None)), specification(KNOWN))
    assert rows == [
        Row("new", "getCustomerInventory", "-", f"GET {PATH}, key", "nothing: endpoints/customers.py has it")
    ]


def test_the_table_is_markdown():
    """Each row is a line; a bar in a cell is escaped, and a long cell does not widen the others of its column."""
    rows = [Row("new", "a", "-", "x|y", "add it"), Row("gone", "b", "v" * 100, "-", "keep it")]
    lines = table(rows).splitlines()
    assert lines[0].split() == ["|", "what", "|", "where", "|", "facts", "|", "file", "|", "act", "|"]
    assert set(lines[1]) == {"|", " ", "-"}
    assert " x\\|y " in lines[2]
    assert "v" * 100 in lines[3]
    assert len(lines[0]) == len(lines[1]) == len(lines[2]) < 110


@pytest.fixture
def known(monkeypatch):
    """Let the facts of the repository be those of the made-up specification."""
    monkeypatch.setattr(program, "spec", lambda _: specification(KNOWN))


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump])
def test_no_drift_exits_with_0(write, tmp_path, capsys):
    """A file that says the same, as JSON or YAML, is one line."""
    file = tmp_path / "api"
    file.write_text(write(KNOWN), encoding="utf-8")
    assert main(str(file)) == 0
    assert capsys.readouterr().out == f"no drift: {file} says what the facts of current say\n"


@pytest.mark.usefixtures("known")
def test_drift_exits_with_1(tmp_path, capsys):
    """A file that says something else is a table, the number of its rows, and the keywords that are not known."""
    file = tmp_path / "api.json"
    file.write_text(json.dumps(changed("components schemas Moon multipleOf", 2)), encoding="utf-8")
    assert main(str(file), "2021") == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert lines[2].startswith("| changed | Moon ")
    assert lines[4:] == ["1 difference from the facts of 2021", "tools/facts.py does not know: multipleOf"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"openapi: [", "it is neither JSON nor YAML: did not find expected node content"),
        (b"\x00\x7f", "it is neither JSON nor YAML: "),
        (b"a: *b", "it is neither JSON nor YAML: found undefined alias in line 1"),
        (b"", "it is not an OpenAPI 3 document"),
        (b"[1]", "it is not an OpenAPI 3 document"),
        (b'{"swagger": "2.0"}', "it is not an OpenAPI 3 document"),
        (b"openapi: 3.0.0", "it is not written as OpenAPI is: 'paths' is missing"),
        (b"openapi: 3.0.0\npaths: [a]", "it is not written as OpenAPI is: 'list' object"),
        (b"openapi: 3.1.0\npaths: {/x: {get: {responses: {}}}}", "it is not written as OpenAPI is: 'operationId'"),
        (
            b'{"openapi": "3.1.0", "paths": {}, "components": {"schemas": {"A": {"enum": 5}}}}',
            "it is not written as OpenAPI is: 'int' object",
        ),
        (
            b'{"openapi": "3.1.0", "paths": {}, "components": {"schemas": {"A": {"allOf": [{"$ref": "/B"}, {}]}}}}',
            "it refers to B, which it does not have",
        ),
        (
            b'{"openapi": "3.1.0", "paths": {}, "components": {"schemas": {"A": {"allOf": [{"$ref": "/A"}, {}]}}}}',
            "a schema is a part of itself",
        ),
        (
            json.dumps(changed("components schemas CustomerInventory", reference("CustomerInventory"))).encode(),
            "a schema is a part of itself",
        ),
    ],
)
def test_a_file_that_cannot_be_read_exits_with_2(content, problem, tmp_path, capsys):
    """A file that is not a specification is one line that says why."""
    file = tmp_path / "api"
    file.write_bytes(content)
    assert main(str(file)) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith(f"{file}: {problem}")
    assert error.count("\n") == 1


@pytest.mark.parametrize("arguments", [(), ("a", "2020"), ("a", "2021", "b")])
def test_other_arguments_are_an_error(arguments, capsys):
    """Without a file, or with a version that there is not, the usage is printed."""
    assert main(*arguments) == 2
    assert capsys.readouterr().err == "usage: python -m tools.drift FILE [2021|current]\n"


def test_a_missing_file_is_an_error(tmp_path):
    """The program ends with the reason, and without a traceback."""
    command = [sys.executable, "-m", "tools.drift", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{tmp_path}: ")
    assert main(str(tmp_path / "absent")) == 2


@pytest.mark.parametrize("version", VERSIONS)
def test_the_facts_do_not_drift_from_themselves(version):
    """Whatever the specifications contain, the facts say the same as themselves, and not the same as others."""
    others = [spec(other) for other in VERSIONS if other != version]
    assert drift(spec(version), spec(version)) == []
    assert all(drift(spec(version), other) for other in others)


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published specifications are not beside the checkout")
@pytest.mark.parametrize("version", VERSIONS)
def test_the_published_specification_does_not_drift(version, capsys):
    """The facts in the repository are up to date with the files that they were written from."""
    assert main(str(PUBLISHED / f"integration-{version}.yaml"), version) == 0
    assert capsys.readouterr().out.startswith("no drift: ")
