"""What every group of endpoints stands on: the one call to the API."""

import warnings
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from aiotalonone.operation import Operation

T = TypeVar("T")

JSONObject = Mapping[str, Any]
"""A JSON object in the API's own names, accepted wherever a model is."""

Query = Mapping[str, str | int | datetime | None]
"""Query members by the API's names; ``None`` is not sent, a bool travels as ``true`` or ``false``."""


class Call(Protocol):
    """Sends an operation and returns what its answer says."""

    def __call__(
        self,
        operation: Operation[T],
        *path: str,
        query: Query | None = None,
        body: object = None,
    ) -> Awaitable[T]: ...


class EndpointGroup:
    """Methods of one subject, named as the API names its operations."""

    __slots__ = ("_call",)

    def __init__(self, call: Call) -> None:
        self._call = call


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
    """The spelling that ``silent`` has in queries.

    Raises:
        TypeError: It is no bool: a text such as ``no`` would be taken for true.
    """
    if flag is not None and not isinstance(flag, bool):
        raise TypeError(f"silent must be a bool or None, not {type(flag).__name__}")
    return None if flag is None else "yes" if flag else "no"
