"""The caller's cart: its lines and additional costs, with a clear error for what cannot be priced."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from attrs import frozen

from aiotalonone.models._base import Model
from aiotalonone.operation import snake_case
from aiotalonone.pricing.values import InvalidValueError, Members, amount, read_list, text, whole, wrong_type

_MAX_LINES: Final = 1000
_MAX_UNITS: Final = 10_000
"""The API's limits of a session."""

_JSON_NAMES: Final = ("additionalCosts", "remainingQuantity", "returnedQuantity", "selectedPriceType")
"""Members of a line without which its price would be wrong, and which a mapping in Python names would lose."""


@frozen(kw_only=True)
class CartLine:
    """A line of the cart as the caller has it."""

    position: int
    sku: str
    quantity: int
    """Units that were bought."""
    returned: int
    """How many of them came back."""
    price: Decimal
    """Of one unit."""
    costs: Mapping[str, Decimal]
    """Additional costs of one unit, by their name."""

    @property
    def remaining(self) -> int:
        """Units that did not come back."""
        return self.quantity - self.returned


def read_cart(cart_items: object) -> list[CartLine]:
    """Return the lines of a cart; raise `InvalidValueError` if one cannot be priced."""
    items = read_list(cart_items, "cart_items", "CartItem models or mappings in JSON names")
    if len(items) > _MAX_LINES:
        raise _invalid(f"at most {_MAX_LINES} cart items").within("cart_items:")
    lines = [_read_line(index, item) for index, item in enumerate(items)]
    if sum(line.quantity for line in lines) > _MAX_UNITS:
        raise _invalid(f"at most {_MAX_UNITS} units in all").within("cart_items:")
    if len({line.position for line in lines}) < len(lines):
        raise _invalid("two lines have the same position").within("cart_items:")
    return lines


def read_costs(costs: object, place: str) -> dict[str, Decimal]:
    """Return additional costs by their name; each is a model, a mapping in JSON names or a number."""
    if costs is None:
        return {}
    if not isinstance(costs, Mapping):
        raise wrong_type("a mapping", costs).within(place)
    read: dict[str, Decimal] = {}
    for index, (name, cost) in enumerate(costs.items()):
        is_plain = isinstance(name, str) and name.isidentifier()
        step = f"{place}.{name}" if is_plain else f"{place}.(entry {index + 1})"
        if not isinstance(name, str):
            raise wrong_type("named by a str", name).within(step)
        read[name] = _read_cost(cost, step)
    return read


def _read_cost(cost: object, place: str) -> Decimal:
    if isinstance(cost, (Model, Mapping)):
        return Members(cost, place).read(amount, "price")
    try:
        return amount(cost)
    except InvalidValueError as failure:
        raise failure.within(place) from None


def _read_line(index: int, item: object) -> CartLine:
    members = Members(item, f"cart_items[{index}]", "a CartItem or a mapping in JSON names")
    _require_json_names(members)
    quantity = members.read(whole, "quantity")
    if quantity < 1:
        raise _invalid("must be 1 or more").within(members.place_of("quantity"))
    position = members.find(whole, "position")
    return CartLine(
        position=index if position is None else position,
        sku=members.read(text, "sku"),
        quantity=quantity,
        returned=_read_returned(members, quantity),
        price=_read_price(members),
        costs=read_costs(members.raw("additionalCosts"), members.place_of("additionalCosts")),
    )


def _require_json_names(members: Members) -> None:
    holder = members.holder
    for name in _JSON_NAMES:
        if isinstance(holder, Mapping) and snake_case(name) in holder:
            raise _invalid(f"has {snake_case(name)}, which is {name} in JSON").within(members.place)


def _read_returned(members: Members, quantity: int) -> int:
    """Return how many units came back; a server that counts neither way has not seen a return."""
    returned, remaining = members.find(whole, "returnedQuantity"), members.find(whole, "remainingQuantity")
    if returned is None:
        returned = 0 if remaining is None else quantity - remaining
    if not 0 <= returned <= quantity or remaining not in {None, quantity - returned}:
        raise _invalid("has returned and remaining units that are not its quantity").within(members.place)
    return returned


def _read_price(members: Members) -> Decimal:
    """Return what one unit costs: the line's own price, or the one that the server selected."""
    price = members.find(amount, "price")
    if price is not None:
        return price
    prices, selected = members.raw("prices"), members.raw("selectedPriceType")
    if isinstance(prices, Mapping) and isinstance(selected, str) and selected in prices:
        return Members(prices[selected], f"{members.place_of('prices')}.(selected)").read(amount, "price")
    raise _invalid("must be set: a catalog's price is in the cart items of the response").within(
        members.place_of("price")
    )


def _invalid(problem: str) -> InvalidValueError:
    return InvalidValueError(ValueError, problem)
