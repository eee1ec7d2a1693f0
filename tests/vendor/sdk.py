"""Calls of the vendor's SDK, which is generated from the API's specification and blocks."""

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import talon_one
from talon_one import ApiClient, Configuration, IntegrationApi
from talon_one.exceptions import ApiException

from aiotalonone.endpoints import all_operations
from aiotalonone.operation import Operation, PathValue, snake_case

SILENCE = {True: "yes", False: "no"}


def is_known(operation: Operation[Any]) -> bool:
    """Return whether the SDK has a method for an operation."""
    return hasattr(IntegrationApi, snake_case(operation.operation_id))


KNOWN = [operation for operation in all_operations() if is_known(operation)]


def api(url: str, key: str) -> IntegrationApi:
    """Return the SDK's client."""
    configuration = Configuration(host=url, api_key={"api_key_v1": key}, api_key_prefix={"api_key_v1": "ApiKey-v1"})
    return IntegrationApi(ApiClient(configuration))


def model(name: str, value: Any) -> Any:
    """Return the SDK's model of a JSON value."""
    return getattr(talon_one, name).from_dict(value)


def _plain(name: str) -> str:
    """Return a name as both sides spell it: the SDK's generator splits ``IDs`` in its own way."""
    return name.replace("_", "").lower()


def arguments(
    method: Callable[..., Any],
    operation: Operation[Any],
    *,
    path: Sequence[PathValue],
    body: Any,
    query: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the keywords of a method of the SDK for what the client's method takes, as far as it has them.

    ``silent`` is a word.
    """
    names = {_plain(name): name for name in inspect.signature(method).parameters if not name.startswith("_")}
    values: dict[str, Any] = {**dict(zip(operation.path_names, path, strict=True)), **query}
    if "silent" in values:
        values["silent"] = SILENCE[values["silent"]]
    if operation.body is not None:
        values[operation.body] = model(operation.body, body)
    return {names[_plain(name)]: value for name, value in values.items() if _plain(name) in names}


async def call(
    sdk: IntegrationApi,
    operation: Operation[Any],
    *,
    path: Sequence[PathValue],
    body: Any = None,
    query: Mapping[str, Any] | None = None,
) -> Any:
    """Call a method of the SDK in a thread, and return its result, or the error that the API responded with."""
    method = getattr(sdk, snake_case(operation.operation_id))
    keywords = arguments(method, operation, path=path, body=body, query=query or {})
    try:
        return await asyncio.to_thread(method, **keywords)
    except ApiException as error:
        return error
