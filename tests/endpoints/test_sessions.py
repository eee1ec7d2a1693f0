"""updateCustomerSession, updateCustomerSessionV2."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from aiotalonone import (
    CartItem,
    IntegrationRequest,
    IntegrationState,
    IntegrationStateV2,
    NewCustomerSession,
    NewCustomerSessionV2,
    SetDiscountEffectProps,
    UnknownEffectProps,
)

EFFECT = {"campaignId": 3, "rulesetId": 5, "ruleIndex": 0, "ruleName": "Ten off"}


async def test_update_customer_session(api, client, sent):
    """The V1 call works, and names its successor."""
    route = api.put("/v1/customer_sessions/s-1").respond(json={"session": None, "event": None})
    with pytest.deprecated_call(match="use update_customer_session_v2") as caught:
        state = await client.sessions.update_customer_session(
            "s-1", NewCustomerSession(profile_id="c-1", coupon="SUMMER"), dry=True
        )
    assert sent(route) == (
        "PUT",
        "/v1/customer_sessions/s-1?dry=true",
        {"profileId": "c-1", "coupon": "SUMMER"},
    )
    assert state == IntegrationState()
    assert caught[0].filename == __file__


async def test_update_customer_session_v2(api, client, sent):
    """A cart goes out exactly, effects come back as the classes of their types."""
    route = api.put("/v2/customer_sessions/s-1").respond(
        json={
            "effects": [
                {**EFFECT, "effectType": "setDiscount", "props": {"name": "Ten off", "value": 10.0}},
                {**EFFECT, "effectType": "teleport", "props": {"planet": "Mars"}},
            ],
            "createdCoupons": None,
        }
    )
    state = await client.sessions.update_customer_session_v2(
        "s-1",
        IntegrationRequest(
            customer_session=NewCustomerSessionV2(
                profile_id="c-1",
                coupon_codes=["SUMMER"],
                cart_items=[CartItem(sku="apple", quantity=3, price=Decimal("0.10"))],
            ),
            response_content=["customerSession"],
        ),
    )
    assert sent(route) == (
        "PUT",
        "/v2/customer_sessions/s-1",
        {
            "customerSession": {
                "profileId": "c-1",
                "couponCodes": ["SUMMER"],
                "cartItems": [{"sku": "apple", "quantity": 3, "price": 0.1}],
            },
            "responseContent": ["customerSession"],
        },
    )
    assert isinstance(state, IntegrationStateV2)
    match [effect.props for effect in state.effects]:
        case [SetDiscountEffectProps(name=name, value=value), UnknownEffectProps(extra=extra)]:
            assert (name, value, extra) == ("Ten off", 10.0, {"planet": "Mars"})
        case other:
            pytest.fail(f"unexpected effects: {other}")
    assert state.created_coupons == []


async def test_the_state_of_a_session_is_never_invented(api, client, sent):
    """A ``state`` that the caller did not set would reopen a closed session, or fail on it."""
    route = api.put("/v2/customer_sessions/s-1").respond(json={"effects": []})
    await client.sessions.update_customer_session_v2("s-1", IntegrationRequest(customer_session=NewCustomerSessionV2()))
    assert sent(route)[2] == {"customerSession": {}}


async def test_wiping_is_not_leaving_out(api, client, sent):
    """An empty list and an empty code wipe what the session has; they travel."""
    route = api.put("/v2/customer_sessions/s-1").respond(json={"effects": []})
    session = NewCustomerSessionV2(coupon_codes=[], referral_code="")
    await client.sessions.update_customer_session_v2("s-1", IntegrationRequest(customer_session=session))
    assert sent(route)[2] == {"customerSession": {"couponCodes": [], "referralCode": ""}}


async def test_now_is_for_dry_calls(api, client, sent):
    """A moment to evaluate at travels with its offset; without ``dry`` it is refused unsent."""
    route = api.put("/v2/customer_sessions/s-1").respond(json={"effects": []})
    body = {"customerSession": {}}
    now = datetime(2027, 1, 1, tzinfo=UTC)
    await client.sessions.update_customer_session_v2("s-1", body, dry=True, now=now)
    assert sent(route)[1] == "/v2/customer_sessions/s-1?dry=true&now=2027-01-01T00%3A00%3A00%2B00%3A00"
    with pytest.raises(ValueError, match="dry=True"):
        await client.sessions.update_customer_session_v2("s-1", body, now=now)
    with pytest.raises(ValueError, match="no offset"):
        await client.sessions.update_customer_session_v2("s-1", body, dry=True, now=datetime(2027, 1, 1))  # noqa: DTZ001 - naive on purpose
