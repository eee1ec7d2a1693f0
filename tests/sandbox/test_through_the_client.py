"""The sandbox as the client sees it: every operation, typed, on one shop."""

import warnings
from decimal import Decimal

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiotalonone import (
    AcceptCouponEffectProps,
    AddLoyaltyPointsEffectProps,
    AsyncIntegrationClient,
    AuthenticationError,
    BadRequestError,
    CartItem,
    CouponReservations,
    CustomerProfileAudienceRequest,
    CustomerProfileAudienceRequestItem,
    CustomerProfileIntegrationRequestV2,
    IntegrationRequest,
    MultipleCustomerProfileIntegrationRequest,
    MultipleCustomerProfileIntegrationRequestItem,
    NewCustomerProfile,
    NewCustomerSession,
    NewCustomerSessionV2,
    NewEvent,
    NewReferral,
    NewReferralsForMultipleAdvocates,
    NotFoundError,
    RejectCouponEffectProps,
    SetDiscountEffectProps,
    SetDiscountPerItemEffectProps,
)
from aiotalonone.sandbox import Sandbox

CODE = "10$OFF/NOW"
SHOP = {
    "audiences": [{"id": 1, "name": "Families"}],
    "loyaltyPrograms": [{"id": 5, "name": "club", "title": "Club"}],
    "campaigns": [
        {
            "id": 1,
            "name": "Summer",
            "coupons": [{"value": CODE, "usageLimit": 1, "attributes": {"products": ["apple"]}}],
            "rules": [
                {
                    "name": "A tenth off each apple",
                    "conditions": [{"type": "couponIsValid"}, {"type": "cartHasItem", "skusFrom": "products"}],
                    "effects": [
                        {"type": "setDiscountPerItem", "name": "Apples", "value": 0.1, "skusFrom": "products"},
                        {"type": "setDiscount", "name": "Half", "percent": 50},
                        {"type": "addLoyaltyPoints", "programId": 5, "name": "Points", "value": 7},
                    ],
                }
            ],
        },
        {"id": 2, "name": "Friends", "rules": []},
    ],
}


@pytest.fixture
def sandbox():
    return Sandbox(SHOP)


def cart(**session):
    items = [CartItem(sku="apple", quantity=2, price=Decimal("1.10")), CartItem(sku="pear", quantity=1, price=3)]
    return IntegrationRequest(customer_session=NewCustomerSessionV2(profile_id="c/1", cart_items=items, **session))


async def test_coupon_from_reservation_to_redemption(client):
    """A coupon is reserved, listed, applied to a cart, redeemed on closing, and rejected for the next cart."""
    coupon = await client.coupons.create_coupon_reservation(CODE, CouponReservations(integration_ids=["c/1", "c/2"]))
    assert coupon.value == CODE
    assert await client.coupons.delete_coupon_reservation(CODE, CouponReservations(integration_ids=["c/2"])) is None
    holders = await client.coupons.get_reserved_customers(CODE)
    assert [profile.integration_id for profile in holders.data] == ["c/1"]

    state = await client.sessions.update_customer_session_v2("s/1", cart(coupon_codes=[CODE], state="closed"))
    props = [effect.props for effect in state.effects]
    assert AcceptCouponEffectProps(value=CODE) in props
    assert [one.value for one in props if isinstance(one, SetDiscountPerItemEffectProps)] == [0.1, 0.1]
    assert [one.value for one in props if isinstance(one, SetDiscountEffectProps)] == [2.6]
    assert [one.value for one in props if isinstance(one, AddLoyaltyPointsEffectProps)] == [7]

    inventory = await client.customers.get_customer_inventory("c/1", coupons=True, loyalty=True)
    assert [(one.value, one.usage_counter) for one in inventory.coupons] == [(CODE, 1)]
    [program] = inventory.loyalty.programs.values()
    assert (program.name, program.ledger.current_balance) == ("club", 7)

    state = await client.sessions.update_customer_session_v2("s/2", cart(coupon_codes=[CODE]))
    [rejected] = [effect.props for effect in state.effects if isinstance(effect.props, RejectCouponEffectProps)]
    assert rejected.rejection_reason == "CouponLimitReached"


async def test_error_has_the_message_of_the_api(client):
    """The error about reopening a closed session has the API's message and pointer."""
    await client.sessions.update_customer_session_v2("s-1", cart(state="closed"))
    with pytest.raises(BadRequestError) as caught:
        await client.sessions.update_customer_session_v2("s-1", cart(state="open"))
    [problem] = caught.value.errors
    assert problem.details == 'Cannot move session to state "open" from state "closed"'
    assert problem.pointer == "/state"
    assert caught.value.request_id


async def test_profiles_audiences_and_erasure(client, sandbox):
    """A customer is updated in bulk, alone and by V1, joins an audience, and is gone after the erasure."""
    many = MultipleCustomerProfileIntegrationRequest(
        customer_profiles=[
            MultipleCustomerProfileIntegrationRequestItem(integration_id=f"c-{n}", attributes={"n": n})
            for n in range(1000)
        ]
    )
    assert await client.customers.update_customer_profiles_v2(many, silent=True) is None
    response = await client.customers.update_customer_profiles_v2(many, silent=False)
    assert [state.customer_profile.attributes["n"] for state in response.integration_states] == list(range(1000))

    request = CustomerProfileIntegrationRequestV2(attributes={"n": None}, response_content=["customerProfile"])
    state = await client.customers.update_customer_profile_v2("c-1", request, run_rule_engine=True)
    assert state.customer_profile.attributes == {}

    action = CustomerProfileAudienceRequestItem(action="add", profile_integration_id="c-1", audience_id=1)
    assert (
        await client.customers.update_customer_profile_audiences(CustomerProfileAudienceRequest(data=[action])) is None
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        v1 = await client.customers.update_customer_profile("c-1", NewCustomerProfile(attributes={"v": 1}))
    assert v1.profile.attributes == {"v": 1}
    assert [audience.name for audience in v1.profile.audience_memberships] == ["Families"]

    assert await client.customers.delete_customer_data("c-1") is None
    with pytest.raises(NotFoundError):
        await client.customers.delete_customer_data("c-1")
    assert "c-1" not in sandbox.state.profiles


async def test_referrals_events_and_v1(client):
    """Referral codes are created, events tracked, and a V1 session closes and returns its state."""
    referral = await client.referrals.create_referral(NewReferral(campaign_id=2, advocate_profile_integration_id="c-1"))
    assert referral.code
    many = NewReferralsForMultipleAdvocates(
        campaign_id=2, advocate_profile_integration_ids=["c-1", "c-2"], usage_limit=1
    )
    created = await client.referrals.create_referrals_for_multiple_advocates(many, silent=False)
    assert len({referral.code, *(one.code for one in created.data)}) == 3
    assert await client.referrals.create_referrals_for_multiple_advocates(many) is None

    new_event = NewEvent(type="signup", attributes={}, session_id="s-1", profile_id="c-1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        event = await client.events.track_event(new_event)
        assert event.event.type == "signup"
        state = await client.sessions.update_customer_session(
            "s-9", NewCustomerSession(profile_id="c-1", state="closed")
        )
    assert state.session.state == "closed"


async def test_wrong_key_is_an_authentication_error(sandbox):
    """A wrong key raises an AuthenticationError that does not contain the key."""
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app)) as http_client,
        AsyncIntegrationClient("http://127.0.0.1", api_key="wrong-key", http_client=http_client) as client,
    ):
        with pytest.raises(AuthenticationError) as caught:
            await client.customers.get_customer_inventory("c-1")
    assert "wrong-key" not in str(caught.value)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(lambda t: t not in {".", ".."})
)
async def test_any_id_addresses_its_own_profile(client, sandbox, integration_id):
    """Whatever an integration ID contains, the server reads the same ID from the path."""
    await client.customers.update_customer_profile_v2(integration_id, {"attributes": {}})
    assert integration_id in sandbox.state.profiles
