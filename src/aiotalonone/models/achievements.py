"""Achievements, and how far a customer has come in them."""

from datetime import datetime

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models.campaigns import CampaignReference

__all__ = [
    "AchievementProgress",
    "AchievementProgressWithDefinition",
    "CustomerAchievement",
]


@define(kw_only=True)
class AchievementProgress(Model):
    """How far a customer has come in an achievement. Schema ``AchievementProgress``."""

    status: str
    """``not_started``, ``inprogress``, ``completed`` or ``expired``."""
    progress: float
    """What the customer has reached so far, in the unit of the achievement's target."""
    start_date: datetime | None = None
    """When the customer started."""
    completion_date: datetime | None = None
    """When the customer reached the target."""
    end_date: datetime | None = None
    """When this period ends and the progress restarts."""


@define(kw_only=True)
class AchievementProgressWithDefinition(AchievementProgress):
    """Progress together with the achievement's definition. Schema ``AchievementProgressWithDefinition``."""

    achievement_id: int
    """ID of the achievement."""
    name: str
    """Name that the API knows the achievement by."""
    title: str
    """Name shown to people."""
    description: str
    """What the achievement is about."""
    campaign_id: int | None = None
    """ID of the campaign that it belongs to, or of the first one; left out if it has no campaign."""
    campaign_ids: list[int] = field(factory=list)
    """IDs of the campaigns that it belongs to, in ascending order; older servers leave them out."""
    referenced_by_campaigns: list[CampaignReference] = field(factory=list)
    """The campaigns that it belongs to, by ascending ID; older servers leave them out."""
    target: float | None = None
    """Number of actions, or sum, that completes the achievement."""
    achievement_recurrence_policy: str
    """``no_recurrence``, ``on_expiration`` or ``on_completion``."""
    achievement_activation_policy: str
    """``user_action``: runs from the customer's start; ``fixed_schedule``: the same dates for all customers."""
    achievement_fixed_start_date: datetime | None = None
    """Start of an achievement on a fixed schedule."""
    achievement_end_date: datetime | None = None
    """From then on no customer can take part."""
    achievement_allow_rollback_after_completion: bool | None = None
    """Whether progress can be taken back once the target is reached."""


@define(kw_only=True)
class CustomerAchievement(Model):
    """An achievement as one customer sees it. Schema ``CustomerAchievement``."""

    id: int
    """ID of the achievement."""
    name: str
    """Name that the API knows the achievement by."""
    title: str
    """Name shown to people."""
    description: str
    """What the achievement is about."""
    target: float
    """Number of actions, or sum, that completes the achievement."""
    recurrence_policy: str
    """``no_recurrence``, ``on_expiration`` or ``on_completion``."""
    activation_policy: str
    """``user_action``: runs from the customer's start; ``fixed_schedule``: the same dates for all customers."""
    fixed_start_date: datetime | None = None
    """Start of an achievement on a fixed schedule."""
    end_date: datetime | None = None
    """From then on no customer can take part."""
    allow_rollback_after_completion: bool
    """Whether progress can be taken back once the target is reached."""
    campaign_id: int | None = None
    """ID of the first campaign that it belongs to; left out if it belongs to none, and by older servers."""
    campaign_ids: list[int] = field(factory=list)
    """IDs of the campaigns that it belongs to, in ascending order; older servers leave them out."""
    referenced_by_campaigns: list[CampaignReference] = field(factory=list)
    """The campaigns that it belongs to, by ascending ID; older servers leave them out."""
    current_progress: AchievementProgress | None = None
    """The customer's progress, once the customer has started."""
