"""The driver of a job: gives each partition to an actor, and again to another one if that is lost."""

import logging
from collections.abc import Generator, Iterator
from contextlib import suppress
from time import monotonic
from typing import Any, Final

import ray
from attrs import define, field, frozen
from ray.exceptions import RayError, RayTaskError

from aiotalonone.bulk.cluster.plan import Plan
from aiotalonone.bulk.cluster.reader import Reader
from aiotalonone.bulk.cluster.rows import Partition
from aiotalonone.bulk.cluster.send import PartitionResult
from aiotalonone.bulk.cluster.waiting import Waiting
from aiotalonone.bulk.failure import JobStoppedError
from aiotalonone.bulk.ray.workers import Failure, Worker
from aiotalonone.bulk.report import Report

IN_FLIGHT: Final = 4
"""Partitions of one actor, of four requests each: it makes and fetches some while it waits for the others."""
WAITING_PER_WORKER: Final = 8
"""Partitions that are read ahead, so that there are some of different buckets."""
MAX_LOSSES: Final = 5
"""Actors that may be lost with one partition, or in a row as they start: more are not the machines' fault."""
IDLE_SECONDS: Final = 10.0
"""How long an actor beyond the minimum waits for a partition before it ends."""
_SECONDS_BETWEEN_LOOKS: Final = 1.0
"""How often the cluster is asked for room."""
_SECONDS_TO_CLOSE: Final = 30.0
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
    _waiting: Waiting = field(factory=Waiting)
    _actors: list[_Actor] = field(factory=list)
    _tasks: dict[Any, tuple[_Actor, Partition | None]] = field(factory=dict)
    """By the reference of what an actor will return; no partition while it opens."""
    _losses: dict[str, int] = field(factory=dict)
    _first: str | None = None
    """Name of the partition that goes alone: it tells whether the API rejects all records."""
    _looked_at: float = float("-inf")

    def run(self, partitions: Generator[Partition, None, None]) -> Generator[PartitionResult, None, None]:
        """Send all partitions, and yield the result of each.

        A failure ends the job when the partitions in flight have ended; it is in ``failure`` then.
        """
        reader = Reader(partitions)
        try:
            while self._goes_on(reader):
                self._take_read(reader)
                self._adjust_actors()
                self._assign()
                yield from self._finished()
        finally:
            reader.close()
            self._end()

    def _goes_on(self, reader: Reader) -> bool:
        is_sending = any(partition is not None for _, partition in self._tasks.values())
        if self.failure is not None:
            return is_sending
        return not reader.is_at_end or bool(self._waiting) or is_sending

    def _take_read(self, reader: Reader) -> None:
        """Take what is read; wait a little for it if there is nothing else to wait for."""
        while not reader.is_at_end and len(self._waiting) < WAITING_PER_WORKER * self.pool.max_workers:
            partition = reader.next(0 if self._tasks else _POLL_SECONDS)
            if partition is None:
                break
            self._waiting.add(partition)
        if reader.failure is not None:
            self._fail(reader.failure)

    def _adjust_actors(self) -> None:
        """Start actors that are missing, or another one that would have something to do; end one that is idle."""
        if self.failure is not None:
            return
        while len(self._actors) < self.pool.min_workers:
            self._start_actor()
        if self._is_another_wanted() and self._look_for_room():
            self._start_actor()
        for actor in self._idle_actors()[: len(self._actors) - self.pool.min_workers]:
            self._actors.remove(actor)
            actor.handle.close.remote()  # then it ends, since nothing has its handle any more

    def _idle_actors(self) -> list[_Actor]:
        since = monotonic() - IDLE_SECONDS
        return [actor for actor in self._actors if actor.is_open and not actor.in_flight and actor.idle_since < since]

    def _is_another_wanted(self) -> bool:
        return (
            len(self._actors) < self.pool.max_workers
            and self._waiting.has_next
            and all(actor.is_open and actor.in_flight for actor in self._actors)
        )

    def _look_for_room(self) -> bool:
        """Return whether another actor fits into the cluster, with a CPU left for reading the dataset."""
        now = monotonic()
        if now - self._looked_at < _SECONDS_BETWEEN_LOOKS:
            return False
        self._looked_at = now
        return bool(ray.available_resources().get("CPU", 0.0) >= self.pool.options.get("num_cpus", 1) + 1)

    def _start_actor(self) -> None:
        handle = ray.remote(Worker).options(**self.pool.options).remote(self.plan, self.keeper)
        actor = _Actor(handle)
        self._actors.append(actor)
        self._tasks[handle.open.remote()] = (actor, None)

    def _assign(self) -> None:
        """Give partitions to actors that have room, the least busy first; only one until its result is there."""
        while self.failure is None and (self.reports or self._first is None):
            free = [actor for actor in self._actors if actor.is_open and actor.in_flight < IN_FLIGHT]
            if not free or (partition := self._waiting.take()) is None:
                return
            actor = min(free, key=lambda one: one.in_flight)
            actor.in_flight += 1
            self._first = self._first or partition.name
            sent = actor.handle.sync.remote(partition, may_reject_all=partition.name != self._first)
            self._tasks[sent] = (actor, partition)

    def _finished(self) -> Iterator[PartitionResult]:
        """Yield the results that have come, if any; wait a little for one."""
        if not self._tasks:
            return
        if ray.wait(list(self._tasks), num_returns=1, timeout=_POLL_SECONDS)[0]:
            done, _ = ray.wait(list(self._tasks), num_returns=len(self._tasks), timeout=0)
            for reference in done:
                yield from self._settle(reference)

    def _settle(self, reference: Any) -> Iterator[PartitionResult]:
        actor, partition = self._tasks.pop(reference)
        try:
            returned: PartitionResult | Failure | None = ray.get(reference)
        except RayTaskError as error:
            returned = Failure(error)
        except RayError as error:
            self._lose(actor, partition, error)
            return
        actor.idle_since = monotonic()
        if partition is None:
            actor.is_open = True
            self._losses.pop("start", None)
        else:
            actor.in_flight -= 1
            self._waiting.settle(partition)
        if isinstance(returned, Failure):
            self._fail_at(returned)
        elif returned is not None:
            self.reports.append(returned.report)
            yield returned

    def _lose(self, actor: _Actor, partition: Partition | None, error: RayError) -> None:
        """Give what a lost actor had to another one. It is ended first: it may be alive behind a broken network."""
        name = "start" if partition is None else partition.name
        _logger.warning("a worker was lost (%s), with %s", type(error).__name__, name)
        with suppress(RayError, ValueError):
            ray.kill(actor.handle)
        if actor in self._actors:
            self._actors.remove(actor)
        if partition is not None:
            self._waiting.give_back(partition)
            if not self.reports:
                self._first = None  # any other one can tell as well
        self._losses[name] = self._losses.get(name, 0) + 1
        if self._losses[name] > MAX_LOSSES:
            lost = WorkersLostError(f"{self._losses[name]} workers were lost with the same work ({name})")
            lost.__cause__ = error
            self._fail(lost)

    def _fail_at(self, failure: Failure) -> None:
        """End the job for what a worker has met; the figures of its partition count."""
        error = failure.error
        error.__cause__ = failure.cause
        if isinstance(error, JobStoppedError):
            self.reports.append(error.report)
        self._fail(error)

    def _fail(self, error: Exception) -> None:
        if self.failure is None:
            self.failure = error
            for actor in self._actors:
                actor.handle.stop.remote()

    def _end(self) -> None:
        """Let all actors end what is in flight, close their clients, and end."""
        closing = [actor.handle.close.remote() for actor in self._actors if actor.is_open]
        if closing:
            ray.wait(closing, num_returns=len(closing), timeout=_SECONDS_TO_CLOSE)
        for actor in self._actors:
            with suppress(RayError, ValueError):
                ray.kill(actor.handle)
        self._actors.clear()
