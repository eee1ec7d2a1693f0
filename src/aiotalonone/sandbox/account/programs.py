"""What an account has beside its campaigns: settings, loyalty programs, giveaway pools and achievements."""

from collections.abc import Mapping
from datetime import UTC, tzinfo

from attrs import define

from aiotalonone.sandbox.loyalty.program import LoyaltyProgram
from aiotalonone.sandbox.state.achievements import Achievement


@define(frozen=True)
class GiveawayPool:
    """A pool of codes that rules give away."""

    id: int
    name: str
    codes: tuple[str, ...]


@define(frozen=True, kw_only=True)
class ApplicationSettings:
    """Settings that an Application of the platform has as well."""

    partial_discounts: bool = False
    """Whether discounts tell their `desiredValue`."""
    partial_rewards: bool = False
    """Whether added points tell it."""
    timezone: tzinfo = UTC
    """Whose days, weeks, months and years the periods of achievements follow."""


@define(frozen=True, kw_only=True)
class Assumptions:
    """Answers to what no public source says of the platform."""

    anonymous_friends: bool = True
    """Whether a referral code may be used without a customer."""
    cancellation_returns_giveaways: bool = False
    """Whether the giveaways of a cancelled session go back to their pool."""
    closed_sessions_take_attributes: bool = False
    """Whether an update may change the attributes of a session that is not open."""
    dry_close_uses_stored_session: bool = False
    """Whether a dry call that closes a session adds to the stored session, as other calls do."""
    idempotency_keys_bind_bodies: bool = False
    """Whether a known idempotency key with another body is a 400 rather than a replay."""
    idempotency_stores_errors: bool = False
    """Whether a 4xx response is replayed as well."""
    sessions_start_cancelled: bool = False
    """Whether a session may be created as cancelled."""


@define(frozen=True)
class Programs:
    """All of them, by ID."""

    loyalty: Mapping[int, LoyaltyProgram]
    pools: Mapping[int, GiveawayPool]
    achievements: Mapping[int, Achievement]
    application: ApplicationSettings
    assumptions: Assumptions
