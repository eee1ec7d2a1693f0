"""What a customer or a card has in a program: ledgers, tiers, membership."""

from collections.abc import Iterator
from datetime import datetime
from typing import Self

from attrs import define, evolve, field

from aiotalonone.sandbox.loyalty.ledger import Ledger
from aiotalonone.sandbox.loyalty.program import MAIN_LEDGER, JoinPolicy, LoyaltyProgram
from aiotalonone.sandbox.loyalty.tiers import CurrentTier, ProjectedTier, TierRun
from aiotalonone.sandbox.loyalty.transactions import Addition, Transaction

AccountKey = tuple[int, str]
"""A program's ID and the owner: a customer's integration ID or a card's identifier."""


@define
class LoyaltyAccount:
    """The ledgers of one owner in one program."""

    program: LoyaltyProgram
    owner: str
    joined: datetime | None = None
    """When the customer asked to join, or had joined before transactions were deleted."""
    ledgers: dict[str, Ledger] = field(factory=dict)
    """By name."""

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        return evolve(self, ledgers={name: ledger.copy() for name, ledger in self.ledgers.items()})

    def ledger(self, name: str) -> Ledger:
        """Return a ledger to be changed, which is created if it does not exist."""
        return self.ledgers.setdefault(name, Ledger())

    def read(self, name: str) -> Ledger:
        """Return a ledger, an empty one if it does not exist."""
        return self.ledgers.get(name) or Ledger()

    @property
    def key(self) -> AccountKey:
        """What it is found by."""
        return self.program.id, self.owner

    @property
    def subledgers(self) -> list[str]:
        """The names of the ledgers beside the main one."""
        return [name for name in self.ledgers if name != MAIN_LEDGER]

    def transactions(self) -> Iterator[tuple[str, Transaction]]:
        """Iterate over the transactions of all ledgers, each with the name of its ledger."""
        for name, ledger in self.ledgers.items():
            for transaction in ledger.transactions:
                yield name, transaction

    def join_date(self, now: datetime) -> datetime | None:
        """Return since when the customer has been a member, None if they were none by then."""
        if self.joined is not None:
            return self.joined
        return min((date for date in self._joining_dates() if date <= now), default=None)

    def tier(self, name: str, now: datetime) -> CurrentTier:
        """Return the tier that a ledger's points have led to."""
        return self._tier_run(name, now).current

    def projected_tier(self, name: str, now: datetime) -> ProjectedTier | None:
        """Return what the expiry of the tier will lead to, None if it does not expire."""
        run = self._tier_run(name, now)
        if run.current.expiry is None:
            return None
        return run.project(self.read(name).standing(run.current.expiry).balance.active)

    def delete(self, names: list[str], now: datetime) -> None:
        """Delete the transactions of some ledgers; a member stays one."""
        self.joined = self.join_date(now)
        for name in names:
            self.ledgers.pop(name, None)

    def names(self, customer: str) -> bool:
        """Return whether a transaction tells that it was this customer's."""
        return any(transaction.entry.origin.profile_id == customer for _, transaction in self.transactions())

    def forget(self, customer: str) -> None:
        """Erase from the transactions that they were this customer's."""
        for ledger in self.ledgers.values():
            ledger.forget(customer)

    def _tier_run(self, name: str, now: datetime) -> TierRun:
        run = TierRun(self.program, self.join_date(now))
        run.follow(self.read(name).standing(now).history, now)
        return run

    def _joining_dates(self) -> Iterator[datetime]:
        for _, transaction in self.transactions():
            if isinstance(transaction, Addition):
                if self.program.join_policy is JoinPolicy.POINTS_EARNED:
                    yield transaction.created
                elif self.program.join_policy is JoinPolicy.POINTS_ACTIVATED and transaction.active_from is not None:
                    yield transaction.active_from
