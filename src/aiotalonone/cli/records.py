"""Records of a job, made of a file's rows without blocking the event loop."""

from asyncio import get_running_loop
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from operator import length_hint
from types import TracebackType
from typing import Any, Final, Self

from aiotalonone.cli.rows import InvalidRow, Row, Rows

CHUNK_SIZE: Final = 500

Record = dict[str, Any]
ToRecord = Callable[[Row | InvalidRow], Record]


class Records:
    """The records of a file, once; use it in a ``with`` block, which closes the file."""

    def __init__(self, rows: Rows, to_record: ToRecord, columns: Collection[str] | None) -> None:
        self._rows = rows
        self._open = rows.read(columns)
        self._records = map(to_record, self._open)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(ValueError):  # the job's thread still waits for a row: the process ends without it
            self._open.close()

    def __length_hint__(self) -> int:
        return length_hint(self._rows)


class PlainRecords(Records):
    """Records of rows that the job reads in a thread of its own."""

    def __iter__(self) -> Iterator[Record]:
        return self._records


class ThreadedRecords(Records):
    """Records of rows that are decoded in batches, which takes a while: a thread reads them."""

    def __init__(self, rows: Rows, to_record: ToRecord, columns: Collection[str] | None) -> None:
        super().__init__(rows, to_record, columns)
        self._chunk: Iterator[Record] = iter(())
        self._thread = ThreadPoolExecutor(1, "aiotalonone-rows")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        super().__exit__(kind, error, traceback)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Record:
        for record in self._chunk:
            return record
        chunk = await get_running_loop().run_in_executor(self._thread, self._next_chunk)
        if not chunk:
            raise StopAsyncIteration
        self._chunk = iter(chunk)
        return next(self._chunk)

    def _next_chunk(self) -> list[Record]:
        return list(islice(self._records, CHUNK_SIZE))


def open_records(
    rows: Rows, to_record: ToRecord, columns: Collection[str] | None = None
) -> PlainRecords | ThreadedRecords:
    """Return the records of a file, made of these columns, in a thread if its rows are decoded in batches."""
    return (ThreadedRecords if rows.is_batched else PlainRecords)(rows, to_record, columns)
