"""The items of a cart that a condition or an effect is about."""

from collections.abc import Iterator
from typing import Self

from attrs import define

from aiotalonone.sandbox.rules.words import listing
from aiotalonone.sandbox.state.entities import CartItem, Coupon, Session
from aiotalonone.sandbox.validation import JsonObject

SELECTORS = ("skus", "categories", "skusFrom")


@define(frozen=True)
class ItemFilter:
    """Items by SKU, by category, or by the SKUs that the coupon's attribute lists."""

    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    skus_from: str | None = None

    @classmethod
    def read(cls, members: JsonObject) -> Self:
        """Read exactly one of the selectors."""
        if sum(way in members for way in SELECTORS) != 1:
            raise members.error(SELECTORS[0], f"exactly one of {', '.join(SELECTORS)} is required")
        return cls(
            frozenset(members.texts("skus")),
            frozenset(members.texts("categories")),
            members.text("skusFrom"),
        )

    @property
    def description(self) -> str:
        """What is said of a matching item, after its subject."""
        if self.skus_from is not None:
            return f"is listed in the coupon's attribute {self.skus_from}"
        if self.categories:
            return f"is of the category {listing(sorted(self.categories))}"
        return f"is {listing(sorted(self.skus))}"

    def lines(self, session: Session, coupon: Coupon | None) -> Iterator[tuple[int, CartItem]]:
        """Iterate over the matching lines with their positions; walks the cart, however many SKUs a coupon lists."""
        skus = self.skus
        if self.skus_from is not None and coupon is not None:
            skus = coupon.skus(self.skus_from)
        for position, item in enumerate(session.cart_items):
            if item.sku in skus or item.category in self.categories:
                yield position, item
