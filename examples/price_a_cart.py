"""Price a cart with discounts and a free item, say why a code was rejected, and refund what comes back."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import uuid4

from aiotalonone import AsyncIntegrationClient, CartItem, IntegrationRequest, NewCustomerSessionV2
from aiotalonone.pricing import explain, price

CART = [
    CartItem(sku="kettle", name="Kettle", quantity=2, price=Decimal("30.00")),
    CartItem(sku="tea", name="Tea", quantity=1, price=Decimal("4.50")),
]

# What the API sends when one of the kettles comes back.
RETURNED: dict[str, Any] = {
    "customerSession": {
        "cartItems": [
            {"sku": "kettle", "quantity": 2, "price": 30, "returnedQuantity": 1, "remainingQuantity": 1},
            {"sku": "tea", "quantity": 1, "price": 4.5, "returnedQuantity": 0, "remainingQuantity": 1},
        ]
    },
    "effects": [
        {
            "effectType": "rollbackDiscount",
            "props": {"name": "Kettle week#0", "value": 5, "cartItemPosition": 0, "cartItemSubPosition": 1},
        }
    ],
}


async def main() -> None:
    """Price the cart, buy it, and price what is left of it after a return."""
    session = NewCustomerSessionV2(profile_id="ada", coupon_codes=["SUMMER", "WINTER"], cart_items=CART, state="closed")
    request = IntegrationRequest(customer_session=session, response_content=["ruleFailureReasons"])
    async with AsyncIntegrationClient.from_env() as client:
        state = await client.sessions.update_customer_session_v2(str(uuid4()), request)

    paid = price(CART, state.effects)
    print("\n".join(paid.explanation))
    print(f"Pay {paid.total}; add {[item.sku for item in paid.free_items]} for nothing")
    print("\n".join(explain(state)))

    left = price(RETURNED["customerSession"]["cartItems"], [*state.effects, *RETURNED["effects"]])
    print(f"A kettle comes back: {left.total} is left to pay, so refund {paid.total - left.total}")


if __name__ == "__main__":
    asyncio.run(main())
