"""Loyalty programs as the campaign file declares them."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from enum import Enum

from attrs import define, field

from aiotalonone.sandbox.loyalty.durations import Duration
from aiotalonone.sandbox.loyalty.transactions import Dates

MAIN_LEDGER = ""
"""Name of a program's main ledger."""


class ReturnPolicy(Enum):
    """Which points may be taken back when a session is cancelled, reopened or returned."""

    ONLY_PENDING = "only_pending"
    WITHIN_BALANCE = "within_balance"
    UNLIMITED = "unlimited"


class JoinPolicy(Enum):
    """When a customer joins a program without asking to."""

    NOT_JOIN = "not_join"
    POINTS_ACTIVATED = "points_activated"
    POINTS_EARNED = "points_earned"


class ExpirationPolicy(Enum):
    """What the expiry of a tier is counted from."""

    TIER_START_DATE = "tier_start_date"
    PROGRAM_JOIN_DATE = "program_join_date"
    ABSOLUTE_EXPIRATION = "absolute_expiration"


class DowngradePolicy(Enum):
    """Where a customer goes whose tier expires without enough points to stay."""

    ONE_DOWN = "one_down"
    BALANCE_BASED = "balance_based"


@define(frozen=True)
class Tier:
    """A level of a program."""

    id: int
    name: str
    min_points: Decimal


@define(frozen=True, kw_only=True)
class TierExpiry:
    """When tiers expire, and what then; a program without it downgrades at once."""

    policy: ExpirationPolicy
    expire_in: Duration
    downgrade: DowngradePolicy
    cycle_start: datetime | None = None
    """Of absolute expiration."""


@define(frozen=True)
class PointsDates:
    """When new points become active and expire, as a program or a rule says."""

    start: str | datetime | Duration = "immediate"
    """``immediate``, ``on_action``, a time, or the time until then."""
    expiry: str | datetime | Duration = "unlimited"
    """``unlimited``, a time, or the time from the start."""

    def at(self, now: datetime, zone: tzinfo) -> Dates:
        """Return the dates of points that are added now."""
        start = self.start.after(now, zone) if isinstance(self.start, Duration) else self.start
        awaits = start == "on_action"
        first = start if isinstance(start, datetime) else None
        if not isinstance(self.expiry, Duration):
            return Dates(first, self.expiry if isinstance(self.expiry, datetime) else None, awaits_activation=awaits)
        if awaits:
            return Dates(awaits_activation=True, validity=self.expiry)
        return Dates(first, self.expiry.after(max(first or now, now), zone))


@define(frozen=True)
class CardCodes:
    """What the identifiers of new cards look like."""

    pattern: str = "########"
    characters: str = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@define(frozen=True, kw_only=True)
class LoyaltyProgram:
    """A loyalty program, whose points belong to customers or to cards."""

    id: int
    name: str
    title: str
    card_based: bool = False
    users_per_card_limit: int = 0
    """0 is any number."""
    card_codes: CardCodes = field(factory=CardCodes)
    allow_subledger: bool = False
    timezone: tzinfo = UTC
    dates: PointsDates = field(factory=PointsDates)
    return_policy: ReturnPolicy = ReturnPolicy.WITHIN_BALANCE
    join_policy: JoinPolicy = JoinPolicy.POINTS_EARNED
    tiers: Sequence[Tier] = ()
    """From the lowest to the highest."""
    tier_expiry: TierExpiry | None = None

    def allows(self, users: int) -> bool:
        """Return whether one card may be linked to so many customers."""
        return not self.users_per_card_limit or users <= self.users_per_card_limit
