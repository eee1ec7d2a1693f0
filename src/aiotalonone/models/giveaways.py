"""Giveaways: codes from a pool, handed to customers."""

from datetime import datetime
from typing import Any

from attrs import define, field

from aiotalonone.models._base import Model

__all__ = [
    "Giveaway",
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
