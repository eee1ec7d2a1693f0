"""Which tier a ledger's active points have led to, and where they will lead."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from attrs import define

from aiotalonone.sandbox.loyalty.program import DowngradePolicy, ExpirationPolicy, LoyaltyProgram, Tier, TierExpiry
from aiotalonone.sandbox.loyalty.standing import ActivePoints
from aiotalonone.sandbox.loyalty.transactions import ZERO
from aiotalonone.sandbox.validation import LATEST

NO_TIER = -1
INSTANT = timedelta(microseconds=1)


@define(frozen=True)
class CurrentTier:
    """The tier of a ledger at some time."""

    rank: int = NO_TIER
    """Its place among the program's tiers; -1 without a tier."""
    start: datetime | None = None
    expiry: datetime | None = None


@define(frozen=True)
class ProjectedTier:
    """What the expiry of the current tier leads to, if no points are added or spent until then."""

    active: Decimal
    tier: Tier | None
    missing: Decimal | None
    """Points that are missing for the present tier, if it will be lost."""


class TierRun:
    """A program's tiers, followed through the changes of one ledger."""

    def __init__(self, program: LoyaltyProgram, joined: datetime | None) -> None:
        self._program = program
        self._tiers = program.tiers
        self._joined = joined
        self._active = ZERO
        self.current: CurrentTier = CurrentTier(self._rank_of(ZERO))

    def follow(self, history: Sequence[ActivePoints], now: datetime) -> CurrentTier:
        """Return the tier after all changes, and all expiries of tiers, by then."""
        for change in history:
            self._expire_until(change.since)
            self._active = change.amount
            self._adjust(change.since)
        self._expire_until(now, inclusive=True)
        return self.current

    def project(self, active: Decimal) -> ProjectedTier | None:
        """Return what the next expiry leads to with so many active points, None if the tier does not expire."""
        if self.current.expiry is None or self.current.rank == NO_TIER:
            return None
        rank = self._rank_of(active)
        stays = rank >= self.current.rank
        rank = rank if stays else self._rank_below(active)
        missing = None if stays else self._tiers[self.current.rank].min_points - active
        return ProjectedTier(active, self._tiers[rank] if rank != NO_TIER else None, missing)

    def _adjust(self, moment: datetime) -> None:
        """Move up if there are enough points, and down if tiers do not expire."""
        rank = self._rank_of(self._active)
        expiry = self._program.tier_expiry
        moves = rank != self.current.rank if expiry is None else rank > self.current.rank
        if moves or (self.current.start is None and self.current.rank != NO_TIER):
            self._enter(max(rank, self.current.rank) if expiry else rank, moment)

    def _enter(self, rank: int, moment: datetime) -> None:
        start = None if rank == NO_TIER else moment
        self.current = CurrentTier(rank, start, self._expiry(moment) if start else None)

    def _expiry(self, moment: datetime) -> datetime | None:
        rule = self._program.tier_expiry
        if rule is None:
            return None
        origin = self._origin(rule, moment)
        return origin if origin > moment else rule.expire_in.next_after(origin, moment, self._program.timezone)

    def _origin(self, rule: TierExpiry, moment: datetime) -> datetime:
        if rule.policy is ExpirationPolicy.PROGRAM_JOIN_DATE:
            return min(self._joined or moment, moment)
        if rule.policy is ExpirationPolicy.ABSOLUTE_EXPIRATION:
            return rule.cycle_start or moment
        return moment

    def _expire_until(self, moment: datetime, *, inclusive: bool = False) -> None:
        """Let the tier expire as often as it does before a time."""
        while self.current.expiry is not None:
            expiry = self.current.expiry
            if expiry > moment or (expiry == moment and not inclusive) or expiry == LATEST:
                return
            if self._rank_of(self._active) >= self.current.rank:
                self._renew(expiry, moment)
            else:
                self._enter(self._rank_below(self._active), expiry)

    def _renew(self, expiry: datetime, moment: datetime) -> None:
        """Stay in the tier, whose next expiry is the first one that the present points do not decide."""
        rule = self._program.tier_expiry
        if rule is not None:
            following = rule.expire_in.next_after(expiry, moment - INSTANT, self._program.timezone)
            self.current = CurrentTier(self.current.rank, self.current.start, following)

    def _rank_below(self, active: Decimal) -> int:
        """Return the tier after an expiry without enough points."""
        rule = self._program.tier_expiry
        if rule is not None and rule.downgrade is DowngradePolicy.ONE_DOWN:
            return self.current.rank - 1
        return self._rank_of(active)

    def _rank_of(self, active: Decimal) -> int:
        return sum(tier.min_points <= active for tier in self._tiers) - 1
