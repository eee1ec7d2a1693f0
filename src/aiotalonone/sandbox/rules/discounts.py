"""Money off: the session, or each unit of some goods."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Self

from attrs import define

from aiotalonone.sandbox.money import ZERO
from aiotalonone.sandbox.reading import Members
from aiotalonone.sandbox.rules.case import Case, Sent
from aiotalonone.sandbox.rules.goods import Goods
from aiotalonone.sandbox.rules.receivers import cart, no_cart

HUNDRED = Decimal(100)


@define(frozen=True)
class Reduction:
    """An amount, or a share of a price."""

    value: Decimal | None
    percent: Decimal | None

    @classmethod
    def read(cls, members: Members) -> Self:
        """Reads exactly one of the two."""
        if ("value" in members) == ("percent" in members):
            raise members.unfit("value", "exactly one of value, percent is required")
        return cls(members.amount("value"), members.amount("percent"))

    def of(self, price: Decimal) -> Decimal:
        """What the reduction asks for."""
        return self.value if self.value is not None else price * (self.percent or ZERO) / HUNDRED


@define(frozen=True)
class SetDiscount:
    """Takes an amount off the session."""

    name: str
    reduction: Reduction

    def obstacle(self, case: Case) -> str | None:
        """There must be a cart."""
        return no_cart(case)

    def give(self, case: Case) -> Iterator[Sent]:
        """One effect, unless nothing is left of the session's total."""
        wanted = self.reduction.of(cart(case).total)
        given = case.evaluation.purse.take(wanted)
        if given:
            yield "setDiscount", {"name": self.name, "value": given, "desiredValue": wanted}


@define(frozen=True)
class SetDiscountPerItem:
    """Takes an amount off each unit of the goods."""

    name: str
    reduction: Reduction
    goods: Goods

    def obstacle(self, case: Case) -> str | None:
        """There must be a cart."""
        return no_cart(case)

    def give(self, case: Case) -> Iterator[Sent]:
        """One effect for each unit that still has a price."""
        purse = case.evaluation.purse
        for position, item in self.goods.lines(cart(case), case.coupon):
            wanted = self.reduction.of(item.price)
            for unit in range(item.quantity):
                given = purse.take_from_unit(position, unit, wanted)
                if given:
                    yield "setDiscountPerItem", self._props(position, unit, item.quantity, given, wanted)

    def _props(self, position: int, unit: int, units: int, given: Decimal, wanted: Decimal) -> dict[str, Any]:
        props = {"name": self.name, "value": given, "position": position, "desiredValue": wanted}
        return props | {"subPosition": unit} if units > 1 else props
