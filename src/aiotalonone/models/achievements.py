"""Achievements, and how far a customer has come in them."""

from datetime import datetime
from typing import Literal

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models.campaigns import CampaignReference

__all__ = [
    "AchievementHistoryStatus",
    "AchievementProgress",
    "AchievementProgressStatus",
    "AchievementProgressWithDefinition",
    "AchievementStatus",
    "AchievementStatusEntry",
    "CustomerAchievement",
    "CustomerAchievementHistory",
    "CustomerAchievements",
    "TimePoint",
]

AchievementHistoryStatus = Literal["inprogress", "completed", "expired"]
"""How far a customer came in one period of an achievement."""
AchievementProgressStatus = Literal["inprogress", "completed", "not_started"]
"""How far a customer has come in an achievement."""
AchievementStatus = Literal["active", "scheduled"]
"""Whether customers can take part in an achievement, or not yet."""


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


@define(kw_only=True)
class TimePoint(Model):
    """When an achievement ends and restarts, in the Application's time zone. Schema ``TimePoint``."""

    month: int | None = None
    """Month, 1 to 12; with a period of years alone."""
    day_of_month: int | None = None
    """Day, 1 to 31; with a period of months or years alone."""
    day_of_week: int | None = None
    """Day, 1 for Monday to 7 for Sunday; with a period of weeks alone."""
    hour: int
    """Hour of the day."""
    minute: int
    """Minute of the hour."""
    second: int
    """Second of the minute."""


@define(kw_only=True)
class AchievementStatusEntry(Model):
    """An achievement that is open to a customer. Schema ``AchievementStatusEntry``."""

    id: int
    """ID of the achievement."""
    created: datetime
    """When it was created."""
    name: str
    """Name that the API knows the achievement by."""
    title: str
    """Name shown to people."""
    description: str
    """What the achievement is about."""
    target: float
    """Number of actions, or sum, that completes the achievement."""
    period: str | None = None
    """How long a customer has from the start, such as ``1Y`` or ``30D_D``; it then restarts."""
    period_end_override: TimePoint | None = None
    """When it restarts, in place of the period's length; the API has deprecated it."""
    recurrence_policy: str | None = None
    """``no_recurrence``, ``on_expiration`` or ``on_completion``."""
    activation_policy: str | None = None
    """``user_action``: runs from the customer's start; ``fixed_schedule``: the same dates for all customers."""
    fixed_start_date: datetime | None = None
    """Start of an achievement on a fixed schedule."""
    end_date: datetime | None = None
    """From then on no customer can take part."""
    allow_rollback_after_completion: bool | None = None
    """Whether progress can be taken back once the target is reached."""
    campaign_id: int | None = None
    """ID of the first campaign that it belongs to; left out if it has no campaign."""
    campaign_ids: list[int] = field(factory=list)
    """IDs of the campaigns that it belongs to, in ascending order; older servers leave them out."""
    referenced_by_campaigns: list[CampaignReference] = field(factory=list)
    """The campaigns that it belongs to, by ascending ID; older servers leave them out."""
    status: str | None = None
    """``active`` or ``scheduled``."""
    current_progress: AchievementProgress | None = None
    """The customer's progress, if there is any."""


@define(kw_only=True)
class CustomerAchievements(Model):
    """A page of the achievements that are open to a customer."""

    total_result_size: int
    """How many there are on all pages."""
    data: list[AchievementStatusEntry] = field(factory=list)
    """The achievements."""


@define(kw_only=True)
class CustomerAchievementHistory(Model):
    """A page of a customer's progress in one achievement, period by period."""

    total_result_size: int
    """How many periods there are on all pages."""
    data: list[AchievementProgress] = field(factory=list)
    """The progress in each period."""
