"""What runs on the cluster: the actors that send partitions, and the one that hands out the account's rate."""

import pickle
from asyncio import Future, Lock, Task, create_task, current_task, get_running_loop, sleep, wait
from collections.abc import Sequence
from time import monotonic
from traceback import format_exception
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from aiotalonone.bulk.checkpoint import CheckpointError
from aiotalonone.bulk.cluster.plan import Plan
from aiotalonone.bulk.cluster.rows import Partition
from aiotalonone.bulk.cluster.send import PartitionResult
from aiotalonone.bulk.concurrency import AdaptiveConcurrency, Stop
from aiotalonone.bulk.pace import Pace, Schedule
from aiotalonone.errors import TalonOneError

if TYPE_CHECKING:
    from aiotalonone.client import AsyncIntegrationClient

HORIZON: Final = 0.1
"""Seconds for which starts are handed out ahead, half of them at once: a worker that dies takes no more of the rate
along, and all workers notice soon that the API is overloaded."""
_TOLD: Final = (CheckpointError, OSError, TalonOneError)
"""Errors that need no traceback of the worker."""


@frozen
class Failure:
    """Why an actor did not finish a partition, or cannot work at all."""

    error: Exception
    cause: BaseException | None = None
    """Its ``__cause__``, which pickle leaves out."""

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        """Return an error in a form that reaches the driver."""
        if not isinstance(error, _TOLD):
            error.add_note(f"On the worker:\n{''.join(format_exception(error))}")
        if not _is_portable(error):
            portable = RuntimeError(f"{type(error).__name__}: {error}")
            portable.__notes__ = error.__notes__ if hasattr(error, "__notes__") else []
            return cls(portable)
        return cls(error, error.__cause__ if _is_portable(error.__cause__) else None)


class PaceKeeper:
    """An actor that knows the rate of the account, and gives each worker its starts, first come, first served."""

    def __init__(self, rate: float) -> None:
        self._schedule = Schedule(rate)
        self._at_once = max(1, int(rate * HORIZON / 2))
        self._turn = Lock()

    async def reserve(self, number: int) -> Sequence[float]:
        """Wait until the time that is handed out comes to an end, and return in how many seconds requests may start.

        They are the first of a number of requests; the others ask again.
        """
        async with self._turn:
            while (ahead := self._schedule.ahead(monotonic())) > HORIZON:  # noqa: ASYNC110 - no event: time
                await sleep(ahead - HORIZON)
            return self._schedule.reserve(min(number, self._at_once), monotonic())

    async def back_off(self, seconds: float | None) -> None:
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
                waiting = [start for start in self._waiting if not start.done()]  # the others' jobs have stopped
                self._waiting = waiting[len(delays) :]
                for start, delay in zip(waiting, delays, strict=False):
                    start.set_result(now + delay)
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
        self._limit = AdaptiveConcurrency(plan.concurrency, self._pace, self._stop)
        self._client: AsyncIntegrationClient | None = None
        self._sending: set[Task[Any]] = set()

    async def open(self) -> Failure | None:
        """Open the client; return why this is not possible, or ``None``."""
        try:
            self._client = await self._plan.connection.client().open()
        except Exception as error:  # noqa: BLE001 - the driver raises it
            return Failure.of(error)
        return None

    async def sync(self, partition: Partition, *, may_reject_all: bool) -> PartitionResult | Failure:
        """Send a partition."""
        if self._client is None:
            raise RuntimeError("open comes first")
        if task := current_task():
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        try:
            return await self._plan.send(partition, self._client, self._limit, may_reject_all=may_reject_all)
        except Exception as error:  # noqa: BLE001 - the driver raises it
            return Failure.of(error)

    async def stop(self) -> None:
        """Start no further request; the partitions in flight end early."""
        self._stop.request()

    async def close(self) -> None:
        """Let the partitions in flight end early, and close the client."""
        self._stop.request()
        if self._sending:
            await wait(self._sending)
        if self._client is not None:
            await self._client.aclose()


def _is_portable(error: BaseException | None) -> bool:
    """Return whether an error can be sent to another process, and read there."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - what was written just now
    except Exception:  # noqa: BLE001 - whatever the class of the error does
        return False
    return True
