"""Coupons, and who may redeem them."""

from datetime import datetime
from typing import Any

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import json_name, max_length
from aiotalonone.models.campaigns import LimitConfig

__all__ = [
    "Coupon",
    "CouponReservations",
    "IntegrationCoupon",
    "InventoryCoupon",
]


@define(kw_only=True)
class CouponReservations(Model):
    """The customers to reserve a coupon for, or to release it from. Schema ``CouponReservations``."""

    integration_ids: list[str] = field(metadata=json_name("integrationIDs"), validator=max_length(1000, "customers"))
    """Integration IDs of the customers, at most 1000."""


@define(kw_only=True)
class Coupon(Model):
    """A coupon code of a campaign. Schema ``Coupon``."""

    id: int
    """Talon.One's ID of the coupon."""
    created: datetime
    """When the coupon was made."""
    campaign_id: int
    """Campaign that the coupon belongs to."""
    value: str
    """The code itself."""
    usage_limit: int
    """Redemptions allowed, 0 for any number within the campaign's own limits."""
    discount_limit: float | None = None
    """Most the coupon can give in all, as on a gift card, in the Application's currency."""
    reservation_limit: int | None = None
    """Customers who can hold a reservation."""
    start_date: datetime | None = None
    """From when the coupon is valid."""
    expiry_date: datetime | None = None
    """Until when the coupon is valid; None never expires."""
    limits: list[LimitConfig] = field(factory=list)
    """Limits per profile that replace the campaign's."""
    usage_counter: int
    """Redemptions so far."""
    discount_counter: float | None = None
    """Money given so far, if the coupon has a `discount_limit`."""
    discount_remainder: float | None = None
    """Money the coupon can still give."""
    reservation_counter: float | None = None
    """Reservations so far."""
    attributes: dict[str, Any] = field(factory=dict)
    """Custom attributes."""
    referral_id: int | None = None
    """The referral that brought the coupon about."""
    recipient_integration_id: str | None = None
    """Integration ID of the one customer who may redeem the coupon."""
    import_id: int | None = None
    """The import that made the coupon."""
    reservation: bool | None = None
    """Whether several customers can reserve the coupon; False for a personal one."""
    batch_id: str | None = None
    """The batch that the coupon was made in."""
    is_reservation_mandatory: bool | None = None
    """Whether only customers with a reservation can redeem it."""
    implicitly_reserved: bool | None = None
    """Whether the coupon counts as reserved for every customer."""


@define(kw_only=True)
class IntegrationCoupon(Coupon):
    """A coupon as one customer used it. Schema ``IntegrationCoupon``."""

    profile_redemption_count: int | None = None
    """Redemptions by this customer; older servers leave it out."""


@define(kw_only=True)
class InventoryCoupon(IntegrationCoupon):
    """A coupon that a customer holds. Schema ``InventoryCoupon``."""

    state: str
    """``active``, ``used``, ``expired``, ``pending`` or ``disabled``."""
