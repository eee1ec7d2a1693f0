"""The facts of an endpoint, and the path that addresses it."""

from enum import Enum
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

from attrs import Factory, field, frozen

T = TypeVar("T")


class Repeat(Enum):
    """What sending a request again does, once it may have arrived."""

    READ = "reads only: repeating changes nothing"
    KEYED = "honours Idempotency-Key: repeating with the same key changes nothing"
    CONVERGENT = "a repetition leads to the same state"
    ONCE = "a repetition may act twice"


class Lane(Enum):
    """Whose updates the API takes one after the other, and refuses with 409 where too many come at once."""

    SESSION = "one customer session"
    PROFILE = "one customer profile"


class Authorization(Enum):
    """Which credential an operation is called with."""

    API_KEY = "the Application's API key"
    MANAGEMENT_TOKEN = "the management token where one is given, else the API key"  # noqa: S105 - a description


def _names_in_path(operation: "Operation[Any]") -> tuple[str, ...]:
    return tuple(part[1:-1] for part in operation.path.split("/") if part.startswith("{"))


JSON_VALUE: Final = "JSON"
"""As an operation's result: whatever JSON value the answer has."""


@frozen(kw_only=True)
class Operation(Generic[T]):
    """One endpoint of the API. ``T`` is what its call returns."""

    operation_id: str
    method: str
    path: str
    """Template in the API's spelling, such as ``/v1/coupon_reservations/{couponValue}``."""
    success: tuple[int, ...]
    """The statuses of success; with 204 among them an answer without a body is complete."""
    repeat: Repeat
    query: tuple[str, ...] = ()
    body: str | None = None
    """Name of the model that is sent."""
    result: str | None = None
    """Name of the model that is read; a name, so that importing the client imports no model."""
    authorization: Authorization = Authorization.API_KEY
    lane: Lane | None = None
    """What it updates; its ID is the path's first value, or else the body's ``lane_member``."""
    lane_member: str | None = None
    path_names: tuple[str, ...] = field(init=False, default=Factory(_names_in_path, takes_self=True))


_OTHER_RESOURCE: Final = frozenset({"", ".", ".."})


def fill_path(operation: Operation[Any], values: tuple[str, ...]) -> str:
    """The operation's path with each value percent-encoded as one segment.

    Raises:
        TypeError: A value is not a string.
        ValueError: A value is empty, ``.`` or ``..`` (it would address another resource) or not encodable as UTF-8.
    """
    path = operation.path
    for name, value in zip(operation.path_names, values, strict=True):
        path = path.replace(f"{{{name}}}", encode_segment(name, value), 1)
    return path


def encode_segment(name: str, value: str) -> str:
    """One path value, percent-encoded; ``name`` is what an error calls it, the value itself is never shown."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if value in _OTHER_RESOURCE:
        raise ValueError(f"{name} must not be empty, '.' or '..': it would address another resource")
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise ValueError(f"{name} holds a lone surrogate and cannot be sent as UTF-8") from None
