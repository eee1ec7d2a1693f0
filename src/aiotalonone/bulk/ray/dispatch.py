"""The driver of a job: gives each partition to an actor, and again to another one if that is lost."""

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Thread
from time import monotonic
from typing import Any, Final

import ray
from attrs import define, field, frozen
from ray.exceptions import RayError, RayTaskError

from aiotalonone.bulk.cluster.partitions import Partition
from aiotalonone.bulk.failure import JobStoppedError
from aiotalonone.bulk.partition import PartitionResult
from aiotalonone.bulk.ray.workers import Failure, Plan, Worker
from aiotalonone.bulk.report import Report

IN_FLIGHT: Final = 2
"""Partitions of one actor: it fetches one while it sends the other."""
WAITING_PER_WORKER: Final = 4
"""Partitions that are read ahead, so that there are some of different buckets."""
MAX_LOSSES: Final = 5
"""Actors that may be lost with one partition, or before they could start: then it is not the machines' fault."""
IDLE_SECONDS: Final = 10.0
"""How long an actor beyond the minimum waits for a partition before it ends."""
_POLL_SECONDS: Final = 0.05

_logger: Final = logging.getLogger("aiotalonone")


class WorkersLostError(RuntimeError):
    """Workers were lost again and again with the same partition, or as they started."""


@frozen
class Pool:
    """How many actors there may be, and what each of them needs."""

    min_workers: int
    max_workers: int
    options: dict[str, Any]
    """Ray's options for an actor, such as ``num_cpus`` and ``runtime_env``."""


@define(eq=False)
class _Actor:
    """An actor, and how much it has to do."""

    handle: Any
    is_open: bool = False
    in_flight: int = 0
    idle_since: float = field(factory=monotonic)


@define(eq=False)
class Dispatch:
    """Partitions on their way to actors, and what became of them."""

    plan: Plan
    pool: Pool
    keeper: Any
    """The actor that hands out the rate, or ``None``."""
    reports: list[Report] = field(factory=list)
    failure: Exception | None = None
    """What stopped the job."""
    _read: "Queue[Partition | Exception | None]" = field(factory=lambda: Queue(maxsize=8))
    _is_read: bool = False
    _has_ended: bool = False
    _waiting: dict[int, deque[Partition]] = field(factory=dict)
    """By bucket."""
    _busy: set[int] = field(factory=set)
    """Buckets with a partition in flight."""
    _actors: list[_Actor] = field(factory=list)
    _tasks: dict[Any, tuple[_Actor, Partition | None]] = field(factory=dict)
    """By the reference of what an actor will return; no partition while it opens."""
    _losses: dict[str, int] = field(factory=dict)

    def run(self, partitions: Iterator[Partition]) -> Iterator[list[dict[str, Any]]]:
        """Send all partitions, and yield the rejects of each.

        A failure ends the job when the partitions in flight have ended; it is in ``failure`` then.
        """
        Thread(target=self._fill, args=(partitions,), name="aiotalonone-reader", daemon=True).start()
        try:
            while self._goes_on():
                self._take_read()
                self._adjust_actors()
                self._assign()
                for result in self._finished():
                    yield list(result.rejects)
        finally:
            self._end()

    def _goes_on(self) -> bool:
        working = any(partition is not None for _, partition in self._tasks.values())
        if self.failure is not None:
            return working
        return not self._is_read or bool(self._waiting) or working

    def _fill(self, partitions: Iterator[Partition]) -> None:
        """Read the source, in a thread of its own; it waits while enough is read."""
        try:
            for partition in partitions:
                self._put(partition)
            self._put(None)
        except Exception as error:  # noqa: BLE001 - the source's
            self._put(error)

    def _put(self, read: Partition | Exception | None) -> None:
        while not self._has_ended:
            with suppress(Full):
                return self._read.put(read, timeout=1.0)
        raise GeneratorExit

    def _take_read(self) -> None:
        while sum(map(len, self._waiting.values())) < WAITING_PER_WORKER * self.pool.max_workers:
            try:
                read = self._read.get(timeout=0 if self._tasks else _POLL_SECONDS)
            except Empty:
                return
            if isinstance(read, Partition):
                self._waiting.setdefault(read.bucket, deque()).append(read)
                continue
            self._is_read = True
            if read is not None:
                self._fail(read)
            return

    def _adjust_actors(self) -> None:
        """Start an actor if one is missing or would have something to do; end one that has been idle."""
        now, number = monotonic(), len(self._actors)
        has_more_work = any(bucket not in self._busy for bucket in self._waiting)
        is_starting = any(not actor.is_open for actor in self._actors)
        all_are_busy = all(actor.in_flight for actor in self._actors)
        is_wanted = has_more_work and all_are_busy and not is_starting and number < self.pool.max_workers
        if self.failure is None and (number < self.pool.min_workers or (is_wanted and self._has_room())):
            self._start_actor()
        for actor in self._actors:
            is_idle = actor.is_open and not actor.in_flight and now - actor.idle_since > IDLE_SECONDS
            if is_idle and number > self.pool.min_workers:
                self._actors.remove(actor)
                _end_actor(actor)
                return

    def _has_room(self) -> bool:
        """Return whether another actor fits into the cluster, with a CPU left for reading the dataset."""
        free = ray.available_resources().get("CPU", 0.0)
        return bool(free >= self.pool.options.get("num_cpus", 1) + 1)

    def _start_actor(self) -> None:
        handle = ray.remote(Worker).options(**self.pool.options).remote(self.plan, self.keeper)
        actor = _Actor(handle)
        self._actors.append(actor)
        self._tasks[handle.open.remote()] = (actor, None)

    def _assign(self) -> None:
        """Give partitions to actors that have room, the least busy first, one of each bucket."""
        while self.failure is None:
            free = [actor for actor in self._actors if actor.is_open and actor.in_flight < IN_FLIGHT]
            bucket = next((number for number in self._waiting if number not in self._busy), None)
            if not free or bucket is None:
                return
            partitions = self._waiting.pop(bucket)
            partition = partitions.popleft()
            if partitions:
                self._waiting[bucket] = partitions  # behind the others
            actor = min(free, key=lambda one: one.in_flight)
            actor.in_flight += 1
            self._busy.add(bucket)
            self._tasks[actor.handle.sync.remote(partition.name, partition.table)] = (actor, partition)

    def _finished(self) -> Iterator[PartitionResult]:
        """Yield the results that have come, if any; wait a little for one."""
        if not self._tasks:
            return
        done, _ = ray.wait(list(self._tasks), num_returns=1, timeout=_POLL_SECONDS)
        for reference in done:
            actor, partition = self._tasks.pop(reference)
            try:
                returned = ray.get(reference)
            except RayTaskError as error:
                returned = Failure(error)
            except RayError as error:
                self._lost(actor, partition, error)
                continue
            yield from self._settle(actor, partition, returned)

    def _settle(
        self, actor: _Actor, partition: Partition | None, returned: PartitionResult | Failure | None
    ) -> Iterator[PartitionResult]:
        if isinstance(returned, Failure):
            if isinstance(returned.error, JobStoppedError):
                self.reports.append(returned.error.report)
            self._fail(returned.error)
        if partition is None:
            actor.is_open, actor.idle_since = True, monotonic()
            return
        actor.in_flight -= 1
        actor.idle_since = monotonic()
        self._busy.discard(partition.bucket)
        if isinstance(returned, PartitionResult):
            self.reports.append(returned.report)
            yield returned

    def _lost(self, actor: _Actor, partition: Partition | None, error: RayError) -> None:
        """Give what a lost actor had to another one. It is ended first: it may be alive behind a broken network."""
        name = "start" if partition is None else partition.name
        _logger.warning("a worker was lost (%s), with %s", type(error).__name__, name)
        with suppress(RayError, ValueError):
            ray.kill(actor.handle)
        if actor in self._actors:
            self._actors.remove(actor)
        if partition is not None:
            self._busy.discard(partition.bucket)
            self._waiting.setdefault(partition.bucket, deque()).appendleft(partition)
        self._losses[name] = self._losses.get(name, 0) + 1
        if self._losses[name] > MAX_LOSSES:
            self._fail(WorkersLostError(f"{self._losses[name]} workers were lost with the same work ({name})"))

    def _fail(self, error: Exception) -> None:
        self.failure = self.failure or error
        for actor in self._actors:
            actor.handle.stop.remote()

    def _end(self) -> None:
        self._has_ended = True
        for actor in self._actors:
            _end_actor(actor)
        self._actors.clear()


def _end_actor(actor: _Actor) -> None:
    """Let the actor end what is in flight, close its client, and end."""
    with suppress(RayError):
        actor.handle.stop.remote()
        actor.handle.close.remote()
        actor.handle.__ray_terminate__.remote()
