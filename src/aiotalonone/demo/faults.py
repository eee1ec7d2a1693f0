"""What goes wrong on purpose, and what of it came true.

The script keeps to what a client can make good: an operation that may act twice when it is sent twice meets only
answers which say that nothing was done.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import httpx
from attrs import define, field

from aiotalonone.pipeline import CallNext, Exchange

FaultFile = Sequence[Mapping[str, Any]]
"""As the sandbox takes it; see docs/sandbox.md."""

Met = Mapping[str, Mapping[str, int]]
"""By operation and by fault: how many calls have met it."""

_REFUSALS: Final = ("status429", "status429Seconds")
_LOSSES: Final = ("refuse", "dropBeforeReading", "dropAfterCommit", "halfABody", "status500", "status502", "status503")
_CONFLICT: Final = ("status409",)

_OFTEN: Final[Mapping[str, Sequence[str]]] = {
    "updateCustomerProfileV2": _REFUSALS + _LOSSES + _CONFLICT,
    "createCouponReservation": _REFUSALS + _LOSSES,
    "updateCustomerSessionV2": _REFUSALS + _LOSSES + _CONFLICT,
    "getReservedCustomers": _REFUSALS + _LOSSES,
    "getCustomerInventory": _REFUSALS + _LOSSES,
    "deleteCouponReservation": _REFUSALS + _LOSSES,
    "trackEvent": _REFUSALS,
}
_ONCE: Final[Mapping[str, Sequence[str]]] = {
    "updateCustomerProfilesV2": ("dropAfterCommit", "status429Seconds"),
    "updateCustomerProfileAudiences": ("halfABody", "status503"),
    "updateCustomerProfile": ("status409", "dropAfterCommit"),
    "updateCustomerSession": _REFUSALS,
    "createReferral": _REFUSALS,
    "createReferralsForMultipleAdvocates": _REFUSALS,
    "deleteCustomerData": ("dropAfterCommit", "refuse"),
}
"""Two at most, from the first call on: even one that meets both has a third attempt."""

_APART: Final = 15  # calls between two faults, so that a repetition does not meet the next one
_MOST_CALLS: Final = 5_000
_SECONDS_AFTER: Final = {"createReferral": 1}
"""How long Retry-After asks to wait, where it is not no time at all."""


def _script() -> Iterator[Mapping[str, Any]]:
    for operation, faults in _OFTEN.items():
        for place, fault in enumerate(faults, 1):
            yield _entry(operation, fault, range(place * _APART, _MOST_CALLS, len(faults) * _APART))
    for operation, faults in _ONCE.items():
        for place, fault in enumerate(faults, 1):
            yield _entry(operation, fault, [place])


def _entry(operation: str, fault: str, calls: Sequence[int]) -> Mapping[str, Any]:
    seconds = _SECONDS_AFTER.get(operation, 0)
    return {"operationId": operation, "fault": fault, "calls": list(calls), "seconds": seconds}


FAULTS: Final[FaultFile] = tuple(_script())


@define
class Repetitions:
    """A middleware that counts the attempts beyond each call's first."""

    number: int = 0

    async def __call__(self, exchange: Exchange, call_next: CallNext) -> httpx.Response:
        """Counts, and sends."""
        self.number += exchange.attempts > 0
        return await call_next(exchange)


@define
class Trouble:
    """What went wrong in one run."""

    met: Met = field(factory=dict)
    repetitions: Repetitions = field(factory=Repetitions)

    @property
    def by_fault(self) -> dict[str, Counter[str]]:
        """The same, by fault and by operation, the most frequent first."""
        counted: dict[str, Counter[str]] = {}
        for operation, faults in self.met.items():
            for fault, number in faults.items():
                counted.setdefault(fault, Counter())[operation] += number
        return dict(sorted(counted.items(), key=lambda item: -item[1].total()))

    def missed(self, script: FaultFile) -> list[str]:
        """What was scripted and did not happen, each in a sentence."""
        wanted = [(entry["operationId"], entry["fault"]) for entry in script]
        return [f"{fault} did not happen to {name}" for name, fault in wanted if not self.met.get(name, {}).get(fault)]
