"""What every group of endpoints stands on."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from aiotalonone.client import AsyncIntegrationClient

T = TypeVar("T")

JSONObject = Mapping[str, Any]
"""A JSON object in the API's own names, accepted wherever a model is."""


class EndpointGroup:
    """Methods of one subject, named as the API names its operations.

    A method takes the values of the path and the body by position, and the members of the query by keyword; what is
    ``None`` is not sent. Its last line names the operation, the request, and whether sending it again is safe once it
    may have arrived. Besides the errors that its docstring adds, each method raises these:

    Raises:
        TalonOneError: The call failed. If the outcome is UNKNOWN, the API may have carried out the request.
        ConflictError: Too many requests update the same session or profile at once.
        TypeError: A value is of a type that cannot be sent. Nothing was sent.
        ValueError: A value of the path is empty, ``.`` or ``..``, and would address another resource, or a value cannot
            be encoded. Nothing was sent.
    """

    __slots__ = ("_client",)

    def __init__(self, client: AsyncIntegrationClient) -> None:
        self._client = client


def as_client(groups: object) -> AsyncIntegrationClient:
    """Return the client, which inherits its groups, as what it is."""
    return cast("AsyncIntegrationClient", groups)


if TYPE_CHECKING:
    from typing_extensions import deprecated as deprecated  # noqa: PLC0414 - exported
else:

    def deprecated(message: str, **_options: None) -> Callable[[T], T]:
        """Mark a deprecated method, as PEP 702 does; importing its decorator takes a tenth of the whole import."""

        def mark(method: T) -> T:
            method.__deprecated__ = message
            return method

        return mark


def warn_deprecated(operation_id: str, *, use: str) -> None:
    """Warn the task that awaits a deprecated method."""
    warnings.warn(f"{operation_id} (V1) is deprecated: use {use}", DeprecationWarning, stacklevel=3)


def yes_no(flag: bool | None) -> str | None:
    """Return the spelling that ``silent`` has in queries.

    Raises:
        TypeError: It is not a bool: a text such as ``no`` would be taken for true.
    """
    if flag is not None and not isinstance(flag, bool):
        raise TypeError(f"silent must be a bool or None, not {type(flag).__name__}")
    return None if flag is None else "yes" if flag else "no"
