"""What the API says of its operations, as data."""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, Generic, TypeVar

from attrs import Factory, field, fields, frozen

T = TypeVar("T")

_WORD: Final = re.compile("(?<=[a-z0-9])(?=[A-Z])")


class Pickled:
    """An attrs class that is pickled with an error: by its fields' names, so that another version can read it.

    Functions are left out.
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        kind: Any = type(self)
        values = {one.name: getattr(self, one.name) for one in fields(kind) if one.init}
        return _unpickled, (kind, {name: value for name, value in values.items() if not callable(value)})


def _unpickled(kind: Any, values: Mapping[str, Any]) -> Any:
    """Return the object; fields that this version does not know are passed over, new ones have their defaults."""
    return kind(**{one.name: values[one.name] for one in fields(kind) if one.init and one.name in values})


class _PickledByName(Enum):
    """A member's value describes it, and may be worded otherwise in another version."""

    def __reduce_ex__(self, _protocol: object) -> tuple[Any, ...]:
        return getattr, (type(self), self.name)


class RetrySafety(_PickledByName):
    """What sending a request again does, once it may have arrived."""

    SAFE = "reads only: a retry changes nothing"
    IDEMPOTENCY_KEY = "honours Idempotency-Key: a retry with the same key changes nothing"
    IDEMPOTENT = "a retry leads to the same state"
    UNSAFE = "a retry may act twice"


class Entity(_PickledByName):
    """The entity whose updates the API serialises; too many concurrent ones get 409."""

    SESSION = "one customer session"
    PROFILE = "one customer profile"


class Authorization(_PickledByName):
    """Which credential an operation is called with."""

    API_KEY = "the Application's API key"
    MANAGEMENT_TOKEN = "the management token if there is one, else the API key"  # noqa: S105 - a description


def snake_case(name: str) -> str:
    """Return the Python name of an API name, such as ``customer_session_ids`` of ``customerSessionIDs``."""
    return _WORD.sub("_", name).lower()


def _keywords(operation: "Operation[Any]") -> dict[str, str]:
    return {snake_case(name): name for name in operation.query}


def _names_in_path(operation: "Operation[Any]") -> tuple[str, ...]:
    return tuple(part[1:-1] for part in operation.path.split("/") if part.startswith("{"))


JSON_VALUE: Final = "JSON"
"""As an operation's result: whatever JSON value the response has."""


@frozen(kw_only=True, eq=False)
class Lookup(Pickled):
    """How to ask whether an operation has made the thing to which its caller gave an ID."""

    operation: "Operation[Any]"
    """Reads it; the ID is the only value of its path."""
    id_member: str
    """The body's member with the ID."""
    result_field: str
    """The field of the operation's result that holds the thing."""


@frozen(kw_only=True, eq=False, repr=False)
class Operation(Pickled, Generic[T]):
    """One endpoint of the API. ``T`` is what its call returns."""

    operation_id: str
    """Its name in the API, such as ``createCouponReservation``."""
    request: str
    """Method and path in the API's spelling, such as ``POST /v1/coupon_reservations/{couponValue}``."""
    success: tuple[int, ...]
    """The statuses of success; if 204 is among them, a response without a body is complete."""
    retry_safety: RetrySafety
    """What sending it again does, once it may have arrived."""
    query: tuple[str, ...] = ()
    """Members of the query, each under its API name."""
    repeated: tuple[str, ...] = ()
    """Members of the query that take a list, which is sent as one member for each value."""
    comma_separated: tuple[str, ...] = ()
    """Members of the query that take a list, which is sent as one text with commas."""
    body: str | None = None
    """Name of the model that is sent."""
    result: str | None = None
    """Name of the model that is read, or ``list[…]`` of one; a name, so that importing the client imports no model."""
    authorization: Authorization = Authorization.API_KEY
    """Which credential it is called with."""
    entity: Entity | None = None
    """What it updates; its ID is the path's first value, or else the body's ``entity_member``."""
    entity_member: str | None = None
    """The body's member with the ID of what it updates."""
    lookup: Lookup | None = None
    """Tells what became of a request whose outcome is unknown; a 409 may then mean that it was carried out."""
    may_act_twice: Callable[[Mapping[str, Any]], bool] | None = None
    """Tells of a body, in JSON names, whether a retry with it is unsafe although it is safe with others."""
    method: str = field(init=False, default=Factory(lambda self: self.request.partition(" ")[0], takes_self=True))
    """The HTTP method."""
    path: str = field(init=False, default=Factory(lambda self: self.request.partition(" ")[2], takes_self=True))
    """The path, with names in braces."""
    path_names: tuple[str, ...] = field(init=False, default=Factory(_names_in_path, takes_self=True))
    """The names in its path, in order."""
    keywords: Mapping[str, str] = field(init=False, default=Factory(_keywords, takes_self=True))
    """The API names of the query's members by their Python names."""

    def __repr__(self) -> str:
        return f"<operation {self.operation_id}>"
