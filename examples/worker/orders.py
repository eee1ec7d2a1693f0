"""What a paid order means to Talon.One, so told that telling it again changes nothing."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from aiotalonone import (
    AsyncIntegrationClient,
    CartItem,
    ConflictError,
    CustomerProfileIntegrationRequestV2,
    IntegrationEventV3Request,
    IntegrationRequest,
    NewCustomerSessionV2,
    NewReferral,
    NotFoundError,
)

BEAN_CLUB = 2  # the campaign of the referral codes


class Line(BaseModel):
    """One line of an order."""

    sku: str
    quantity: int
    price: Decimal


class OrderPaid(BaseModel):
    """The message: an order is paid."""

    order: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]  # it becomes part of keys
    customer: str
    lines: list[Line]
    newsletter: bool = False
    refers_friends: bool = False


async def book(client: AsyncIntegrationClient, paid: OrderPaid) -> None:
    """Book all that follows from a paid order.

    Keys, IDs and bodies come from the message alone. So whatever an earlier delivery has done is replayed or found.
    """
    await update_profile(client, paid)
    await close_session(client, paid)
    await track_event(client, paid)
    if paid.refers_friends:
        await create_referral(client, paid)


async def update_profile(client: AsyncIntegrationClient, paid: OrderPaid) -> None:
    """Note what the customer has chosen; the API replays its response to the key."""
    once = client.with_options(idempotency_key=f"order-{paid.order}-profile")
    profile = CustomerProfileIntegrationRequestV2(attributes={"Newsletter": paid.newsletter})
    await once.customers.update_customer_profile_v2(paid.customer, profile)


async def close_session(client: AsyncIntegrationClient, paid: OrderPaid) -> None:
    """Close the session, which books points and redeems codes; the API replays its response to the key."""
    once = client.with_options(idempotency_key=f"order-{paid.order}-session")
    cart = [CartItem(sku=line.sku, quantity=line.quantity, price=line.price) for line in paid.lines]
    session = NewCustomerSessionV2(profile_id=paid.customer, cart_items=cart, state="closed")
    await once.sessions.update_customer_session_v2(paid.order, IntegrationRequest(customer_session=session))


async def track_event(client: AsyncIntegrationClient, paid: OrderPaid) -> None:
    """Track the event, whose ID is used once: it exists if an earlier delivery has tracked it."""
    event = IntegrationEventV3Request(
        integration_id=f"order-{paid.order}-paid",
        profile_id=paid.customer,
        type="order_paid",
        connected_session_id=paid.order,
    )
    try:
        await client.events.track_event_v3(event, silent=True)
    except ConflictError as conflict:
        try:
            await client.events.get_event_v3(event.integration_id)
        except NotFoundError:
            raise conflict from None  # it means that too many requests update the customer


async def create_referral(client: AsyncIntegrationClient, paid: OrderPaid) -> None:
    """Create a code for friends. There is no key for this: look first, by what the code says of its order."""
    origin = {"order": paid.order}
    inventory = await client.customers.get_customer_inventory(paid.customer, referrals=True)
    if not any(origin.items() <= referral.attributes.items() for referral in inventory.referrals):
        await client.referrals.create_referral(
            NewReferral(campaign_id=BEAN_CLUB, advocate_profile_integration_id=paid.customer, attributes=origin)
        )
