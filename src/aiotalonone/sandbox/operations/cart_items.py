"""The lines of a cart in a request."""

from decimal import Decimal

from aiotalonone.sandbox import limits
from aiotalonone.sandbox.calls import Desk
from aiotalonone.sandbox.entities import CartItem
from aiotalonone.sandbox.money import ZERO
from aiotalonone.sandbox.operations.attributes import read_attributes
from aiotalonone.sandbox.reading import Members

DIMENSIONS = ("weight", "height", "width", "length")
KEPT = frozenset(
    {
        "name",
        "sku",
        "quantity",
        "price",
        "category",
        "product",
        "attributes",
        "additionalCosts",
        *DIMENSIONS,
    }
)
"""The members that a caller decides on; any other is the server's to set, or unknown, and passed over."""


def read_cart_items(desk: Desk, members: Members) -> tuple[CartItem, ...]:
    """The lines in their order."""
    entries = members.objects("cartItems", at_most=limits.CART_ITEMS)
    items = tuple(_cart_item(desk, entry) for entry in entries)
    if sum(item.quantity for item in items) > limits.UNITS:
        raise members.unfit("cartItems", f"quantities must add up to at most {limits.UNITS}")
    return items


def read_additional_costs(members: Members) -> dict[str, Decimal]:
    """The additional costs of a line or of a session, by name."""
    return {name: cost.amount("price") or ZERO for name, cost in members.entries("additionalCosts")}


def _cart_item(desk: Desk, members: Members) -> CartItem:
    _check_what_rules_ignore(desk, members)
    return CartItem(
        sku=members.required_text("sku"),
        quantity=members.required_integer("quantity", at_least=1),
        price=members.amount("price") or ZERO,
        category=members.text("category"),
        additional_cost=sum(read_additional_costs(members).values(), ZERO),
        sent={name: value for name, value in members.values.items() if name in KEPT and value is not None},
    )


def _check_what_rules_ignore(desk: Desk, members: Members) -> None:
    members.text("name")
    for dimension in DIMENSIONS:
        members.amount(dimension)
    product = members.object("product")
    if product is not None:
        product.required_text("name")
    read_attributes(desk, members, "CartItem")
