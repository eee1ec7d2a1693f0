"""The script of faults: which call of which operation meets which fault."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable
from enum import Enum

from attrs import define, evolve, field

MAX_TRIGGERED = 10_000
"""Faults to remember: a server that runs for long plays any number of them."""
MAX_SECONDS = 31_536_000
CALLS_OR_EVERY = "calls and every say which calls it is: give one of them"


class Fault(Enum):
    """What can go wrong with a request; the value is the name in JSON."""

    RESET = "reset"
    """The connection is reset, as if the request had not been read."""
    DROP_BEFORE_READING = "dropBeforeReading"
    """The connection closes; nothing is applied."""
    NO_RESPONSE = "noResponse"
    """Nothing is applied, and no response is sent for as long as the client waits."""
    DROP_AFTER_COMMIT = "dropAfterCommit"
    """The request is applied, and the connection closes without a response."""
    HALF_A_BODY = "halfABody"
    """Applied; the connection closes within the response's body, or without a response if it has no body."""
    TRICKLE = "trickle"
    """Applied; the body is sent in pieces of a few bytes, with a pause after each."""
    WRONG_CONTENT_LENGTH = "wrongContentLength"
    """Applied; the headers announce half of the body, and all of it is sent."""
    NOT_JSON = "notJson"
    """Applied; the response is a web page with status 200."""
    SLOW_COMMIT = "slowCommit"
    """Applied after a pause in which the operation holds its profile and session."""
    STATUS_307 = "status307"
    """A redirect to another host; nothing is applied, as with every status below."""
    STATUS_409 = "status409"
    STATUS_429 = "status429"
    """429 without a ``Retry-After`` header."""
    STATUS_429_SECONDS = "status429Seconds"
    """429 with seconds in ``Retry-After``."""
    STATUS_429_DATE = "status429Date"
    """429 with an HTTP date in ``Retry-After``."""
    STATUS_500 = "status500"
    STATUS_502 = "status502"
    STATUS_503 = "status503"


@define(frozen=True)
class FaultRule:
    """A fault and the calls of an operation that meet it."""

    operation_id: str
    """The operation whose calls are counted."""
    fault: Fault
    """What is done to them."""
    calls: Collection[int] = (1,)
    """Numbers of the calls, 1 for the first call after the rule is added."""
    every: int | None = None
    """Distance between the calls, in place of their numbers: 2 for every other call."""
    seconds: float = 1.0
    """How long the fault pauses, or asks the client to wait."""

    def __attrs_post_init__(self) -> None:
        if not self.calls or min(self.calls) < 1:
            raise ValueError("calls must be numbers from 1")
        if self.every is not None and self.every < 1:
            raise ValueError("every must be at least 1")
        if self.every is not None and tuple(self.calls) != (1,):
            raise ValueError(CALLS_OR_EVERY)
        if not 0 <= self.seconds <= MAX_SECONDS:  # NaN is neither
            raise ValueError(f"seconds must be from 0 to {MAX_SECONDS}, a year")

    def matches(self, call: int) -> bool:
        """Return whether the call of this number meets the fault."""
        return call in self.calls if self.every is None else call % self.every == 0


@define(frozen=True)
class TriggeredFault:
    """A fault that a call has met."""

    operation_id: str
    """The operation that was called."""
    fault: Fault
    """What was done to it."""
    call: int
    """Number of the call, counted since the fault was added."""


@define
class _CountedRule:
    rule: FaultRule
    calls: int = 0

    def count(self) -> bool:
        """Count one more call, and return whether it meets the fault."""
        self.calls += 1
        return self.rule.matches(self.calls)

    def rest(self) -> FaultRule | None:
        """Return what is still to be played, its calls counted from now; None if that is nothing."""
        if self.rule.every is not None:
            return self.rule
        calls = tuple(call - self.calls for call in self.rule.calls if call > self.calls)
        return evolve(self.rule, calls=calls) if calls else None


@define
class Faults:
    """The faults to play, and those that were triggered.

    Each call meets one fault at most; if two are due, the one that was added first.
    """

    operation_ids: Collection[str] = field(repr=False)
    """Operations that faults can be added for."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Awaited with a number of seconds for every pause; a test may replace it."""
    triggered: list[TriggeredFault] = field(factory=list, init=False)
    """The faults that calls have met, in order; the last 10,000 of them."""
    counts: Counter[tuple[str, Fault]] = field(factory=Counter, init=False)
    """How many calls of an operation have met a fault, by both."""
    _rules: list[_CountedRule] = field(factory=list, init=False)

    def add(
        self,
        operation_id: str,
        fault: Fault,
        *,
        calls: Collection[int] = (1,),
        every: int | None = None,
        seconds: float = 1.0,
    ) -> None:
        """Add a fault, by default for the next call.

        Args:
            operation_id: The operation whose calls meet it.
            fault: What goes wrong.
            calls: Numbers of the calls that meet it, 1 for the next one.
            every: Distance between the calls, in place of ``calls``: 2 for every other call.
            seconds: How long the fault pauses, or asks the client to wait.

        Raises:
            ValueError: There is no such operation, or a number is out of range.
        """
        self._add(FaultRule(operation_id, fault, calls, every, seconds))

    def drop_after_commit(self, operation_id: str, *, calls: Collection[int] = (1,), every: int | None = None) -> None:
        """Add the loss of a response: the request is applied, and the connection closes.

        Raises:
            ValueError: There is no such operation, or a number is out of range.
        """
        self.add(operation_id, Fault.DROP_AFTER_COMMIT, calls=calls, every=every)

    def extend(self, rules: Iterable[FaultRule]) -> None:
        """Add faults; those that are there already keep their counts.

        Raises:
            ValueError: There is no such operation.
        """
        for rule in rules:
            self._add(rule)

    def replace(self, rules: Iterable[FaultRule]) -> None:
        """Replace all faults.

        Raises:
            ValueError: There is no such operation.
        """
        self.clear()
        self.extend(rules)

    def clear(self) -> None:
        """Remove the faults that are still to be played."""
        self._rules.clear()

    def restart(self, rules: Iterable[FaultRule]) -> None:
        """Replace all faults, and forget those that were triggered."""
        self.replace(rules)
        self.triggered.clear()
        self.counts.clear()

    @property
    def pending(self) -> list[FaultRule]:
        """The faults that are still to be played, their calls counted from now."""
        return [rest for one in self._rules if (rest := one.rest()) is not None]

    def next_fault(self, operation_id: str) -> FaultRule | None:
        """Count a call of an operation, and return the rule whose fault it meets."""
        due = [one for one in self._rules if one.rule.operation_id == operation_id and one.count()]
        if not due:
            return None
        rule = due[0].rule
        self.triggered.append(TriggeredFault(operation_id, rule.fault, due[0].calls))
        del self.triggered[:-MAX_TRIGGERED]
        self.counts[operation_id, rule.fault] += 1
        return rule

    def _add(self, rule: FaultRule) -> None:
        if rule.operation_id not in self.operation_ids:
            raise ValueError(f"there is no operation {rule.operation_id!r}")
        self._rules.append(_CountedRule(rule))
