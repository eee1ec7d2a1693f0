"""Where records come from: any iterable, plain or async, read in chunks without blocking the event loop."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable, Iterator, Sized
from contextlib import aclosing, suppress
from contextvars import copy_context
from itertools import islice
from operator import length_hint
from queue import SimpleQueue
from threading import Thread
from time import thread_time
from typing import Any, Final

from attrs import define, field

from aiotalonone import codec

Source = Iterable[Any] | AsyncIterable[Any]

CLOSE_GRACE: Final = 1.0
"""Seconds that a job waits for a plain source to be closed, which cannot be while it waits for its next record."""
_IN_MEMORY: Final = (list, tuple, set, frozenset, deque)
"""Sources that never wait, and whose records exist all at once."""
_MAX_CHUNKS: Final = 10
_MAX_CPU_SECONDS: Final = 0.001
"""What a thread spends on reading ahead: enough that handing records over costs little, and too little for many large
ones."""


async def chunked(source: Source, size: int) -> AsyncGenerator[list[Any], None]:
    """Yield lists of ``size`` records; the last one may be shorter. A generator is closed at the end.

    Raises:
        TypeError: ``source`` is not an iterable of records.
        ValueError: It changes a record that it has yielded.
    """
    async with aclosing(_chunks_of(source, size)) as chunks:
        async for chunk in chunks:
            yield chunk


def _chunks_of(source: object, size: int) -> AsyncGenerator[list[Any], None]:
    if isinstance(source, AsyncIterable):
        return _from_async(source, size)
    if not isinstance(source, Iterable) or isinstance(source, (str, bytes, dict)):
        raise TypeError(f"records must be an iterable or async iterable, not {type(source).__name__}")
    return _from_memory(source, size) if isinstance(source, _IN_MEMORY) else _from_thread(source, size)


async def _from_memory(source: Iterable[Any], size: int) -> AsyncGenerator[list[Any], None]:
    records = iter(source)
    while chunk := list(islice(records, size)):
        yield chunk


async def _from_async(source: AsyncIterable[Any], size: int) -> AsyncGenerator[list[Any], None]:
    records = aiter(source)
    try:
        chunk: list[Any] = []
        first = None
        async for record in records:
            if not chunk:
                first = _encoded(record)
            chunk.append(record)
            if len(chunk) == size:
                _require_unchanged(chunk, first)
                yield chunk
                chunk = []
        if chunk:
            _require_unchanged(chunk, first)
            yield chunk
    finally:
        if isinstance(records, AsyncGenerator):
            await records.aclose()


async def _from_thread(source: Iterable[Any], size: int) -> AsyncGenerator[list[Any], None]:
    reader = _Reader(source, size)
    try:
        while (chunk := await reader.read()) is not None:
            yield chunk
    finally:
        await reader.close()


@define(eq=False)
class _Reader:
    """Reads a plain iterable in a thread of its own, which may wait for a disk, a pipe or a database.

    The thread is a daemon, and not an executor's: a source that waits for ever does not keep the process from ending.
    """

    source: Iterable[Any]
    size: int
    _loop: asyncio.AbstractEventLoop = field(factory=asyncio.get_running_loop)
    _requests: "SimpleQueue[asyncio.Future[None] | None]" = field(factory=SimpleQueue)
    _chunks: "deque[tuple[list[Any], bytes | None]]" = field(factory=deque)
    """What is read and not yet taken, and what its first record was: the thread adds, the event loop takes."""
    _failure: BaseException | None = None
    """What the source raised."""
    _is_at_end: bool = False
    _is_closing: bool = False
    _closed: "asyncio.Future[None]" = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._closed = self._loop.create_future()
        Thread(target=copy_context().run, args=(self._serve,), name="aiotalonone-source", daemon=True).start()

    async def read(self) -> list[Any] | None:
        """Return the next chunk, ``None`` at the end of the source."""
        while True:
            is_at_end = self._is_at_end  # asked first: the thread adds the last chunk before it says so
            if self._chunks:
                chunk, first = self._chunks.popleft()
                _require_unchanged(chunk, first)  # by what the thread has read ahead, too
                return chunk
            if self._failure is not None:
                raise self._failure
            if is_at_end:
                return None
            request: asyncio.Future[None] = self._loop.create_future()
            self._requests.put(request)
            await request

    async def close(self) -> None:
        """Close the source, or let the thread close it as soon as the source comes back."""
        self._is_closing = True
        self._requests.put(None)
        await asyncio.wait([self._closed], timeout=CLOSE_GRACE)
        if self._closed.done():
            self._closed.result()

    def _serve(self) -> None:
        records: Iterator[Any] | None = None
        while (request := self._requests.get()) is not None:
            try:
                if not self._is_at_end:
                    records = iter(self.source) if records is None else records
                    self._read(records, request)
            except BaseException as error:  # noqa: BLE001 - raised by read()
                self._failure, self._is_at_end = error, True
            self._resolve(request)
        failure: BaseException | None = None
        try:
            if isinstance(records, Generator):
                records.close()
        except BaseException as error:  # noqa: BLE001 - raised by close()
            failure = error
        self._resolve(self._closed, failure)

    def _read(self, records: Iterator[Any], request: "asyncio.Future[None]") -> None:
        """Read a chunk, and some more until the event loop comes for it."""
        end = thread_time() + _MAX_CPU_SECONDS
        is_first = True
        while len(self._chunks) < _MAX_CHUNKS and not self._is_closing:
            chunk = list(islice(records, 1))
            if not chunk:
                self._is_at_end = True
                return
            first = _encoded(chunk[0])
            chunk += islice(records, self.size - 1)
            self._chunks.append((chunk, first))
            if is_first:
                self._resolve(request)  # the next chunk may be long in coming
                is_first = False
            if thread_time() >= end:
                return

    def _resolve(self, future: "asyncio.Future[None]", failure: BaseException | None = None) -> None:
        """Wake the task that awaits a future."""

        def resolve() -> None:
            if future.done():
                return
            if failure is None:
                future.set_result(None)
            else:
                future.set_exception(failure)

        with suppress(RuntimeError):  # the loop is closed: the job ended without this thread
            self._loop.call_soon_threadsafe(resolve)


def _encoded(record: Any) -> bytes | None:
    try:
        return codec.encode(record)
    except (TypeError, ValueError):  # it is rejected later
        return None


def _require_unchanged(chunk: list[Any], first: bytes | None) -> None:
    """Check that the first record of a chunk is still what it was: a source must not yield one object again and again.

    Copying each record instead would cost a tenth of the speed; this costs a hundredth.

    Raises:
        ValueError: It is not.
    """
    if _encoded(chunk[0]) != first:
        raise ValueError("the source changes a record that it has yielded: it must yield a new object for each record")


def expected_length(source: Source) -> int | None:
    """Return the estimated number of records (``len()`` or ``__length_hint__``), ``None`` if there is no estimate."""
    try:
        return length_hint(source) or None
    except Exception:  # noqa: BLE001 - the source's own: a closed file, or a query that may only run in a thread
        return None


def exact_length(source: Source) -> int | None:
    """Return the exact number of records, ``None`` if the source does not know it."""
    try:
        return len(source) if isinstance(source, Sized) else None
    except Exception:  # noqa: BLE001 - as above; it must not hide how the job ended
        return None
