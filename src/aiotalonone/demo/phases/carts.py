"""Carts: filled, and paid."""

from aiotalonone.demo import observation
from aiotalonone.demo.phases.cart_items import cart_items_of
from aiotalonone.demo.replay import Replay, in_order
from aiotalonone.demo.scenario import Checkout
from aiotalonone.models import IntegrationRequest, NewCustomerSessionV2


async def carts_are_filled(replay: Replay) -> None:
    """Each day at the till opens a session with its whole cart and all its coupons."""

    async def fill(checkout: Checkout) -> None:
        session = NewCustomerSessionV2(
            profile_id=checkout.household,
            coupon_codes=list(checkout.codes),
            state="open",
            cart_items=cart_items_of(checkout, replay.scenario.dataset),
        )
        with replay.measuring("updateCustomerSessionV2"):
            await replay.client.sessions.update_customer_session_v2(
                checkout.session_id, IntegrationRequest(customer_session=session)
            )

    lanes = in_order(replay.scenario.checkouts, _shopper)
    await replay.phase("Carts are filled, coupons are entered", lanes, fill)


async def carts_are_paid(replay: Replay) -> None:
    """The same sessions are closed: now discounts count and coupons are used."""

    async def pay(checkout: Checkout) -> None:
        request = IntegrationRequest(
            customer_session=NewCustomerSessionV2(state="closed"), response_content=["customerSession"]
        )
        with replay.measuring("updateCustomerSessionV2"):
            state = await replay.client.sessions.update_customer_session_v2(checkout.session_id, request)
        replay.observed |= observation.of_session(checkout.session_id, state)

    await replay.phase("Carts are paid", in_order(replay.scenario.checkouts, _shopper), pay)


def _shopper(checkout: Checkout) -> str:
    return checkout.household
