"""Back to the start."""

from datetime import UTC, datetime

import pytest

from aiotalonone.sandbox import Fault
from aiotalonone.sandbox.faults import FaultRule
from tests.sandbox.full_campaigns import FULL
from tests.sandbox.support import CAMPAIGNS

THEN = datetime(2031, 1, 1, tzinfo=UTC)
CART = [{"sku": "tea", "quantity": 2, "price": 6}]


async def use(shop):
    """Change everything that can be changed."""
    await shop.put_session("s", profileId="ada", cartItems=CART, couponCodes=["SPRING"], state="closed")
    await shop.http.post("/v2/events", json={"profileId": "ada", "type": "x"})
    await shop.http.put("/v2/customer_profiles/a", json={}, headers={"Idempotency-Key": "k"})
    shop.sandbox.faults.add("trackEventV2", Fault.STATUS_503)
    await shop.http.post("/v2/events", json={"profileId": "ada", "type": "x"})
    shop.sandbox.set_now(THEN)
    shop.sandbox.set_campaigns({})


async def test_a_reset_returns_to_the_start(shop):
    """A reset brings back state, campaigns, faults and time, and forgets requests and replies."""
    await use(shop)
    assert (await shop.http.post("/sandbox/reset")).status_code == 204
    sandbox, state = shop.sandbox, shop.sandbox.state
    assert (state.profiles, state.sessions, state.events, state.applied) == ({}, {}, {}, {})
    assert state.coupons["SPRING"].usage_counter == 0
    assert (sandbox.campaigns, sandbox.now, sandbox.requests) == (CAMPAIGNS, shop.clock(), [])
    assert (sandbox.faults.pending, sandbox.faults.triggered, sandbox.faults.counts) == ([], [], {})
    again = await shop.http.put("/v2/customer_profiles/a", json={}, headers={"Idempotency-Key": "k"})
    assert (again.status_code, sandbox.applied("updateCustomerProfileV2")) == (200, 1)


async def test_the_start_can_be_kept_anew(shop):
    """What the sandbox holds when the start is kept comes back at each reset, however often."""
    start = FaultRule("trackEventV2", Fault.STATUS_503)
    shop.sandbox.seed({"profiles": [{"integrationId": "ada"}], "sessions": [{"integrationId": "s", "cartItems": CART}]})
    shop.sandbox.faults.replace([start])
    shop.sandbox.set_now(THEN)
    shop.sandbox.keep_as_start()
    for _ in range(2):
        await use(shop)
        shop.sandbox.reset()
        assert set(shop.sandbox.state.profiles) == {"ada"}
        assert shop.sandbox.state.sessions["s"].state == "open"
        assert (shop.sandbox.faults.pending, shop.sandbox.now) == ([start], THEN)


async def test_a_reset_gives_the_same_ids_again(open_shop):
    """After a reset the same requests get the same answers, IDs included."""
    shop = open_shop(FULL)

    async def answer():
        return await shop.put_session("s", ("customerSession",), profileId="bob", cartItems=CART, state="closed")

    first = await answer()
    shop.sandbox.reset()
    second = await answer()
    for response in first, second:
        response["effects"] = [effect["effectType"] for effect in response["effects"]]
    assert first == second


async def test_a_request_in_flight_is_lost_by_a_reset(shop):
    """What a request that is in flight during a reset changes is what the new state holds, or nothing at all."""

    @shop.sandbox.before_commit
    async def reset(_):
        shop.sandbox.before_commit(None)
        shop.sandbox.reset()

    await shop.put_profile("ada")
    assert set(shop.sandbox.state.profiles) == {"ada"}
    assert set(shop.sandbox.state.coupons) == {"SPRING", "10$OFF/NOW", "ONCE"}


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_a_reset_is_posted(shop, method):
    """A reset is a POST, which no link and no form by accident sends."""
    assert (await shop.http.request(method, "/sandbox/reset")).status_code == 405
