"""Effects that give something: discounts, free items, giveaways and rewards."""

from datetime import datetime

from attrs import define, field

from aiotalonone.models.effects._base import EffectProps

__all__ = [
    "AddFreeItemEffectProps",
    "AwardGiveawayEffectProps",
    "RollbackDiscountEffectProps",
    "RollbackUseRewardEffectProps",
    "SetDiscountEffectProps",
    "SetDiscountPerAdditionalCostEffectProps",
    "SetDiscountPerAdditionalCostPerItemEffectProps",
    "SetDiscountPerItemEffectProps",
    "ShowBundleMetadataEffectProps",
    "UnlockRewardEffectProps",
    "UseRewardEffectProps",
    "WillAwardGiveawayEffectProps",
]


@define(kw_only=True)
class SetDiscountEffectProps(EffectProps):
    """A discount on the session; replaces one of the same name. Schema ``SetDiscountEffectProps``."""

    name: str
    """Name of the discount."""
    value: float
    """The discount, in the Application's currency."""
    scope: str | None = None
    """What it is taken from: ``cartItems``, ``additionalCosts`` or ``sessionTotal``."""
    desired_value: float | None = None
    """What it would have been without budgets, if partial rewards are on."""


@define(kw_only=True)
class SetDiscountPerItemEffectProps(EffectProps):
    """A discount on one cart item. Schema ``SetDiscountPerItemEffectProps``."""

    name: str
    """Name of the discount; the API appends ``#`` and the position."""
    value: float
    """The discount, in the Application's currency."""
    position: int
    """Place of the item in the cart, 0 for the first."""
    sub_position: int | None = None
    """Which unit of the item, 0 for the first."""
    desired_value: float | None = None
    """What it would have been without budgets, if partial rewards are on."""
    scope: str | None = None
    """What it is taken from: ``price``, ``additionalCosts`` or ``itemTotal``."""
    total_discount: float | None = None
    """The whole discount that this is a part of, if it is shared out pro rata."""
    desired_total_discount: float | None = None
    """What the whole discount would have been without budgets."""
    bundle_index: int | None = None
    """Which bundle of its definition the item is in, 0 for the first."""
    bundle_name: str | None = None
    """Name of the bundle's definition."""
    targeted_item_position: int | None = None
    """Place of the bundle's item that the discount was worked out from."""
    targeted_item_sub_position: int | None = None
    """Which unit of that item."""
    excluded_from_price_history: bool | None = None
    """Whether the item's price history ignores the discount."""


@define(kw_only=True)
class SetDiscountPerAdditionalCostEffectProps(EffectProps):
    """A discount on an additional cost. Schema ``SetDiscountPerAdditionalCostEffectProps``."""

    name: str
    """Name of the discount."""
    additional_cost_id: int
    """ID of the additional cost."""
    additional_cost: str
    """Name that the API knows the additional cost by."""
    value: float
    """The discount, in the Application's currency."""
    desired_value: float | None = None
    """What it would have been without budgets, if partial rewards are on."""


@define(kw_only=True)
class SetDiscountPerAdditionalCostPerItemEffectProps(EffectProps):
    """A discount on an item's additional cost. Schema ``SetDiscountPerAdditionalCostPerItemEffectProps``."""

    name: str
    """Name of the discount; the API appends ``#`` and the position."""
    additional_cost_id: int
    """ID of the additional cost."""
    value: float
    """The discount, in the Application's currency."""
    position: int
    """Place of the item in the cart, 0 for the first."""
    sub_position: int | None = None
    """Which unit of the item, 0 for the first."""
    additional_cost: str
    """Name that the API knows the additional cost by."""
    desired_value: float | None = None
    """What it would have been without budgets, if partial rewards are on."""


@define(kw_only=True)
class RollbackDiscountEffectProps(EffectProps):
    """A discount is taken back: cancelled or returned. Schema ``RollbackDiscountEffectProps``."""

    name: str
    """Name of the discount."""
    value: float
    """What is taken back, in the Application's currency."""
    cart_item_position: int | None = None
    """Place in the cart of the item that had it."""
    cart_item_sub_position: int | None = None
    """Which unit of that item."""
    additional_cost_id: int | None = None
    """ID of the additional cost that had it."""
    additional_cost: str | None = None
    """Name that the API knows that additional cost by."""
    scope: str | None = None
    """What it was taken from: see the scope of the discount effects."""


@define(kw_only=True)
class ShowBundleMetadataEffectProps(EffectProps):
    """Which cart items form a bundle; deprecated by the API. Schema ``ShowBundleMetadataEffectProps``."""

    description: str
    """What the bundle is."""
    bundle_attributes: list[str] = field(factory=list)
    """Cart item attributes that made the items a bundle."""
    items_indices: list[int] = field(factory=list)
    """Places of the items in the cart, 0 for the first."""


@define(kw_only=True)
class AddFreeItemEffectProps(EffectProps):
    """An item is to be added to the cart for nothing. Schema ``AddFreeItemEffectProps``."""

    sku: str
    """SKU of the free item."""
    name: str
    """Name of the effect."""
    desired_quantity: int | None = None
    """How many there would have been without budgets, if partial rewards are on."""


@define(kw_only=True)
class AwardGiveawayEffectProps(EffectProps):
    """A giveaway was awarded. Schema ``AwardGiveawayEffectProps``."""

    pool_id: int
    """ID of the giveaway pool."""
    pool_name: str
    """Name of the giveaway pool."""
    recipient_integration_id: str
    """Integration ID of the customer who receives it."""
    giveaway_id: int
    """ID of the giveaway."""
    code: str
    """The giveaway's code."""


@define(kw_only=True)
class WillAwardGiveawayEffectProps(EffectProps):
    """A giveaway is awarded once the session is closed. Schema ``WillAwardGiveawayEffectProps``."""

    pool_id: int
    """ID of the giveaway pool."""
    pool_name: str
    """Name of the giveaway pool."""
    recipient_integration_id: str
    """Integration ID of the customer who will receive it."""


@define(kw_only=True)
class UnlockRewardEffectProps(EffectProps):
    """A customer unlocked a reward. Schema ``UnlockRewardEffectProps``."""

    integration_id: str
    """ID of this unlock in your system."""
    reward_id: int
    """Talon.One's ID of the reward."""
    application_id: int
    """ID of the Application that owns it."""
    profile_integration_id: str
    """Integration ID of the customer."""
    unlocked_at: datetime
    """When it was unlocked."""
    card_identifier: str | None = None
    """The loyalty card that unlocked it, for all customers of the card."""


@define(kw_only=True)
class UseRewardEffectProps(EffectProps):
    """A customer used a reward. Schema ``UseRewardEffectProps``."""

    integration_id: str
    """ID of the unlock in your system."""
    reward_id: int
    """Talon.One's ID of the reward."""
    application_id: int
    """ID of the Application that owns it."""


@define(kw_only=True)
class RollbackUseRewardEffectProps(EffectProps):
    """A used reward can be used again. Schema ``RollbackUseRewardEffectProps``."""

    integration_id: str
    """ID of the unlock in your system."""
    reward_id: int
    """Talon.One's ID of the reward."""
    application_id: int
    """ID of the Application that owns it."""
