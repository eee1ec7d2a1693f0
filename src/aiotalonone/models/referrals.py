"""Referral codes: advocates hand them to friends."""

from datetime import datetime
from typing import Any

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import length_between, max_length, number_between

__all__ = [
    "CreatedReferrals",
    "InventoryReferral",
    "NewReferral",
    "NewReferralsForMultipleAdvocates",
    "Referral",
]


@define(kw_only=True)
class NewReferral(Model):
    """A referral code to make for one advocate. Schema ``NewReferral``."""

    start_date: datetime | None = None
    """From when the code is valid."""
    expiry_date: datetime | None = None
    """Until when the code is valid; left out, it never expires."""
    usage_limit: int | None = field(default=None, validator=number_between(0, 999_999))
    """Uses allowed, 0 for any number within the campaign's own limits; at most 999 999."""
    campaign_id: int
    """Campaign that the code belongs to."""
    advocate_profile_integration_id: str = field(validator=max_length(1000, "characters"))
    """Integration ID of the advocate, at most 1000 characters."""
    friend_profile_integration_id: str | None = None
    """Integration ID of the one friend who may use the code."""
    attributes: dict[str, Any] | None = None
    """Custom attributes."""


@define(kw_only=True)
class NewReferralsForMultipleAdvocates(Model):
    """Referral codes to make, one for each advocate. Schema ``NewReferralsForMultipleAdvocates``."""

    start_date: datetime | None = None
    """From when the codes are valid."""
    expiry_date: datetime | None = None
    """Until when the codes are valid; left out, they never expire."""
    usage_limit: int = field(validator=number_between(0, 999_999))
    """Uses allowed of each code, 0 for any number within the campaign's own limits; at most 999 999."""
    campaign_id: int
    """Campaign that the codes belong to."""
    advocate_profile_integration_ids: list[str] = field(validator=length_between(1, 1000, "advocates"))
    """Integration IDs of the advocates, 1 to 1000."""
    attributes: dict[str, Any] | None = None
    """Custom attributes, the same for every code."""
    valid_characters: list[str] | None = None
    """Characters that the random part of a code is drawn from; left out, A to Z and 0 to 9."""
    referral_pattern: str | None = field(default=None, validator=length_between(3, 100, "characters"))
    """Shape of the codes, 3 to 100 characters, each ``#`` a random one."""


@define(kw_only=True)
class Referral(Model):
    """A referral code. Schema ``Referral``."""

    id: int
    """Talon.One's ID of the referral."""
    created: datetime
    """When the code was made."""
    start_date: datetime | None = None
    """From when the code is valid."""
    expiry_date: datetime | None = None
    """Until when the code is valid; None never expires."""
    usage_limit: int
    """Uses allowed, 0 for any number within the campaign's own limits."""
    campaign_id: int
    """Campaign that the code belongs to."""
    advocate_profile_integration_id: str
    """Integration ID of the advocate."""
    friend_profile_integration_id: str | None = None
    """Integration ID of the one friend who may use the code."""
    attributes: dict[str, Any] = field(factory=dict)
    """Custom attributes."""
    import_id: int | None = None
    """The import that made the referral."""
    code: str
    """The code itself."""
    usage_counter: int
    """Uses so far."""
    batch_id: str | None = None
    """The batch that the code was made in."""


@define(kw_only=True)
class InventoryReferral(Referral):
    """A referral code and the friends who used it. Schema ``InventoryReferral``."""

    referred_customers: list[str] = field(factory=list)
    """Integration IDs of the friends who used the code."""


@define(kw_only=True)
class CreatedReferrals(Model):
    """The referral codes that one call made."""

    total_result_size: int
    """How many codes were made."""
    data: list[Referral] = field(factory=list)
    """The codes, one for each advocate."""
