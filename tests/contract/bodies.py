"""Bodies of requests by the name of their model: with what a model demands, and with everything it knows."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs

from aiotalonone.codec.fields import json_name
from aiotalonone.models import (
    ActivateLoyaltyPoints,
    AddItemCatalogAction,
    AdditionalCost,
    AttributeQuery,
    BestPriorPriceRequest,
    BestPriorTarget,
    CartItem,
    CatalogAction,
    CatalogSyncRequest,
    CouponReservations,
    CustomerProfileAudienceRequest,
    CustomerProfileAudienceRequestItem,
    CustomerProfileIntegrationRequestV2,
    DeleteLoyaltyTransactionsRequest,
    ExperimentVariantAllocation,
    GenerateLoyaltyCard,
    IntegrationEventV2Request,
    IntegrationEventV3Request,
    IntegrationRequest,
    LoyaltyCardRegistration,
    MultipleCustomerProfileIntegrationRequest,
    MultipleCustomerProfileIntegrationRequestItem,
    NewAudience,
    NewCustomerProfile,
    NewCustomerSession,
    NewCustomerSessionV2,
    NewEvent,
    NewReferral,
    NewReferralsForMultipleAdvocates,
    NewReturn,
    PriceDetail,
    Product,
    ProfileAudiencesChanges,
    ReturnedCartItem,
    ReturnIntegrationRequest,
    UpdateAudience,
)
from tools.specs import spec

MOMENT = datetime(2030, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
UUID = "0c0e0207-eb30-4e06-a56c-2b7c8a64953c"
ATTRIBUTES = {"text": "é☃", "flag": True, "number": 1.5, "list": [1, None], "map": {"a": "b"}, "nothing": None}
COSTS = {"shipping": AdditionalCost(price=Decimal("4.90"))}

CART_ITEM = CartItem(
    name="Milk",
    sku="milk-1",
    quantity=2,
    returned_quantity=0,
    remaining_quantity=2,
    price=Decimal("1.10"),
    category="dairy",
    product=Product(name="Fresh milk"),
    weight=Decimal("1030.5"),
    height=195,
    width=Decimal(95),
    length=95.5,
    position=0,
    attributes=ATTRIBUTES,
    additional_costs=COSTS,
    catalog_item_id=7,
    selected_price_type="member",
    adjustment_reference_id=UUID,
    adjustment_effective_from=MOMENT,
    adjustment_effective_until=MOMENT,
    prices={
        "member": PriceDetail(
            price=Decimal("1.10"),
            adjustment_context_id="context-1",
            adjustment_reference_id=UUID,
            adjustment_effective_from=MOMENT,
            adjustment_effective_until=MOMENT,
        )
    },
)

MINIMAL = {
    "ActivateLoyaltyPoints": ActivateLoyaltyPoints(session_id="session-1"),
    "AttributeQuery": AttributeQuery(),
    "BestPriorPriceRequest": BestPriorPriceRequest(
        skus=["milk-1"], timeframe_end_date=MOMENT, timeframe="30", timeframe_end_date_type="strict"
    ),
    "CatalogSyncRequest": CatalogSyncRequest(
        actions=[CatalogAction(type="ADD", payload=AddItemCatalogAction(sku="milk-1"))]
    ),
    "CouponReservations": CouponReservations(integration_ids=[]),
    "CustomerProfileAudienceRequest": CustomerProfileAudienceRequest(),
    "CustomerProfileIntegrationRequestV2": CustomerProfileIntegrationRequestV2(),
    "DeleteLoyaltyTransactionsRequest": DeleteLoyaltyTransactionsRequest(scope="AllSubledgers"),
    "GenerateLoyaltyCard": GenerateLoyaltyCard(),
    "IntegrationEventV2Request": IntegrationEventV2Request(profile_id="c-1", type="visit"),
    "IntegrationEventV3Request": IntegrationEventV3Request(profile_id="c-1", type="visit", integration_id="event-1"),
    "IntegrationRequest": IntegrationRequest(customer_session=NewCustomerSessionV2()),
    "LoyaltyCardRegistration": LoyaltyCardRegistration(integration_id="c-1"),
    "MultipleCustomerProfileIntegrationRequest": MultipleCustomerProfileIntegrationRequest(),
    "NewAudience": NewAudience(name="Families"),
    "NewCustomerProfile": NewCustomerProfile(),
    "NewCustomerSession": NewCustomerSession(),
    "NewEvent": NewEvent(type="visit", attributes={}, session_id="session-1"),
    "NewReferral": NewReferral(campaign_id=1, advocate_profile_integration_id="c-1"),
    "NewReferralsForMultipleAdvocates": NewReferralsForMultipleAdvocates(
        usage_limit=0, campaign_id=1, advocate_profile_integration_ids=["c-1"]
    ),
    "UpdateAudience": UpdateAudience(name="Families"),
    "ReturnIntegrationRequest": ReturnIntegrationRequest(return_=NewReturn(returned_cart_items=[])),
}

FULL = {
    "ActivateLoyaltyPoints": ActivateLoyaltyPoints(transaction_uuids=[UUID]),
    "AttributeQuery": AttributeQuery(extra=ATTRIBUTES),
    "BestPriorPriceRequest": BestPriorPriceRequest(
        skus=["milk-1", "milk-2"],
        timeframe_end_date=MOMENT,
        timeframe="30",
        timeframe_end_date_type="sale",
        target=BestPriorTarget(target_type="AUDIENCE", audience_id=4),
    ),
    "CatalogSyncRequest": CatalogSyncRequest(
        actions=[
            CatalogAction(
                type="ADD",
                payload=AddItemCatalogAction(
                    sku="milk-1",
                    price=Decimal("1.10"),
                    attributes=ATTRIBUTES,
                    product=Product(name="Fresh milk"),
                    replace_if_exists=True,
                ),
            )
        ],
        version=244,
    ),
    "CouponReservations": CouponReservations(integration_ids=["c-1", "c-2"]),
    "CustomerProfileAudienceRequest": CustomerProfileAudienceRequest(
        data=[
            CustomerProfileAudienceRequestItem(action="add", profile_integration_id="c-1", audience_id=1),
            CustomerProfileAudienceRequestItem(action="delete", profile_integration_id="c-1", audience_id=2),
        ]
    ),
    "CustomerProfileIntegrationRequestV2": CustomerProfileIntegrationRequestV2(
        attributes=ATTRIBUTES,
        evaluable_campaign_ids=[1, 2],
        audiences_changes=ProfileAudiencesChanges(adds=[1], deletes=[2]),
        response_content=["customerProfile", "triggeredCampaigns", "loyalty", "event"],
    ),
    "DeleteLoyaltyTransactionsRequest": DeleteLoyaltyTransactionsRequest(
        scope="SelectedSubledgers", subledger_ids=["", "gold"]
    ),
    "GenerateLoyaltyCard": GenerateLoyaltyCard(
        status="inactive", customer_profile_ids=["c-1", "c-2"], card_identifier="A.z_9%+@-"
    ),
    "IntegrationEventV2Request": IntegrationEventV2Request(
        profile_id="c-1",
        store_integration_id="store-1",
        evaluable_campaign_ids=[1, 2],
        type="visit",
        attributes=ATTRIBUTES,
        response_content=["customerProfile", "event"],
        loyalty_cards=["card-1"],
    ),
    "IntegrationEventV3Request": IntegrationEventV3Request(
        profile_id="c-1",
        store_integration_id="store-1",
        evaluable_campaign_ids=[1, 2],
        type="visit",
        attributes=ATTRIBUTES,
        integration_id="event-1",
        connected_session_id="session-1",
        loyalty_cards=["card-1"],
        referral_code="FRIEND",
        response_content=["customerProfile", "advancedEvent"],
    ),
    "IntegrationRequest": IntegrationRequest(
        customer_session=NewCustomerSessionV2(
            profile_id="c-1",
            store_integration_id="store-1",
            evaluable_campaign_ids=[1, 2],
            coupon_codes=["SUMMER", "10$OFF"],
            referral_code="FRIEND",
            loyalty_cards=["card-1"],
            state="closed",
            cart_items=[CART_ITEM],
            experiment_variant_allocations=[ExperimentVariantAllocation(experiment_id=1, variant_id=2)],
            additional_costs=COSTS,
            identifiers=["device-1"],
            attributes=ATTRIBUTES,
        ),
        response_content=["customerSession", "customerProfile", "coupons", "triggeredCampaigns", "referral", "loyalty"],
    ),
    "LoyaltyCardRegistration": LoyaltyCardRegistration(integration_id="c-1"),
    "MultipleCustomerProfileIntegrationRequest": MultipleCustomerProfileIntegrationRequest(
        customer_profiles=[MultipleCustomerProfileIntegrationRequestItem(attributes=ATTRIBUTES, integration_id="c-1")]
    ),
    "NewAudience": NewAudience(
        name="Families",
        sandbox=True,
        description="Three or more at home",
        subscribed_applications_ids=[1, 2],
        integration="segment",
        integration_id="audience-1",
        created_in3rd_party=True,
        last_update=MOMENT,
    ),
    "NewCustomerProfile": NewCustomerProfile(attributes=ATTRIBUTES),
    "NewCustomerSession": NewCustomerSession(
        profile_id="c-1",
        coupon="SUMMER",
        referral="FRIEND",
        state="closed",
        cart_items=[CART_ITEM],
        identifiers=["device-1"],
        total=Decimal("2.20"),
        attributes=ATTRIBUTES,
    ),
    "NewEvent": NewEvent(
        profile_id="c-1", store_integration_id="shop-1", type="visit", attributes=ATTRIBUTES, session_id="session-1"
    ),
    "NewReferral": NewReferral(
        start_date=MOMENT,
        expiry_date=MOMENT,
        usage_limit=999_999,
        campaign_id=1,
        advocate_profile_integration_id="c-1",
        friend_profile_integration_id="c-2",
        attributes=ATTRIBUTES,
    ),
    "NewReferralsForMultipleAdvocates": NewReferralsForMultipleAdvocates(
        start_date=MOMENT,
        expiry_date=MOMENT,
        usage_limit=1,
        campaign_id=1,
        advocate_profile_integration_ids=["c-1", "c-2"],
        attributes=ATTRIBUTES,
        valid_characters=["A", "B", "7"],
        referral_pattern="FRIEND-####",
    ),
    "UpdateAudience": UpdateAudience(name="Families", subscribed_applications_ids=[1, 2]),
    "ReturnIntegrationRequest": ReturnIntegrationRequest(
        return_=NewReturn(returned_cart_items=[ReturnedCartItem(position=0, quantity=1, sku="milk-1")]),
        response_content=["customerSession", "previousReturns"],
    ),
}

ALTERNATIVES = {"ActivateLoyaltyPoints": {"session_id"}}
"""Members that the minimal body has and the full one has not: the API accepts only one of the two."""


def known_to(version: str, value: Any) -> Any:
    """A model, or what it holds, without the members that the specification of a version does not have."""
    if attrs.has(type(value)):
        described = spec(version).members(type(value).__name__)
        known = [member.name for member in attrs.fields(type(value)) if json_name(member) in described]
        return type(value)(**{name: known_to(version, getattr(value, name)) for name in known})
    if isinstance(value, list):
        return [known_to(version, entry) for entry in value]
    if isinstance(value, dict):
        return {name: known_to(version, entry) for name, entry in value.items()}
    return value
