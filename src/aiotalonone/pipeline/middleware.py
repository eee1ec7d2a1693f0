"""What a middleware is given, and what it gives back."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial, reduce
from typing import Any

import httpx
from attrs import define, field

from aiotalonone.call import Call
from aiotalonone.errors import MiddlewareError, Outcome, TalonOneError
from aiotalonone.operation import Operation
from aiotalonone.pipeline.outcome import attempt_outcome, combine_outcomes
from aiotalonone.transport.progress import PROGRESS, RequestProgress


@define(eq=False)
class Exchange:
    """One call in flight: what is called, the request that is sent for it, and how far it has come."""

    call: Call[Any]
    """What the caller asked for."""
    request: httpx.Request = field(repr=False)
    """What is sent: it holds the API key and personal data."""
    started: float
    """On the event loop's clock, in seconds; so is the deadline."""
    deadline: float
    """When the call ends at the latest; infinity if it has no deadline."""
    attempts: int = 0
    """How many have started."""
    retry_budget_exhausted: bool = False
    """Whether a retry was left out since the client had made too many."""
    status: int | None = None
    """Status of the final response; ``None`` until there is one."""
    elapsed: float = 0.0
    """Seconds from the start of the call to its end."""
    circuit_states: tuple[str, ...] = ()
    """States that the client's circuit breaker entered because of this call, in order."""
    earlier_outcome: Outcome = Outcome.NOT_SENT
    """What is known of all attempts but the latest, and of the call that this one resumes."""
    _progress: RequestProgress | None = field(init=False, default=None, repr=False)
    _done_callbacks: "list[DoneCallback]" = field(init=False, factory=list, repr=False)

    @property
    def operation(self) -> Operation[Any]:
        """What is called."""
        return self.call.operation

    @property
    def outcome(self) -> Outcome:
        """What is known of the call so far, as observed at the wire; it never becomes lower."""
        return combine_outcomes(self.earlier_outcome, self.attempt_outcome)

    @property
    def attempt_outcome(self) -> Outcome:
        """What is known of the latest attempt alone."""
        return Outcome.NOT_SENT if self._progress is None else attempt_outcome(self._progress)

    def raise_outcome(self, outcome: Outcome) -> None:
        """Note that more may have become of the call than a transport observed; what is known is never lowered."""
        self.earlier_outcome = combine_outcomes(self.earlier_outcome, outcome)

    def add_done_callback(self, callback: "DoneCallback") -> None:
        """Have a function called when the call is over, its response decoded."""
        self._done_callbacks.append(callback)

    def start_attempt(self) -> RequestProgress:
        """Return where the transport notes how far the next attempt comes."""
        progress = RequestProgress(self.deadline)
        if (earlier := self._progress) is not None:
            self.earlier_outcome = self.outcome
            progress.needs_fresh_connection = earlier.reused_connection or earlier.needs_fresh_connection
        self.attempts += 1
        self._progress = self.request.extensions[PROGRESS] = progress
        return progress

    def end(self, failure: BaseException | None, now: float) -> None:
        """Complete the failure, if it is this call's, and report the end of the call."""
        self.elapsed = now - self.started
        if isinstance(failure, TalonOneError):
            self._annotate_error(failure)
        for callback in self._done_callbacks:
            try:
                callback(self, failure)
            except Exception as error:  # noqa: BLE001 - the call has ended: its result stands
                from asyncio import get_running_loop  # noqa: PLC0415 - not with the package

                context = {"message": f"a done callback of {self.operation.operation_id} failed", "exception": error}
                get_running_loop().call_exception_handler(context)

    @staticmethod
    def is_foreign(failure: BaseException) -> bool:
        """Return whether a failure is a middleware's own, or that of another call within it.

        The failed assertion of a test is the test's.
        """
        if isinstance(failure, TalonOneError):
            return is_of_another_call(failure)
        return isinstance(failure, Exception) and not isinstance(failure, AssertionError)

    def end_in_middleware(self, failure: BaseException, now: float) -> MiddlewareError:
        """End the call in an error of ours, so that the caller hears its outcome; return that error."""
        summary = f"a middleware raised {type(failure).__name__}"
        error = MiddlewareError(summary, self.operation.operation_id, self.outcome)
        self.end(error, now)
        return error

    def _annotate_error(self, error: TalonOneError) -> None:
        """Let the error that the call ends in describe the whole call."""
        if (outcome := combine_outcomes(self.outcome, error.outcome)) is not error.outcome:
            error.outcome = outcome
        error.attempts = self.attempts
        error.idempotency_key = self.call.idempotency_key
        error.elapsed = self.elapsed
        error.retry_budget_exhausted = self.retry_budget_exhausted
        error.call = self.call


def is_of_another_call(error: TalonOneError) -> bool:
    """Return whether an error, met within a call, has ended another one: a middleware may make calls of its own."""
    return error.call is not None


DoneCallback = Callable[[Exchange, BaseException | None], None]
"""Called at the end of a call with its failure, a cancellation included, or with ``None`` if it has a result."""

CallNext = Callable[[Exchange], Awaitable[httpx.Response]]
"""The rest of the pipeline: sends the exchange, returns the whole response of any status or raises TransportError."""

Middleware = Callable[[Exchange, CallNext], Awaitable[httpx.Response]]
"""Acts before and after ``call_next(exchange)``, which it may call again, or not at all."""


def chain(middleware: Sequence[Middleware], last: CallNext) -> CallNext:
    """Return the whole chain: the first middleware is the outermost, ``last`` sends."""
    return reduce(lambda call_next, step: partial(_step, step, call_next), reversed(middleware), last)


def _step(step: Middleware, call_next: CallNext, exchange: Exchange) -> Awaitable[httpx.Response]:
    return step(exchange, call_next)
