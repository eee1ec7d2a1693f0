"""The fourteen operations, each as data and as a method of a client."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from aiotalonone import AsyncIntegrationClient
from aiotalonone.endpoints import coupons, customers, events, referrals, sessions
from aiotalonone.operation import Operation

GROUPS = {
    "coupons": coupons,
    "customers": customers,
    "events": events,
    "referrals": referrals,
    "sessions": sessions,
}

GROUP_OF = {
    operation: group
    for group, module in GROUPS.items()
    for operation in vars(module).values()
    if isinstance(operation, Operation)
}

OPERATIONS = tuple(GROUP_OF)

WITHDRAWN = {"trackEvent", "updateCustomerProfile", "updateCustomerSession"}
"""What the current specification has no longer; servers still answer it."""

EACH_OPERATION = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)


def snake_case(name: str) -> str:
    """The Python name of an API name: ``updateCustomerProfileV2`` as ``update_customer_profile_v2``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def method_of(client: AsyncIntegrationClient, operation: Operation[Any]) -> Callable[..., Awaitable[Any]]:
    """The client's method of an operation."""
    return getattr(getattr(client, GROUP_OF[operation]), snake_case(operation.operation_id))


async def call(
    client: AsyncIntegrationClient,
    operation: Operation[Any],
    *,
    path_value: str = "id-1",
    body: object,
    flags: Mapping[str, object] | None = None,
) -> Any:
    """Await an operation's method with a value for what its path names, its body if it has one, and flags."""
    path = [path_value for _ in operation.path_names]
    bodies = [body] if operation.body else []
    return await method_of(client, operation)(*path, *bodies, **flags or {})
