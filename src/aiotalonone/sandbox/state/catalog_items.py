"""Items of catalogs in requests and in the campaign file, and as a cart takes them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiotalonone.sandbox.state.catalogs import CatalogItem, PriceAdjustment, SelectedPrice
from aiotalonone.sandbox.validation import TOO_FEW, JsonObject

MAX_ADJUSTMENTS = 100


def read_product(members: JsonObject) -> Mapping[str, Any] | None:
    """Read a product, which has a name."""
    product = members.object("product")
    return None if product is None else {"name": product.required_text("name")}


def read_adjustments(members: JsonObject, now: datetime) -> list[PriceAdjustment]:
    """Read the price adjustments of an item, one at least."""
    entries = members.objects("adjustments", max_items=MAX_ADJUSTMENTS)
    if not entries:
        raise members.error("adjustments", "must have at least 1 entry", TOO_FEW)
    return [_adjustment(entry, now) for entry in entries]


def _adjustment(members: JsonObject, now: datetime) -> PriceAdjustment:
    return PriceAdjustment(
        price_type=members.required_text("priceType"),
        price=members.amount("price"),
        reference_id=members.required_text("referenceId"),
        calculated_at=members.timestamp("calculatedAt") or now,
        effective_from=members.timestamp("effectiveFrom"),
        effective_until=members.timestamp("effectiveUntil"),
        context_id=members.text("contextId"),
        added=now,
    )


def cart_members(item: CatalogItem, sent: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the members of a cart line that the catalog sets; a price, a product and attributes that are sent win."""
    prices = {selected.price_type: _price_detail(selected) for selected in item.prices_at(now)}
    taken: dict[str, Any] = {"catalogItemID": item.id, "attributes": item.attributes | dict(sent.get("attributes", {}))}
    if prices:
        taken["prices"] = prices
    if item.product is not None and "product" not in sent:
        taken["product"] = item.product
    selected = item.price_at(now)
    if selected is not None and "price" not in sent:
        detail = _price_detail(selected)
        taken |= {"price": detail.pop("price"), "selectedPriceType": selected.price_type}
        taken |= {name: value for name, value in detail.items() if name != "adjustmentContextId"}
    return taken


def _price_detail(selected: SelectedPrice) -> dict[str, Any]:
    shown: dict[str, Any] = {"price": selected.price}
    adjustment = selected.adjustment
    if adjustment is not None:
        shown |= {
            "adjustmentContextId": adjustment.context_id,
            "adjustmentReferenceId": adjustment.reference_id,
            "adjustmentEffectiveFrom": adjustment.effective_from,
            "adjustmentEffectiveUntil": adjustment.effective_until,
        }
    return {name: value for name, value in shown.items() if value is not None}
