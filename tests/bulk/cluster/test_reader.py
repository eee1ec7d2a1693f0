"""A source that is read in a thread of its own."""

import threading
from threading import Event

import pytest

pytest.importorskip("pyarrow", reason="needs the extra ray or spark")
pytest.importorskip("numpy", reason="needs the extra ray or spark")

from aiotalonone.bulk.cluster.reader import AHEAD, Reader
from aiotalonone.bulk.cluster.rows import Partition

SECONDS = 30.0  # at most, on a busy machine


class Source:
    """A generator of partitions that tells how far it was read."""

    def __init__(self, number, error=None):
        self.number, self.error = number, error
        self.read = 0
        self.closed = Event()

    def __call__(self):
        """Yield the partitions."""
        try:
            for number in range(self.number):
                self.read += 1
                yield Partition(0, number, [])
            if self.error is not None:
                raise self.error
        finally:
            self.closed.set()


def test_all_partitions_come_in_their_order():
    """The reader is at its end when the last one was taken and nothing comes after it."""
    source = Source(30)
    reader = Reader(source())
    assert [reader.next(SECONDS).number for _ in range(30)] == list(range(30))
    assert not reader.is_at_end
    assert reader.next(SECONDS) is None
    assert reader.is_at_end
    assert reader.failure is None
    assert reader.next(SECONDS) is None
    reader.close()


def test_a_source_is_read_a_little_ahead():
    """A source that is faster than those who use it waits for them: what it holds is bounded."""
    source = Source(10_000)
    reader = Reader(source())
    reader.next(SECONDS)
    reader.close()
    assert source.closed.is_set()
    assert source.read <= AHEAD + 2


def test_the_error_of_a_source_comes_after_what_it_has_yielded():
    """What was read before the error is not lost."""
    error = OSError("the lake is dry")
    reader = Reader(Source(2, error)())
    assert [reader.next(SECONDS).number for _ in range(2)] == [0, 1]
    assert reader.next(SECONDS) is None
    assert reader.is_at_end
    assert reader.failure is error
    reader.close()


def test_nothing_yet_is_not_the_end():
    """A partition that does not come in time may come later."""
    go_on = Event()

    def slow():
        go_on.wait(SECONDS)
        yield Partition(0, 0, [])

    reader = Reader(slow())
    assert reader.next(0) is None
    assert reader.next(0.01) is None
    assert not reader.is_at_end
    go_on.set()
    assert reader.next(SECONDS).number == 0
    reader.close()


def test_a_closed_reader_leaves_no_thread():
    """The source is closed in its thread, which ends."""
    source = Source(10_000)
    reader = Reader(source())
    reader.close()
    assert source.closed.is_set()
    assert "aiotalonone-reader" not in {thread.name for thread in threading.enumerate()}
