"""Effects that tell the integration something, the account's own effects among them."""

from typing import Any

from attrs import define, field

from aiotalonone.models.effects._base import EffectProps

__all__ = [
    "CustomEffectProps",
    "ErrorEffectProps",
    "ShowNotificationEffectProps",
    "TriggerWebhookEffectProps",
    "UnknownEffectProps",
    "UpdateAttributeEffectProps",
]


@define(kw_only=True)
class ShowNotificationEffectProps(EffectProps):
    """A message for the customer. Schema ``ShowNotificationEffectProps``."""

    notification_type: str
    """``Info``, ``Offer``, ``Error`` or ``Misc``."""
    title: str
    """Title of the message."""
    body: str
    """Text of the message."""


@define(kw_only=True)
class UpdateAttributeEffectProps(EffectProps):
    """An attribute was given a value. Schema ``UpdateAttributeEffectProps``."""

    path: str
    """Kind of entity and name of the attribute."""
    value: Any = None
    """The new value."""


@define(kw_only=True)
class TriggerWebhookEffectProps(EffectProps):
    """A webhook was triggered. Schema ``TriggerWebhookEffectProps``."""

    webhook_id: int
    """ID of the webhook."""
    webhook_name: str
    """Name of the webhook."""


@define(kw_only=True)
class CustomEffectProps(EffectProps):
    """An effect that the account defined. Schema ``CustomEffectProps``."""

    effect_id: int | None = None
    """ID of the account's effect."""
    name: str | None = None
    """Name of the account's effect."""
    cart_item_position: int | None = None
    """Place in the cart of the item that it is about."""
    cart_item_sub_position: int | None = None
    """Which unit of that item."""
    bundle_index: int | None = None
    """Which bundle of its definition it is about, 0 for the first."""
    bundle_name: str | None = None
    """Name of the bundle's definition."""
    payload: dict[str, Any] = field(factory=dict)
    """What the account's effect carries."""
    type: str | None = None
    """Name of the account's effect, on older servers."""


@define(kw_only=True)
class ErrorEffectProps(EffectProps):
    """The evaluation of a rule went wrong. Schema ``ErrorEffectProps``."""

    message: str
    """What went wrong."""


@define(kw_only=True)
class UnknownEffectProps(EffectProps):
    """The props of an effect that this version does not know."""
