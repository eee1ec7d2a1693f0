"""Calls of the vendor's SDK, which is generated from the API's specification and blocks."""

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from talon_one import ApiClient, Configuration, IntegrationApi
from talon_one.exceptions import ApiException

from aiotalonone.call import PathValue
from aiotalonone.endpoints import all_operations
from aiotalonone.operation import Operation, snake_case

SILENCE = {True: "yes", False: "no"}


def is_known(operation: Operation[Any]) -> bool:
    """Return whether the SDK has a method for an operation."""
    return hasattr(IntegrationApi, snake_case(operation.operation_id))


KNOWN = [operation for operation in all_operations() if is_known(operation)]


def api(url: str, key: str) -> IntegrationApi:
    """Return the SDK's client."""
    configuration = Configuration(host=url, api_key={"api_key_v1": key}, api_key_prefix={"api_key_v1": "ApiKey-v1"})
    return IntegrationApi(ApiClient(configuration))


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
    """Return the keywords of a method of the SDK for what the client's method takes, without what the SDK has not.

    ``silent`` is a word.
    """
    taken = {
        _plain(name): parameter
        for name, parameter in inspect.signature(method).parameters.items()
        if not name.startswith("_")
    }
    values: dict[str, Any] = {**dict(zip(operation.path_names, path, strict=True)), **query}
    if "silent" in values:
        values["silent"] = SILENCE[values["silent"]]
    keywords = {taken.pop(_plain(name)).name: value for name, value in values.items() if _plain(name) in taken}
    if operation.body is not None:
        parameter = next(iter(taken.values()))  # it comes behind the path
        keywords[parameter.name] = _model(parameter, body)
    return keywords


def _model(parameter: inspect.Parameter, value: Any) -> Any:
    """Return a JSON value as what a method of the SDK takes: a model, or a dict as it is."""
    kinds = (*get_args(parameter.annotation), parameter.annotation)
    model = next((kind for kind in kinds if hasattr(kind, "from_dict")), None)
    return value if model is None else model.from_dict(value)


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
