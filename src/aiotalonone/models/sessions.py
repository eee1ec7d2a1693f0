"""Customer sessions: a cart from open to closed, cancelled or returned."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import length_between, max_item_length, max_length, max_total_quantity, with_skus
from aiotalonone.models.campaigns import ExperimentVariantAllocation
from aiotalonone.models.carts import AdditionalCost, CartItem

__all__ = [
    "CustomerSession",
    "CustomerSessionV2",
    "IntegrationRequest",
    "NewCustomerSession",
    "NewCustomerSessionV2",
    "NewReturn",
    "Return",
    "ReturnIntegrationRequest",
    "ReturnResponseContent",
    "ReturnedCartItem",
    "SessionResponseContent",
    "SessionState",
]

SessionState = Literal["open", "closed", "partially_returned", "cancelled"]
"""What has become of a session; V1 knows no ``partially_returned``."""

SessionResponseContent = Literal[
    "customerSession",
    "customerProfile",
    "coupons",
    "triggeredCampaigns",
    "referral",
    "loyalty",
    "event",
    "awardedGiveaways",
    "ruleFailureReasons",
    "previousReturns",
    "campaignEligibility",
    "achievements",
    "unlockedRewards",
]
"""A part of the state that the response to a session update can contain; older servers reject ``unlockedRewards``."""

ReturnResponseContent = Literal[
    "customerSession",
    "customerProfile",
    "coupons",
    "triggeredCampaigns",
    "referral",
    "loyalty",
    "event",
    "previousReturns",
]
"""A part of the state that the response to a return can contain."""


@define(kw_only=True)
class NewCustomerSession(Model):
    """What to set on a session, V1. Schema ``NewCustomerSession``."""

    profile_id: str | None = None
    """Integration ID of the customer, empty for an anonymous session."""
    coupon: str | None = field(default=None, validator=max_length(100, "characters"))
    """Coupon code entered, at most 100 characters."""
    referral: str | None = field(default=None, validator=max_length(100, "characters"))
    """Referral code entered, at most 100 characters."""
    state: SessionState | None = None
    """State to move to; left out, the session stays in its own."""
    cart_items: list[CartItem] | None = field(
        default=None, validator=[max_length(1000, "cart items"), with_skus, max_total_quantity(10_000)]
    )
    """The whole cart, at most 1000 lines and 10 000 units."""
    identifiers: list[str] | None = field(default=None, validator=max_length(5, "identifiers"))
    """Marks of the customer that limits can count, such as a hashed device ID; at most 5."""
    total: float | Decimal | None = None
    """Total of the cart in the Application's currency, every digit of a Decimal included."""
    attributes: dict[str, Any] | None = None
    """Attributes to set."""


@define(kw_only=True)
class NewCustomerSessionV2(Model):
    """What to set on a session. Schema ``NewCustomerSessionV2``.

    What is left out stays as it is; an empty list, map or text wipes.
    """

    profile_id: str | None = None
    """Integration ID of the customer, empty for an anonymous session."""
    store_integration_id: str | None = field(default=None, validator=length_between(1, 1000, "characters"))
    """Integration ID of the store, 1 to 1000 characters."""
    evaluable_campaign_ids: list[int] | None = None
    """In a dry call: the only campaigns to evaluate, disabled ones included."""
    coupon_codes: list[str] | None = field(default=None, validator=max_item_length(100, "a code"))
    """Coupon codes entered, each at most 100 characters."""
    referral_code: str | None = field(default=None, validator=max_length(100, "characters"))
    """Referral code entered, at most 100 characters."""
    loyalty_cards: list[str] | None = field(default=None, validator=max_length(1, "loyalty card"))
    """Identifier of the loyalty card, at most one."""
    state: SessionState | None = None
    """State to move to; left out, the session stays in its own."""
    cart_items: list[CartItem] | None = field(
        default=None, validator=[max_length(1000, "cart items"), with_skus, max_total_quantity(10_000)]
    )
    """The whole cart, at most 1000 lines and 10 000 units."""
    experiment_variant_allocations: list[ExperimentVariantAllocation] | None = None
    """Variants of experiments that the session takes part in."""
    additional_costs: dict[str, AdditionalCost] | None = None
    """Costs besides the goods, by the name of their kind."""
    identifiers: list[str] | None = field(default=None, validator=max_length(5, "identifiers"))
    """Marks of the customer that limits can count, such as a hashed device ID; at most 5."""
    attributes: dict[str, Any] | None = None
    """Attributes to set."""


@define(kw_only=True)
class IntegrationRequest(Model):
    """An update of a session. Schema ``IntegrationRequest``."""

    customer_session: NewCustomerSessionV2
    """What to set on the session."""
    response_content: list[SessionResponseContent] | None = None
    """Parts of the state that the response contains."""


@define(kw_only=True)
class CustomerSession(Model):
    """A session, V1. Schema ``CustomerSession``."""

    integration_id: str
    """The session's ID in your system."""
    created: datetime
    """When the session was made."""
    application_id: int
    """Application that the session belongs to."""
    profile_id: str
    """Integration ID of the customer, empty in an anonymous session."""
    coupon: str | None = None
    """Coupon code entered."""
    referral: str | None = None
    """Referral code entered."""
    state: str
    """``open``, ``closed`` or ``cancelled``."""
    cart_items: list[CartItem] = field(factory=list)
    """The cart."""
    identifiers: list[str] = field(factory=list)
    """Marks of the customer that limits can count."""
    total: float
    """Total of the cart in the Application's currency."""
    attributes: dict[str, Any] = field(factory=dict)
    """Custom and built-in attributes."""
    first_session: bool
    """Whether this is the customer's first session; always so for an anonymous one."""
    discounts: dict[str, float] = field(factory=dict)
    """Discounts by their name, in the Application's currency."""


@define(kw_only=True)
class CustomerSessionV2(Model):
    """A session. Schema ``CustomerSessionV2``."""

    id: int | None = None
    """Talon.One's ID of the session."""
    created: datetime
    """When the session was made."""
    integration_id: str
    """The session's ID in your system."""
    application_id: int
    """Application that the session belongs to."""
    profile_id: str
    """Integration ID of the customer, empty in an anonymous session."""
    store_integration_id: str | None = None
    """Integration ID of the store."""
    evaluable_campaign_ids: list[int] = field(factory=list)
    """The only campaigns that a dry call evaluated."""
    coupon_codes: list[str] = field(factory=list)
    """Coupon codes entered."""
    referral_code: str | None = None
    """Referral code entered."""
    loyalty_cards: list[str] = field(factory=list)
    """Identifier of the loyalty card, at most one."""
    state: str
    """``open``, ``closed``, ``partially_returned`` or ``cancelled``."""
    cart_items: list[CartItem] = field(factory=list)
    """The cart."""
    experiment_variant_allocations: list[ExperimentVariantAllocation] = field(factory=list)
    """Variants of experiments that the session takes part in."""
    additional_costs: dict[str, AdditionalCost] = field(factory=dict)
    """Costs besides the goods, by the name of their kind."""
    identifiers: list[str] = field(factory=list)
    """Marks of the customer that limits can count."""
    attributes: dict[str, Any] = field(factory=dict)
    """Custom and built-in attributes."""
    first_session: bool
    """Whether this is the customer's first session; always so for an anonymous one."""
    update_count: int | None = None
    """Updates so far, 1 for a new session."""
    total: float
    """Cart and additional costs before discounts, in the Application's currency."""
    cart_item_total: float
    """The cart before discounts."""
    additional_cost_total: float
    """The additional costs before discounts."""
    cart_item_additional_cost_total: float | None = None
    """The additional costs of single lines before discounts."""
    updated: datetime | None = None
    """When the session last changed."""


@define(kw_only=True)
class ReturnedCartItem(Model):
    """Units of a cart's line that came back. Schema ``ReturnedCartItem``."""

    position: int | None = None
    """Place of the line in the cart, 0 for the first."""
    quantity: int | None = None
    """Units returned."""
    sku: str | None = None
    """SKU of the line; a return takes none that is empty."""


@define(kw_only=True)
class NewReturn(Model):
    """Units that come back. Schema ``NewReturn``."""

    returned_cart_items: list[ReturnedCartItem] = field(validator=with_skus)
    """The lines that they belong to, each with the number of its units."""


@define(kw_only=True)
class ReturnIntegrationRequest(Model):
    """A return of units of a closed session. Schema ``ReturnIntegrationRequest``."""

    return_: NewReturn
    """What comes back."""
    response_content: list[ReturnResponseContent] | None = None
    """Parts of the state that the response contains."""


@define(kw_only=True)
class Return(Model):
    """Goods of a closed session that came back. Schema ``Return``."""

    id: int
    """Talon.One's ID of the return."""
    created: datetime
    """When the return was made."""
    application_id: int
    """Application that the session belongs to."""
    account_id: int
    """Talon.One account that owns the session."""
    returned_cart_items: list[ReturnedCartItem] = field(factory=list)
    """What came back."""
    event_id: int
    """The event that the return caused."""
    session_id: int
    """Talon.One's ID of the session."""
    session_integration_id: str
    """The session's ID in your system."""
    profile_id: int | None = None
    """Talon.One's ID of the customer."""
    profile_integration_id: str | None = None
    """Integration ID of the customer."""
    created_by: int | None = None
    """User of Talon.One who made the return by hand."""
