"""The records of a job, made of a file's rows without holding up the event loop."""

from asyncio import get_running_loop
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from operator import length_hint
from types import TracebackType
from typing import Any, Final, Self

from aiotalonone.cli.rows import BrokenRow, Row, Rows

PORTION: Final = 500

Record = dict[str, Any]
Mapper = Callable[[Row | BrokenRow], Record]


class Records:
    """The records of a file, once; to be used with ``with``."""

    def __init__(self, rows: Rows, record_of: Mapper) -> None:
        self._rows = rows
        self._open = rows.read()
        self._records = map(record_of, self._open)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    def __length_hint__(self) -> int:
        return length_hint(self._rows)


class PlainRecords(Records):
    """Those that take no longer than it takes to parse them."""

    def __iter__(self) -> Iterator[Record]:
        return self._records


class AwaitedRecords(Records):
    """Those that come by the batch, which takes a while: a thread reads them."""

    def __init__(self, rows: Rows, record_of: Mapper) -> None:
        super().__init__(rows, record_of)
        self._portion: Iterator[Record] = iter(())
        self._thread = ThreadPoolExecutor(1, "aiotalonone-rows")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        super().__exit__(kind, error, traceback)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Record:
        for record in self._portion:
            return record
        portion = await get_running_loop().run_in_executor(self._thread, self._next_portion)
        if not portion:
            raise StopAsyncIteration
        self._portion = iter(portion)
        return next(self._portion)

    def _next_portion(self) -> list[Record]:
        return list(islice(self._records, PORTION))


def records_of(rows: Rows, record_of: Mapper) -> PlainRecords | AwaitedRecords:
    """The records of a file, read as its format asks for."""
    return (AwaitedRecords if rows.come_in_batches else PlainRecords)(rows, record_of)
