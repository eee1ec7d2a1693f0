"""Where records come from: any iterable, plain or async, taken a portion at a time."""

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sized
from itertools import islice
from operator import length_hint
from typing import Any

Source = Iterable[Any] | AsyncIterable[Any]


async def portions_of(source: Source, size: int) -> AsyncGenerator[list[Any], None]:
    """So many records at a time, the last time fewer.

    Raises:
        TypeError: It is no iterable of records.
    """
    if isinstance(source, AsyncIterable):
        async for portion in _awaited(source, size):
            yield portion
        return
    records = iter(_iterable(source))
    while portion := list(islice(records, size)):
        yield portion


def _iterable(source: object) -> Iterable[Any]:
    if not isinstance(source, Iterable) or isinstance(source, (str, bytes, dict)):
        raise TypeError(f"records must be an iterable or async iterable, not {type(source).__name__}")
    return source


async def _awaited(source: AsyncIterable[Any], size: int) -> AsyncGenerator[list[Any], None]:
    portion: list[Any] = []
    async for record in source:
        portion.append(record)
        if len(portion) == size:
            yield portion
            portion = []
    if portion:
        yield portion


def expected_length(source: Source) -> int | None:
    """How many records there may be in all, where the source says so (``len()`` or ``__length_hint__``)."""
    return length_hint(source) or None


def exact_length(source: Source) -> int | None:
    """How many records there are in all, where the source knows."""
    return len(source) if isinstance(source, Sized) else None
