"""Sessions are closed while responses are lost: each coupon is redeemed exactly once, and every call succeeds."""

import pytest

from aiotalonone import RetryPolicy
from aiotalonone.sandbox import Sandbox
from tests.reliability.support import sandbox_client
from tests.support.clients import TRANSPORTS
from tests.support.sandbox_server import serving


def shop(coupons):
    """Return a sandbox with a campaign of coupons for one use each."""
    rule = {
        "name": "Half",
        "conditions": [{"type": "couponIsValid"}],
        "effects": [{"type": "setDiscount", "name": "Half", "percent": 50}],
    }
    codes = [{"value": f"CODE-{number}", "usageLimit": 1} for number in range(coupons)]
    return Sandbox({"campaigns": [{"id": 1, "name": "Welcome", "coupons": codes, "rules": [rule]}]})


async def close_all(transport, sessions):
    """Close as many sessions, each with a coupon, while every other response of the API is lost."""
    sandbox = shop(sessions)
    sandbox.faults.drop_after_commit("updateCustomerSessionV2", every=2)
    # The default policy, but for the time that its pauses take.
    policy = RetryPolicy(initial_backoff=0.001)
    async with serving(sandbox.app) as server, sandbox_client(transport, server.url, retry=policy) as client:
        for number in range(sessions):
            cart = {"profileId": f"c-{number}", "couponCodes": [f"CODE-{number}"], "state": "closed"}
            state = await client.sessions.update_customer_session_v2(f"cart-{number}", {"customerSession": cart})
            assert [effect.effect_type for effect in state.effects] == ["acceptCoupon"]
    return sandbox


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("sessions", [50, pytest.param(2000, marks=pytest.mark.soak)])
async def test_every_coupon_is_redeemed_exactly_once(transport, sessions):
    """A retry with the same key returns the first response, so that no coupon is redeemed twice."""
    sandbox = await close_all(transport, sessions)
    assert sandbox.applied("updateCustomerSessionV2") == sessions
    assert len(sandbox.faults.triggered) == sessions - 1
    redeemed = [coupon.usage_counter for coupon in sandbox.state.coupons.values()]
    assert redeemed == [1] * sessions
