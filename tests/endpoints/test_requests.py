"""One row for each operation: a call, the request that it sends, the response, and the model that it returns."""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import frozen

from aiotalonone import (
    AsyncIntegrationClient,
    CartItem,
    Coupon,
    CouponReservations,
    CreatedReferrals,
    CustomerInventory,
    CustomerProfileAudienceRequest,
    CustomerProfileAudienceRequestItem,
    CustomerProfileIntegrationRequestV2,
    IntegrationRequest,
    IntegrationState,
    IntegrationStateV2,
    MultipleCustomerProfileIntegrationRequest,
    MultipleCustomerProfileIntegrationRequestItem,
    MultipleCustomerProfileIntegrationResponseV2,
    NewCustomerProfile,
    NewCustomerSession,
    NewCustomerSessionV2,
    NewEvent,
    NewReferral,
    NewReferralsForMultipleAdvocates,
    ProfileAudiencesChanges,
    Referral,
    ReservedCustomers,
    structure,
)
from aiotalonone.endpoints import all_operations
from tests.endpoints.responses import COUPON, DISCOUNT, EVENT, PROFILE, REFERRAL

RESERVATIONS = CouponReservations(integration_ids=["c-1"])
SESSION = NewCustomerSessionV2(
    profile_id="c-1", coupon_codes=["SUMMER"], cart_items=[CartItem(sku="apple", quantity=3, price=Decimal("0.10"))]
)
SESSION_JSON = {
    "profileId": "c-1",
    "couponCodes": ["SUMMER"],
    "cartItems": [{"sku": "apple", "quantity": 3, "price": 0.1}],
}


@frozen
class Row:
    """What a call sends, and what it makes of the response."""

    call: Callable[[AsyncIntegrationClient], Awaitable[Any]]
    request: str
    """Method and path, with the query, as they are sent."""
    body: object = None
    status: int = 200
    response: object = None
    result: type | None = None
    deprecated: str | None = None
    """What a deprecated method tells the caller to use."""


ROWS = {
    "createCouponReservation": Row(
        lambda client: client.coupons.create_coupon_reservation("10$OFF/NOW", RESERVATIONS),
        "POST /v1/coupon_reservations/10%24OFF%2FNOW",
        body={"integrationIDs": ["c-1"]},
        status=201,
        response=COUPON,
        result=Coupon,
    ),
    "deleteCouponReservation": Row(
        lambda client: client.coupons.delete_coupon_reservation("SUMMER", {"integrationIDs": ["c-1"]}),
        "DELETE /v1/coupon_reservations/SUMMER",
        body={"integrationIDs": ["c-1"]},
        status=204,
    ),
    "getReservedCustomers": Row(
        lambda client: client.coupons.get_reserved_customers("SUMMER"),
        "GET /v1/coupon_reservations/customerprofiles/SUMMER",
        response={"totalResultSize": 1, "data": [PROFILE]},
        result=ReservedCustomers,
    ),
    "updateCustomerProfile": Row(
        lambda client: client.customers.update_customer_profile("c-1", NewCustomerProfile(attributes={"a": 1})),
        "PUT /v1/customer_profiles/c-1",
        body={"attributes": {"a": 1}},
        response={"profile": None},
        result=IntegrationState,
        deprecated="update_customer_profile_v2",
    ),
    "updateCustomerProfileV2": Row(
        lambda client: client.customers.update_customer_profile_v2(
            "c 1",
            CustomerProfileIntegrationRequestV2(
                attributes={"vip": True}, audiences_changes=ProfileAudiencesChanges(adds=[1], deletes=[])
            ),
            run_rule_engine=True,
            dry=True,
        ),
        "PUT /v2/customer_profiles/c%201?runRuleEngine=true&dry=true",
        body={"attributes": {"vip": True}, "audiencesChanges": {"adds": [1], "deletes": []}},
        response={"effects": [], "loyalty": None},
        result=IntegrationStateV2,
    ),
    "updateCustomerProfilesV2": Row(
        lambda client: client.customers.update_customer_profiles_v2(
            MultipleCustomerProfileIntegrationRequest(
                customer_profiles=[
                    MultipleCustomerProfileIntegrationRequestItem(integration_id="c-1", attributes={"a": None})
                ]
            ),
            silent=False,
        ),
        "PUT /v2/customer_profiles?silent=no",
        body={"customerProfiles": [{"integrationId": "c-1", "attributes": {"a": None}}]},
        response={"integrationStates": [{"customerProfile": None}]},
        result=MultipleCustomerProfileIntegrationResponseV2,
    ),
    "updateCustomerProfileAudiences": Row(
        lambda client: client.customers.update_customer_profile_audiences(
            CustomerProfileAudienceRequest(
                data=[
                    CustomerProfileAudienceRequestItem(action="delete", profile_integration_id="c-1", audience_id=748)
                ]
            )
        ),
        "POST /v2/customer_audiences",
        body={"data": [{"action": "delete", "profileIntegrationId": "c-1", "audienceId": 748}]},
        status=204,
    ),
    "deleteCustomerData": Row(
        lambda client: client.customers.delete_customer_data("c-1"), "DELETE /v1/customer_data/c-1", status=204
    ),
    "getCustomerInventory": Row(
        lambda client: client.customers.get_customer_inventory(
            "c-1", profile=True, referrals=True, coupons=True, loyalty=True, giveaways=True, achievements=False
        ),
        "GET /v1/customer_profiles/c-1/inventory"
        "?profile=true&referrals=true&coupons=true&loyalty=true&giveaways=true&achievements=false",
        response={"coupons": None},
        result=CustomerInventory,
    ),
    "trackEvent": Row(
        lambda client: client.events.track_event(
            NewEvent(type="signup", attributes={"source": "app"}, session_id="s-1", profile_id="c-1"), dry=True
        ),
        "POST /v1/events?dry=true",
        body={"type": "signup", "attributes": {"source": "app"}, "sessionId": "s-1", "profileId": "c-1"},
        status=201,
        response={"event": EVENT},
        result=IntegrationState,
    ),
    "createReferral": Row(
        lambda client: client.referrals.create_referral(
            NewReferral(
                campaign_id=3, advocate_profile_integration_id="c-1", expiry_date=datetime(2027, 1, 1, tzinfo=UTC)
            )
        ),
        "POST /v1/referrals",
        body={"campaignId": 3, "advocateProfileIntegrationId": "c-1", "expiryDate": "2027-01-01T00:00:00+00:00"},
        status=201,
        response=REFERRAL,
        result=Referral,
    ),
    "createReferralsForMultipleAdvocates": Row(
        lambda client: client.referrals.create_referrals_for_multiple_advocates(
            NewReferralsForMultipleAdvocates(campaign_id=3, advocate_profile_integration_ids=["c-1"], usage_limit=1),
            silent=False,
        ),
        "POST /v1/referrals_for_multiple_advocates?silent=no",
        body={"campaignId": 3, "advocateProfileIntegrationIds": ["c-1"], "usageLimit": 1},
        status=201,
        response={"totalResultSize": 1, "data": [REFERRAL]},
        result=CreatedReferrals,
    ),
    "updateCustomerSession": Row(
        lambda client: client.sessions.update_customer_session(
            "s-1", NewCustomerSession(profile_id="c-1", coupon="SUMMER"), dry=True
        ),
        "PUT /v1/customer_sessions/s-1?dry=true",
        body={"profileId": "c-1", "coupon": "SUMMER"},
        response={"session": None, "event": None},
        result=IntegrationState,
        deprecated="update_customer_session_v2",
    ),
    "updateCustomerSessionV2": Row(
        lambda client: client.sessions.update_customer_session_v2(
            "s-1",
            IntegrationRequest(customer_session=SESSION, response_content=["customerSession"]),
            dry=True,
            now=datetime(2027, 1, 1, tzinfo=UTC),
        ),
        "PUT /v2/customer_sessions/s-1?dry=true&now=2027-01-01T00%3A00%3A00%2B00%3A00",
        body={"customerSession": SESSION_JSON, "responseContent": ["customerSession"]},
        response={"effects": [DISCOUNT], "createdCoupons": None},
        result=IntegrationStateV2,
    ),
}


def test_every_operation_has_a_row():
    """A call, its request and its result are written down for each operation that the client has."""
    assert sorted(ROWS) == sorted(operation.operation_id for operation in all_operations())


@pytest.mark.parametrize("operation_id", ROWS)
async def test_a_call_sends_its_request_and_returns_its_model(api, client, sent, operation_id):
    """Method, path, query and body are as in the row, and the response becomes the row's model, or ``None``."""
    row = ROWS[operation_id]
    route = api.route().respond(row.status, json=row.response)
    warning = pytest.deprecated_call(match=f"use {row.deprecated}") if row.deprecated else nullcontext()
    with warning as caught:
        result = await row.call(client)
    assert sent(route) == (row.request, row.body)
    assert result == (structure(row.response, row.result) if row.result else None)
    assert caught is None or caught[0].filename == __file__
