"""Price a cart with a coupon, act on the effects, buy it."""

import asyncio
from decimal import Decimal
from uuid import uuid4

from aiotalonone import (
    AcceptCouponEffectProps,
    AddLoyaltyPointsEffectProps,
    AsyncIntegrationClient,
    CartItem,
    Effect,
    IntegrationRequest,
    NewCustomerSessionV2,
    RejectCouponEffectProps,
    SetDiscountEffectProps,
)

CART = NewCustomerSessionV2(
    profile_id="ada",
    coupon_codes=["SUMMER", "WINTER"],
    cart_items=[CartItem(sku="beans-1kg", name="Coffee beans", quantity=2, price=Decimal("18.90"))],
)
PURCHASE = NewCustomerSessionV2(state="closed")


def show(effect: Effect) -> None:
    """Print what an effect asks the shop to do."""
    match effect.props:
        case AcceptCouponEffectProps(value=code):
            print(f"{code} is accepted")
        case RejectCouponEffectProps(value=code, rejection_reason=reason):
            print(f"{code} is rejected: {reason}")
        case SetDiscountEffectProps(name=name, value=value):
            print(f"{name}: {value:.2f} off")
        case AddLoyaltyPointsEffectProps(name=name, value=points):
            print(f"{name}: {points:.1f} points")
        case _:
            print(effect.effect_type)


async def main() -> None:
    """Price the cart, then close it."""
    cart_id = str(uuid4())
    async with AsyncIntegrationClient.from_env() as client:
        state = await client.sessions.update_customer_session_v2(cart_id, IntegrationRequest(customer_session=CART))
        for effect in state.effects:
            show(effect)
        await client.sessions.update_customer_session_v2(cart_id, IntegrationRequest(customer_session=PURCHASE))
        print("Bought: the coupon is redeemed, the points are booked")


if __name__ == "__main__":
    asyncio.run(main())
