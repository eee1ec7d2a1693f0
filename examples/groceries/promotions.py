"""What a basket must come to: the shop's promotions, applied by hand.

This calculation is the demo's own, in exact money. It uses neither the client nor the sandbox.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product
from typing import Final

from attrs import frozen

from examples.groceries import campaigns
from examples.groceries.dataset import Coupon
from examples.groceries.scenario import CartLine, Checkout, total

ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class Customer:
    """What the promotions depend on besides the basket."""

    family: bool = False
    has_card: bool = False
    regular: bool = False
    referred: bool = False


@frozen(kw_only=True)
class ExpectedResult:
    """What the promotions must make of one basket."""

    total: Decimal
    """Before any discount."""
    accepted: tuple[str, ...]
    rejected: tuple[str, ...]
    """Codes with no product of theirs in the cart."""
    item_discounts: tuple[Decimal, ...]
    """One for each unit that a coupon makes cheaper."""
    basket_discounts: tuple[Decimal, ...]
    points: int
    card_points: Decimal
    """On a senior's card."""
    effects: Counter[str]
    """The number of effects of each type."""

    @property
    def to_pay(self) -> Decimal:
        """What is left of the total."""
        return self.total - sum(self.item_discounts, ZERO) - sum(self.basket_discounts, ZERO)


def apply_promotions(checkout: Checkout, coupons: Mapping[str, Coupon], customer: Customer) -> ExpectedResult:
    """Return what a basket comes to when it is closed: first its coupons in their order, then the shop's discounts."""
    cart_total = total(checkout.lines)
    accepted = tuple(code for code in checkout.codes if _applies(coupons[code], checkout))
    rejected = tuple(code for code in checkout.codes if code not in accepted)
    item_discounts = tuple(_item_discounts([coupons[code] for code in accepted], checkout.lines))
    basket_discounts = tuple(_basket_discounts(cart_total, cart_total - sum(item_discounts, ZERO), customer))
    points = campaigns.CLUB_POINTS if cart_total >= campaigns.CLUB_BASKET else 0
    card_points = cart_total if customer.has_card else ZERO
    effects = {
        "acceptCoupon": len(accepted),
        "rejectCoupon": len(rejected),
        "setDiscountPerItem": len(item_discounts),
        "acceptReferral": customer.referred,
        "setDiscount": len(basket_discounts),
        "addLoyaltyPoints": (points > 0) + (card_points > 0),
        "showNotification": customer.family and cart_total >= campaigns.FAMILY_BASKET,
        "updateAttribute": customer.regular,
    }
    return ExpectedResult(
        total=cart_total,
        accepted=accepted,
        rejected=rejected,
        item_discounts=item_discounts,
        basket_discounts=basket_discounts,
        points=points,
        card_points=card_points,
        effects=+Counter({name: int(count) for name, count in effects.items()}),
    )


def _applies(coupon: Coupon, checkout: Checkout) -> bool:
    return any(line.sku in coupon.products for line in checkout.lines)


def unit_discounts(checkout: Checkout, coupons: Mapping[str, Coupon], position: int) -> tuple[Decimal, ...]:
    """Return what the coupons of a basket take off one unit of a line, in their order."""
    accepted = [coupons[code] for code in checkout.codes if _applies(coupons[code], checkout)]
    return tuple(discount for place, discount in _line_discounts(accepted, checkout.lines) if place == position)


def _item_discounts(accepted: list[Coupon], lines: tuple[CartLine, ...]) -> Iterator[Decimal]:
    """Yield what each coupon takes off each unit."""
    for position, discount in _line_discounts(accepted, lines):
        yield from [discount] * lines[position].quantity


def _line_discounts(accepted: list[Coupon], lines: tuple[CartLine, ...]) -> Iterator[tuple[int, Decimal]]:
    """Yield the position of each line that a coupon makes cheaper, and what it takes off a unit.

    The price of a unit never falls below zero.
    """
    remaining = [line.price for line in lines]
    for coupon, (position, line) in product(accepted, enumerate(lines)):
        discount = min(campaigns.COUPON_DISCOUNT, remaining[position])
        if line.sku in coupon.products and discount:
            remaining[position] -= discount
            yield position, discount


def _basket_discounts(cart_total: Decimal, remaining: Decimal, customer: Customer) -> Iterator[Decimal]:
    """Yield what is taken off the basket as a whole, as long as there is something to pay."""
    offers = {
        campaigns.WELCOME_DISCOUNT: customer.referred,
        campaigns.BIG_BASKET_DISCOUNT: cart_total >= campaigns.BIG_BASKET,
    }
    for offer, applies in offers.items():
        discount = min(offer, remaining) if applies else ZERO
        if discount:
            remaining -= discount
            yield discount
