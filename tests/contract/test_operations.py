"""Every operation against all specifications that have it."""

import inspect
import re
from collections.abc import Iterator
from inspect import Parameter, signature
from typing import Any, Literal, get_args, get_origin

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, models, unstructure
from aiotalonone.endpoints import _queries, all_operations
from aiotalonone.errors import APIStatusError
from aiotalonone.operation import Authorization, Operation, RetrySafety, snake_case
from aiotalonone.pipeline.calls import FLAGS
from aiotalonone.pipeline.limits import LENGTHS, NUMBERS
from aiotalonone.pipeline.response import status_class
from tests.contract.bodies import FULL
from tests.contract.calls import (
    EACH_OPERATION,
    GROUP_OF,
    call,
    described,
    method_of,
    parameters,
    path_values,
    result_of,
)
from tests.contract.test_models import READ_AS, fields_of
from tools.specs import VERSIONS, Schema, Spec, spec

AUTHORIZED_BY = {"api_key_v1": Authorization.API_KEY, "manager_auth": Authorization.MANAGEMENT_TOKEN}

PYTHON_TYPES = {"boolean": "bool", "integer": "int", "string": "str"}

IDS_AS_TEXT = {"achievementIds", "campaignIds"}
"""Lists of texts in a query whose entries are integers everywhere else."""
PROMISED = {"trackEventV3": {204}}
"""Statuses that the text of an operation promises and its responses do not list."""

SAFETY_WORDS = {
    RetrySafety.SAFE: "Safe to retry.",
    RetrySafety.IDEMPOTENCY_KEY: "Safe to retry with its key.",
    RetrySafety.IDEMPOTENT: "Safe to retry.",
    RetrySafety.UNSAFE: "Not safe to retry.",
}


LITERAL = re.compile("|".join(rf"\b{name}\b" for name, kind in vars(models).items() if get_origin(kind) is Literal))
"""The closed sets of values that have a name."""

UNSAFE_BODIES = {"syncCatalog": "it adds what may not exist"}
"""What makes a retry unsafe although the operation's retries are safe."""


def received(description: dict[str, Any]) -> list[Schema]:
    """Return the schemas of an operation's successful responses, those without a body left out."""
    responses = description["responses"].items()
    return [schema for status, schema in responses if status.startswith("2") and status != "204" and schema]


def statuses(operation: Operation[Any]) -> set[int]:
    """Return the statuses that any specification documents."""
    return {int(status) for _, description in described(operation) for status in description["responses"]}


def is_read_as(model: Any, specification: Spec, schema: Schema) -> bool:
    """Return whether a model stands for the schema of a response; one that is spelled out in place has no name."""
    if "$ref" not in schema:
        return set(specification.merged(schema)[0]) == set(fields_of(model))
    return bool(READ_AS.get(schema["$ref"], getattr(models, schema["$ref"], None)) == model)


def annotation_of(name: str, schema: Schema) -> str:
    """Return how a method annotates a value of the path or query."""
    if schema["type"] == "array":
        return f"Sequence[{'int | str' if name in IDS_AS_TEXT else annotation_of(name, schema['items'])}]"
    return "datetime" if schema.get("format") == "date-time" else PYTHON_TYPES[schema["type"]]


def taken_by(operation: Operation[Any]) -> list[Parameter]:
    """Return the parameters of an operation's method, those of a query that it shares with others included."""
    client = AsyncIntegrationClient("https://shop.talon.one", api_key="key-of-the-tests")
    parameters = signature(method_of(client, operation)).parameters.values()
    return [own for parameter in parameters for own in _unpacked(parameter)]


def _unpacked(parameter: Parameter) -> list[Parameter]:
    """Return a parameter, or those of the TypedDict that stands for keywords."""
    if parameter.kind is not Parameter.VAR_KEYWORD:
        return [parameter]
    name = parameter.annotation.removeprefix("Unpack[").removesuffix("]")
    return [
        Parameter(keyword, Parameter.KEYWORD_ONLY, default=None, annotation=annotation.__forward_arg__)
        for keyword, annotation in getattr(_queries, name).__annotations__.items()
    ]


def test_no_operation_of_the_first_specification_is_missing():
    """Every operation of 2021 has a method; the current specification has more of them."""
    assert spec("2021").operations.keys() <= {operation.operation_id for operation in all_operations()}


@pytest.mark.parametrize("version", VERSIONS)
def test_no_operation_is_told_twice(version):
    """Each operation has its own request; one ID stands for one method and path."""
    requests = [f"{item['method']} {item['path']}" for item in spec(version).operations.values()]
    assert len(requests) == len(set(requests))


@EACH_OPERATION
def test_an_operation_has_the_request_of_every_specification(operation):
    """Method and path template are the API's own, the names in it included."""
    assert described(operation) != []
    for _, description in described(operation):
        assert operation.request == f"{description['method']} {description['path']}"
    assert operation.path_names == tuple(re.findall(r"{(\w+)}", operation.path))
    assert set(operation.path_names) == parameters(operation, "path").keys()


@EACH_OPERATION
def test_an_operation_has_the_query_of_every_specification(operation):
    """A query member that any specification documents can be sent, each under its own name, its list in its style."""
    known = parameters(operation, "query")
    assert len(operation.query) == len(set(operation.query))
    assert set(operation.query) == known.keys()
    assert {parameter.get("style", "form") for parameter in known.values()} <= {"form"}
    assert set(operation.repeated) == {name for name in known if known[name].get("explode") is True}
    assert set(operation.comma_separated) == {name for name in known if known[name].get("explode") is False}


@EACH_OPERATION
def test_an_operation_sends_the_model_of_its_body(operation):
    """Every specification names the same schema for a body, which is required wherever there is one."""
    bodies = [description.get("body") for _, description in described(operation)]
    assert all(body is None or body["required"] for body in bodies)
    assert {body and body["schema"]["$ref"] for body in bodies} == {operation.body}


@EACH_OPERATION
def test_an_operation_reads_the_model_of_its_response(operation):
    """Each version may name the schema in its own way; an operation without a result has no body to read."""
    schemas = [(version, schema) for version, description in described(operation) for schema in received(description)]
    if operation.result is None:
        assert schemas == []
    else:
        result = result_of(operation.result)
        assert schemas != []
        assert [schema for version, schema in schemas if not is_read_as(result, version, schema)] == []


@EACH_OPERATION
def test_an_operation_succeeds_with_the_statuses_of_every_specification(operation):
    """204 among them means that an empty response is complete; a missing one would look like a lost response."""
    documented = statuses(operation) | PROMISED.get(operation.operation_id, set())
    assert set(operation.success) == {status for status in documented if status < 300}


@EACH_OPERATION
def test_an_operation_is_authorized_as_its_first_specification_says(operation):
    """A newer specification knows the API key alone, which serves where no management token is given."""
    _, first = described(operation)[0]
    [scheme] = first["authorization"]
    assert operation.authorization is AUTHORIZED_BY[scheme]


@EACH_OPERATION
def test_a_documented_error_has_a_class_of_its_own(operation):
    """Every error status that the API documents can be caught by its own name."""
    errors = {status for status in statuses(operation) if status >= 400}
    assert errors <= {400, 401, 404, 409}
    assert APIStatusError not in map(status_class, errors)


@EACH_OPERATION
def test_a_method_takes_what_its_operation_sends(operation):
    """By position what the path names and the body; by keyword alone, and left out at will, what the query has."""
    taken = taken_by(operation)
    by_position = [parameter.name for parameter in taken if parameter.kind is Parameter.POSITIONAL_OR_KEYWORD]
    by_keyword = {parameter.name: parameter.default for parameter in taken if parameter.kind is Parameter.KEYWORD_ONLY}
    assert by_position == [*map(snake_case, operation.path_names), *map(snake_case, filter(None, [operation.body]))]
    assert by_keyword == dict.fromkeys(map(snake_case, operation.query))
    assert len(taken) == len(by_position) + len(by_keyword)


@EACH_OPERATION
def test_a_method_annotates_values_with_the_types_of_its_parameters(operation):
    """An integer of the path is an int, a list of the query a sequence; ``silent`` is a bool and travels as a word."""
    expected = {
        snake_case(name): annotation_of(name, parameter["schema"])
        for name, parameter in parameters(operation, "path").items()
    } | {
        snake_case(name): "bool | None" if name == "silent" else f"{annotation_of(name, parameter['schema'])} | None"
        for name, parameter in parameters(operation, "query").items()
    }
    taken = {parameter.name: parameter.annotation for parameter in taken_by(operation) if parameter.name in expected}
    assert {name: LITERAL.sub("str", annotation) for name, annotation in taken.items()} == expected


@EACH_OPERATION
def test_a_method_annotates_a_closed_set_of_a_query_with_its_values(operation):
    """A text of which the API knows a few values is a Literal of these; what is sorted by may start with a minus."""
    annotations = {parameter.name: parameter.annotation for parameter in taken_by(operation)}
    for name, parameter in parameters(operation, "query").items():
        values = parameter["schema"].get("items", parameter["schema"]).get("enum", [])
        if name == "sort":
            values = [f"{sign}{value}" for value in values for sign in ("", "-")]
        found = [get_args(getattr(models, literal)) for literal in LITERAL.findall(annotations[snake_case(name)])]
        assert found == ([tuple(values)] if values else [])


@pytest.mark.parametrize("operation", [operation for operation in all_operations() if "skip" in operation.query])
def test_every_paged_operation_has_an_iterator(operation):
    """A method that takes ``skip`` has one beside it that iterates over all pages, with its arguments."""
    method = snake_case(operation.operation_id)
    group = type(getattr(AsyncIntegrationClient("https://shop.talon.one", api_key="k"), GROUP_OF[operation]))
    iterators = [value for name, value in vars(group).items() if name.startswith("iter_") and name == value.__name__]
    assert len([iterator for iterator in iterators if iterator.__wrapped__ is vars(group)[method]]) == 1


@EACH_OPERATION
def test_a_docstring_names_the_request_of_its_operation(operation):
    """The last line of a method's docstring is its constant in words: operation, method, path and retry safety."""
    safety = SAFETY_WORDS[operation.retry_safety]
    if operation.retry_safety is RetrySafety.UNSAFE and "dry" in operation.query:
        safety = safety.replace(".", ", unless dry.")
    if operation.may_act_twice is not None:
        safety = safety.replace(".", f", unless {UNSAFE_BODIES[operation.operation_id]}.")
    group = method_of(AsyncIntegrationClient("https://shop.talon.one", api_key="key-of-the-tests"), operation)
    last = " ".join(inspect.getdoc(group).rpartition("\n\n")[2].split())
    assert last == f"API: ``{operation.operation_id}``, {operation.request}. {safety}"


def test_limits_of_paths_and_queries_are_those_of_the_api():
    """Every number and length that a specification limits is checked, and nothing is left out below zero."""
    known = [
        {
            place: {name: value["schema"] for name, value in parameters(operation, place).items()}
            for place in ("path", "query")
        }
        for operation in all_operations()
    ]
    numbers = {
        name: (schema["minimum"], schema["maximum"])
        for places in known
        for name, schema in places["query"].items()
        if "minimum" in schema
    }
    lengths = {
        name: (schema["minLength"], schema["maxLength"])
        for places in known
        for name, schema in places["path"].items()
        if "minLength" in schema
    }
    assert {**numbers, "skip": (0, None)} == NUMBERS
    assert lengths == LENGTHS


def test_flags_of_queries_are_checked():
    """Every member of a query that is true or false is known as a flag, and no other is."""
    known = [parameter for operation in all_operations() for parameter in parameters(operation, "query").values()]
    flags = {parameter["name"] for parameter in known if parameter["schema"]["type"] == "boolean"}
    assert flags == FLAGS


def wrong_calls(operation: Operation[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield calls of an operation with one value that cannot be sent, and what its error must name."""
    good = {"body": FULL[operation.body] if operation.body else None, "path": path_values(operation), "query": {}}
    for index, name in enumerate(operation.path_names):
        path = [object() if index == position else value for position, value in enumerate(good["path"])]
        yield name, good | {"path": path}
    for keyword, name in operation.keywords.items():
        yield f"({keyword}|{name})", good | {"query": {keyword: object()}}
    for name in unstructure(good["body"]) if operation.body else ():
        yield name, good | {"body": unstructure(good["body"]) | {name: object()}}


@EACH_OPERATION
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_a_wrong_value_is_named_and_never_sent(operation: Operation[Any]) -> None:
    """A value of a wrong type, in any place of any operation, is an error that names the place; nothing is sent."""
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={})

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(respond)) as http_client,
        AsyncIntegrationClient("https://shop.talon.one", api_key="k", http_client=http_client) as client,
    ):
        for name, values in wrong_calls(operation):
            with pytest.raises((TypeError, ValueError), match=rf"\b{name}\b"):
                await call(client, operation, **values)
    assert requests == []
