"""Discounts: what roll-backs leave of them, and what they take off a cart.

An effect gives an amount, and `Balances` finds it for the roll-back that takes it back. `settle` then takes what is
left from *pots*: one holds the price of a unit, and is part of its line's, which is part of the cart's; each additional
cost has pots alike. Small pots come first. So no pot falls below 0, and the order of discounts does not change totals.
"""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import Factory, define, frozen

from aiotalonone.pricing.cart import CartLine
from aiotalonone.pricing.result import AppliedDiscount, PricedCost, PricedLine
from aiotalonone.pricing.values import ZERO, Members, bare_name

TAKEN_BACK: Final = "taken back by a later roll-back"
_RETURNED: Final = "its unit was returned"


@frozen
class Source:
    """An effect, and its type and props."""

    effect: Any
    type: str
    props: Members


@define(kw_only=True, eq=False)
class Given:
    """An amount that an effect gives, and what is left of it."""

    source: Source
    value: Decimal
    left: Decimal
    dropped: str | None = None
    """Why it counts for nothing any more."""

    def drop(self, reason: str) -> None:
        """Let it count for nothing; the first reason stands."""
        self.left = ZERO
        self.dropped = self.dropped or reason


@define(kw_only=True, eq=False)
class GivenDiscount(Given):
    """A discount: on a cost if it names one, else on a line or unit if it has a position, else on the session."""

    name: str
    scope: str | None = None
    position: int | None = None
    sub_position: int | None = None
    cost: str | None = None
    amount: Decimal = ZERO
    """What it took off."""

    def keys(self) -> Sequence[Hashable]:
        """Return what a roll-back may call it, from the exact place to the line."""
        place = (bare_name(self.name, self.position), self.position, self.cost)
        return [(*place, self.sub_position, self.scope), (*place, self.sub_position), place]


class Balances:
    """What was given, by the keys that a roll-back may have for it.

    A roll-back removes entries that nothing is left of, so that the time grows with the number of effects alone.
    """

    def __init__(self) -> None:
        self._given: defaultdict[Hashable, deque[Given]] = defaultdict(deque)

    def add(self, given: Given, keys: Iterable[Hashable]) -> None:
        """Let roll-backs with any of these keys take it back."""
        for key in keys:
            self._given[key].append(given)

    def take_back(self, value: Decimal, keys: Iterable[Hashable]) -> bool:
        """Take an amount off what has the first of the keys, then the next; return whether there was anything."""
        found = False
        for key in keys:
            queue = self._given.get(key, deque())
            while queue and value:
                given = queue[0]
                taken = min(given.left, value)
                found = found or taken > ZERO
                given.left, value = given.left - taken, value - taken
                if given.left:
                    break
                if taken:
                    given.drop(TAKEN_BACK)
                queue.popleft()
        return found


@define(eq=False)
class Pot:
    """Money that discounts are taken from: what is left of it, and what was taken."""

    left: Decimal
    parent: "Pot | None" = None
    taken: Decimal = ZERO

    def take(self, value: Decimal) -> Decimal:
        """Take up to an amount, here and from every pot that this one is part of; return how much it was."""
        taken = min(self.left, value)
        pot: Pot | None = self
        while pot is not None:
            pot.left -= taken
            pot.taken += taken
            pot = pot.parent
        return taken


@define(eq=False)
class Pots:
    """The pots of a unit, a line or the cart: its goods, and each of its additional costs."""

    goods: Pot
    costs: Mapping[str, Pot]

    @property
    def taken(self) -> Decimal:
        """What was taken from all of them."""
        return sum((pot.taken for pot in self.costs.values()), self.goods.taken)


@define(eq=False)
class LinePots:
    """The pots of a line, and of those of its units that have discounts."""

    line: CartLine
    whole: Pots
    units: dict[int, Pots] = Factory(dict)

    def unit(self, number: int) -> Pots:
        """Return the pots of a unit that was not returned."""
        if number not in self.units:
            costs = {name: Pot(cost, self.whole.costs[name]) for name, cost in self.line.costs.items()}
            self.units[number] = Pots(Pot(self.line.price, self.whole.goods), costs)
        return self.units[number]

    def priced(self) -> PricedLine:
        """Return the line after its discounts."""
        line, nothing = self.line, Pots(Pot(ZERO), {})
        costs = priced_costs({name: cost * line.remaining for name, cost in line.costs.items()}, self.whole.costs)
        before = line.price * line.remaining + sum((cost.total_before_discounts for cost in costs.values()), ZERO)
        return PricedLine(
            position=line.position,
            sku=line.sku,
            quantity=line.remaining,
            returned=line.returned,
            price=line.price,
            total_before_discounts=before,
            unit_discounts=tuple(self.units.get(number, nothing).taken for number in range(line.quantity)),
            additional_costs=costs,
            discount=self.whole.taken,
            total=before - self.whole.taken,
        )


@define(eq=False)
class CartPots:
    """All pots of a cart."""

    lines: Mapping[int, LinePots]
    """Those of the lines, by position."""
    costs: Mapping[str, Pot]
    """Those of the session's additional costs."""
    all_goods: Pot
    """The price of all lines."""
    all_costs: Pot
    """The additional costs of the session and of all lines."""

    @classmethod
    def fill(cls, lines: Iterable[CartLine], costs: Mapping[str, Decimal]) -> "CartPots":
        """Put the price and the additional costs of everything that was not returned into pots."""
        goods, all_costs = Pot(ZERO), Pot(sum(costs.values(), ZERO))
        of_lines: dict[int, LinePots] = {}
        for line in lines:
            price = line.price * line.remaining
            of_costs = {name: Pot(cost * line.remaining, all_costs) for name, cost in line.costs.items()}
            goods.left += price
            all_costs.left += sum((pot.left for pot in of_costs.values()), ZERO)
            of_lines[line.position] = LinePots(line, Pots(Pot(price, goods), of_costs))
        return cls(of_lines, {name: Pot(cost, all_costs) for name, cost in costs.items()}, goods, all_costs)

    def pots_for(self, discount: GivenDiscount) -> tuple[int, Sequence[Pot]]:
        """Return the pots that a discount is taken from, after the rank in which it comes: small pots first."""
        if discount.position is not None:
            line = self.lines[discount.position]
            if discount.sub_position is None:
                return _pots_of_item(discount, line.whole, first_rank=4)
            return _pots_of_item(discount, line.unit(discount.sub_position), first_rank=0)
        if discount.cost is not None:
            return 8, [self.costs[discount.cost]]
        match discount.scope:
            case "cartItems":
                return 9, [self.all_goods]
            case "additionalCosts":
                return 9, [self.all_costs]
            case _:
                return 10, [self.all_goods, self.all_costs]


def _pots_of_item(discount: GivenDiscount, pots: Pots, first_rank: int) -> tuple[int, Sequence[Pot]]:
    if discount.cost is not None:
        return first_rank, [pots.costs[discount.cost]]
    match discount.scope:
        case "additionalCosts":
            return first_rank + 1, [*pots.costs.values()]
        case "itemTotal":
            return first_rank + 3, [pots.goods, *pots.costs.values()]
        case _:
            return first_rank + 2, [pots.goods]


def settle(
    cart: CartPots, discounts: Sequence[GivenDiscount], returned_units: Mapping[int, set[int]]
) -> list[AppliedDiscount]:
    """Take the discounts from a cart, and return those that count; the others are dropped, with the reason.

    Args:
        cart: Its pots, which are left with what remains to be paid.
        discounts: The discounts, in their order.
        returned_units: Units that roll-backs name, by the position of their line.
    """
    gone = {place: _returned_units(pots.line, returned_units.get(place, set())) for place, pots in cart.lines.items()}
    for discount in discounts:
        if discount.position is not None and discount.sub_position in gone[discount.position]:
            discount.drop(_RETURNED)
    counting = [discount for discount in discounts if discount.dropped is None]
    ranked = [(*cart.pots_for(discount), discount) for discount in counting]
    for _, pots, discount in sorted(ranked, key=lambda entry: entry[0]):
        for pot in pots:
            discount.amount += pot.take(discount.left - discount.amount)
    return [_applied(discount) for discount in counting]


def _returned_units(line: CartLine, named: set[int]) -> set[int]:
    """Return the units that came back: those that roll-backs name, then the first ones, as many as the cart says."""
    first_named = sorted(range(line.quantity), key=lambda unit: unit not in named) if line.returned else []
    return set(first_named[: line.returned])


def _applied(discount: GivenDiscount) -> AppliedDiscount:
    return AppliedDiscount(
        effect=discount.source.effect,
        effect_type=discount.source.type,
        name=discount.name,
        value=discount.value,
        rolled_back=discount.value - discount.left,
        amount=discount.amount,
        scope=discount.scope,
        position=discount.position,
        sub_position=discount.sub_position,
        additional_cost=discount.cost,
    )


def priced_costs(costs: Mapping[str, Decimal], pots: Mapping[str, Pot]) -> dict[str, PricedCost]:
    """Return additional costs after their discounts."""
    return {
        name: PricedCost(
            name=name, total_before_discounts=cost, discount=pots[name].taken, total=cost - pots[name].taken
        )
        for name, cost in costs.items()
    }
