"""Whether campaigns and rules applied to a customer, and why not."""

from datetime import datetime
from typing import Any

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import json_name

__all__ = [
    "CampaignEligibility",
    "CampaignEligibilityDetails",
    "CampaignEligibilityExperiment",
    "CampaignEligibilityFailureDetails",
    "IntegrationCampaignBase",
    "RuleEligibility",
    "RuleEligibilityFailureDetails",
    "RuleFailureReason",
    "RuleMetadata",
    "RuleMetadataEligibility",
]


@define(kw_only=True)
class RuleFailureReason(Model):
    """A rule that failed, and where in it. Schema ``RuleFailureReason``."""

    campaign_id: int = field(metadata=json_name("campaignID"))
    """ID of the campaign."""
    campaign_name: str
    """Name of the campaign."""
    ruleset_id: int = field(metadata=json_name("rulesetID"))
    """ID of the set of rules."""
    coupon_id: int | None = field(default=None, metadata=json_name("couponID"))
    """ID of the coupon that the rule was tried with."""
    coupon_value: str | None = None
    """Code of that coupon."""
    referral_id: int | None = field(default=None, metadata=json_name("referralID"))
    """ID of the referral that the rule was tried with."""
    referral_value: str | None = None
    """Code of that referral."""
    rule_index: int
    """Place of the rule in the set, 0 for the first."""
    rule_name: str
    """Name of the rule."""
    condition_index: int | None = None
    """Place of the condition that failed, 0 for the first."""
    effect_index: int | None = None
    """Place of the effect that failed, 0 for the first."""
    details: str | None = None
    """More about the failure."""
    evaluation_group_id: int | None = field(default=None, metadata=json_name("evaluationGroupID"))
    """ID of the group that the campaign was evaluated in."""
    evaluation_group_mode: str | None = None
    """How that group evaluates its campaigns, such as ``stackable``."""


@define(kw_only=True)
class RuleEligibilityFailureDetails(Model):
    """Why a rule did not apply to the customer. Schema ``RuleEligibilityFailureDetails``."""

    failure_code: str
    """``CONDITION_NOT_MET`` or ``EFFECT_FAILED``."""
    coupon_id: int | None = field(default=None, metadata=json_name("couponID"))
    """ID of the coupon that the rule was tried with."""
    coupon_value: str | None = None
    """Code of that coupon."""
    referral_id: int | None = field(default=None, metadata=json_name("referralID"))
    """ID of the referral that the rule was tried with."""
    referral_value: str | None = None
    """Code of that referral."""
    condition_index: int | None = None
    """Place of the condition that failed, 0 for the first."""
    effect_index: int | None = None
    """Place of the effect that failed, 0 for the first."""
    details: str
    """More about the failure."""


@define(kw_only=True)
class RuleEligibility(Model):
    """Whether a rule applied in the session. Schema ``RuleEligibility``."""

    passed: bool
    """Whether all conditions of the rule were met."""
    coupon_code: str | None = None
    """The coupon code that the rule was tried with."""
    details: RuleEligibilityFailureDetails | None = None
    """Why not, if it did not apply."""


@define(kw_only=True)
class RuleMetadata(Model):
    """What customers are told about a rule. Schema ``RuleMetadata``."""

    title: str
    """Short description of the rule."""
    display_name: str | None = None
    """Name for customers."""
    display_description: str | None = None
    """Description for customers: who gets it, when, on which terms."""
    related_data: str | None = None
    """Anything else kept with the rule, such as the URL of a picture."""


@define(kw_only=True)
class RuleMetadataEligibility(RuleMetadata):
    """A rule, and whether it applied in the session. Schema ``RuleMetadataEligibility``."""

    eligibility: list[RuleEligibility] = field(factory=list)
    """One verdict for each coupon code tried, or a single one."""


@define(kw_only=True)
class CampaignEligibilityFailureDetails(Model):
    """Why a campaign did not apply. Schema ``CampaignEligibilityFailureDetails``."""

    failure_code: str
    """``ALL_RULES_FAILED``, ``SKIPPED`` or ``AUDIENCE_NOT_MATCHED``."""


@define(kw_only=True)
class CampaignEligibilityDetails(Model):
    """Whether a campaign applied in the session. Schema ``CampaignEligibilityDetails``."""

    passed: bool
    """Whether the customer was eligible."""
    coupon_code: str | None = None
    """The coupon code that the campaign was tried with."""
    details: CampaignEligibilityFailureDetails | None = None
    """Why not, if it did not apply."""


@define(kw_only=True)
class CampaignEligibilityExperiment(Model):
    """The experiment's variant that the customer was given. Schema ``CampaignEligibilityExperiment``."""

    id: int
    """ID of the experiment."""
    variant_id: int
    """ID of the variant."""


@define(kw_only=True)
class IntegrationCampaignBase(Model):
    """The part of a campaign that customers may see. Schema ``IntegrationCampaignBase``."""

    application_id: int
    """ID of the Application that owns it."""
    id: int
    """ID of the campaign."""
    name: str
    """Name of the campaign."""
    description: str | None = None
    """What the campaign is about."""
    start_time: datetime | None = None
    """When it becomes active."""
    end_time: datetime | None = None
    """When it stops being active."""
    attributes: dict[str, Any] = field(factory=dict)
    """The campaign's own attributes."""
    state: str
    """``enabled``: only such campaigns are shown."""
    tags: list[str] = field(factory=list)
    """Tags, at most 50."""
    features: list[str] = field(factory=list)
    """What the campaign can do, such as ``coupons``, ``referrals``, ``loyalty`` or ``giveaways``."""


@define(kw_only=True)
class CampaignEligibility(IntegrationCampaignBase):
    """A campaign, and whether it applied in the session. Schema ``CampaignEligibility``."""

    eligibility: list[CampaignEligibilityDetails] = field(factory=list)
    """One verdict for each coupon code tried, or a single one."""
    rules: list[RuleMetadataEligibility] = field(factory=list)
    """The campaign's rules, each with its own verdict."""
    experiment: CampaignEligibilityExperiment | None = None
    """The variant that the customer was given, if the campaign is part of an experiment."""
