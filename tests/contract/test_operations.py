"""Every operation against both specifications."""

from inspect import Parameter, signature
from typing import Any

from aiotalonone import AsyncIntegrationClient, models
from aiotalonone.errors import APIStatusError, status_class
from aiotalonone.operation import Authorization, Operation
from tests.contract.calls import EACH_OPERATION, OPERATIONS, WITHDRAWN, method_of, snake_case
from tests.contract.specs import VERSIONS, Schema, Spec, needs_specs, spec
from tests.contract.test_models import READ_AS, fields_of

pytestmark = needs_specs

NO_BODY = "204"

AUTHORIZED_BY = {"api_key_v1": Authorization.API_KEY, "manager_auth": Authorization.MANAGEMENT_TOKEN}


def described(operation: Operation[Any]) -> list[tuple[Spec, dict[str, Any]]]:
    """What each specification that has the operation says of it."""
    return [
        (specification, specification.operations()[operation.operation_id])
        for specification in map(spec, VERSIONS)
        if operation.operation_id in specification.operations()
    ]


def parameters(operation: Operation[Any], place: str) -> set[str]:
    """The names of the parameters that any specification has in a place, ``path`` or ``query``."""
    return {
        parameter["name"]
        for _, description in described(operation)
        for parameter in description.get("parameters", [])
        if parameter["in"] == place
    }


def sent(specification: Spec, description: dict[str, Any]) -> str | None:
    """The name of the schema of an operation's body, which is JSON and required wherever there is one."""
    body = specification.resolve(description.get("requestBody", {}))
    if not body:
        return None
    assert body["required"]
    assert set(body["content"]) == {"application/json"}
    return schema_name(body["content"]["application/json"]["schema"])


def answered(specification: Spec, description: dict[str, Any]) -> list[Schema]:
    """The schemas of an operation's successful answers."""
    return [
        content["schema"]
        for status, answer in description["responses"].items()
        if status.startswith("2") and status != NO_BODY
        for content in specification.resolve(answer)["content"].values()
    ]


def schema_name(schema: Schema) -> str:
    return schema["$ref"].rpartition("/")[2]


def statuses(operation: Operation[Any]) -> set[int]:
    """The statuses that any specification documents."""
    return {int(status) for _, description in described(operation) for status in description["responses"]}


def is_read_as(model: type, schema: Schema) -> bool:
    """Whether a model stands for the schema of an answer; one that is spelled out in place has no name to go by."""
    if "$ref" not in schema:
        return set(schema["properties"]) == set(fields_of(model))
    name = schema_name(schema)
    return READ_AS.get(name, getattr(models, name, None)) is model


def test_no_operation_of_the_first_specification_is_missing():
    """The current one has many more, and has withdrawn three."""
    known = {operation.operation_id for operation in OPERATIONS}
    first = {item["operationId"] for path in spec("2021").document["paths"].values() for item in path.values()}
    assert first == known
    assert spec("current").operations().keys() == known - WITHDRAWN


@EACH_OPERATION
def test_an_operation_stands_at_its_method_and_path(operation):
    """The template is the API's own, the names in it included."""
    for specification, description in described(operation):
        assert specification.document["paths"][operation.path][operation.method.lower()] is description
    assert set(operation.path_names) == parameters(operation, "path")


@EACH_OPERATION
def test_an_operation_has_the_query_of_both_specifications(operation):
    """A query member that either version documents can be sent, each under its own name."""
    assert len(operation.query) == len(set(operation.query))
    assert set(operation.query) == parameters(operation, "query")


@EACH_OPERATION
def test_an_operation_sends_the_model_of_its_body(operation):
    """Both versions name the same schema for a body."""
    assert {sent(*version) for version in described(operation)} == {operation.body}


@EACH_OPERATION
def test_an_operation_reads_the_model_of_its_answer(operation):
    """Each version may name the schema in its own way; an operation without a result has no answer to read."""
    answers = [schema for version in described(operation) for schema in answered(*version)]
    if operation.result is None:
        assert answers == []
    else:
        result = getattr(models, operation.result)
        assert answers != []
        assert [schema for schema in answers if not is_read_as(result, schema)] == []


@EACH_OPERATION
def test_an_operation_succeeds_with_the_statuses_of_both_specifications(operation):
    """204 among them means that an empty answer is complete; a missing one would look like a lost answer."""
    assert set(operation.success) == {status for status in statuses(operation) if status < 300}


@EACH_OPERATION
def test_an_operation_is_authorized_as_its_first_specification_says(operation):
    """The current one knows the API key alone, which serves where no management token is given."""
    ((scheme,),) = spec("2021").operations()[operation.operation_id]["security"]
    assert operation.authorization is AUTHORIZED_BY[scheme]


@EACH_OPERATION
def test_a_documented_refusal_has_a_class_of_its_own(operation):
    """Every refusal that the API documents can be caught by its own name."""
    refusals = {status for status in statuses(operation) if status >= 400}
    assert refusals <= {400, 401, 404, 409}
    assert APIStatusError not in map(status_class, refusals)


@EACH_OPERATION
def test_a_method_takes_what_its_operation_sends(operation):
    """By position what the path names and the body; by keyword alone, and left out at will, what the query has."""
    client = AsyncIntegrationClient("https://shop.talon.one", api_key="key-of-the-tests")
    taken = signature(method_of(client, operation)).parameters.values()
    by_position = [parameter.name for parameter in taken if parameter.kind is Parameter.POSITIONAL_OR_KEYWORD]
    flags = {parameter.name: parameter.default for parameter in taken if parameter.kind is Parameter.KEYWORD_ONLY}
    assert by_position == [*map(snake_case, operation.path_names), *map(snake_case, filter(None, [operation.body]))]
    assert flags == dict.fromkeys(map(snake_case, operation.query))
    assert len(taken) == len(by_position) + len(flags)
