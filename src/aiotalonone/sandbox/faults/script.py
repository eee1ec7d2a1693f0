"""Faults as a script: which call of which operation meets which one."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from enum import Enum
from math import isfinite

from attrs import define, field


class Fault(Enum):
    """What can go wrong with a request; the value is the name in JSON."""

    REFUSE = "refuse"
    """The connection is reset, as if nobody had read from it."""
    DROP_BEFORE_READING = "dropBeforeReading"
    """The connection closes; nothing is applied."""
    NEVER_ANSWER = "neverAnswer"
    """Nothing is applied and nothing is answered, for as long as the client waits."""
    DROP_AFTER_COMMIT = "dropAfterCommit"
    """The request is applied, and the connection closes without an answer."""
    HALF_A_BODY = "halfABody"
    """Applied; the connection closes in the middle of the answer's body, or without an answer where it has none."""
    TRICKLE = "trickle"
    """Applied; the body comes in pieces of a few bytes, with a pause after each."""
    WRONG_CONTENT_LENGTH = "wrongContentLength"
    """Applied; the headers promise half of the body, and the rest follows nevertheless."""
    NOT_JSON = "notJson"
    """Applied; the answer is a web page with status 200."""
    SLOW_COMMIT = "slowCommit"
    """Applied after a pause in which the operation keeps its lane, then answered."""
    STATUS_307 = "status307"
    """Sent on to another host; nothing is applied, as with every status below."""
    STATUS_409 = "status409"
    STATUS_429 = "status429"
    """Without a word on when to come back."""
    STATUS_429_SECONDS = "status429Seconds"
    """With the seconds in ``Retry-After``."""
    STATUS_429_DATE = "status429Date"
    """With an HTTP date in ``Retry-After``."""
    STATUS_500 = "status500"
    STATUS_502 = "status502"
    STATUS_503 = "status503"


@define(frozen=True)
class Script:
    """A fault and the calls of an operation that meet it."""

    operation_id: str
    fault: Fault
    calls: Collection[int] = (1,)
    """Their numbers, from 1 for the first call after the script is added."""
    every: int | None = None
    """Every so many calls, in place of numbers."""
    seconds: float = 1.0
    """How long the fault pauses, or asks the client to wait."""

    def __attrs_post_init__(self) -> None:
        if not self.calls or min(self.calls) < 1:
            raise ValueError("calls must be numbers from 1")
        if self.every is not None and self.every < 1:
            raise ValueError("every must be at least 1")
        if not isfinite(self.seconds) or self.seconds < 0:
            raise ValueError("seconds must be at least 0")

    def concerns(self, call: int) -> bool:
        """Whether the call of this number meets the fault."""
        return call in self.calls if self.every is None else call % self.every == 0


@define(frozen=True)
class Happening:
    """A fault that a call has met."""

    operation_id: str
    fault: Fault
    call: int
    """The call's number, as its script counts."""


@define
class _Counted:
    script: Script
    calls: int = 0

    def is_due(self) -> bool:
        """Counts one more call, and says whether it meets the fault."""
        self.calls += 1
        return self.script.concerns(self.calls)


@define
class Faults:
    """The faults that are to happen, and those that have.

    Each call meets one fault at most: where two are due, the one that was added first.
    """

    operation_ids: Collection[str] = field(repr=False)
    """The operations that faults can be scripted for."""
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Awaited with a number of seconds for every pause, so that a test decides how long that takes."""
    happened: list[Happening] = field(factory=list, init=False)
    """Every fault that a call has met, in order."""
    _scripts: list[_Counted] = field(factory=list, init=False)

    def add(
        self,
        operation_id: str,
        fault: Fault,
        *,
        calls: Collection[int] = (1,),
        every: int | None = None,
        seconds: float = 1.0,
    ) -> None:
        """Scripts a fault, by default for the next call.

        Args:
            operation_id: The operation that it befalls.
            fault: What goes wrong.
            calls: Which calls meet it, 1 for the next.
            every: Every so many calls, in place of ``calls``.
            seconds: How long the fault pauses, or asks the client to wait.

        Raises:
            ValueError: There is no such operation, or a number is out of range.
        """
        self._add(Script(operation_id, fault, calls, every, seconds))

    def drop_after_commit(self, operation_id: str, *, calls: Collection[int] = (1,), every: int | None = None) -> None:
        """Scripts the loss of an answer: the request is applied, and the connection closes.

        Raises:
            ValueError: There is no such operation, or a number is out of range.
        """
        self.add(operation_id, Fault.DROP_AFTER_COMMIT, calls=calls, every=every)

    def replace(self, scripts: Iterable[Script]) -> None:
        """Puts these scripts in the place of all others.

        Raises:
            ValueError: There is no such operation.
        """
        self.clear()
        for script in scripts:
            self._add(script)

    def clear(self) -> None:
        """Forgets what is still to happen."""
        self._scripts.clear()

    def meet(self, operation_id: str) -> Script | None:
        """Counts a call of an operation and hands out the script whose fault it meets."""
        due = [one for one in self._scripts if one.script.operation_id == operation_id and one.is_due()]
        if not due:
            return None
        script = due[0].script
        self.happened.append(Happening(operation_id, script.fault, due[0].calls))
        return script

    def _add(self, script: Script) -> None:
        if script.operation_id not in self.operation_ids:
            raise ValueError(f"there is no operation {script.operation_id!r}")
        self._scripts.append(_Counted(script))
