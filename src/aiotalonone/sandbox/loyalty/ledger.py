"""One ledger: its transactions, and how they are booked.

Points are spent in the order of their expiry, those without one last; of those that expire together the oldest first.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from decimal import Decimal
from typing import Self

from attrs import define, evolve, field

from aiotalonone.sandbox.loyalty.program import LoyaltyProgram, ReturnPolicy
from aiotalonone.sandbox.loyalty.standing import Standing
from aiotalonone.sandbox.loyalty.transactions import ZERO, Addition, Dates, Entry, Subtraction, Transaction


@define
class Ledger:
    """The transactions of one customer or card in one ledger of a program, in the order in which they were booked."""

    transactions: list[Transaction] = field(factory=list)
    _latest: Standing | None = field(default=None, init=False, eq=False, repr=False)
    """The standing that was asked for last: a session may have thousands of transactions, each of which asks for it."""

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        return evolve(self, transactions=list(self.transactions))

    def standing(self, now: datetime) -> Standing:
        """Return what had become of all points by then."""
        if self._latest is None or self._latest.now != now:
            self._latest = Standing.of(self.transactions, now)
        return self._latest

    def add(self, entry: Entry, amount: Decimal, dates: Dates, *, reimburses: str | None = None) -> Addition:
        """Book points, new ones or those that a subtraction took."""
        addition = Addition(entry, amount, dates, reimburses)
        self._book(addition)
        return addition

    def deduct(self, entry: Entry, amount: Decimal) -> Subtraction | None:
        """Spend active points, at most all of them; None if nothing was spent."""
        amount = min(amount, self.standing(entry.created).active)
        return self._subtract(Subtraction(entry, amount)) if amount > ZERO else None

    def take_back(self, entry: Entry, addition_uuid: str, amount: Decimal, policy: ReturnPolicy) -> Subtraction | None:
        """Take added points back, as many of them as the policy allows; None if it allows nothing.

        Those that are left of the addition come first, then, unless only pending ones may be taken, other active ones.
        """
        standing = self.standing(entry.created)
        lot = standing.lots.get(addition_uuid)
        if lot is None:
            return None
        own = min(lot.remaining, amount)
        if policy is ReturnPolicy.ONLY_PENDING:
            amount = own if lot.is_pending(entry.created) else ZERO
        elif policy is ReturnPolicy.WITHIN_BALANCE:
            others = standing.active - (lot.remaining if lot.is_active(entry.created) else ZERO)
            amount = min(amount, own + others)
        return self._subtract(Subtraction(entry, amount, addition_uuid)) if amount > ZERO else None

    def give_back(self, new_entry: Callable[[], Entry], deduction_uuid: str, now: datetime) -> list[Addition]:
        """Book spent points again, those of each addition with the expiry that they had."""
        taken = self.standing(now).taken.get(deduction_uuid, ())
        return [
            self.add(new_entry(), amount, Dates(expiry=lot.addition.dates.expiry), reimburses=deduction_uuid)
            for lot, amount in taken
        ]

    def activate(self, uuids: Collection[str], now: datetime, program: LoyaltyProgram) -> list[Addition]:
        """Make points active that await it, and return their additions."""
        self._latest = None
        activated: list[Addition] = []
        for place, one in enumerate(self.transactions):
            if isinstance(one, Addition) and one.uuid in uuids:
                activated.append(_activated(one, now, program))
                self.transactions[place] = activated[-1]
        return activated

    def forget(self, customer: str) -> None:
        """Erase from the transactions that they were this customer's."""
        self._latest = None
        self.transactions = [transaction.without(customer) for transaction in self.transactions]

    def _subtract(self, subtraction: Subtraction) -> Subtraction:
        self._book(subtraction)
        if self.standing(subtraction.created).debt > ZERO:
            subtraction = self.transactions[-1] = evolve(subtraction, creates_negative_balance=True)
        return subtraction

    def _book(self, transaction: Transaction) -> None:
        self.transactions.append(transaction)
        if self._latest is not None and self._latest.now == transaction.created:
            self._latest.book(transaction)
        else:
            self._latest = None


def _activated(addition: Addition, now: datetime, program: LoyaltyProgram) -> Addition:
    expiry = addition.dates.expiry
    if expiry is None and addition.dates.validity is not None:
        expiry = addition.dates.validity.after(now, program.timezone)
    return evolve(addition, dates=Dates(now, expiry))
