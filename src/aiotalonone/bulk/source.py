"""Where records come from: any iterable, plain or async, read in chunks."""

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sized
from itertools import islice
from operator import length_hint
from typing import Any

Source = Iterable[Any] | AsyncIterable[Any]


async def chunked(source: Source, size: int) -> AsyncGenerator[list[Any], None]:
    """Yield lists of ``size`` records; the last one may be shorter.

    Raises:
        TypeError: ``source`` is not an iterable of records.
    """
    if isinstance(source, AsyncIterable):
        async for chunk in _chunked_async(source, size):
            yield chunk
        return
    records = iter(_require_iterable(source))
    while chunk := list(islice(records, size)):
        yield chunk


def _require_iterable(source: object) -> Iterable[Any]:
    if not isinstance(source, Iterable) or isinstance(source, (str, bytes, dict)):
        raise TypeError(f"records must be an iterable or async iterable, not {type(source).__name__}")
    return source


async def _chunked_async(source: AsyncIterable[Any], size: int) -> AsyncGenerator[list[Any], None]:
    chunk: list[Any] = []
    async for record in source:
        chunk.append(record)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def expected_length(source: Source) -> int | None:
    """Return the estimated number of records (``len()`` or ``__length_hint__``), ``None`` if there is no estimate."""
    return length_hint(source) or None


def exact_length(source: Source) -> int | None:
    """Return the exact number of records, ``None`` if the source does not know it."""
    return len(source) if isinstance(source, Sized) else None
