"""The whole way of a call: deadline, lane, attempts. In this order, so that one deadline spans everything."""

from asyncio import CancelledError
from collections.abc import Sequence

import httpx
from attrs import define

from aiotalonone.errors import DeadlineExceededError, TransportError
from aiotalonone.pipeline.budget import RetryBudget
from aiotalonone.pipeline.contract import Exchange, Middleware, Proceed, chain, is_around_whole_call
from aiotalonone.pipeline.deadline import CallsInFlight, Cut
from aiotalonone.pipeline.lanes import Lanes
from aiotalonone.pipeline.log import log_call
from aiotalonone.pipeline.retry import Retry
from aiotalonone.settings import RetryPolicy


@define
class Way:
    """What every call passes through."""

    in_flight: CallsInFlight
    lanes: Lanes | None
    attempts: Proceed

    async def run(self, exchange: Exchange) -> httpx.Response:
        """The last answer, of whatever status.

        Raises:
            TransportError: None came, or the call was cut short.
        """
        if cut := self.in_flight.refusal(exchange.deadline):
            raise _error_of(cut, exchange)
        flight = self.in_flight.start(exchange.deadline)
        try:
            lane = exchange.call.lane
            if lane is None or self.lanes is None:
                return await self.attempts(exchange)
            if not self.lanes.try_enter(lane):
                await self.lanes.enter(lane)
            try:
                return await self.attempts(exchange)
            finally:
                self.lanes.leave(lane)
        except CancelledError:
            if cut := flight.cut_alone:
                raise _error_of(cut, exchange) from None
            raise
        finally:
            self.in_flight.finish(flight)


def the_way(
    send: Proceed,
    *,
    middleware: Sequence[Middleware],
    retry: RetryPolicy,
    budget: RetryBudget,
    in_flight: CallsInFlight,
    lanes: Lanes | None,
) -> Proceed:
    """The way of a client's calls: steps around the call, ``Way``, retry, steps around each attempt, the wire."""
    around_attempts = [step for step in middleware if not is_around_whole_call(step)]
    around_calls = [step for step in middleware if is_around_whole_call(step)]
    attempts = Retry(retry, budget, chain(around_attempts, send)).run
    return chain([log_call, *around_calls], Way(in_flight, lanes, attempts).run)


def _error_of(cut: Cut, exchange: Exchange) -> TransportError:
    kind = DeadlineExceededError if cut is Cut.DEADLINE else TransportError
    return kind(cut.value, operation_id=exchange.operation.operation_id, outcome=exchange.outcome)
