"""One ledger: its transactions, and how they are booked.

Points are spent in the order of their expiry, those without one last; of those that expire together the oldest first.
"""

from collections.abc import Callable
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

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        return evolve(self, transactions=list(self.transactions))

    def standing(self, now: datetime) -> Standing:
        """Return what had become of all points by then."""
        return Standing.of(self.transactions, now)

    def add(self, entry: Entry, amount: Decimal, dates: Dates, *, reimburses: str | None = None) -> Addition:
        """Book points, new ones or those that a subtraction took."""
        addition = Addition(entry, amount, dates, reimburses)
        self.transactions.append(addition)
        return addition

    def deduct(self, entry: Entry, amount: Decimal) -> Subtraction | None:
        """Spend active points, at most all of them; None if nothing was spent."""
        amount = min(amount, self.standing(entry.created).balance.active)
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
            others = standing.balance.active - (lot.remaining if lot.is_active(entry.created) else ZERO)
            amount = min(amount, own + others)
        return self._subtract(Subtraction(entry, amount, addition_uuid)) if amount > ZERO else None

    def give_back(self, new_entry: Callable[[], Entry], deduction_uuid: str, now: datetime) -> list[Addition]:
        """Book spent points again, those of each addition with the expiry that they had."""
        taken = self.standing(now).taken.get(deduction_uuid, ())
        return [
            self.add(new_entry(), amount, Dates(expiry=lot.addition.dates.expiry), reimburses=deduction_uuid)
            for lot, amount in taken
        ]

    def activate(self, addition: Addition, now: datetime, program: LoyaltyProgram) -> Addition:
        """Make points active that await it."""
        expiry = addition.dates.expiry
        if expiry is None and addition.dates.validity is not None:
            expiry = addition.dates.validity.after(now, program.timezone)
        activated = evolve(addition, dates=Dates(now, expiry))
        self.transactions[self.transactions.index(addition)] = activated
        return activated

    def _subtract(self, subtraction: Subtraction) -> Subtraction:
        self.transactions.append(subtraction)
        if self.standing(subtraction.created).balance.negative > ZERO:
            subtraction = self.transactions[-1] = evolve(subtraction, creates_negative_balance=True)
        return subtraction
