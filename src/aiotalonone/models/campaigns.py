"""Campaigns, their limits and what was spent of them."""

from datetime import datetime
from typing import Any

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import json_name
from aiotalonone.models.eligibility import IntegrationCampaignBase, RuleMetadata

__all__ = [
    "Campaign",
    "CampaignBudget",
    "CampaignReference",
    "CodeGeneratorSettings",
    "ExperimentVariantAllocation",
    "IntegrationCampaign",
    "IntegrationCampaigns",
    "LimitConfig",
]


@define(kw_only=True)
class CampaignBudget(Model):
    """A budget of a campaign and its use. Schema ``CampaignBudget``."""

    action: str
    """The counted action, such as ``setDiscount`` or ``redeemCoupon``."""
    limit: float
    """The most that the campaign gives."""
    counter: float
    """What it has given."""


@define(kw_only=True)
class CampaignReference(Model):
    """A campaign that an achievement belongs to. Schema ``CampaignReference``."""

    id: int
    """ID of the campaign."""
    application_id: int
    """ID of the Application that owns it."""


@define(kw_only=True)
class LimitConfig(Model):
    """A limit on one action of a campaign. Schema ``LimitConfig``."""

    action: str
    """The limited action, such as ``setDiscount`` or ``createCoupon``."""
    limit: float
    """The most that is allowed, in times or in money."""
    period: str | None = None
    """``daily``, ``weekly``, ``monthly`` or ``yearly``, if the limit recurs."""
    entities: list[str] = field(factory=list)
    """What is counted one by one, such as ``Coupon``, ``Profile`` or ``Session``."""


@define(kw_only=True)
class CodeGeneratorSettings(Model):
    """How codes are made up. Schema ``CodeGeneratorSettings``."""

    valid_characters: list[str] = field(factory=list)
    """Characters that may stand for a ``#`` of the pattern."""
    coupon_pattern: str
    """The code with ``#`` for each random character, 3 to 100 characters."""


@define(kw_only=True)
class Campaign(Model):
    """A campaign. Schema ``Campaign``.

    The API has deprecated the counters in favour of ``budgets``.
    """

    id: int
    """ID of the campaign."""
    created: datetime
    """When it was created."""
    application_id: int
    """ID of the Application that owns it."""
    user_id: int
    """ID of the user who owns it."""
    name: str
    """Name shown to people."""
    description: str
    """What the campaign is about."""
    start_time: datetime | None = None
    """When it becomes active."""
    end_time: datetime | None = None
    """When it stops being active."""
    attributes: dict[str, Any] = field(factory=dict)
    """The campaign's own attributes."""
    state: str
    """``enabled``, ``disabled`` or ``archived``; only an enabled campaign is evaluated."""
    active_ruleset_id: int | None = None
    """ID of the rules in force."""
    tags: list[str] = field(factory=list)
    """Tags, at most 50."""
    reevaluate_on_return: bool | None = None
    """Whether returned items evaluate the campaign again."""
    features: list[str] = field(factory=list)
    """What the campaign can do, such as ``coupons``, ``referrals``, ``loyalty`` or ``giveaways``."""
    coupon_settings: CodeGeneratorSettings | None = None
    """How its coupon codes are made up."""
    referral_settings: CodeGeneratorSettings | None = None
    """How its referral codes are made up."""
    limits: list[LimitConfig] = field(factory=list)
    """Limits in force."""
    campaign_groups: list[int] = field(factory=list)
    """IDs of the groups that it belongs to."""
    type: str | None = None
    """``cartItem``: effects on cart items only; ``advanced``: on sessions as well."""
    linked_store_ids: list[int] = field(factory=list)
    """IDs of the stores that it is limited to."""
    coupon_attributes: dict[str, Any] = field(factory=dict)
    """Attributes of the campaign's coupons."""
    budgets: list[CampaignBudget] = field(factory=list)
    """Budgets that the campaign defines, with their use."""
    coupon_redemption_count: int | None = None
    """Coupons redeemed."""
    referral_redemption_count: int | None = None
    """Referral codes redeemed."""
    discount_count: float | None = None
    """Money given as discounts."""
    discount_effect_count: int | None = None
    """Times a discount was given."""
    coupon_creation_count: int | None = None
    """Coupons created by rules."""
    custom_effect_count: int | None = None
    """Custom effects triggered."""
    referral_creation_count: int | None = None
    """Referral codes created by rules."""
    add_free_item_effect_count: int | None = None
    """Times a free item was added."""
    awarded_giveaways_count: int | None = None
    """Giveaways awarded."""
    created_loyalty_points_count: float | None = None
    """Loyalty points given."""
    created_loyalty_points_effect_count: int | None = None
    """Times loyalty points were given."""
    redeemed_loyalty_points_count: float | None = None
    """Loyalty points redeemed."""
    redeemed_loyalty_points_effect_count: int | None = None
    """Times loyalty points were redeemed."""
    call_api_effect_count: int | None = None
    """Webhooks triggered."""
    reservecoupon_effect_count: int | None = None
    """Coupons reserved by rules."""
    last_activity: datetime | None = None
    """When the campaign last received an event."""
    updated: datetime | None = None
    """When the campaign was last changed."""
    created_by: str | None = None
    """Name of the user who created it."""
    updated_by: str | None = None
    """Name of the user who last changed it."""
    template_id: int | None = None
    """ID of the template that it was made from."""
    frontend_state: str | None = None
    """``expired``, ``scheduled``, ``running``, ``disabled``, ``archived`` or ``staged``."""
    stores_imported: bool | None = None
    """Whether the linked stores came from a CSV file."""
    value_maps_ids: list[int] = field(factory=list)
    """IDs of its value maps."""
    experiment_id: int | None = None
    """ID of the experiment that it is part of."""
    revision_frontend_state: str | None = None
    """``revised`` or ``pending``, if there is a revision."""
    active_revision_id: int | None = None
    """ID of the revision that was activated last."""
    active_revision_version_id: int | None = None
    """ID of the revision's version in force."""
    version: int | None = None
    """Number of revisions activated so far."""
    current_revision_id: int | None = None
    """ID of the revision being worked on."""
    current_revision_version_id: int | None = None
    """ID of the latest version of that revision."""
    stage_revision: bool | None = None
    """Whether a staging key evaluates the revision being worked on."""


@define(kw_only=True)
class ExperimentVariantAllocation(Model):
    """The variant of an experiment that a session is given. Schema ``ExperimentVariantAllocation``."""

    experiment_id: int = field(metadata=json_name("experimentID"))
    """ID of the experiment."""
    variant_id: int = field(metadata=json_name("variantID"))
    """ID of the variant."""


@define(kw_only=True)
class IntegrationCampaign(IntegrationCampaignBase):
    """A running campaign, as customers may see it. Schema ``IntegrationCampaign``."""

    rules: list[RuleMetadata] = field(factory=list)
    """What customers are told about its rules."""
    linked_store_ids: list[int] = field(factory=list)
    """IDs of the stores that it is limited to."""
    linked_audience_ids: list[int] = field(factory=list)
    """IDs of the audiences that it is linked to."""


@define(kw_only=True)
class IntegrationCampaigns(Model):
    """A page of the running campaigns."""

    has_more: bool
    """Whether another page follows."""
    data: list[IntegrationCampaign] = field(factory=list)
    """The campaigns."""
