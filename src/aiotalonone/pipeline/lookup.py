"""After a call whose outcome is unknown: ask the API for what the call would have made, by the ID that its caller gave.

Only what was made is proof. What is not found may still be made, by a request that has not been carried out yet.
"""

from collections.abc import Awaitable, Callable
from time import time
from typing import Any, Final, Generic, TypeVar

from attrs import frozen

from aiotalonone import codec, models
from aiotalonone.call import Call, fill_path
from aiotalonone.errors import MiddlewareError, Outcome, ResponseDecodeError, TalonOneError
from aiotalonone.operation import Lookup, RetrySafety

T = TypeVar("T")

_MAY_EXIST: Final = frozenset({Outcome.UNKNOWN, Outcome.APPLIED})


@frozen
class Settled(Generic[T]):
    """A call that failed and was found to be carried out."""

    result: T


async def settle(
    call: Call[T], failure: BaseException, execute: Callable[[Call[Any]], Awaitable[Any]]
) -> Settled[T] | None:
    """Return the result of a call that failed although it was carried out, ``None`` if that is not known.

    Args:
        call: What failed.
        failure: What it failed with, its outcome that of the whole call.
        execute: Executes the call that asks, within the time that is left.
    """
    lookup = call.operation.lookup
    if lookup is None or not _may_exist(call, failure):
        return None
    try:
        found = await execute(_call_of(lookup, call))
    except (TalonOneError, ValueError):  # an ID such as ``..`` can be sent, and cannot be asked for
        return None
    return Settled(_result(call, lookup, found)) if _is_made_by(call, found) else None


def _may_exist(call: Call[Any], failure: BaseException) -> bool:
    """Return whether the call may have made something; a response that arrived, or a middleware, is not overruled."""
    return (
        isinstance(failure, TalonOneError)
        and not isinstance(failure, (MiddlewareError, ResponseDecodeError))
        and failure.outcome in _MAY_EXIST
        and call.retry_safety is not RetrySafety.SAFE
    )


def _call_of(lookup: Lookup, call: Call[Any]) -> Call[Any]:
    return Call(
        operation=lookup.operation,
        path=fill_path(lookup.operation, [codec.loads(call.content or b"{}")[lookup.id_member]]),
        query={},
        content=None,
        retry_safety=lookup.operation.retry_safety,
        entity=None,
        idempotency_key=None,
        created_at=time(),
    )


def _is_made_by(call: Call[Any], found: object) -> bool:
    """Return whether a request and what was found have texts in common, and all of them are the same.

    Another call may have used the ID before, for something else.
    """
    sent, kept = codec.loads(call.content or b"{}"), codec.unstructure(found)
    common = [name for name, value in sent.items() if isinstance(value, str) and kept.get(name) is not None]
    return bool(common) and all(sent[name] == kept[name] for name in common)


def _result(call: Call[Any], lookup: Lookup, found: object) -> Any:
    result = call.operation.result
    if result is None or call.query.get("silent") == "yes":
        return None
    return getattr(models, result)(**{lookup.result_field: found})
