"""The state that a call leaves behind: session, customer, effects and all that came of them."""

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models.achievements import CustomerAchievement
from aiotalonone.models.campaigns import Campaign
from aiotalonone.models.coupons import Coupon, IntegrationCoupon
from aiotalonone.models.customers import CustomerProfile
from aiotalonone.models.effects import Effect
from aiotalonone.models.eligibility import CampaignEligibility, RuleFailureReason
from aiotalonone.models.events import Event, EventV3
from aiotalonone.models.loyalty import Loyalty
from aiotalonone.models.referrals import InventoryReferral, Referral
from aiotalonone.models.rewards import Giveaway, RewardWithUnlocks
from aiotalonone.models.sessions import CustomerSession, CustomerSessionV2, Return

__all__ = [
    "IntegrationCustomerSessionResponse",
    "IntegrationState",
    "IntegrationStateV2",
    "MultipleCustomerProfileIntegrationResponseV2",
    "ReopenSessionResponse",
]


@define(kw_only=True)
class IntegrationState(Model):
    """The state after a V1 call. Schema ``IntegrationState``."""

    session: CustomerSession | None = None
    """The session."""
    profile: CustomerProfile | None = None
    """The customer."""
    event: Event | None = None
    """The event that the call was recorded as, with the effects."""
    loyalty: Loyalty | None = None
    """The customer's loyalty programs."""
    coupon: Coupon | None = None
    """The coupon that was processed."""


@define(kw_only=True)
class IntegrationStateV2(Model):
    """The state after a call, as far as it was asked for. Schema ``IntegrationStateV2``.

    Also reads ``IntegrationResponse`` and its variants, which have no member of their own.
    """

    customer_profile: CustomerProfile | None = None
    """The customer."""
    loyalty: Loyalty | None = None
    """The customer's loyalty programs and cards."""
    triggered_campaigns: list[Campaign] = field(factory=list)
    """Campaigns whose rules took effect."""
    campaign_eligibility: list[CampaignEligibility] = field(factory=list)
    """How each campaign judged the session; only in a dry call."""
    effects: list[Effect] = field(factory=list)
    """What the rules ask you to do, in their order."""
    rule_failure_reasons: list[RuleFailureReason] = field(factory=list)
    """Why other rules took no effect."""
    created_coupons: list[Coupon] = field(factory=list)
    """Coupons that the rules made."""
    created_referrals: list[Referral] = field(factory=list)
    """Referral codes that the rules made."""
    awarded_giveaways: list[Giveaway] = field(factory=list)
    """Giveaways that the rules awarded."""
    achievements: list[CustomerAchievement] = field(factory=list)
    """How far the customer is in each achievement."""
    rewards: list[RewardWithUnlocks] = field(factory=list)
    """Rewards that the customer unlocked and has not used, if ``unlockedRewards`` was asked for."""
    referral: InventoryReferral | None = None
    """The referral that was processed."""
    coupons: list[IntegrationCoupon] = field(factory=list)
    """The coupons that were processed."""
    event: Event | None = None
    """The event that was processed."""
    advanced_event: EventV3 | None = None
    """The advanced event that was processed."""
    customer_session: CustomerSessionV2 | None = None
    """The session."""
    return_: Return | None = None
    """The return that was processed."""
    previous_returns: list[Return] = field(factory=list)
    """Earlier returns of the session."""


@define(kw_only=True)
class MultipleCustomerProfileIntegrationResponseV2(Model):
    """The states after a bulk update of profiles. Schema ``MultipleCustomerProfileIntegrationResponseV2``."""

    integration_states: list[IntegrationStateV2] = field(factory=list)
    """One state for each profile, in the order of the request."""


@define(kw_only=True)
class IntegrationCustomerSessionResponse(Model):
    """A session as it is. Schema ``IntegrationCustomerSessionResponse``."""

    customer_session: CustomerSessionV2 | None = None
    """The session."""
    effects: list[Effect] = field(factory=list)
    """Effects that are valid now: neither roll-backs nor what was rolled back."""


@define(kw_only=True)
class ReopenSessionResponse(Model):
    """What the reopening of a session rolled back. Schema ``ReopenSessionResponse``."""

    effects: list[Effect] = field(factory=list)
    """The roll-backs, as they come when a closed session is cancelled."""
