"""Every operation, as data and as a method of a client, with values for its path and its query."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from aiotalonone import AsyncIntegrationClient, endpoints, models
from aiotalonone.call import PathValue
from aiotalonone.endpoints import all_operations
from aiotalonone.operation import Operation, snake_case
from tools.specs import VERSIONS, Schema, Spec, spec

GROUP_OF = {
    operation: module.__name__.rpartition(".")[2]
    for module in endpoints.modules()
    for operation in vars(module).values()
    if isinstance(operation, Operation)
}
"""The client's attribute that has the method of an operation."""

EACH_OPERATION = pytest.mark.parametrize("operation", all_operations(), ids=lambda operation: operation.operation_id)

MOMENT = datetime(2030, 1, 1, tzinfo=UTC)


def method_of(client: AsyncIntegrationClient, operation: Operation[Any]) -> Callable[..., Awaitable[Any]]:
    """Return the client's method of an operation."""
    return getattr(getattr(client, GROUP_OF[operation]), snake_case(operation.operation_id))


def result_of(name: str) -> Any:
    """Return what the name of an operation's result stands for: a model, or a list of one."""
    model = getattr(models, name.removeprefix("list[").removesuffix("]"))
    return list[model] if name.startswith("list[") else model  # type: ignore[valid-type]  # known at run time


def described(operation: Operation[Any]) -> list[tuple[Spec, dict[str, Any]]]:
    """Return what each specification that has the operation says of it, the oldest first."""
    return [
        (specification, specification.operations[operation.operation_id])
        for specification in map(spec, VERSIONS)
        if operation.operation_id in specification.operations
    ]


def parameters(operation: Operation[Any], place: str) -> dict[str, dict[str, Any]]:
    """Return the parameters in a place, ``path`` or ``query``, that any specification has, by name; the newest wins."""
    return {
        parameter["name"]: parameter
        for _, description in described(operation)
        for parameter in description["parameters"]
        if parameter["in"] == place
    }


def path_values(operation: Operation[Any]) -> list[PathValue]:
    """Return a value for each name in an operation's path, of the type that it has."""
    known = parameters(operation, "path")
    return [7 if known[name]["schema"]["type"] == "integer" else f"{name}-1" for name in operation.path_names]


def query_values(operation: Operation[Any]) -> dict[str, object]:
    """Return a value for each member of an operation's query, by its keyword; a silent response has no content."""
    known = parameters(operation, "query")
    return {snake_case(name): False if name == "silent" else _value(known[name]["schema"]) for name in operation.query}


def _value(schema: Schema) -> object:
    if schema["type"] == "array":
        return [str(_value(schema["items"]))]
    if schema.get("format") == "date-time":
        return MOMENT
    return schema["enum"][0] if "enum" in schema else {"boolean": True, "integer": 1, "string": "text"}[schema["type"]]


async def call(
    client: AsyncIntegrationClient,
    operation: Operation[Any],
    *,
    body: object,
    path: Sequence[PathValue] | None = None,
    query: Mapping[str, object] | None = None,
) -> Any:
    """Await an operation's method with values for its path, its body if it has one, and members of its query."""
    bodies = [body] if operation.body else []
    return await method_of(client, operation)(*(path or path_values(operation)), *bodies, **query or {})
