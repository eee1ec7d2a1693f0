"""Customer profiles, their audiences and what they hold."""

from datetime import datetime
from typing import Any, Literal

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import max_length
from aiotalonone.models.achievements import AchievementProgressWithDefinition
from aiotalonone.models.coupons import InventoryCoupon
from aiotalonone.models.loyalty import Loyalty, LoyaltyMembership
from aiotalonone.models.referrals import InventoryReferral
from aiotalonone.models.rewards import Giveaway, RewardWithUnlocks

__all__ = [
    "AudienceAction",
    "AudienceMembership",
    "CustomerInventory",
    "CustomerProfile",
    "CustomerProfileAudienceRequest",
    "CustomerProfileAudienceRequestItem",
    "CustomerProfileIntegrationRequestV2",
    "MultipleCustomerProfileIntegrationRequest",
    "MultipleCustomerProfileIntegrationRequestItem",
    "NewCustomerProfile",
    "ProfileAudiencesChanges",
    "ProfileResponseContent",
    "ReservedCustomers",
]

AudienceAction = Literal["add", "delete"]
"""Whether a customer joins an audience or leaves it."""

ProfileResponseContent = Literal[
    "customerProfile",
    "triggeredCampaigns",
    "loyalty",
    "event",
    "awardedGiveaways",
    "ruleFailureReasons",
    "campaignEligibility",
    "achievements",
    "unlockedRewards",
]
"""A part of the state that the response to a profile update can contain; older servers reject ``unlockedRewards``."""


@define(kw_only=True)
class NewCustomerProfile(Model):
    """What to set on a profile, V1. Schema ``NewCustomerProfile``."""

    attributes: dict[str, Any] | None = None
    """Attributes to set; those left out stay as they are."""


@define(kw_only=True)
class ProfileAudiencesChanges(Model):
    """Audiences to join and to leave along with a profile update. Schema ``ProfileAudiencesChanges``."""

    adds: list[int]
    """IDs of the audiences to join."""
    deletes: list[int]
    """IDs of the audiences to leave."""


@define(kw_only=True)
class CustomerProfileIntegrationRequestV2(Model):
    """What to set on a profile. Schema ``CustomerProfileIntegrationRequestV2``."""

    attributes: dict[str, Any] | None = None
    """Attributes to set; those left out stay as they are."""
    evaluable_campaign_ids: list[int] | None = None
    """In a dry call: the only campaigns to evaluate, disabled ones included."""
    audiences_changes: ProfileAudiencesChanges | None = None
    """Audiences to join and to leave."""
    response_content: list[ProfileResponseContent] | None = None
    """Parts of the state that the response contains, if the rules run."""


@define(kw_only=True)
class MultipleCustomerProfileIntegrationRequestItem(Model):
    """One profile of a bulk update. Schema ``MultipleCustomerProfileIntegrationRequestItem``."""

    attributes: dict[str, Any] | None = None
    """Attributes to set; those left out stay as they are."""
    integration_id: str = field(validator=max_length(1000, "characters"))
    """Integration ID of the customer, at most 1000 characters."""


@define(kw_only=True)
class MultipleCustomerProfileIntegrationRequest(Model):
    """Profiles to set at once. Schema ``MultipleCustomerProfileIntegrationRequest``."""

    customer_profiles: list[MultipleCustomerProfileIntegrationRequestItem] | None = field(
        default=None, validator=max_length(1000, "profiles")
    )
    """The profiles, at most 1000."""


@define(kw_only=True)
class CustomerProfileAudienceRequestItem(Model):
    """One customer who joins or leaves an audience. Schema ``CustomerProfileAudienceRequestItem``."""

    action: AudienceAction
    """``add`` makes the customer join, ``delete`` leave."""
    profile_integration_id: str = field(validator=max_length(1000, "characters"))
    """Integration ID of the customer, at most 1000 characters; ``add`` creates an unknown one."""
    audience_id: int
    """ID of the audience."""


@define(kw_only=True)
class CustomerProfileAudienceRequest(Model):
    """Customers who join and leave audiences. Schema ``CustomerProfileAudienceRequest``."""

    data: list[CustomerProfileAudienceRequestItem] | None = field(default=None, validator=max_length(1000, "actions"))
    """The actions, at most 1000."""


@define(kw_only=True)
class AudienceMembership(Model):
    """An audience that a customer belongs to. Schema ``AudienceMembership``."""

    id: int
    """ID of the audience."""
    name: str
    """Name of the audience."""


@define(kw_only=True)
class CustomerProfile(Model):
    """A customer. Schema ``CustomerProfile``."""

    id: int | None = None
    """Talon.One's ID of the profile."""
    created: datetime
    """When the profile was made."""
    integration_id: str
    """The customer's ID in your system."""
    attributes: dict[str, Any] = field(factory=dict)
    """Custom and built-in attributes."""
    account_id: int
    """Talon.One account that owns the profile."""
    closed_sessions: int
    """Sessions closed so far, without those cancelled or reopened since."""
    total_sales: float
    """Money spent before discounts, without returns and sessions cancelled or reopened."""
    loyalty_memberships: list[LoyaltyMembership] = field(factory=list)
    """Loyalty programs the customer joined; newer servers no longer fill it."""
    audience_memberships: list[AudienceMembership] = field(factory=list)
    """Audiences the customer belongs to."""
    last_activity: datetime
    """When a call last ran the rules for this customer; dry calls do not count."""
    sandbox: bool | None = None
    """Whether the profile belongs to a sandbox Application."""


@define(kw_only=True)
class ReservedCustomers(Model):
    """The customers who hold a reservation of a coupon."""

    total_result_size: int
    """How many customers hold one."""
    data: list[CustomerProfile] = field(factory=list)
    """The customers."""


@define(kw_only=True)
class CustomerInventory(Model):
    """What a customer holds, as far as it was asked for. Schema ``CustomerInventory``."""

    profile: CustomerProfile | None = None
    """The customer."""
    loyalty: Loyalty | None = None
    """The customer's loyalty programs and cards."""
    referrals: list[InventoryReferral] = field(factory=list)
    """Referral codes the customer handed out."""
    coupons: list[InventoryCoupon] = field(factory=list)
    """Coupons reserved for the customer."""
    giveaways: list[Giveaway] = field(factory=list)
    """Giveaways the customer was awarded."""
    achievements: list[AchievementProgressWithDefinition] = field(factory=list)
    """How far the customer is in each achievement."""
    rewards: list[RewardWithUnlocks] = field(factory=list)
    """Rewards that the customer unlocked and has not used; older servers leave them out."""
