"""What happens after baskets were paid: some sessions are reopened and closed again, and some units come back."""

from aiotalonone.models import (
    IntegrationEventV3Request,
    IntegrationRequest,
    NewCustomerSessionV2,
    NewReturn,
    ReturnedCartItem,
    ReturnIntegrationRequest,
)
from examples.groceries import campaigns, facts
from examples.groceries.replay import Replay, independent
from examples.groceries.scenario import BroughtBack, Checkout


async def reopen_sessions(replay: Replay) -> None:
    """Reopen the latest basket of each of the best customers, which takes its rewards back, and close it again."""

    async def reopen(checkout: Checkout) -> None:
        with replay.measuring("reopenCustomerSession"):
            reopened = await replay.client.sessions.reopen_customer_session(checkout.session_id)
        replay.observed["reopened", checkout.session_id, "roll-backs"] = facts.effect_types(reopened)

    async def close(checkout: Checkout) -> None:
        request = IntegrationRequest(customer_session=NewCustomerSessionV2(state="closed"))
        with replay.measuring("updateCustomerSessionV2"):
            state = await replay.client.sessions.update_customer_session_v2(checkout.session_id, request)
        replay.observed["reopened", checkout.session_id, "closed again"] = facts.effect_types(state)

    await replay.phase("Reopen sessions", independent(replay.scenario.reopened), reopen)
    await replay.phase("Close them again", independent(replay.scenario.reopened), close)


async def return_units(replay: Replay) -> None:
    """Return one unit that a coupon made cheaper, which takes its discounts back."""

    async def give_back(unit: BroughtBack) -> None:
        line = ReturnedCartItem(position=unit.position, quantity=1)
        request = ReturnIntegrationRequest(return_=NewReturn(returned_cart_items=[line]))
        with replay.measuring("returnCartItems"):
            state = await replay.client.sessions.return_cart_items(unit.checkout.session_id, request)
        replay.observed["return", unit.checkout.session_id, "rolled back"] = facts.rolled_back(state)

    await replay.phase("Return a unit of some baskets", independent(replay.scenario.returns), give_back)


async def read_returned_sessions(replay: Replay) -> None:
    """Read the sessions with a return: what is left of the cart, and the effects that are still valid."""

    async def read(unit: BroughtBack) -> None:
        with replay.measuring("getCustomerSession"):
            session = await replay.client.sessions.get_customer_session(unit.checkout.session_id)
        replay.observed |= facts.of_returned_session(unit.checkout.session_id, session)

    await replay.phase("Read the sessions with a return", independent(replay.scenario.returns), read)


async def track_returns(replay: Replay) -> None:
    """Track each return as an advanced event that refers to its session, and read the event by its ID."""

    async def track(unit: BroughtBack) -> None:
        event = IntegrationEventV3Request(
            profile_id=unit.checkout.household,
            type=campaigns.RETURN_EVENT,
            integration_id=unit.event_id,
            connected_session_id=unit.checkout.session_id,
        )
        with replay.measuring("trackEventV3"):
            await replay.client.events.track_event_v3(event, silent=True)

    async def read(unit: BroughtBack) -> None:
        with replay.measuring("getEventV3"):
            event = await replay.client.events.get_event_v3(unit.event_id)
        replay.observed["event", unit.event_id, "session"] = event.connected_session_id
        replay.observed["event", unit.event_id, "effects"] = facts.effect_types_of(event)

    await replay.phase("Track returns as advanced events", independent(replay.scenario.returns), track)
    await replay.phase("Read the advanced events", independent(replay.scenario.returns), read)
