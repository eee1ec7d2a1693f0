"""Audiences: groups of customers that campaigns can ask for."""

from datetime import datetime

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import length_between, non_empty, unique

__all__ = ["AttributeQuery", "Audience", "NewAudience", "UpdateAudience"]


@define(kw_only=True)
class NewAudience(Model):
    """An audience to be made. Schema ``NewAudience``."""

    name: str = field(validator=non_empty)
    """Name shown to people, not empty."""
    sandbox: bool | None = None
    """Whether it is for sandbox Applications rather than live ones."""
    description: str | None = None
    """What the audience is about."""
    subscribed_applications_ids: list[int] | None = field(default=None, validator=unique)
    """IDs of the Applications that can use it, each once."""
    integration: str | None = None
    """The platform that it comes from, such as ``mparticle`` or ``segment``, if Talon.One supports it."""
    integration_id: str | None = field(default=None, validator=length_between(1, 1000, "characters"))
    """ID that it has in another platform, 1 to 1000 characters, unique in each ``integration``."""
    created_in3rd_party: bool | None = None
    """Whether it comes from another platform."""
    last_update: datetime | None = None
    """When its memberships last changed."""


@define(kw_only=True)
class UpdateAudience(Model):
    """What to set on an audience. Schema ``UpdateAudience``."""

    name: str = field(validator=non_empty)
    """Name shown to people, not empty."""
    subscribed_applications_ids: list[int] | None = field(default=None, validator=unique)
    """IDs of the Applications that can use it, each once."""


@define(kw_only=True)
class Audience(Model):
    """An audience. Schema ``Audience``."""

    account_id: int
    """ID of the Talon.One account."""
    id: int
    """ID of the audience."""
    created: datetime
    """When it was created."""
    name: str
    """Name shown to people."""
    sandbox: bool | None = None
    """Whether it is for sandbox Applications rather than live ones."""
    description: str | None = None
    """What the audience is about."""
    subscribed_applications_ids: list[int] = field(factory=list)
    """IDs of the Applications that can use it."""
    integration: str | None = None
    """The platform that it comes from."""
    integration_id: str | None = None
    """ID that it has in another platform."""
    created_in3rd_party: bool | None = None
    """Whether it comes from another platform."""
    last_update: datetime | None = None
    """When its memberships last changed."""


@define(kw_only=True)
class AttributeQuery(Model):
    """Attributes to set on all customers of an audience: the members of ``extra``. Schema ``AttributeQuery``.

    It has no other members; a mapping of the attributes does as well.
    """
