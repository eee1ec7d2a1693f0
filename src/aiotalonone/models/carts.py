"""What is in a cart, and what it costs."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import json_name

__all__ = [
    "AdditionalCost",
    "CartItem",
    "PriceDetail",
    "Product",
]


@define(kw_only=True)
class Product(Model):
    """The product that a catalog item is a variant of. Schema ``Product``."""

    name: str
    """Name of the product."""


@define(kw_only=True)
class AdditionalCost(Model):
    """A cost besides the goods, such as shipping. Schema ``AdditionalCost``."""

    price: float | Decimal
    """The amount in the Application's currency; of a Decimal every digit is sent."""


@define(kw_only=True)
class PriceDetail(Model):
    """A price of one type, and the adjustment behind it. Schema ``PriceDetail``."""

    price: float | Decimal | None = None
    """The price in the Application's currency."""
    adjustment_context_id: str | None = None
    """Context of the price adjustment."""
    adjustment_reference_id: str | None = None
    """Reference of the price adjustment, a UUID."""
    adjustment_effective_from: datetime | None = None
    """From when the adjustment holds."""
    adjustment_effective_until: datetime | None = None
    """Until when the adjustment holds."""


@define(kw_only=True)
class CartItem(Model):
    """An article in a cart and how much of it. Schema ``CartItem``."""

    name: str | None = None
    """Name of the item."""
    sku: str
    """The article's SKU; a session takes none that is empty."""
    quantity: int
    """How many units, 1 or more; a session takes 10 000 over all of its lines."""
    returned_quantity: int | None = None
    """Units returned so far; set by the server."""
    remaining_quantity: int | None = None
    """Units not returned; set by the server."""
    price: float | Decimal | None = None
    """What one unit costs, in the Application's currency, every digit of a Decimal included.

    Without it the catalog's price counts.
    """
    category: str | None = None
    """Type, group or model of the item."""
    product: Product | None = None
    """The product that the item is a variant of."""
    weight: float | Decimal | None = None
    """Weight in grams."""
    height: float | Decimal | None = None
    """Height in millimetres."""
    width: float | Decimal | None = None
    """Width in millimetres."""
    length: float | Decimal | None = None
    """Length in millimetres."""
    position: int | None = None
    """Index of the line, counted from 0; set by the server."""
    attributes: dict[str, Any] | None = None
    """Custom attributes."""
    additional_costs: dict[str, AdditionalCost] | None = None
    """Costs of this line besides its price, by the name of their kind."""
    catalog_item_id: int | None = field(default=None, metadata=json_name("catalogItemID"))
    """ID of the catalog item; set by the server."""
    selected_price_type: str | None = None
    """Type of the price that was taken; set by the server."""
    adjustment_reference_id: str | None = None
    """Reference of the adjustment behind that price, a UUID; set by the server."""
    adjustment_effective_from: datetime | None = None
    """From when the adjustment holds; set by the server."""
    adjustment_effective_until: datetime | None = None
    """Until when the adjustment holds; set by the server."""
    prices: dict[str, PriceDetail] | None = None
    """All prices of the item by their type; set by the server."""
