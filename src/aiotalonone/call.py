"""One use of an operation: the call that a caller asked for, and its values as they stand in a path or query."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import index
from typing import Any, Final, Generic, SupportsIndex, TypeVar
from urllib.parse import quote

from attrs import define, field, frozen

from aiotalonone.operation import Operation, Pickled, RetrySafety

T = TypeVar("T")

PathValue = str | int
"""What one name of a path stands for."""

Query = Mapping[str, str | int | datetime | None]
"""Query members by the API's names; ``None`` is not sent, a bool travels as ``true`` or ``false``."""

EncodedQuery = Mapping[str, str | list[str]]
"""Query members by the API's names, as text; a list is sent as one member for each of its values."""

_PATH_CHANGING_SEGMENTS: Final = frozenset({"", ".", ".."})


def fill_path(operation: Operation[Any], values: Sequence[PathValue]) -> str:
    """Return the operation's path with each value percent-encoded as one segment.

    Raises:
        TypeError: A value is neither a string nor an integer, or there are too few or too many of them.
        ValueError: A value is empty, ``.`` or ``..`` (it would address another resource) or not encodable as UTF-8.
    """
    names = operation.path_names
    if len(names) != len(values):
        raise TypeError(f"the path of {operation.operation_id} has {len(names)} values, not {len(values)}")
    path = operation.path
    for name, value in zip(names, values, strict=True):
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
        return require_utf8(name, str.__str__(value))
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
class EntityKey(Pickled):
    """One entity whose updates are sent in order; its repr holds no ID, since it stands in the frames of tracebacks.

    It is not a tuple: error trackers show the elements of those, whatever their repr.
    """

    kind: str
    integration_id: str

    def __repr__(self) -> str:
        return f"<one {self.kind}>"


@define(eq=False)
class Call(Pickled, Generic[T]):
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
