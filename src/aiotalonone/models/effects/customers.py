"""Effects on the customer: audiences and achievements."""

from datetime import datetime

from attrs import define

from aiotalonone.models.effects._base import EffectProps

__all__ = [
    "AddToAudienceEffectProps",
    "IncreaseAchievementProgressEffectProps",
    "RemoveFromAudienceEffectProps",
    "RollbackIncreasedAchievementProgressEffectProps",
    "StartAchievementProgressEffectProps",
]


@define(kw_only=True)
class AddToAudienceEffectProps(EffectProps):
    """A customer joined an audience. Schema ``AddToAudienceEffectProps``."""

    audience_id: int | None = None
    """ID of the audience."""
    audience_name: str | None = None
    """Name of the audience."""
    profile_integration_id: str | None = None
    """Integration ID of the customer."""
    profile_id: int | None = None
    """ID that Talon.One gave the customer."""


@define(kw_only=True)
class RemoveFromAudienceEffectProps(EffectProps):
    """A customer left an audience. Schema ``RemoveFromAudienceEffectProps``."""

    audience_id: int | None = None
    """ID of the audience."""
    audience_name: str | None = None
    """Name of the audience."""
    profile_integration_id: str | None = None
    """Integration ID of the customer."""
    profile_id: int | None = None
    """ID that Talon.One gave the customer."""


@define(kw_only=True)
class StartAchievementProgressEffectProps(EffectProps):
    """A customer started an achievement. Schema ``StartAchievementProgressEffectProps``."""

    achievement_id: int
    """ID of the achievement."""
    achievement_name: str
    """Name that the API knows the achievement by."""
    progress_tracker_id: int
    """ID of this round of the customer's progress."""
    target: float
    """Progress that completes the achievement."""
    start_date: datetime
    """When the customer started."""
    end_date: datetime | None = None
    """When this round ends, if it ends."""


@define(kw_only=True)
class IncreaseAchievementProgressEffectProps(EffectProps):
    """A customer came further in an achievement. Schema ``IncreaseAchievementProgressEffectProps``."""

    achievement_id: int
    """ID of the achievement."""
    achievement_name: str
    """Name that the API knows the achievement by."""
    progress_tracker_id: int | None = None
    """ID of this round of the customer's progress."""
    delta: float
    """How much further."""
    value: float
    """Progress reached."""
    target: float
    """Progress that completes the achievement."""
    is_just_completed: bool
    """Whether this session completed the achievement."""


@define(kw_only=True)
class RollbackIncreasedAchievementProgressEffectProps(EffectProps):
    """Progress is taken back. Schema ``RollbackIncreasedAchievementProgressEffectProps``."""

    achievement_id: int
    """ID of the achievement."""
    achievement_name: str
    """Name that the API knows the achievement by."""
    progress_tracker_id: int
    """ID of this round of the customer's progress."""
    decrease_progress_by: float
    """How much is taken back."""
    current_progress: float
    """Progress left."""
    target: float
    """Progress that completes the achievement."""
