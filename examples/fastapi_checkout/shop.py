"""What is in the cart, and what it costs."""

from collections import defaultdict
from collections.abc import Awaitable
from decimal import Decimal
from uuid import UUID

from aiotalonone import (
    AsyncIntegrationClient,
    CartItem,
    IntegrationRequest,
    IntegrationStateV2,
    NewCustomerSessionV2,
    TalonOneError,
    or_none,
)
from aiotalonone.pricing import PricedCart, price

GOODS = {"kettle": "Kettle", "beans-1kg": "Coffee beans, 1 kg", "filters": "A pack of filters"}
CART = [
    CartItem(sku="kettle", quantity=2, price=Decimal("30.00")),
    CartItem(sku="beans-1kg", quantity=1, price=Decimal("18.90")),
]


# Carts that may be bought. A shop of several processes keeps the errors, pickled, in its database.
UNSETTLED: dict[UUID, TalonOneError] = {}


def price_without_discounts() -> PricedCart:
    """What the cart costs while there is no Talon.One."""
    return price(CART, [])


def discounts_by_name(priced: PricedCart) -> dict[str, Decimal]:
    """What each promotion takes off; the discounts of an item have its position in their names: ``Kettle week#0``."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for discount in priced.discounts:
        totals[discount.name.removesuffix(f"#{discount.position}")] += discount.amount
    return totals


async def price_cart(client: AsyncIntegrationClient, cart: UUID, codes: list[str] | None = None) -> PricedCart | None:
    """What the cart costs with its codes; ``None`` while Talon.One cannot tell.

    The session keeps its codes if none are given. It stays open, so that nothing is lost if the response is.
    """
    session = NewCustomerSessionV2(cart_items=CART, coupon_codes=codes)
    update = client.sessions.update_customer_session_v2(str(cart), IntegrationRequest(customer_session=session))
    state = await or_none(update)
    return price(CART, state.effects) if state else None


async def buy_cart(client: AsyncIntegrationClient, cart: UUID) -> PricedCart | None:
    """Close the session, which redeems its codes; ``None`` if nothing was redeemed, since Talon.One cannot now.

    If the response is lost, the cart may be bought or not. That is an error, and the next try resumes it: a new call
    that is not even sent would know nothing of the first one. The key is for customers who press twice.
    """
    try:
        state = await or_none(closing(client, cart))
    except TalonOneError as error:
        if error.is_resumable:
            UNSETTLED[cart] = error
        raise
    UNSETTLED.pop(cart, None)
    return price(CART, state.effects) if state else None


def closing(client: AsyncIntegrationClient, cart: UUID) -> Awaitable[IntegrationStateV2]:
    """The call that buys a cart: the first one, or the one whose response was lost."""
    if cart in UNSETTLED:
        return client.resume(UNSETTLED[cart], IntegrationStateV2)
    session = NewCustomerSessionV2(cart_items=CART, state="closed")
    once = client.with_options(idempotency_key=f"buy-{cart}")
    return once.sessions.update_customer_session_v2(str(cart), IntegrationRequest(customer_session=session))
