"""What a basket must come to: the shop's promotions, applied to it by hand.

This is the demo's own reckoning, in exact money. It knows neither the client nor the sandbox.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product
from typing import Final

from attrs import frozen

from aiotalonone.demo import campaigns
from aiotalonone.demo.basket import CartLine, total
from aiotalonone.demo.dataset import Coupon
from aiotalonone.demo.scenario import Checkout

ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class Customer:
    """What the promotions want to know of whoever pays."""

    family: bool = False
    regular: bool = False
    recommended: bool = False


@frozen(kw_only=True)
class Verdict:
    """What the promotions make of one basket."""

    worth: Decimal
    """Before any discount."""
    accepted: tuple[str, ...]
    rejected: tuple[str, ...]
    """For want of any product of theirs in the cart."""
    item_discounts: tuple[Decimal, ...]
    """One for each unit that became cheaper by a coupon."""
    basket_discounts: tuple[Decimal, ...]
    points: int
    effects: Counter[str]
    """How many effects of each type say so."""


def judge(checkout: Checkout, coupons: Mapping[str, Coupon], customer: Customer) -> Verdict:
    """Judges a basket as it is closed: its coupons in their order, then what the house gives."""
    worth = total(checkout.lines)
    accepted = tuple(code for code in checkout.codes if _fits(coupons[code], checkout))
    rejected = tuple(code for code in checkout.codes if code not in accepted)
    item_discounts = tuple(_item_discounts([coupons[code] for code in accepted], checkout.lines))
    basket_discounts = tuple(_basket_discounts(worth, worth - sum(item_discounts, ZERO), customer))
    points = campaigns.CLUB_POINTS if worth >= campaigns.CLUB_BASKET else 0
    effects = {
        "acceptCoupon": len(accepted),
        "rejectCoupon": len(rejected),
        "setDiscountPerItem": len(item_discounts),
        "acceptReferral": customer.recommended,
        "setDiscount": len(basket_discounts),
        "addLoyaltyPoints": points > 0,
        "showNotification": customer.family and worth >= campaigns.FAMILY_BASKET,
        "updateAttribute": customer.regular,
    }
    return Verdict(
        worth=worth,
        accepted=accepted,
        rejected=rejected,
        item_discounts=item_discounts,
        basket_discounts=basket_discounts,
        points=points,
        effects=+Counter({name: int(count) for name, count in effects.items()}),
    )


def _fits(coupon: Coupon, checkout: Checkout) -> bool:
    return any(line.sku in coupon.products for line in checkout.lines)


def _item_discounts(accepted: list[Coupon], lines: tuple[CartLine, ...]) -> Iterator[Decimal]:
    """What each coupon takes off each unit, down to a price of nothing."""
    left = [line.price for line in lines]
    for coupon, (position, line) in product(accepted, enumerate(lines)):
        given = min(campaigns.COUPON_DISCOUNT, left[position])
        if line.sku in coupon.products and given:
            left[position] -= given
            yield from [given] * line.quantity


def _basket_discounts(worth: Decimal, left: Decimal, customer: Customer) -> Iterator[Decimal]:
    """What is taken off the basket as a whole, as long as there is something to pay."""
    offers = {
        campaigns.WELCOME_DISCOUNT: customer.recommended,
        campaigns.BIG_BASKET_DISCOUNT: worth >= campaigns.BIG_BASKET,
    }
    for offer, due in offers.items():
        given = min(offer, left) if due else ZERO
        if given:
            left -= given
            yield given
