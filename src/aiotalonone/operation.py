"""What the API offers and one use of it: operations as data, the paths that address them, and calls."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from operator import index
from typing import Any, Final, Generic, SupportsIndex, TypeVar
from urllib.parse import quote

from attrs import Factory, define, field, frozen

T = TypeVar("T")

PathValue = str | int
"""What one name of a path stands for."""

Query = Mapping[str, str | int | datetime | None]
"""Query members by the API's names; ``None`` is not sent, a bool travels as ``true`` or ``false``."""

EncodedQuery = Mapping[str, str | list[str]]
"""Query members by the API's names, as text; a list is sent as one member for each of its values."""

_WORD: Final = re.compile("(?<=[a-z0-9])(?=[A-Z])")


class RetrySafety(Enum):
    """What sending a request again does, once it may have arrived."""

    SAFE = "reads only: a retry changes nothing"
    IDEMPOTENCY_KEY = "honours Idempotency-Key: a retry with the same key changes nothing"
    IDEMPOTENT = "a retry leads to the same state"
    UNSAFE = "a retry may act twice"


class Entity(Enum):
    """The entity whose updates the API serialises; too many concurrent ones get 409."""

    SESSION = "one customer session"
    PROFILE = "one customer profile"


class Authorization(Enum):
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
class Lookup:
    """How to ask whether an operation has made the thing to which its caller gave an ID."""

    operation: "Operation[Any]"
    """Reads it; the ID is the only value of its path."""
    id_member: str
    """The body's member with the ID."""
    result_field: str
    """The field of the operation's result that holds the thing."""


@frozen(kw_only=True, eq=False, repr=False)
class Operation(Generic[T]):
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


_PATH_CHANGING_SEGMENTS: Final = frozenset({"", ".", ".."})


def fill_path(operation: Operation[Any], values: Sequence[PathValue]) -> str:
    """Return the operation's path with each value percent-encoded as one segment.

    Raises:
        TypeError: A value is neither a string nor an integer.
        ValueError: A value is empty, ``.`` or ``..`` (it would address another resource) or not encodable as UTF-8.
    """
    path = operation.path
    for name, value in zip(operation.path_names, values, strict=True):
        path = path.replace(f"{{{name}}}", encode_segment(name, value), 1)
    return path


def encode_segment(name: str, value: PathValue) -> str:
    """Return a path value, percent-encoded; ``name`` is what an error calls it, the value itself is never shown."""
    text = plain_text(name, value)
    if text in _PATH_CHANGING_SEGMENTS:
        raise ValueError(f"{name} must not be empty, '.' or '..': it would address another resource")
    return quote(text, safe="")


def plain_text(name: str, value: object) -> str:
    """Return a text, or the digits of an integer, without what a class derived from them adds.

    Raises:
        TypeError: It is neither; a bool is not an integer.
        ValueError: It cannot be encoded as UTF-8.
    """
    if isinstance(value, str):
        text = str.__str__(value)
        return require_utf8(name, text)
    if isinstance(value, (bool, type)) or not isinstance(value, SupportsIndex):
        raise TypeError(f"{name} must be a str or an int, not {type(value).__name__}")
    return int.__repr__(index(value))


def require_utf8(name: str, text: str) -> str:
    """Return a text that can be encoded as UTF-8.

    Raises:
        ValueError: It contains a lone surrogate.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        pass  # its ``object`` is the text: our own error is raised outside of the handler
    else:
        return text
    raise ValueError(f"{name} contains a lone surrogate and cannot be sent as UTF-8")


@frozen(repr=False)
class EntityKey:
    """One entity whose updates are sent in order; its repr holds no ID, since it stands in the frames of tracebacks.

    It is not a tuple: error trackers show the elements of those, whatever their repr.
    """

    kind: str
    integration_id: str

    def __repr__(self) -> str:
        return f"<one {self.kind}>"


@define(eq=False)
class Call(Generic[T]):
    """What a caller asked for, without the credentials; ``T`` is what it returns."""

    operation: Operation[T]
    """What is called."""
    path: str = field(repr=False)
    """The operation's path with its values, percent-encoded: they are personal data."""
    query: EncodedQuery = field(repr=False)
    """The members of the query, under their API names."""
    content: bytes | None = field(repr=False)
    """The body, as JSON text."""
    retry_safety: RetrySafety
    """The operation's, unless this call is a dry run, or its body makes it unsafe."""
    entity: EntityKey | None = field(repr=False)
    """What it updates, if the API serialises such updates."""
    idempotency_key: str | None = field(repr=False)
    """The same for all attempts of the call; ``None`` if the operation takes no key."""
    created_at: float
    """When the caller asked, in seconds since the epoch."""
    origin: str | None = field(default=None, repr=False)
    """Digest of the deployment and of the key that a failed call was made with; no other client resumes it."""


def retry_safety_of(operation: Operation[Any], query: EncodedQuery, body: Mapping[str, Any]) -> RetrySafety:
    """Return what a retry of a call does: nothing if it is a dry run; its body, in JSON names, may make it unsafe."""
    if query.get("dry") == "true":
        return RetrySafety.SAFE
    if operation.may_act_twice is not None and operation.may_act_twice(body):
        return RetrySafety.UNSAFE
    return operation.retry_safety
