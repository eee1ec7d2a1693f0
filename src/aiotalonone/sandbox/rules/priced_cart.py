"""The cart of a session with what the effects make of its price."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import define

from aiotalonone.sandbox.state.entities import ZERO, CartItem, Effect, Session

MAX_LINES: Final = 200
"""Lines of one priced cart, and discounts: what is recorded is bounded."""


@define(frozen=True)
class PricedLine:
    """A line of the cart."""

    sku: str
    """Stock keeping unit."""
    quantity: int
    """Units, also those that came back."""
    returned: int
    """Units that came back."""
    price: Decimal
    """Of one unit."""
    discount: Decimal
    """What the discounts on its units take off."""
    total: Decimal
    """What the units that did not come back cost after these discounts."""


@define(frozen=True)
class SessionDiscount:
    """A discount on the cart as a whole."""

    name: str
    """Its name."""
    value: Decimal
    """What it takes off."""
    coupon_id: int | None
    """ID of the coupon that it is for."""


@define(frozen=True)
class PricedCart:
    """A cart: its lines, what is added to them and taken off, and what is to be paid."""

    lines: Sequence[PricedLine]
    """The first 200 lines."""
    omitted_lines: int
    """Lines beyond the first 200."""
    additional_costs: Mapping[str, Decimal]
    """Those of the session as a whole, by name."""
    item_additional_costs: Decimal
    """The additional costs of all units that did not come back."""
    discounts: Sequence[SessionDiscount]
    """Those on the cart as a whole, the first 200."""
    discount_total: Decimal
    """Of all discounts, also those beyond the first 200 and those on lines."""
    free_items: Sequence[str]
    """SKUs of what the shop adds for nothing."""
    total: Decimal
    """What is to be paid."""

    def json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "lines": [
                {
                    "sku": line.sku,
                    "quantity": line.quantity,
                    "returned": line.returned,
                    "price": line.price,
                    "discount": line.discount,
                    "total": line.total,
                }
                for line in self.lines
            ],
            "omittedLines": self.omitted_lines,
            "additionalCosts": self.additional_costs,
            "itemAdditionalCosts": self.item_additional_costs,
            "discounts": [
                {"name": one.name, "value": one.value, "triggeredByCoupon": one.coupon_id} for one in self.discounts
            ],
            "discountTotal": self.discount_total,
            "freeItems": self.free_items,
            "total": self.total,
        }


def priced_cart(session: Session, effects: Iterable[Effect]) -> PricedCart:
    """Return the cart of a session after the effects of an evaluation; a discount is never more than there is left."""
    kept = tuple(effects)
    by_line: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for effect in kept:
        if effect.type == "setDiscountPerItem":
            by_line[effect.props["position"]] += effect.props["value"]
    discounts = [
        SessionDiscount(effect.props["name"], effect.props["value"], effect.coupon_id)
        for effect in kept
        if effect.type == "setDiscount"
    ]
    discount_total = sum((one.value for one in discounts), sum(by_line.values(), ZERO))
    returned = session.returned_units
    items = session.cart_items
    lines = [_line(item, returned[at], by_line[at]) for at, item in enumerate(items[:MAX_LINES])]
    return PricedCart(
        lines=lines,
        omitted_lines=max(0, len(items) - MAX_LINES),
        additional_costs=session.additional_costs,
        item_additional_costs=sum(
            (item.additional_cost * (item.quantity - returned[at]) for at, item in enumerate(items)), ZERO
        ),
        discounts=discounts[:MAX_LINES],
        discount_total=discount_total,
        free_items=[effect.props["sku"] for effect in kept if effect.type == "addFreeItem"][:MAX_LINES],
        total=session.total - session.returned_total - discount_total,
    )


def _line(item: CartItem, returned: int, discount: Decimal) -> PricedLine:
    left = item.price * (item.quantity - returned)
    return PricedLine(item.sku, item.quantity, returned, item.price, discount, left - discount)
