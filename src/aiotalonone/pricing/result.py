"""A priced cart: amounts in Decimal, and where each effect went."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from attrs import field, frozen

from aiotalonone.pricing.explanation import lines_of_cart

CodeKind = Literal["coupon", "referral"]
PointsStatus = Literal["active", "pending", "expired", "deducted"]


@frozen(kw_only=True)
class FromEffect:
    """What came of an effect."""

    effect: Any = field(repr=False)
    """The effect as it was given, with its campaign and rule."""


@frozen(kw_only=True)
class PricedCost:
    """An additional cost and what is left of it after discounts."""

    name: str
    """Name that the API knows the cost by."""
    total_before_discounts: Decimal
    """The cost; of a line, for all units that were not returned."""
    discount: Decimal
    """What discounts took off; those on the session as a whole are not counted here."""
    total: Decimal
    """What remains, 0 or more."""


@frozen(kw_only=True)
class PricedLine:
    """A line of the cart after discounts; those on the session as a whole are not counted here."""

    position: int
    """Position that effects know the line by, 0 for the first."""
    sku: str
    """SKU of the article."""
    quantity: int
    """Units that were not returned."""
    returned: int
    """Units that were returned."""
    price: Decimal
    """Price of one unit before discounts."""
    total_before_discounts: Decimal
    """Price and additional costs of all units that were not returned."""
    unit_discounts: tuple[Decimal, ...]
    """What discounts took off each unit, by its sub-position; 0 for a returned one."""
    additional_costs: Mapping[str, PricedCost]
    """Additional costs of the line, by their name."""
    discount: Decimal
    """What discounts took off the line: those of its units, and those on the line as a whole."""
    total: Decimal
    """What remains to be paid for the line, 0 or more."""


@frozen(kw_only=True)
class AppliedDiscount(FromEffect):
    """A discount that counts: on the session, on a line or unit, or on an additional cost."""

    effect_type: str
    """``setDiscount``, ``setDiscountPerItem``, or one of the two for additional costs."""
    name: str
    """Name of the discount."""
    value: Decimal
    """What the effect says."""
    rolled_back: Decimal
    """The part that later roll-backs took back."""
    amount: Decimal
    """What it took off: the rest of the value, or less if there was not as much to take it from."""
    scope: str | None
    """What it is taken from, if the effect says so."""
    position: int | None
    """Position of the line that it is for."""
    sub_position: int | None
    """Unit of that line, 0 for the first."""
    additional_cost: str | None
    """Name of the additional cost that it is for."""


@frozen(kw_only=True)
class PointsChange(FromEffect):
    """Loyalty points that were added or deducted."""

    name: str
    """Why."""
    program_id: int
    """ID of the loyalty program."""
    sub_ledger_id: str
    """ID of the subledger; empty for the main ledger."""
    value: Decimal
    """Points, less those that later roll-backs took back; negative if they were deducted."""
    status: PointsStatus
    """``active``, ``pending`` or ``expired`` at the time that the cart was priced for; or ``deducted``."""
    start_date: datetime | None
    """When added points become active, if it is known."""
    expiry_date: datetime | None
    """When added points expire, if they do."""
    recipient_integration_id: str | None
    """Integration ID of the customer who receives added points."""
    card_identifier: str | None
    """The loyalty card, in a program with cards."""
    transaction_uuid: str
    """UUID of the transaction."""
    position: int | None
    """Position of the line that points were added for."""
    sub_position: int | None
    """Unit of that line, 0 for the first."""


@frozen(kw_only=True)
class AcceptedCode(FromEffect):
    """A coupon or referral code that is valid; closing the session redeems it."""

    kind: CodeKind
    """What it is the code of."""
    code: str
    """The code."""


@frozen(kw_only=True)
class RejectedCode(FromEffect):
    """A coupon or referral code that cannot be used."""

    kind: CodeKind
    """What it is the code of."""
    code: str
    """The code."""
    reason: str
    """The API's name of the reason, such as ``CouponExpired``."""
    explanation: str
    """The reason in plain English; the API's name of a reason that this version does not know."""


@frozen(kw_only=True)
class FreeItem(FromEffect):
    """One unit of an article that the shop is to add to the cart at a price of 0."""

    sku: str
    """SKU of the article."""
    name: str
    """Name of the effect."""


@frozen(kw_only=True)
class Notice(FromEffect):
    """A message that the shop is to show to the customer."""

    notification_type: str
    """``Info``, ``Offer``, ``Error`` or ``Misc``."""
    title: str
    """Title of the message."""
    body: str
    """Text of the message."""


@frozen(kw_only=True)
class AwardedGiveaway(FromEffect):
    """A code from a pool that the customer is given."""

    pool_id: int
    """ID of the giveaway pool."""
    pool_name: str
    """Name of the giveaway pool."""
    code: str | None
    """The code; ``None`` while the session is open, since closing it awards the code."""
    recipient_integration_id: str
    """Integration ID of the customer."""


@frozen(kw_only=True)
class CustomEffect(FromEffect):
    """An effect that the account defined."""

    name: str
    """Name of the account's effect."""
    payload: Mapping[str, Any]
    """What it carries."""
    position: int | None
    """Position of the line that it is about."""
    sub_position: int | None
    """Unit of that line, 0 for the first."""


@frozen(kw_only=True)
class Rollback(FromEffect):
    """Something that the API took back when a session was cancelled, returned in part or reopened."""

    effect_type: str
    """Such as ``rollbackDiscount`` or ``rollbackCoupon``."""
    name: str
    """The discount, code, transaction, achievement or reward that it is about."""
    value: Decimal | None
    """How much was taken back: money, points or progress."""
    position: int | None
    """Position of the line that it is about."""
    sub_position: int | None
    """Unit of that line, 0 for the first."""
    applied: bool
    """Whether earlier effects held what it takes back, so that the priced cart is without it."""


@frozen(kw_only=True)
class IgnoredEffect(FromEffect):
    """An effect that counts for nothing in the priced cart."""

    effect_type: str | None
    """Its type, if that is a text."""
    reason: str
    """Why it is ignored. The text names members and kinds, and no value."""


@frozen(kw_only=True)
class PricedCart:
    """What a cart costs after its effects. Each effect is in exactly one of the lists.

    Money is in the Application's currency: exact sums of what was given, never rounded and never negative.
    """

    lines: tuple[PricedLine, ...]
    """The lines of the cart, in its order."""
    additional_costs: Mapping[str, PricedCost]
    """Additional costs of the session, by their name."""
    total_before_discounts: Decimal
    """Lines and additional costs; before any return, the ``total`` of the API's session."""
    session_discount: Decimal
    """What discounts on the session as a whole took off."""
    total_discount: Decimal
    """What all discounts took off."""
    total: Decimal
    """What remains to be paid, 0 or more."""
    discounts: tuple[AppliedDiscount, ...]
    """Discounts that count, those that found nothing to be taken from among them."""
    points: tuple[PointsChange, ...]
    """Loyalty points added and deducted."""
    accepted: tuple[AcceptedCode, ...]
    """Codes that are valid."""
    rejected: tuple[RejectedCode, ...]
    """Codes that cannot be used."""
    free_items: tuple[FreeItem, ...]
    """Units to add at a price of 0; they are in no line and in no total."""
    notices: tuple[Notice, ...]
    """Messages for the customer."""
    giveaways: tuple[AwardedGiveaway, ...]
    """Codes that the customer is given."""
    custom_effects: tuple[CustomEffect, ...]
    """Effects that the account defined."""
    rollbacks: tuple[Rollback, ...]
    """What the API took back."""
    other_effects: tuple[Any, ...]
    """Known effects without any bearing on the price, as they were given: attributes, audiences, achievements, …"""
    ignored: tuple[IgnoredEffect, ...]
    """Effects that count for nothing, each with the reason."""

    @property
    def explanation(self) -> list[str]:
        """The price line by line, and every effect that led to it, as text for people; lines and units count from 1."""
        return lines_of_cart(self)
