"""A day's purchases as the lines of a cart, to the cent.

A receipt says what a line cost in all, ``sales_value``; a cart says what one unit costs. Two things stand between them:

- **Goods sold by volume.** The till notes fuel in thousandths of a gallon. Up to a quantity of 144 (sweet corn, 24.00)
  the dataset counts pieces; above it, from 420 to 89 638, each of its 13 507 lines is petrol at a fraction of a cent
  per "piece". So a line of `BY_VOLUME_FROM` and more is one unit at its price. (Thirteen drops of petrol stay below,
  none on a day that is replayed.)
- **Cents that do not divide.** Three cans for 1.00 have no unit price in cents. Such a line becomes two, one can at
  0.34 and two at 0.33, so that each cart is worth exactly what its receipt says.

The price is what the shop was paid, its own price cuts taken off, manufacturers' coupons not.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from attrs import frozen

from aiotalonone.demo.dataset import Purchase

BY_VOLUME_FROM: Final = 200
_CENT: Final = Decimal("0.01")


@frozen
class CartLine:
    """Units of one product at one price."""

    sku: str
    quantity: int
    price: Decimal


def cart_lines(purchases: Iterable[Purchase]) -> Iterator[CartLine]:
    """The cart that is worth what was paid."""
    for purchase in purchases:
        if purchase.quantity >= BY_VOLUME_FROM:
            yield CartLine(purchase.sku, 1, purchase.value)
        else:
            yield from _by_piece(purchase)


def _by_piece(purchase: Purchase) -> Iterator[CartLine]:
    cents, dearer = divmod(int(purchase.value / _CENT), purchase.quantity)
    price = cents * _CENT
    if dearer:
        yield CartLine(purchase.sku, dearer, price + _CENT)
    yield CartLine(purchase.sku, purchase.quantity - dearer, price)


def total(lines: Iterable[CartLine]) -> Decimal:
    """What the cart is worth before any discount."""
    return sum((line.quantity * line.price for line in lines), Decimal(0))
