"""What has become of the points of a ledger by some time: a replay of its transactions."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Self

from attrs import define, field

from aiotalonone.sandbox.loyalty.transactions import ZERO, Addition, Subtraction, Transaction


@define
class Lot:
    """The points of one addition that are left."""

    addition: Addition
    remaining: Decimal

    def is_pending(self, now: datetime) -> bool:
        """Return whether they are not active yet."""
        start = self.addition.active_from
        return (start is None or start > now) and not self.is_expired(now)

    def is_active(self, now: datetime) -> bool:
        """Return whether they can be spent."""
        return not self.is_pending(now) and not self.is_expired(now)

    def is_expired(self, now: datetime) -> bool:
        """Return whether their time is over."""
        return self.addition.active_until <= now


@define(frozen=True)
class Balance:
    """The points of a ledger, by what has become of them."""

    active: Decimal = ZERO
    pending: Decimal = ZERO
    spent: Decimal = ZERO
    expired: Decimal = ZERO
    negative: Decimal = ZERO


@define(frozen=True)
class ActivePoints:
    """The active points from some time on."""

    since: datetime
    amount: Decimal


class Step(IntEnum):
    """What happens to a ledger; of what happens at the same time, the lower comes first."""

    EXPIRE = 0
    ACTIVATE = 1
    BOOK = 2


@define
class Standing:
    """The points of a ledger at some time."""

    now: datetime
    lots: dict[str, Lot] = field(factory=dict)
    """By the UUID of the addition."""
    taken: dict[str, list[tuple[Lot, Decimal]]] = field(factory=dict)
    """What each subtraction took of which lots, by its UUID."""
    history: list[ActivePoints] = field(factory=list)
    """The active points after each change."""
    active: Decimal = ZERO
    """The sum of what can be spent."""
    debt: Decimal = ZERO
    """The points that were taken back, and were not there."""
    _spendable: list[Lot] = field(factory=list)
    """The lots that can be spent, in the order in which they are."""
    _spent: Decimal = ZERO

    @classmethod
    def of(cls, transactions: Sequence[Transaction], now: datetime) -> Self:
        """Return the standing after everything that had happened by then."""
        standing = cls(now)
        for moment, step, _, transaction in sorted(_steps(transactions, now), key=lambda one: one[:3]):
            standing._happen(moment, step, transaction)
        return standing

    def book(self, transaction: Transaction) -> None:
        """Add a transaction of the present, which comes after everything that has happened by now."""
        self._happen(self.now, Step.BOOK, transaction)

    @property
    def balance(self) -> Balance:
        """The sums of all points."""
        return Balance(
            active=self._sum(lot for lot in self.lots.values() if lot.is_active(self.now)),
            pending=self._sum(lot for lot in self.lots.values() if lot.is_pending(self.now)),
            spent=self._spent,
            expired=self._sum(lot for lot in self.lots.values() if lot.is_expired(self.now)),
            negative=self.debt,
        )

    def _happen(self, moment: datetime, step: Step, transaction: Transaction) -> None:
        if isinstance(transaction, Subtraction):
            self._take(transaction)
        elif isinstance(transaction, Addition):
            self._change(transaction, moment, step)
        self.history.append(ActivePoints(moment, self.active))

    def _change(self, addition: Addition, moment: datetime, step: Step) -> None:
        if step is Step.BOOK:
            self.lots[addition.uuid] = Lot(addition, addition.amount)
            self._spent -= addition.amount if addition.reimburses else ZERO
        lot = self.lots[addition.uuid]
        if step is Step.EXPIRE:
            self._remove(lot)
        elif lot.is_active(moment):
            self._activate(lot)

    def _activate(self, lot: Lot) -> None:
        """Settle what is owed, and make the rest spendable."""
        paid = min(self.debt, lot.remaining)
        self.debt -= paid
        lot.remaining -= paid
        if lot.remaining:
            insort(self._spendable, lot, key=_spending_order)
            self.active += lot.remaining

    def _remove(self, lot: Lot) -> bool:
        """Make a lot unspendable, and return whether it was spendable."""
        place = bisect_left(self._spendable, _spending_order(lot), key=_spending_order)
        if place == len(self._spendable) or self._spendable[place] is not lot:
            return False
        del self._spendable[place]
        self.active -= lot.remaining
        return True

    def _take(self, subtraction: Subtraction) -> None:
        """Take points of the lot that is undone, if any, then of active ones; the rest is owed."""
        taken = self.taken[subtraction.uuid] = []
        owed, undone = subtraction.amount, self.lots.get(subtraction.undoes or "")
        if undone is not None:
            owed -= self._take_from(undone, owed, taken)
        while owed and self._spendable:
            owed -= self._take_from(self._spendable[0], owed, taken)
        self.debt += owed
        self._spent += subtraction.amount if subtraction.undoes is None else ZERO

    def _take_from(self, lot: Lot, wanted: Decimal, taken: list[tuple[Lot, Decimal]]) -> Decimal:
        """Take points of one lot, and return how many it had."""
        amount = min(wanted, lot.remaining)
        if amount:
            taken.append((lot, amount))
            was_active = self._remove(lot)
            lot.remaining -= amount
            if was_active and lot.remaining:
                insort(self._spendable, lot, key=_spending_order)
                self.active += lot.remaining
        return amount

    def _sum(self, lots: Iterable[Lot]) -> Decimal:
        return sum((lot.remaining for lot in lots), ZERO)


def _steps(transactions: Sequence[Transaction], now: datetime) -> Iterator[tuple[datetime, Step, int, Transaction]]:
    """Yield what happens to the transactions, each with its time and its place among what happens then."""
    for place, transaction in enumerate(transactions):
        if transaction.created > now:
            continue
        yield transaction.created, Step.BOOK, place, transaction
        if isinstance(transaction, Addition):
            start, end = transaction.active_from, transaction.active_until
            if start is not None and transaction.created < start <= now:
                yield start, Step.ACTIVATE, place, transaction
            if transaction.created < end <= now:
                yield end, Step.EXPIRE, place, transaction


def _spending_order(lot: Lot) -> tuple[datetime, datetime, int]:
    return lot.addition.active_until, lot.addition.created, lot.addition.entry.id
