"""Catalogs of cart items: their prices by type and time, and what a cart takes from them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from attrs import define, evolve, field

BASE = "base"
"""Type of the price that an item has without any adjustment."""


@define
class Catalog:
    """A catalog, without its items."""

    id: int
    created: datetime
    modified: datetime
    name: str
    description: str
    applications: tuple[int, ...]
    """IDs of the Applications that use it."""
    version: int = 1

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        return evolve(self)


@define(frozen=True)
class PriceAdjustment:
    """A price of one type, for some time; without a price the type ends."""

    price_type: str
    price: Decimal | None
    reference_id: str
    calculated_at: datetime
    effective_from: datetime | None
    effective_until: datetime | None
    context_id: str | None
    added: datetime

    @property
    def start(self) -> datetime:
        """From when it holds."""
        return self.added if self.effective_from is None else self.effective_from

    def holds_at(self, now: datetime) -> bool:
        """Return whether it holds at a time."""
        return self.start <= now and (self.effective_until is None or now < self.effective_until)


@define(frozen=True)
class SelectedPrice:
    """The price that counts at a time, and the adjustment behind it."""

    price_type: str
    price: Decimal
    adjustment: PriceAdjustment | None = None

    @property
    def context_id(self) -> str | None:
        """What the price is part of."""
        return self.adjustment.context_id if self.adjustment else None


@define
class CatalogItem:
    """An item of a catalog, with all prices that it ever had."""

    id: int
    catalog_id: int
    sku: str
    attributes: dict[str, Any] = field(factory=dict)
    product: Mapping[str, Any] | None = None
    base_prices: tuple[tuple[datetime, Decimal], ...] = ()
    """Prices without adjustments, each with the time since which it holds."""
    adjustments: tuple[PriceAdjustment, ...] = ()

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        return evolve(self, attributes=dict(self.attributes))

    def set_price(self, price: Decimal, now: datetime) -> None:
        """Set the price without adjustments; the same again changes nothing."""
        if not self.base_prices or self.base_prices[-1][1] != price:
            self.base_prices = (*self.base_prices, (now, price))

    def adjust(self, added: Iterable[PriceAdjustment]) -> None:
        """Add price adjustments; one whose reference is known replaces the other."""
        by_reference = {one.reference_id: one for one in self.adjustments}
        self.adjustments = tuple((by_reference | {one.reference_id: one for one in added}).values())

    def prices_at(self, now: datetime) -> Iterator[SelectedPrice]:
        """Yield the prices of all types at a time."""
        base = next((price for since, price in reversed(self.base_prices) if since <= now), None)
        if base is not None:
            yield SelectedPrice(BASE, base)
        latest: dict[str, PriceAdjustment] = {}
        for one in sorted(self.adjustments, key=lambda one: one.calculated_at):
            if one.holds_at(now):
                latest[one.price_type] = one
        for price_type, one in latest.items():
            if one.price is not None:
                yield SelectedPrice(price_type, one.price, one)

    def price_at(self, now: datetime) -> SelectedPrice | None:
        """Return the price that counts, the lowest one; None if the item has no price."""
        return min(self.prices_at(now), key=lambda selected: selected.price, default=None)

    def history(self, until: datetime) -> list[tuple[datetime, SelectedPrice]]:
        """Return the prices that counted one after the other, each with its start, up to a time."""
        times = {since for since, _ in self.base_prices}
        times |= {time for one in self.adjustments for time in (one.start, one.effective_until) if time is not None}
        found: list[tuple[datetime, SelectedPrice]] = []
        for time in sorted(time for time in times if time <= until):
            selected = self.price_at(time)
            if selected is not None and (not found or found[-1][1] != selected):
                found.append((time, selected))
        return found
