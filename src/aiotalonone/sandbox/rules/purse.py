"""What is left to give: no discount takes a unit, or the whole session, below zero."""

from decimal import Decimal

from aiotalonone.sandbox.entities import Session
from aiotalonone.sandbox.money import ZERO


class Purse:
    """The discounts of one evaluation, counted down from the session's prices."""

    def __init__(self, session: Session | None = None) -> None:
        self._left = session.total if session else ZERO
        self._items = session.cart_items if session else ()
        self._units: dict[tuple[int, int], Decimal] = {}

    def take(self, wanted: Decimal) -> Decimal:
        """Takes an amount off the session and tells how much of it there was."""
        given = max(min(wanted, self._left), ZERO)
        self._left -= given
        return given

    def take_from_unit(self, position: int, unit: int, wanted: Decimal) -> Decimal:
        """Takes an amount off one unit of a line and tells how much of it there was."""
        left = self._units.get((position, unit), self._items[position].price)
        given = self.take(min(wanted, left))
        self._units[position, unit] = left - given
        return given
