"""One call of an operation: everything that is sent for it, however often."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import orjson
from attrs import define, field

from aiotalonone.operation import Operation, Repeat

T = TypeVar("T")


class LaneKey(NamedTuple):
    """Whose updates go out one at a time; its repr names nobody, since it stands in the frames of tracebacks."""

    kind: str
    name: str

    def __repr__(self) -> str:
        return f"<lane of {self.kind}>"


@define(eq=False)
class Call(Generic[T]):
    """What a caller asked for, without the credentials; ``T`` is what it returns."""

    operation: Operation[T]
    path: str = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)
    private: Sequence[str] = field(repr=False)
    """What no text may repeat, besides the values in the content."""
    repeat: Repeat
    """The operation's, or READ where this call is dry."""
    lane: LaneKey | None = field(repr=False)
    """Whose turn it waits for."""
    idempotency_key: str | None = field(repr=False)
    made: float
    """When the caller asked, in seconds since the epoch."""


def repeat_of(operation: Operation[Any], query: Mapping[str, str]) -> Repeat:
    """What a repetition does: nothing where the call is dry."""
    return Repeat.READ if query.get("dry") == "true" else operation.repeat


def lane_of(operation: Operation[Any], path: Sequence[str], content: bytes | None) -> LaneKey | None:
    """What a call updates; ``None`` where the API takes any number at once, and for anonymous customers."""
    if operation.lane is None:
        return None
    name = path[0] if operation.lane_member is None else orjson.loads(content or b"{}").get(operation.lane_member)
    return LaneKey(operation.lane.value, name) if name and isinstance(name, str) else None
