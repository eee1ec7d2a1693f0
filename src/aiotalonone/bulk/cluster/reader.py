"""Reads a source in a thread of its own, a little ahead of those who use it."""

from collections.abc import Generator
from contextlib import closing, suppress
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Final

from aiotalonone.bulk.cluster.rows import Partition

AHEAD: Final = 8
"""Partitions that are read before they are asked for."""
_SECONDS_TO_END: Final = 5.0


class Reader:
    """The partitions of a source, which a thread reads.

    Args:
        partitions: They are closed when all are read, or the reader is.
    """

    def __init__(self, partitions: Generator[Partition, None, None]) -> None:
        self.is_at_end: bool = False
        """Whether all partitions were taken, or reading failed."""
        self.failure: Exception | None = None
        """The exception of the source."""
        self._queue: Queue[Partition | Exception | None] = Queue(maxsize=AHEAD)
        self._closed = Event()
        self._thread = Thread(target=self._read, args=(partitions,), name="aiotalonone-reader", daemon=True)
        self._thread.start()

    def next(self, seconds: float) -> Partition | None:
        """Return the next partition, or ``None`` if it does not come in time or all have come."""
        if self.is_at_end:
            return None
        try:
            read = self._queue.get(timeout=seconds) if seconds else self._queue.get_nowait()
        except Empty:
            return None
        if isinstance(read, Partition):
            return read
        self.is_at_end, self.failure = True, read
        return None

    def close(self) -> None:
        """Read no more; a source that does not return is left to its thread."""
        self._closed.set()
        self._thread.join(_SECONDS_TO_END)

    def _read(self, partitions: Generator[Partition, None, None]) -> None:
        try:
            with closing(partitions):
                for partition in partitions:
                    self._put(partition)
                    if self._closed.is_set():
                        return
        except Exception as error:  # noqa: BLE001 - the source's, for the caller
            self._put(error)
        else:
            self._put(None)

    def _put(self, read: Partition | Exception | None) -> None:
        """Wait until there is room, or the reader is closed."""
        while not self._closed.is_set():
            with suppress(Full):
                return self._queue.put(read, timeout=0.1)
        return None
