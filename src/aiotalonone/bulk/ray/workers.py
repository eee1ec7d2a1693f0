"""What runs on the cluster: the actors that send partitions, and the one that hands out the account's rate."""

from asyncio import Future, Task, create_task, get_running_loop, sleep
from collections.abc import Sequence
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from attrs import frozen

from aiotalonone.bulk.cluster.connection import Connection
from aiotalonone.bulk.cluster.partitions import ToRecord, records_of
from aiotalonone.bulk.cluster.store import JobStore
from aiotalonone.bulk.concurrency import Stop
from aiotalonone.bulk.pace import Pace, Schedule
from aiotalonone.bulk.partition import PartitionResult, sync_profiles

if TYPE_CHECKING:
    from aiotalonone.client import AsyncIntegrationClient

HORIZON: Final = 0.25
"""Seconds for which an actor reserves starts: what it takes along when it dies is lost to the others."""


@frozen
class Plan:
    """What each actor is told. It holds no secret."""

    connection: Connection
    run: str
    store: JobStore | None
    to_record: ToRecord
    redact: bool
    concurrency: int


@frozen
class Failure:
    """Why an actor did not finish a partition, or cannot work at all."""

    error: Exception


class PaceKeeper:
    """An actor that knows the rate of the account, and gives each worker its starts."""

    def __init__(self, rate: float) -> None:
        self._schedule = Schedule(rate)
        self._at_once = max(1, ceil(rate * HORIZON))

    def reserve(self, number: int) -> Sequence[float]:
        """Return in how many seconds each of some requests may start, or of the first of them."""
        return self._schedule.reserve(min(number, self._at_once), monotonic())

    def back_off(self, seconds: float | None) -> None:
        """Lower the rate for all: the API is overloaded, and may ask to be left alone for some seconds."""
        self._schedule.back_off(seconds, monotonic())


class SharedPace:
    """A worker's share of the rate: one question to the keeper for all requests that wait meanwhile."""

    def __init__(self, keeper: Any) -> None:
        self._keeper = keeper
        self._waiting: list[Future[float]] = []
        self._asking: Task[None] | None = None

    async def acquire(self) -> None:
        """Wait until a request may start.

        Raises:
            RayError: The keeper is gone.
        """
        start: Future[float] = get_running_loop().create_future()
        self._waiting.append(start)
        if self._asking is None:
            self._asking = create_task(self._ask())
        await sleep(await start - monotonic())

    def back_off(self, seconds: float | None) -> None:
        """Tell the keeper that the API is overloaded."""
        self._keeper.back_off.remote(seconds)

    async def _ask(self) -> None:
        try:
            while self._waiting:
                delays = await self._keeper.reserve.remote(len(self._waiting))
                now = monotonic()
                given, self._waiting = self._waiting[: len(delays)], self._waiting[len(delays) :]
                for start, delay in zip(given, delays, strict=True):
                    if not start.done():  # or its job has stopped
                        start.set_result(now + delay)
                if self._waiting:
                    await sleep(delays[-1])
        except Exception as error:  # noqa: BLE001 - each of them raises it
            for start in self._waiting:
                if not start.done():
                    start.set_exception(error)
            self._waiting.clear()
        finally:
            self._asking = None


class Worker:
    """An actor with a client of its own, which sends partitions."""

    def __init__(self, plan: Plan, keeper: Any) -> None:
        self._plan = plan
        self._pace: Pace | None = None if keeper is None else SharedPace(keeper)
        self._stop = Stop()
        self._client: AsyncIntegrationClient | None = None

    async def open(self) -> Failure | None:
        """Open the client; return why this is not possible, or ``None``."""
        try:
            self._client = await self._plan.connection.client().open()
        except (OSError, TypeError, ValueError) as error:
            return Failure(error)
        return None

    async def sync(self, name: str, table: pa.Table) -> PartitionResult | Failure:
        """Send a partition; rejects tell the positions of their rows in the whole source."""
        plan, client = self._plan, self._client
        if client is None:
            raise RuntimeError("open comes first")
        try:
            records, positions = records_of(table, plan.to_record)
            result = await sync_profiles(
                records,
                client,
                key=f"{plan.run}/{name}",
                store=plan.store,
                pace=self._pace,
                stop=self._stop,
                redact=plan.redact,
                concurrency=plan.concurrency,
            )
        except Exception as error:  # noqa: BLE001 - the driver raises it
            return Failure(error)
        rejects = [{**reject, "position": positions[reject["position"]]} for reject in result.rejects]
        return PartitionResult(result.report, rejects)

    def stop(self) -> None:
        """Start no further request; the partitions in flight end early."""
        self._stop.request()

    async def close(self) -> None:
        """Close the client."""
        if self._client is not None:
            await self._client.aclose()
