"""Prices that items had: the best one within a timeframe, as price indication rules ask for it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import LimitError, json_name, min_length

if TYPE_CHECKING:
    from attrs import Attribute

__all__ = [
    "AdjustmentDetails",
    "AudienceReference",
    "BestPriorPrice",
    "BestPriorPriceMetadata",
    "BestPriorPriceRequest",
    "BestPriorTarget",
    "InfluencingCampaignDetails",
    "LabelTarget",
    "PriceTargetType",
    "TimeframeEndDateType",
]

TimeframeEndDateType = Literal["strict", "price", "sale"]
"""What a timeframe ends at: its end date, the start of the current price, or that of the current context."""

PriceTargetType = Literal["NONE", "AUDIENCE"]
"""Whom a price is for: everyone, or the members of an audience."""


def _whole_days(_: object, attribute: "Attribute[Any]", value: Any) -> None:
    """Check that a text is a number of days.

    Raises:
        LimitError: It is another text.
        TypeError: It is not a text.
    """
    if not isinstance(value, str):
        raise TypeError(f"{attribute.name} must be a str, not {type(value).__name__}")
    if not (value.isascii() and value.isdecimal()) or not int(value):
        raise LimitError(f"{attribute.name}: a whole number of days as text, 1 or more")


def _with_its_audience(target: Any, attribute: "Attribute[Any]", value: Any) -> None:
    """Check that an audience is named if, and only if, it is the target.

    Raises:
        LimitError: It is not.
    """
    if (value is None) is (target.target_type == "AUDIENCE"):
        raise LimitError(f"{attribute.name}: needed with the target type AUDIENCE, and with no other")


@define(kw_only=True)
class BestPriorTarget(Model):
    """Whose prices are compared. Schema ``BestPriorTarget``."""

    target_type: PriceTargetType
    """Everyone's, or those of an audience."""
    audience_id: int | None = field(default=None, metadata=json_name("audienceID"), validator=_with_its_audience)
    """ID of the audience, for the type ``AUDIENCE``."""


@define(kw_only=True)
class BestPriorPriceRequest(Model):
    """The items and the timeframe of prior prices. Schema ``BestPriorPriceRequest``."""

    skus: list[str] = field(validator=min_length(1, "SKUs"))
    """SKUs of the items, at least one."""
    timeframe_end_date: datetime
    """The latest time whose prices count."""
    timeframe: str = field(validator=_whole_days)
    """How many days before its end the timeframe starts, as text: ``"30"``."""
    timeframe_end_date_type: TimeframeEndDateType
    """What the timeframe ends at."""
    target: BestPriorTarget | None = None
    """Whose prices count; left out, everyone's."""


@define(kw_only=True)
class InfluencingCampaignDetails(Model):
    """A campaign that changed a price. Schema ``InfluencingCampaignDetails``."""

    campaign_id: int
    """ID of the campaign."""
    discount_value: float
    """What the campaign took off the price."""


@define(kw_only=True)
class AdjustmentDetails(Model):
    """The price adjustment that a price comes from. Schema ``AdjustmentDetails``."""

    reference_id: str
    """Your own ID of the adjustment, as it was added."""
    selected_price_type: str
    """Type of the price, such as ``member``."""
    value: float
    """The price that the adjustment says."""


@define(kw_only=True)
class BestPriorPriceMetadata(Model):
    """What led to a price. Schema ``BestPriorPriceMetadata``."""

    influencing_campaign_details: list[InfluencingCampaignDetails] = field(factory=list)
    """Campaigns that changed the price."""
    adjustment_details: AdjustmentDetails | None = None
    """The price adjustment behind the price, if there is one."""


@define(kw_only=True)
class AudienceReference(Model):
    """An audience, by its ID. Schema ``AudienceReference``."""

    id: int
    """ID of the audience."""
    integration: str | None = None
    """The other system that the audience comes from."""
    integration_id: str | None = None
    """ID of the audience in that system."""


@define(kw_only=True)
class LabelTarget(Model):
    """Whom a price is for. Schema ``LabelTarget``."""

    type: str
    """``NONE`` for everyone, ``AUDIENCE`` for the members of an audience."""
    audience: AudienceReference | None = None
    """The audience, for the type ``AUDIENCE``."""


@define(kw_only=True)
class BestPriorPrice(Model):
    """The best price that an item had within the timeframe. Schema ``BestPriorPrice``."""

    id: int
    """Talon.One's ID of the historical price."""
    sku: str
    """SKU of the item."""
    observed_at: datetime
    """When the item had the price first."""
    context_ids: list[str] = field(factory=list)
    """What the price was part of: the contexts of its adjustment and of the campaigns that changed it."""
    context_id: str | None = None
    """Deprecated, an empty text: ``context_ids`` has the contexts."""
    price: float
    """The price of one unit."""
    metadata: BestPriorPriceMetadata
    """What led to the price."""
    target: LabelTarget
    """Whom the price was for."""
