"""The schemas of the specifications that the client's operations send and receive."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from aiotalonone.endpoints import all_operations
from tools.specs import spec

REQUIRED_BY_TEXT = {"IntegrationEventV2Request": {"profileId"}}
"""Members that a request must have although its schema does not say so: the text of the operation does."""


@cache
def request_schemas(version: str) -> set[str]:
    """Return the names of the schemas that the operations send."""
    return spec(version).reached(operation["body"]["schema"] for operation in _ours(version) if "body" in operation)


@cache
def response_schemas(version: str) -> set[str]:
    """Return the names of the schemas that the operations receive, errors included."""
    return spec(version).reached(schema for operation in _ours(version) for schema in operation["responses"].values())


def _ours(version: str) -> Iterator[dict[str, Any]]:
    described = spec(version).operations
    return (described[operation.operation_id] for operation in all_operations() if operation.operation_id in described)
