"""Effects that tell the integration something, the account's own effects among them."""

from typing import Any

from attrs import define, field


@define(kw_only=True)
class ShowNotificationEffectProps:
    """A message for the customer. Schema ``ShowNotificationEffectProps``."""

    notification_type: str
    """``Info``, ``Offer``, ``Error`` or ``Misc``."""
    title: str
    """Title of the message."""
    body: str
    """Text of the message."""
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""


@define(kw_only=True)
class UpdateAttributeEffectProps:
    """An attribute was given a value. Schema ``UpdateAttributeEffectProps``."""

    path: str
    """Kind of entity and name of the attribute."""
    value: Any = None
    """The new value."""
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""


@define(kw_only=True)
class TriggerWebhookEffectProps:
    """A webhook was triggered. Schema ``TriggerWebhookEffectProps``."""

    webhook_id: int
    """ID of the webhook."""
    webhook_name: str
    """Name of the webhook."""
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""


@define(kw_only=True)
class CustomEffectProps:
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
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""


@define(kw_only=True)
class ErrorEffectProps:
    """The evaluation of a rule went wrong. Schema ``ErrorEffectProps``."""

    message: str
    """What went wrong."""
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""


@define(kw_only=True)
class UnknownEffectProps:
    """The props of an effect that this version does not know."""

    extra: dict[str, Any] = field(factory=dict)
    """All members, as they came."""
