"""Which partition a worker gets next: one of each bucket is in flight, so a customer's records keep their order."""

from collections import deque

from attrs import define, field

from aiotalonone.bulk.cluster.rows import Partition


@define
class Waiting:
    """Partitions that wait for a worker."""

    _queues: dict[int, deque[Partition]] = field(factory=dict)
    """By bucket, those that were served last at the end; none is empty."""
    _busy: set[int] = field(factory=set)
    """Buckets with a partition in flight."""
    _number: int = 0

    def __len__(self) -> int:
        return self._number

    def add(self, partition: Partition) -> None:
        """Add a partition behind the others of its bucket."""
        self._queues.setdefault(partition.bucket, deque()).append(partition)
        self._number += 1

    @property
    def has_next(self) -> bool:
        """Whether a worker could get one."""
        return any(bucket not in self._busy for bucket in self._queues)

    def take(self) -> Partition | None:
        """Return a partition that is in flight from now on, or ``None``."""
        bucket = next((one for one in self._queues if one not in self._busy), None)
        if bucket is None:
            return None
        queue = self._queues.pop(bucket)
        partition = queue.popleft()
        if queue:
            self._queues[bucket] = queue  # behind the others
        self._busy.add(bucket)
        self._number -= 1
        return partition

    def settle(self, partition: Partition) -> None:
        """Note that a partition is no longer in flight: the next one of its bucket may be."""
        self._busy.discard(partition.bucket)

    def give_back(self, partition: Partition) -> None:
        """Let a partition that was in flight wait again, before the others of its bucket."""
        self.settle(partition)
        self._queues.setdefault(partition.bucket, deque()).appendleft(partition)
        self._number += 1
