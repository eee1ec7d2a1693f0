"""Which partition a worker gets next."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pyarrow", reason="needs the extra ray or spark")
pytest.importorskip("numpy", reason="needs the extra ray or spark")

from aiotalonone.bulk.cluster.rows import Partition
from aiotalonone.bulk.cluster.waiting import Waiting


def partition(bucket, number=0):
    """Return a partition without rows."""
    return Partition(bucket, number, [])


@given(st.lists(st.integers(0, 4), max_size=60), st.randoms(use_true_random=False))
def test_a_bucket_has_one_partition_in_flight_in_its_order(buckets, script: random.Random):
    """Whatever is lost and given back, each partition is settled once, and after the one before it."""
    waiting, in_flight, settled, numbers = Waiting(), [], [], dict.fromkeys(range(5), 0)
    while buckets or len(waiting) or in_flight:
        step = script.random()
        if buckets and step < 0.4:
            bucket = buckets.pop()
            waiting.add(partition(bucket, numbers[bucket]))
            numbers[bucket] += 1
        elif step < 0.7 and (taken := waiting.take()) is not None:
            assert taken.bucket not in {one.bucket for one in in_flight}
            in_flight.append(taken)
        elif in_flight:
            done = in_flight.pop(script.randrange(len(in_flight)))
            if script.random() < 0.3:
                waiting.give_back(done)
            else:
                waiting.settle(done)
                settled.append(done)
    assert not waiting.has_next
    for bucket, number in numbers.items():
        assert [one.number for one in settled if one.bucket == bucket] == list(range(number))


def test_buckets_take_turns():
    """A bucket that was served waits behind the others."""
    waiting = Waiting()
    for one in (partition(1, 0), partition(1, 1), partition(2, 0)):
        waiting.add(one)
    taken = waiting.take()
    assert taken.name == "1-0"
    waiting.settle(taken)
    assert waiting.take().name == "2-0"
    assert waiting.take().name == "1-1"
    assert waiting.take() is None


def test_partitions_of_a_busy_bucket_are_not_to_be_had():
    """A further worker would find nothing to do."""
    waiting = Waiting()
    waiting.add(partition(1, 0))
    assert waiting.has_next
    taken = waiting.take()
    waiting.add(partition(1, 1))
    assert not waiting.has_next
    assert len(waiting) == 1
    waiting.settle(taken)
    assert waiting.has_next
