"""The lines of a cart in a request."""

from decimal import Decimal

from aiotalonone.sandbox.operations._base import Context
from aiotalonone.sandbox.operations.parsing import read_attributes
from aiotalonone.sandbox.state.catalog_items import cart_members
from aiotalonone.sandbox.state.entities import ZERO, CartItem
from aiotalonone.sandbox.validation import MAX_CART_ITEMS, MAX_UNITS, TOO_MANY, JsonObject

DIMENSIONS = ("weight", "height", "width", "length")
STORED_MEMBERS = frozenset(
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
"""The members that a caller sets; any other is set by the server or unknown, and ignored."""


def read_cart_items(context: Context, members: JsonObject) -> tuple[CartItem, ...]:
    """Read the lines in their order."""
    entries = members.objects("cartItems", max_items=MAX_CART_ITEMS)
    items = tuple(_cart_item(context, entry) for entry in entries)
    if sum(item.quantity for item in items) > MAX_UNITS:
        raise members.error("cartItems", f"must have at most {MAX_UNITS} units", TOO_MANY)
    return items


def read_additional_costs(members: JsonObject) -> dict[str, Decimal]:
    """Read the additional costs of a line or of a session, by name."""
    return {name: cost.required_amount("price") for name, cost in members.entries("additionalCosts")}


def _cart_item(context: Context, members: JsonObject) -> CartItem:
    _check_what_rules_ignore(context, members)
    sku = members.required_text("sku")
    sent = {name: value for name, value in members.values.items() if name in STORED_MEMBERS and value is not None}
    item = context.draft.item_for_carts(sku)
    from_catalog = {} if item is None else cart_members(item, sent, context.draft.now)
    return CartItem(
        sku=sku,
        quantity=members.required_integer("quantity", minimum=1),
        price=members.amount("price") or from_catalog.get("price", ZERO),
        category=members.text("category"),
        additional_cost=sum(read_additional_costs(members).values(), ZERO),
        sent=sent,
        from_catalog=from_catalog,
    )


def _check_what_rules_ignore(context: Context, members: JsonObject) -> None:
    members.text("name")
    for dimension in DIMENSIONS:
        members.amount(dimension)
    product = members.object("product")
    if product is not None:
        product.required_text("name")
    read_attributes(context, members, "CartItem")
