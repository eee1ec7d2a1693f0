"""What the ending of an attempt means: whether another one may follow, and what became of the call."""

from enum import Enum
from http import HTTPStatus
from typing import Final

from aiotalonone.errors import Outcome
from aiotalonone.operation import Repeat


class Phase(Enum):
    """How far an attempt came."""

    NOTHING_WRITTEN = "no byte of the request left"
    WRITTEN = "bytes of the request may have left"
    ANSWERED = "the head of an answer came"


_CERTAINTY: Final = (Outcome.NOT_SENT, Outcome.REJECTED, Outcome.UNKNOWN, Outcome.APPLIED)


def may_repeat(
    repeat: Repeat, phase: Phase, status: int | None, attempt: int, *, attempts: int, one_at_a_time: bool
) -> bool:
    """Whether an attempt that failed may be followed by another.

    Args:
        repeat: What a repetition of the call does.
        phase: How far the attempt came.
        status: The answer's status, of failure; ``None`` where no whole answer came.
        attempt: The attempt's number, from 1.
        attempts: How many there may be.
        one_at_a_time: Whether 409 means that others are updating the same session or profile, which passes.
    """
    if attempt >= attempts:
        return False
    if phase is Phase.NOTHING_WRITTEN or status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    if status == HTTPStatus.CONFLICT:
        return one_at_a_time
    failed_midway = status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return failed_midway and repeat is not Repeat.ONCE


def outcome_of(phase: Phase, status: int | None) -> Outcome:
    """What became of one attempt; ``status`` as above, or of success."""
    if phase is Phase.NOTHING_WRITTEN:
        return Outcome.NOT_SENT
    if phase is Phase.WRITTEN:
        return Outcome.UNKNOWN
    if status is None or HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome.APPLIED
    return Outcome.UNKNOWN if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Outcome.REJECTED


def outcome_of_both(earlier: Outcome, later: Outcome) -> Outcome:
    """What became of a call of several attempts: a refusal does not undo what an attempt before it may have done."""
    return max(earlier, later, key=_CERTAINTY.index)
