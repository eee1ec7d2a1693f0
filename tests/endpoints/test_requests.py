"""One row for each operation: a call, the request that it sends, the response, and the model that it returns."""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import frozen

from aiotalonone import (
    ActivateLoyaltyPoints,
    ActivateLoyaltyPointsResponse,
    AsyncIntegrationClient,
    AttributeQuery,
    Audience,
    BestPriorPrice,
    BestPriorPriceRequest,
    BestPriorTarget,
    CartItem,
    Catalog,
    CatalogAction,
    CatalogSyncRequest,
    Coupon,
    CouponReservations,
    CreatedReferrals,
    CustomerAchievementHistory,
    CustomerAchievements,
    CustomerInventory,
    CustomerProfileAudienceRequest,
    CustomerProfileAudienceRequestItem,
    CustomerProfileIntegrationRequestV2,
    DeleteLoyaltyTransactionsRequest,
    EventV3,
    GenerateLoyaltyCard,
    IntegrationCampaigns,
    IntegrationCustomerSessionResponse,
    IntegrationEventV2Request,
    IntegrationEventV3Request,
    IntegrationRequest,
    IntegrationState,
    IntegrationStateV2,
    LoyaltyBalancesWithTiers,
    LoyaltyCard,
    LoyaltyCardBalances,
    LoyaltyCardPoints,
    LoyaltyCardRegistration,
    LoyaltyCardTransactions,
    LoyaltyProgramProfilePoints,
    LoyaltyProgramProfileTransactions,
    MultipleCustomerProfileIntegrationRequest,
    MultipleCustomerProfileIntegrationRequestItem,
    MultipleCustomerProfileIntegrationResponseV2,
    NewAudience,
    NewCustomerProfile,
    NewCustomerSession,
    NewCustomerSessionV2,
    NewEvent,
    NewReferral,
    NewReferralsForMultipleAdvocates,
    NewReturn,
    PatchItemCatalogAction,
    ProfileAudiencesChanges,
    Referral,
    ReopenSessionResponse,
    ReservedCustomers,
    ReturnedCartItem,
    ReturnIntegrationRequest,
    UpdateAudience,
    structure,
)
from aiotalonone.endpoints import all_operations
from tests.endpoints.responses import (
    ACHIEVEMENT,
    AUDIENCE,
    BALANCES,
    CAMPAIGN,
    CARD,
    CARD_BALANCES,
    CARD_POINTS,
    CARD_TRANSACTION,
    CATALOG,
    COUPON,
    DISCOUNT,
    EVENT,
    EVENT_V3,
    LEDGER_ENTRY,
    POINTS,
    PRIOR_PRICE,
    PROFILE,
    PROGRESS,
    REFERRAL,
    RETURN,
    ROLLBACK,
    TRANSACTION,
)
from tests.endpoints.responses import SESSION as RETURNED_SESSION

RESERVATIONS = CouponReservations(integration_ids=["c-1"])
SESSION = NewCustomerSessionV2(
    profile_id="c-1", coupon_codes=["SUMMER"], cart_items=[CartItem(sku="apple", quantity=3, price=Decimal("0.10"))]
)
SESSION_JSON = {
    "profileId": "c-1",
    "couponCodes": ["SUMMER"],
    "cartItems": [{"sku": "apple", "quantity": 3, "price": 0.1}],
}
UUIDS = ["ce59f12a-f53b-4014-a745-636d93f2bd3f", "9e829590-05cf-407b-b4c0-5f28468a81e1"]
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
NEW_YEAR_TEXT = "2027-01-01T00%3A00%3A00%2B00%3A00"
CARD_IN_PATH = "loyalty_programs/8/cards/a%25%2B%40z"


@frozen
class Row:
    """What a call sends, and what it makes of the response."""

    call: Callable[[AsyncIntegrationClient], Awaitable[Any]]
    request: str
    """Method and path, with the query, as they are sent."""
    body: object = None
    status: int = 200
    response: object = None
    result: Any = None
    """A model, or a list of one."""
    deprecated: str | None = None
    """What a deprecated method tells the caller to use."""


ROWS = {
    "bestPriorPrice": Row(
        lambda client: client.catalogs.best_prior_price(
            BestPriorPriceRequest(
                skus=["apple"],
                timeframe_end_date=datetime(2027, 1, 1, tzinfo=UTC),
                timeframe="30",
                timeframe_end_date_type="sale",
                target=BestPriorTarget(target_type="AUDIENCE", audience_id=4),
            )
        ),
        "POST /v1/best_prior_price",
        body={
            "skus": ["apple"],
            "timeframeEndDate": "2027-01-01T00:00:00+00:00",
            "timeframe": "30",
            "timeframeEndDateType": "sale",
            "target": {"targetType": "AUDIENCE", "audienceID": 4},
        },
        response=[PRIOR_PRICE],
        result=list[BestPriorPrice],
    ),
    "syncCatalog": Row(
        lambda client: client.catalogs.sync_catalog(
            7,
            CatalogSyncRequest(
                actions=[
                    CatalogAction(
                        type="PATCH",
                        payload=PatchItemCatalogAction(
                            sku="apple", price=Decimal("0.10"), attributes={"color": None}, create_if_not_exists=True
                        ),
                    )
                ],
                version=3,
            ),
        ),
        "PUT /v1/catalogs/7/sync",
        body={
            "actions": [
                {
                    "type": "PATCH",
                    "payload": {"sku": "apple", "price": 0.1, "attributes": {"color": None}, "createIfNotExists": True},
                }
            ],
            "version": 3,
        },
        response=CATALOG,
        result=Catalog,
    ),
    "createAudienceV2": Row(
        lambda client: client.audiences.create_audience_v2(
            NewAudience(name="Families", integration="segment", integration_id="a-1", last_update=NEW_YEAR)
        ),
        "POST /v2/audiences",
        body={
            "name": "Families",
            "integration": "segment",
            "integrationId": "a-1",
            "lastUpdate": "2027-01-01T00:00:00+00:00",
        },
        status=201,
        response=AUDIENCE,
        result=Audience,
    ),
    "deleteAudienceV2": Row(
        lambda client: client.audiences.delete_audience_v2(748), "DELETE /v2/audiences/748", status=204
    ),
    "updateAudienceV2": Row(
        lambda client: client.audiences.update_audience_v2(
            748, UpdateAudience(name="Large families", subscribed_applications_ids=[1, 2])
        ),
        "PUT /v2/audiences/748",
        body={"name": "Large families", "subscribedApplicationsIds": [1, 2]},
        response=AUDIENCE,
        result=Audience,
    ),
    "deleteAudienceMembershipsV2": Row(
        lambda client: client.audiences.delete_audience_memberships_v2(748),
        "DELETE /v2/audiences/748/memberships",
        status=204,
    ),
    "updateAudienceCustomersAttributes": Row(
        lambda client: client.audiences.update_audience_customers_attributes(
            748, AttributeQuery(extra={"plan": "gold", "since": None})
        ),
        "PUT /v2/audience_customers/748/attributes",
        body={"plan": "gold", "since": None},
        status=204,
    ),
    "integrationGetAllCampaigns": Row(
        lambda client: client.campaigns.integration_get_all_campaigns(
            campaign_ids=[11, "20"], end_after=NEW_YEAR, store_id=23, audience_id=7, page_size=1000, skip=0
        ),
        f"GET /v1/integration/campaigns?campaignIds=11,20&endAfter={NEW_YEAR_TEXT}"
        "&storeId=23&audienceId=7&pageSize=1000&skip=0",
        response={"hasMore": False, "data": [CAMPAIGN]},
        result=IntegrationCampaigns,
    ),
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
    "getCustomerAchievements": Row(
        lambda client: client.customers.get_customer_achievements(
            "c-1",
            campaign_ids=[3],
            achievement_ids=[5, 6],
            achievement_status=["active", "scheduled"],
            current_progress_status=["not_started"],
            page_size=1,
        ),
        "GET /v1/customer_profiles/c-1/achievements?campaignIds=3&achievementIds=5,6"
        "&achievementStatus=active,scheduled&currentProgressStatus=not_started&pageSize=1",
        response={"totalResultSize": 1, "data": [ACHIEVEMENT]},
        result=CustomerAchievements,
    ),
    "getCustomerAchievementHistory": Row(
        lambda client: client.customers.get_customer_achievement_history(
            "c-1", 5, progress_status=["completed", "expired"], end_date=NEW_YEAR, skip=2
        ),
        f"GET /v1/customer_profiles/c-1/achievements/5?progressStatus=completed,expired&endDate={NEW_YEAR_TEXT}&skip=2",
        response={"totalResultSize": 3, "data": [PROGRESS]},
        result=CustomerAchievementHistory,
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
        deprecated="track_event_v2",
    ),
    "trackEventV2": Row(
        lambda client: client.events.track_event_v2(
            IntegrationEventV2Request(
                profile_id="c-1", type="signup", attributes={"source": "app"}, response_content=["event"]
            ),
            silent=False,
            dry=True,
            force_complete_evaluation=True,
        ),
        "POST /v2/events?silent=no&dry=true&forceCompleteEvaluation=true",
        body={
            "profileId": "c-1",
            "type": "signup",
            "attributes": {"source": "app"},
            "responseContent": ["event"],
        },
        response={"effects": [DISCOUNT], "event": EVENT},
        result=IntegrationStateV2,
    ),
    "trackEventV3": Row(
        lambda client: client.events.track_event_v3(
            IntegrationEventV3Request(
                profile_id="c-1", type="signup", integration_id="e/1", connected_session_id="s-1", loyalty_cards=["7"]
            ),
            silent=False,
        ),
        "POST /v3/events?silent=no",
        body={
            "profileId": "c-1",
            "type": "signup",
            "integrationId": "e/1",
            "connectedSessionId": "s-1",
            "loyaltyCards": ["7"],
        },
        response={"effects": [DISCOUNT], "advancedEvent": EVENT_V3, "referral": None},
        result=IntegrationStateV2,
    ),
    "getEventV3": Row(
        lambda client: client.events.get_event_v3("e/1"),
        "GET /v3/events/e%2F1",
        response=EVENT_V3,
        result=EventV3,
    ),
    "getLoyaltyBalances": Row(
        lambda client: client.loyalty.get_loyalty_balances(
            7, "c/1", end_date=NEW_YEAR, subledger_id="travel", include_tiers=True, include_projected_tier=False
        ),
        f"GET /v1/loyalty_programs/7/profile/c%2F1/balances?endDate={NEW_YEAR_TEXT}"
        "&subledgerId=travel&includeTiers=true&includeProjectedTier=false",
        response=BALANCES,
        result=LoyaltyBalancesWithTiers,
    ),
    "getLoyaltyProgramProfileTransactions": Row(
        lambda client: client.loyalty.get_loyalty_program_profile_transactions(
            7,
            "c-1",
            subledger_id="",
            customer_session_ids=["s,1", "s-2"],
            transaction_uuids=UUIDS[:1],
            loyalty_transaction_type="session",
            start_date=NEW_YEAR,
            awaits_activation=True,
        ),
        "GET /v1/loyalty_programs/7/profile/c-1/transactions?subledgerId=&customerSessionIDs=s,1&customerSessionIDs=s-2"
        f"&transactionUUIDs={UUIDS[0]}&loyaltyTransactionType=session&startDate={NEW_YEAR_TEXT}&awaitsActivation=true",
        response={"hasMore": True, "data": [TRANSACTION]},
        result=LoyaltyProgramProfileTransactions,
    ),
    "getLoyaltyProgramProfilePoints": Row(
        lambda client: client.loyalty.get_loyalty_program_profile_points(
            7, "c-1", status="pending", subledger_id=["", "travel"], sort="-expiryDate", page_size=10, skip=10
        ),
        "GET /v1/loyalty_programs/7/profile/c-1/points"
        "?status=pending&subledgerId=&subledgerId=travel&sort=-expiryDate&pageSize=10&skip=10",
        response={"hasMore": False, "data": [POINTS]},
        result=LoyaltyProgramProfilePoints,
    ),
    "activateLoyaltyPoints": Row(
        lambda client: client.loyalty.activate_loyalty_points(7, ActivateLoyaltyPoints(transaction_uuids=UUIDS)),
        "POST /v1/loyalty_programs/7/activate_points",
        body={"transactionUUIDs": UUIDS},
        response={"ledgerEntries": [LEDGER_ENTRY]},
        result=ActivateLoyaltyPointsResponse,
    ),
    "deleteLoyaltyTransactionsFromLedgers": Row(
        lambda client: client.loyalty.delete_loyalty_transactions_from_ledgers(
            7, "c-1", DeleteLoyaltyTransactionsRequest(scope="SelectedSubledgers", subledger_ids=["", "travel"])
        ),
        "POST /v1/loyalty_programs/7/profile/c-1/delete_transactions",
        body={"scope": "SelectedSubledgers", "subledgerIds": ["", "travel"]},
        status=204,
    ),
    "joinLoyaltyProgram": Row(
        lambda client: client.loyalty.join_loyalty_program(7, "c-1"), "POST /v1/loyalty_programs/7/profile/c-1/join"
    ),
    "linkLoyaltyCardToProfile": Row(
        lambda client: client.loyalty_cards.link_loyalty_card_to_profile(
            8, "a%+@z", LoyaltyCardRegistration(integration_id="c-1")
        ),
        f"POST /v2/{CARD_IN_PATH}/link_profile",
        body={"integrationId": "c-1"},
        response=CARD,
        result=LoyaltyCard,
    ),
    "unlinkLoyaltyCardFromProfile": Row(
        lambda client: client.loyalty_cards.unlink_loyalty_card_from_profile(8, "a%+@z", {"integrationId": "c-1"}),
        f"POST /v2/{CARD_IN_PATH}/unlink_profile",
        body={"integrationId": "c-1"},
        response=CARD,
        result=LoyaltyCard,
    ),
    "getLoyaltyCardBalances": Row(
        lambda client: client.loyalty_cards.get_loyalty_card_balances(
            8, "a%+@z", end_date=NEW_YEAR, subledger_id=["travel"]
        ),
        f"GET /v1/{CARD_IN_PATH}/balances?endDate={NEW_YEAR_TEXT}&subledgerId=travel",
        response=CARD_BALANCES,
        result=LoyaltyCardBalances,
    ),
    "getLoyaltyCardTransactions": Row(
        lambda client: client.loyalty_cards.get_loyalty_card_transactions(
            8, "a%+@z", subledger_id=["a", "b"], loyalty_transaction_type="import", end_date=NEW_YEAR
        ),
        f"GET /v1/{CARD_IN_PATH}/transactions"
        f"?subledgerId=a&subledgerId=b&loyaltyTransactionType=import&endDate={NEW_YEAR_TEXT}",
        response={"hasMore": False, "data": [CARD_TRANSACTION]},
        result=LoyaltyCardTransactions,
    ),
    "getLoyaltyCardPoints": Row(
        lambda client: client.loyalty_cards.get_loyalty_card_points(8, "a%+@z", sort="startDate"),
        f"GET /v1/{CARD_IN_PATH}/points?sort=startDate",
        response={"hasMore": False, "data": [CARD_POINTS]},
        result=LoyaltyCardPoints,
    ),
    "generateLoyaltyCard": Row(
        lambda client: client.loyalty_cards.generate_loyalty_card(
            8, GenerateLoyaltyCard(customer_profile_ids=["c-1"], card_identifier="a%+@z")
        ),
        "POST /v1/loyalty_programs/8/cards",
        body={"customerProfileIds": ["c-1"], "cardIdentifier": "a%+@z"},
        response=CARD,
        result=LoyaltyCard,
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
    "getCustomerSession": Row(
        lambda client: client.sessions.get_customer_session("s 1"),
        "GET /v2/customer_sessions/s%201",
        response={"customerSession": RETURNED_SESSION, "effects": [DISCOUNT]},
        result=IntegrationCustomerSessionResponse,
    ),
    "returnCartItems": Row(
        lambda client: client.sessions.return_cart_items(
            "s-1",
            ReturnIntegrationRequest(
                return_=NewReturn(returned_cart_items=[ReturnedCartItem(position=0, quantity=1)]),
                response_content=["customerSession", "previousReturns"],
            ),
            dry=True,
            run_rule_engine=False,
        ),
        "POST /v2/customer_sessions/s-1/returns?dry=true&runRuleEngine=false",
        body={
            "return": {"returnedCartItems": [{"position": 0, "quantity": 1}]},
            "responseContent": ["customerSession", "previousReturns"],
        },
        response={"effects": [ROLLBACK], "return": RETURN, "customerSession": RETURNED_SESSION, "previousReturns": []},
        result=IntegrationStateV2,
    ),
    "reopenCustomerSession": Row(
        lambda client: client.sessions.reopen_customer_session("s/1"),
        "PUT /v2/customer_sessions/s%2F1/reopen",
        response={"effects": [ROLLBACK]},
        result=ReopenSessionResponse,
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
