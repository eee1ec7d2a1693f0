"""What customers are given: codes from a pool, and rewards that they unlock and use."""

from datetime import datetime
from typing import Any

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models.eligibility import RuleMetadata

__all__ = [
    "CustomerReward",
    "Giveaway",
    "RewardWithUnlocks",
]


@define(kw_only=True)
class Giveaway(Model):
    """A code that a customer was given. Schema ``Giveaway``."""

    id: int
    """Talon.One's ID of the giveaway."""
    created: datetime
    """When the giveaway was made."""
    code: str
    """The code itself."""
    pool_id: int
    """Pool that the code comes from."""
    start_date: datetime | None = None
    """From when the code is valid."""
    end_date: datetime | None = None
    """Until when the code is valid."""
    attributes: dict[str, Any] = field(factory=dict)
    """Custom attributes."""
    used: bool | None = None
    """Whether the code had been given before."""
    import_id: int | None = None
    """The import that made the giveaway."""
    profile_integration_id: str | None = None
    """Integration ID of the customer who was awarded the code."""
    profile_id: int | None = None
    """Talon.One's ID of that customer, if there is a profile."""


@define(kw_only=True)
class CustomerReward(Model):
    """A reward that a customer unlocked once. Schema ``CustomerReward``."""

    application_id: int
    """ID of the Application that it was unlocked in."""
    profile_integration_id: str
    """Integration ID of the customer who unlocked it."""
    integration_id: str
    """ID of this unlock in your system."""
    unlocked_at: datetime
    """When it was unlocked."""
    used_at: datetime | None = None
    """When it was used, if it was."""


@define(kw_only=True)
class RewardWithUnlocks(Model):
    """A reward, and each time that the customer unlocked it. Schema ``RewardWithUnlocks``."""

    id: int
    """Talon.One's ID of the reward."""
    integration_id: str
    """The reward's ID in your system."""
    name: str
    """Name for customers."""
    description: str | None = None
    """Description for customers."""
    rule: RuleMetadata
    """What customers are told about the reward's rule."""
    unlocked: list[CustomerReward] = field(factory=list)
    """The customer's unlocks that are not used yet."""
