"""updateCustomerProfile, updateCustomerProfileV2, updateCustomerProfilesV2, updateCustomerProfileAudiences, and more.

The rest: deleteCustomerData, getCustomerInventory.
"""

import pytest

from aiotalonone import (
    AsyncIntegrationClient,
    CustomerInventory,
    CustomerProfileAudienceRequest,
    CustomerProfileAudienceRequestItem,
    CustomerProfileIntegrationRequestV2,
    IntegrationState,
    IntegrationStateV2,
    MultipleCustomerProfileIntegrationRequest,
    MultipleCustomerProfileIntegrationRequestItem,
    MultipleCustomerProfileIntegrationResponseV2,
    NewCustomerProfile,
    ProfileAudiencesChanges,
    ResponseDecodeError,
)
from tests.support.clients import BASE_URL

MANY = MultipleCustomerProfileIntegrationRequest(
    customer_profiles=[MultipleCustomerProfileIntegrationRequestItem(integration_id="c-1", attributes={"a": None})]
)
MANY_JSON = {"customerProfiles": [{"integrationId": "c-1", "attributes": {"a": None}}]}


async def test_update_customer_profile(api, client, sent):
    """The V1 call works, and names its successor."""
    route = api.put("/v1/customer_profiles/c-1").respond(json={"profile": None})
    with pytest.deprecated_call(match="use update_customer_profile_v2"):
        state = await client.customers.update_customer_profile("c-1", NewCustomerProfile(attributes={"a": 1}))
    assert sent(route) == ("PUT", "/v1/customer_profiles/c-1", {"attributes": {"a": 1}})
    assert isinstance(state, IntegrationState)


async def test_update_customer_profile_v2(api, client, sent):
    """Attributes and audiences change in one call; the flags are query members."""
    route = api.put("/v2/customer_profiles/c%201").respond(json={"effects": [], "loyalty": None})
    state = await client.customers.update_customer_profile_v2(
        "c 1",
        CustomerProfileIntegrationRequestV2(
            attributes={"vip": True}, audiences_changes=ProfileAudiencesChanges(adds=[1], deletes=[])
        ),
        run_rule_engine=True,
        dry=True,
    )
    assert sent(route) == (
        "PUT",
        "/v2/customer_profiles/c%201?runRuleEngine=true&dry=true",
        {"attributes": {"vip": True}, "audiencesChanges": {"adds": [1], "deletes": []}},
    )
    assert state == IntegrationStateV2()


@pytest.mark.parametrize("run_rule_engine", [None, False])
async def test_a_dry_profile_update_needs_the_rule_engine(client, run_rule_engine):
    """The API ignores ``dry`` without it and stores the update: it is refused unsent."""
    with pytest.raises(ValueError, match="run_rule_engine=True"):
        await client.customers.update_customer_profile_v2("c-1", {}, run_rule_engine=run_rule_engine, dry=True)


async def test_update_customer_profiles_v2(api, client, sent):
    """``silent=False`` travels as ``no`` and answers the states; null inside attributes travels."""
    route = api.put("/v2/customer_profiles").respond(json={"integrationStates": [{"customerProfile": None}]})
    answer = await client.customers.update_customer_profiles_v2(MANY, silent=False)
    assert sent(route) == ("PUT", "/v2/customer_profiles?silent=no", MANY_JSON)
    assert answer == MultipleCustomerProfileIntegrationResponseV2(integration_states=[IntegrationStateV2()])


async def test_a_silent_bulk_update_answers_nothing(api, client, sent):
    """``silent=True`` travels as ``yes``; left out, the deployment decides."""
    route = api.put("/v2/customer_profiles").respond(204)
    assert await client.customers.update_customer_profiles_v2(MANY, silent=True) is None
    assert sent(route)[1] == "/v2/customer_profiles?silent=yes"
    assert await client.customers.update_customer_profiles_v2(MANY) is None
    assert sent(route)[1] == "/v2/customer_profiles"
    with pytest.raises(ResponseDecodeError):
        await client.customers.update_customer_profiles_v2(MANY, silent=False)


@pytest.mark.parametrize(("management_token", "authorization"), [(None, "ApiKey-v1 k"), ("token", "Bearer token")])
async def test_update_customer_profile_audiences(api, sent, management_token, authorization):
    """The management token authorises it where there is one, the API key otherwise."""
    route = api.post("/v2/customer_audiences").respond(204)
    async with AsyncIntegrationClient(BASE_URL, api_key="k", management_token=management_token) as client:
        answer = await client.customers.update_customer_profile_audiences(
            CustomerProfileAudienceRequest(
                data=[
                    CustomerProfileAudienceRequestItem(action="delete", profile_integration_id="c-1", audience_id=748)
                ]
            )
        )
    assert answer is None
    assert sent(route) == (
        "POST",
        "/v2/customer_audiences",
        {"data": [{"action": "delete", "profileIntegrationId": "c-1", "audienceId": 748}]},
    )
    assert route.calls.last.request.headers["Authorization"] == authorization


async def test_delete_customer_data(api, client, sent):
    """No body goes out, none comes back."""
    route = api.delete("/v1/customer_data/c-1").respond(204)
    assert await client.customers.delete_customer_data("c-1") is None
    assert sent(route) == ("DELETE", "/v1/customer_data/c-1", None)


async def test_get_customer_inventory(api, client, sent):
    """Each flag is a query member; what was not asked for is empty."""
    route = api.get("/v1/customer_profiles/c-1/inventory").respond(json={"coupons": None})
    inventory = await client.customers.get_customer_inventory(
        "c-1", profile=True, referrals=True, coupons=True, loyalty=True, giveaways=True, achievements=False
    )
    assert sent(route)[1] == (
        "/v1/customer_profiles/c-1/inventory"
        "?profile=true&referrals=true&coupons=true&loyalty=true&giveaways=true&achievements=false"
    )
    assert inventory == CustomerInventory()
