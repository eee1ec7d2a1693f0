"""Faults that are injected on purpose, and how often each was triggered.

An operation that is unsafe to retry meets only responses which say that nothing was done: a client can recover from
all of them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import httpx
from attrs import define, field

from aiotalonone.pipeline import CallNext, Exchange

FaultFile = Sequence[Mapping[str, Any]]
"""As the sandbox takes it; see docs/sandbox.md."""

TriggeredFaults = Mapping[str, Mapping[str, int]]
"""By operation and fault: the number of calls that met it."""

_REJECTIONS: Final = ("status429", "status429Seconds")
_FAILURES: Final = (
    "reset",
    "dropBeforeReading",
    "dropAfterCommit",
    "halfABody",
    "status500",
    "status502",
    "status503",
)
_CONFLICT: Final = ("status409",)

_OFTEN: Final[Mapping[str, Sequence[str]]] = {
    "updateCustomerProfileV2": _REJECTIONS + _FAILURES + _CONFLICT,
    "createCouponReservation": _REJECTIONS + _FAILURES,
    "updateCustomerSessionV2": _REJECTIONS + _FAILURES + _CONFLICT,
    "getReservedCustomers": _REJECTIONS + _FAILURES,
    "getCustomerInventory": _REJECTIONS + _FAILURES,
    "deleteCouponReservation": _REJECTIONS + _FAILURES,
    "trackEvent": _REJECTIONS,
    "getLoyaltyBalances": _REJECTIONS + _FAILURES,
    "getLoyaltyProgramProfileTransactions": _REJECTIONS + _FAILURES,
    "getLoyaltyProgramProfilePoints": _REJECTIONS + _FAILURES,
    "trackEventV2": _REJECTIONS + _FAILURES + _CONFLICT,
    "trackEventV3": _REJECTIONS + _FAILURES + _CONFLICT,
    "getEventV3": _REJECTIONS + _FAILURES,
    "getCustomerSession": _REJECTIONS + _FAILURES,
    "returnCartItems": _REJECTIONS + _FAILURES + _CONFLICT,
}
_ONCE: Final[Mapping[str, Sequence[str]]] = {
    "updateCustomerProfilesV2": ("dropAfterCommit", "status429Seconds"),
    "updateCustomerProfileAudiences": ("halfABody", "status503"),
    "updateCustomerProfile": ("status409", "dropAfterCommit"),
    "updateCustomerSession": _REJECTIONS,
    "createReferral": _REJECTIONS,
    "createReferralsForMultipleAdvocates": _REJECTIONS,
    "deleteCustomerData": ("dropAfterCommit", "reset"),
    "generateLoyaltyCard": _REJECTIONS,
    "linkLoyaltyCardToProfile": ("dropAfterCommit", "status503"),
    "unlinkLoyaltyCardFromProfile": ("halfABody", "status500"),
    "getLoyaltyCardBalances": ("halfABody", "status502"),
    "getLoyaltyCardTransactions": ("reset", "status503"),
    "getLoyaltyCardPoints": ("dropAfterCommit", "dropBeforeReading"),
    "activateLoyaltyPoints": _REJECTIONS,
    "joinLoyaltyProgram": _REJECTIONS,
    "deleteLoyaltyTransactionsFromLedgers": _REJECTIONS,
    "syncCatalog": ("dropAfterCommit", "status503"),
    "bestPriorPrice": ("halfABody", "status502"),
    "integrationGetAllCampaigns": ("reset", "status503"),
    "createAudienceV2": _REJECTIONS,
    "updateAudienceV2": ("dropAfterCommit", "status429"),
    "updateAudienceCustomersAttributes": ("dropAfterCommit", "status500"),
    "deleteAudienceMembershipsV2": ("halfABody", "status503"),
    "deleteAudienceV2": ("reset", "status503"),
    "getCustomerAchievements": ("reset", "status500"),
    "getCustomerAchievementHistory": ("halfABody", "dropBeforeReading"),
    "reopenCustomerSession": ("dropAfterCommit", "status503"),
}
"""Two at most, from the first call on: a call that meets both has a third attempt."""

_CALLS_BETWEEN_FAULTS: Final = 15  # so that few retries meet the next fault
_MAX_CALLS: Final = 5_000
_RETRY_AFTER_SECONDS: Final = {"createReferral": 1}
"""What Retry-After asks for; 0 for other operations."""


def _fault_file() -> Iterator[Mapping[str, Any]]:
    for operation, faults in _OFTEN.items():
        for place, fault in enumerate(faults, 1):
            step = len(faults) * _CALLS_BETWEEN_FAULTS
            yield _entry(operation, fault, range(place * _CALLS_BETWEEN_FAULTS, _MAX_CALLS, step))
    for operation, faults in _ONCE.items():
        for place, fault in enumerate(faults, 1):
            yield _entry(operation, fault, [place])


def _entry(operation: str, fault: str, calls: Sequence[int]) -> Mapping[str, Any]:
    seconds = _RETRY_AFTER_SECONDS.get(operation, 0)
    return {"operationId": operation, "fault": fault, "calls": list(calls), "seconds": seconds}


FAULTS: Final[FaultFile] = tuple(_fault_file())


@define
class RetryCounter:
    """A middleware that counts each attempt after the first one of its call."""

    count: int = 0

    async def __call__(self, exchange: Exchange, call_next: CallNext) -> httpx.Response:
        """Count the attempt if it is a retry, and send it."""
        self.count += exchange.attempts > 0
        return await call_next(exchange)


@define
class InjectedFaults:
    """The faults of one run."""

    triggered: TriggeredFaults = field(factory=dict)
    retries: RetryCounter = field(factory=RetryCounter)

    @property
    def by_fault(self) -> dict[str, Counter[str]]:
        """Triggered faults by fault and operation, the most frequent fault first."""
        counted: dict[str, Counter[str]] = {}
        for operation, faults in self.triggered.items():
            for fault, number in faults.items():
                counted.setdefault(fault, Counter())[operation] += number
        return dict(sorted(counted.items(), key=lambda item: -item[1].total()))

    def not_triggered(self, faults: FaultFile) -> list[str]:
        """Return a sentence about each fault that should have happened and did not."""
        wanted = [(entry["operationId"], entry["fault"]) for entry in faults]
        return [f"{fault} did not happen to {name}" for name, fault in wanted if not self._count(name, fault)]

    def _count(self, operation: str, fault: str) -> int:
        return self.triggered.get(operation, {}).get(fault, 0)
