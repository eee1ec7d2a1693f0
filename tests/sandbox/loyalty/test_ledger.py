"""Ledgers without a server: what becomes of points."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone.sandbox.loyalty.durations import Duration
from aiotalonone.sandbox.loyalty.ledger import Ledger
from aiotalonone.sandbox.loyalty.program import LoyaltyProgram, ReturnPolicy
from aiotalonone.sandbox.loyalty.standing import Balance, Standing
from aiotalonone.sandbox.loyalty.transactions import Addition, Dates, Entry, Origin, Subtraction

START = datetime(2026, 1, 1, tzinfo=UTC)
PROGRAM = LoyaltyProgram(id=1, name="club", title="Club")
PROGRAM_VALIDITY = Duration.parse("5D")


def day(number):
    """Return a day, counted from the first one."""
    return START + timedelta(days=number)


class Book:
    """A ledger that is booked on by the day."""

    def __init__(self):
        self.ledger = Ledger()
        self._numbers = count(1)

    def entry(self, number):
        """Return a new entry of a day."""
        place = next(self._numbers)
        return Entry(place, f"uuid-{place}", day(number), "test", Origin())

    def add(self, number, amount, start=None, expiry=None, **dates):
        """Add points that are active and expire on some days."""
        bounds = [None if number is None else day(number) for number in (start, expiry)]
        span = Dates(*bounds, **dates)
        return self.ledger.add(self.entry(number), Decimal(amount), span)

    def deduct(self, number, amount):
        """Spend points."""
        return self.ledger.deduct(self.entry(number), Decimal(amount))

    def take_back(self, number, addition, policy=ReturnPolicy.WITHIN_BALANCE):
        """Take added points back, and return how many."""
        taken = self.ledger.take_back(self.entry(number), addition.uuid, addition.amount, policy)
        return taken.amount if taken else 0

    def give_back(self, number, deduction):
        """Give spent points back."""
        return self.ledger.give_back(lambda: self.entry(number), deduction.uuid, day(number))

    def balance(self, number):
        """Return the balance of a day."""
        return self.ledger.standing(day(number)).balance


def balance(**points):
    """Return a balance of so many points."""
    return Balance(**{name: Decimal(amount) for name, amount in points.items()})


@pytest.fixture
def book():
    return Book()


def test_points_are_pending_then_active_then_expired(book):
    """Points are pending until they start, active until they expire, and then expired; earlier they are unknown."""
    book.add(1, 10, start=3, expiry=5)
    assert [book.balance(number) for number in (0, 1, 2, 3, 4, 5, 9)] == [
        balance(),
        balance(pending=10),
        balance(pending=10),
        balance(active=10),
        balance(active=10),
        balance(expired=10),
        balance(expired=10),
    ]


def test_earliest_expiry_is_spent_first(book):
    """Points that expire first are spent first, those without an expiry last, and of these the oldest."""
    forever, later, soon, forever_too = (
        book.add(1, 4),
        book.add(1, 4, expiry=30),
        book.add(2, 4, expiry=9),
        book.add(3, 4),
    )
    spent = book.deduct(4, 13)
    taken = book.ledger.standing(day(4)).taken[spent.uuid]
    assert [(lot.addition.uuid, amount) for lot, amount in taken] == [
        (soon.uuid, 4),
        (later.uuid, 4),
        (forever.uuid, 4),
        (forever_too.uuid, 1),
    ]
    assert book.balance(4) == balance(active=3, spent=13)


def test_only_active_points_are_spent(book):
    """Pending and expired points are not spent, and without active ones nothing is booked."""
    book.add(1, 5, start=9)
    book.add(1, 5, expiry=2)
    assert book.deduct(3, 1) is None
    book.add(3, 5)
    assert book.deduct(3, 9).amount == 5
    assert book.balance(3) == balance(pending=5, expired=5, spent=5)


def test_past_balance_knows_nothing_later(book):
    """The balance of a past day does not contain what was booked later."""
    book.add(1, 10)
    book.deduct(5, 4)
    assert book.balance(4) == balance(active=10)
    assert book.balance(5) == balance(active=6, spent=4)


@pytest.mark.parametrize(
    ("policy", "taken", "after"),
    [
        (ReturnPolicy.ONLY_PENDING, 0, balance(active=3, spent=7)),
        (ReturnPolicy.WITHIN_BALANCE, 3, balance(spent=7)),
        (ReturnPolicy.UNLIMITED, 10, balance(spent=7, negative=7)),
    ],
)
def test_policy_limits_what_is_taken_back(book, policy, taken, after):
    """Of active points that were partly spent, the policy takes nothing, what is left, or more than that."""
    addition = book.add(1, 10)
    book.deduct(2, 7)
    assert book.take_back(3, addition, policy) == taken
    assert book.balance(3) == after


@pytest.mark.parametrize("policy", ReturnPolicy)
def test_pending_points_are_taken_back_by_every_policy(book, policy):
    """Points that are still pending are taken back whatever the policy is."""
    addition = book.add(1, 10, start=5)
    book.add(1, 3)
    assert book.take_back(2, addition, policy) == 10
    assert book.balance(6) == balance(active=3)


def test_other_active_points_stand_in(book):
    """If the points themselves are spent, others that are active are taken back in their place."""
    first = book.add(1, 10, expiry=20)
    book.add(1, 6)
    book.deduct(2, 10)
    assert book.take_back(3, first) == 6
    assert book.balance(3) == balance(spent=10)


def test_negative_balance_is_settled_by_points_that_become_active(book):
    """A negative balance is paid with the next points as soon as they are active, and expiry does not bring it back."""
    addition = book.add(1, 10)
    book.deduct(1, 10)
    book.take_back(2, addition, ReturnPolicy.UNLIMITED)
    assert isinstance(book.ledger.transactions[-1], Subtraction)
    assert book.ledger.transactions[-1].creates_negative_balance
    book.add(3, 12, start=5, expiry=8)
    assert book.balance(4) == balance(spent=10, negative=10, pending=12)
    assert book.balance(5) == balance(spent=10, active=2)
    assert book.balance(8) == balance(spent=10, expired=2)


def test_points_come_back_with_their_expiry(book):
    """Spent points that are given back expire when they would have, and are no longer spent."""
    book.add(1, 4, expiry=9)
    book.add(1, 4)
    spent = book.deduct(2, 6)
    assert [(one.amount, one.dates.expiry) for one in book.give_back(3, spent)] == [(4, day(9)), (2, None)]
    assert book.balance(3) == balance(active=8)
    assert book.balance(9) == balance(active=4, expired=4)


def test_activation_starts_the_validity(book):
    """Points that await activation are pending for as long as it takes, and valid from then on."""
    waiting = book.add(1, 10, awaits_activation=True, validity=PROGRAM_VALIDITY)
    assert book.balance(400) == balance(pending=10)
    [activated] = book.ledger.activate({waiting.uuid}, day(7), PROGRAM)
    assert (activated.dates.start, activated.dates.expiry) == (day(7), day(12))
    assert [book.balance(number) for number in (6, 7, 12)] == [
        balance(pending=10),
        balance(active=10),
        balance(expired=10),
    ]


def test_waiting_points_expire_on_their_date(book):
    """Points that await activation and have an expiry date expire without it."""
    book.add(1, 10, expiry=4, awaits_activation=True)
    assert book.balance(4) == balance(expired=10)


AMOUNTS = st.integers(1, 50)
DAYS = st.none() | st.integers(0, 40)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), AMOUNTS, DAYS, DAYS),
        st.tuples(st.just("add"), AMOUNTS, DAYS, DAYS),
        st.tuples(st.just("deduct"), AMOUNTS),
        st.tuples(st.just("take_back"), st.integers(0, 9), st.sampled_from(ReturnPolicy)),
        st.tuples(st.just("give_back"), st.integers(0, 9)),
        st.tuples(st.just("wait"), st.integers(1, 9)),
    ),
    max_size=25,
)


def played(steps):
    """Return a book after some steps, and its last day."""
    book, today, returned = Book(), 0, set()
    for kind, *values in steps:
        additions = [one for one in book.ledger.transactions if isinstance(one, Addition) and not one.reimburses]
        spent = [one for one in book.ledger.transactions if isinstance(one, Subtraction) and not one.undoes]
        if kind == "wait":
            today += values[0]
        elif kind == "add":
            amount, start, expiry = values
            book.add(today, amount, *(None if number is None else today + number for number in (start, expiry)))
        elif kind == "deduct":
            book.deduct(today, values[0])
        elif kind == "take_back" and additions:
            addition = additions[values[0] % len(additions)]
            if addition.uuid not in returned:
                book.take_back(today, addition, values[1])
                returned.add(addition.uuid)
        elif kind == "give_back" and spent:
            deduction = spent[values[0] % len(spent)]
            if deduction.uuid not in returned:
                book.give_back(today, deduction)
                returned.add(deduction.uuid)
    return book, today


@settings(deadline=None)
@given(STEPS, st.integers(0, 60))
def test_balances_are_the_sum_of_transactions(steps, number):
    """At any time the points of all kinds are those that were added less those that were subtracted."""
    book, _ = played(steps)
    known = [one for one in book.ledger.transactions if one.created <= day(number)]
    total = sum(one.amount if isinstance(one, Addition) else -one.amount for one in known)
    points = book.balance(number)
    assert points.active + points.pending + points.expired - points.negative == total
    assert min(points.active, points.pending, points.expired, points.spent, points.negative) >= 0
    assert not (points.active and points.negative)


@settings(deadline=None)
@given(STEPS)
def test_booking_does_not_change_the_past(steps):
    """What is booked today leaves every earlier balance as it was."""
    book, today = played(steps)
    before = [book.balance(number) for number in range(today)]
    book.add(today, 5)
    book.deduct(today, 7)
    assert [book.balance(number) for number in range(today)] == before


@settings(deadline=None)
@given(STEPS, AMOUNTS)
def test_return_of_a_deduction_restores_the_balance(steps, amount):
    """Points that are spent and given back on the same day are all there again."""
    book, today = played(steps)
    before = book.balance(today)
    spent = book.deduct(today, amount)
    if spent:
        book.give_back(today, spent)
    assert book.balance(today) == before


@settings(deadline=None)
@given(STEPS)
def test_a_booking_changes_a_standing_as_a_replay_would(steps):
    """The standing that the bookings of a day have kept up to date is that of a replay of all transactions."""
    book, today = played(steps)
    assert book.ledger.standing(day(today)) == Standing.of(book.ledger.transactions, day(today))


@settings(deadline=None)
@given(STEPS)
def test_history_ends_with_the_active_points(steps):
    """The last entry of the history has the active points of the balance, at every time."""
    book, today = played(steps)
    for number in (today, today + 20, today + 60):
        standing = book.ledger.standing(day(number))
        if standing.history:
            assert standing.history[-1].amount == standing.balance.active
