"""The outcome of an attempt, and of a call of several attempts."""

from typing import Final

from aiotalonone.errors import Outcome
from aiotalonone.transport.progress import RequestProgress

_OUTCOME_PRECEDENCE: Final = {
    outcome: rank for rank, outcome in enumerate((Outcome.NOT_SENT, Outcome.REJECTED, Outcome.UNKNOWN, Outcome.APPLIED))
}
_GATEWAY_GAVE_UP: Final = frozenset({408, 499})
"""Statuses of gateways that stopped waiting; the API may have carried the request out all the same."""


def is_success(status: int) -> bool:
    """Return whether a status means that the API carried the request out."""
    return 200 <= status < 300  # noqa: PLR2004 - plain numbers: this is asked for every response


def response_outcome(status: int) -> Outcome:
    """Return what became of a request, given the status of its response."""
    if is_success(status):
        return Outcome.APPLIED
    return Outcome.UNKNOWN if status >= 500 or status in _GATEWAY_GAVE_UP else Outcome.REJECTED  # noqa: PLR2004


def attempt_outcome(progress: RequestProgress) -> Outcome:
    """Return what is known of an attempt, whatever it failed with; unobserved, it counts as written."""
    if progress.status is not None:
        return response_outcome(progress.status)
    return Outcome.UNKNOWN if progress.written or not progress.observed else Outcome.NOT_SENT


def combine_outcomes(earlier: Outcome, later: Outcome) -> Outcome:
    """Return what became of a call of several attempts: a rejection undoes no earlier attempt."""
    if earlier is later or _OUTCOME_PRECEDENCE[earlier] > _OUTCOME_PRECEDENCE[later]:
        return earlier
    return later
