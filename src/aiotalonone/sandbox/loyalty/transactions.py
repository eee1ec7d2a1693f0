"""The transactions of a ledger."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from attrs import define, evolve

from aiotalonone.sandbox.loyalty.durations import Duration

ZERO = Decimal(0)
"""Points are exact decimals."""


@define(frozen=True, kw_only=True)
class Origin:
    """What caused a transaction."""

    type: str | None = None
    """``session``, ``import``, or None: a rule without a session."""
    session_id: str | None = None
    store_integration_id: str | None = None
    profile_id: str | None = None
    ruleset_id: int | None = None
    rule_name: str | None = None


@define(frozen=True)
class Entry:
    """What identifies a transaction."""

    id: int
    uuid: str
    created: datetime
    name: str
    origin: Origin


@define(frozen=True)
class Dates:
    """When points become active and when they expire."""

    start: datetime | None = None
    """None is at once, or, if they await it, when a request activates them."""
    expiry: datetime | None = None
    awaits_activation: bool = False
    validity: Duration | None = None
    """Of points that await activation: how long they are active after it."""


@define(frozen=True)
class Transaction:
    """Points that were added or subtracted."""

    entry: Entry
    amount: Decimal

    @property
    def uuid(self) -> str:
        """The ID that no other transaction has."""
        return self.entry.uuid

    @property
    def created(self) -> datetime:
        """When it was booked."""
        return self.entry.created

    def without(self, customer: str) -> Self:
        """Return the transaction without a customer who is to be forgotten."""
        origin = self.entry.origin
        if origin.profile_id != customer:
            return self
        return evolve(self, entry=evolve(self.entry, origin=evolve(origin, profile_id=None)))


@define(frozen=True)
class Addition(Transaction):
    """Points that were added."""

    dates: Dates
    reimburses: str | None = None
    """The UUID of the subtraction whose points came back."""

    @property
    def active_from(self) -> datetime | None:
        """When they become active, None if that is not known yet."""
        if self.dates.awaits_activation:
            return None
        return self.created if self.dates.start is None else max(self.dates.start, self.created)

    @property
    def active_until(self) -> datetime:
        """When they expire."""
        return self.dates.expiry or datetime.max.replace(tzinfo=self.created.tzinfo)


@define(frozen=True)
class Subtraction(Transaction):
    """Points that were spent, or taken back."""

    undoes: str | None = None
    """The UUID of the addition whose points were taken back."""
    creates_negative_balance: bool = False
