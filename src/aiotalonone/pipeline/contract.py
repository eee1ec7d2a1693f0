"""What a middleware is given, and what it gives back."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial, reduce
from typing import Any

import httpx
from attrs import define, field

from aiotalonone.call import Call
from aiotalonone.errors import Outcome, TalonOneError
from aiotalonone.operation import Operation
from aiotalonone.pipeline.decision import outcome_of_both


@define(eq=False)
class Exchange:
    """One call on its way: what is called, the request that is sent for it, and how far it has come."""

    call: Call[Any]
    request: httpx.Request = field(repr=False)
    started: float
    """On the event loop's clock, in seconds; so is the deadline."""
    deadline: float
    attempts: int = 0
    """How many have begun."""
    outcome: Outcome = Outcome.NOT_SENT
    """What became of the call, after all attempts that have ended."""
    retry_budget_exhausted: bool = False
    status: int | None = None
    """Of the answer that the call came to, of whatever status; ``None`` as long as there is none."""
    elapsed: float = 0.0
    """Seconds from the begin of the call to its end."""
    _listeners: list["Listener"] = field(init=False, factory=list, repr=False)

    @property
    def operation(self) -> Operation[Any]:
        """What is called."""
        return self.call.operation

    def at_end(self, listener: "Listener") -> None:
        """Have a function called when the call is over, its answer read."""
        self._listeners.append(listener)

    def end(self, failure: BaseException | None, now: float) -> None:
        """The call is over: with a result, or with a failure, which is completed before anyone hears of it."""
        self.elapsed = now - self.started
        if isinstance(failure, TalonOneError):
            self._complete(failure)
        for listener in self._listeners:
            listener(self, failure)

    def _complete(self, error: TalonOneError) -> None:
        """Let the error that the call ends in tell of the whole call."""
        error.outcome = outcome_of_both(self.outcome, error.outcome)
        error.attempts = self.attempts
        error.idempotency_key = self.call.idempotency_key
        error.elapsed = self.elapsed
        error.retry_budget_exhausted = self.retry_budget_exhausted
        error.call = self.call

    def came_to(self, outcome: Outcome) -> None:
        """Note what became of an attempt."""
        self.outcome = outcome_of_both(self.outcome, outcome)


Listener = Callable[[Exchange, BaseException | None], None]
"""Told of the end of a call: of what it failed with, a cancellation included, or ``None`` where it has a result."""

Proceed = Callable[[Exchange], Awaitable[httpx.Response]]
"""The rest of the way: sends the exchange and returns the whole answer of any status, or raises TransportError."""

Middleware = Callable[[Exchange, Proceed], Awaitable[httpx.Response]]
"""One step of the way: does its part before and after ``proceed(exchange)``, which it may call again, or not at all.

It is taken for every attempt; one whose attribute ``whole_call`` is true, once for the call with all of them.
"""


def is_around_whole_call(step: Middleware) -> bool:
    """Whether a step is taken once for a call, rather than for each attempt."""
    return bool(getattr(step, "whole_call", False))


def chain(steps: Sequence[Middleware], last: Proceed) -> Proceed:
    """The whole way: the first step is the outermost, ``last`` the one that sends."""
    return reduce(lambda rest, step: partial(_step, step, rest), reversed(steps), last)


def _step(step: Middleware, rest: Proceed, exchange: Exchange) -> Awaitable[httpx.Response]:
    return step(exchange, rest)
