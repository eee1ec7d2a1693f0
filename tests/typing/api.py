"""The public surface as type checkers see it; this file is checked, never run."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, assert_type

import httpx
from aiohttp import web
from fastapi import Depends, FastAPI

import aiotalonone
from aiotalonone import (
    AchievementProgress,
    AchievementStatusEntry,
    ActivateLoyaltyPoints,
    ActivateLoyaltyPointsResponse,
    AdditionalCost,
    AsyncIntegrationClient,
    Audience,
    BestPriorPrice,
    CardLedgerPointsEntryIntegrationAPI,
    CardLedgerTransactionLogEntryIntegrationAPI,
    CartItem,
    Catalog,
    Coupon,
    CreatedReferrals,
    CustomerAchievementHistory,
    CustomerAchievements,
    CustomerInventory,
    Effect,
    EventV3,
    IntegrationCampaign,
    IntegrationCampaigns,
    IntegrationCustomerSessionResponse,
    IntegrationRequest,
    IntegrationState,
    IntegrationStateV2,
    LedgerPointsEntryIntegrationAPI,
    LedgerTransactionLogEntryIntegrationAPI,
    LoyaltyBalancesWithTiers,
    LoyaltyCard,
    LoyaltyCardBalances,
    LoyaltyCardPoints,
    LoyaltyCardTransactions,
    LoyaltyProgramProfilePoints,
    LoyaltyProgramProfileTransactions,
    MultipleCustomerProfileIntegrationResponseV2,
    NewCustomerSessionV2,
    NewReferralsForMultipleAdvocates,
    Outcome,
    RawResponse,
    Referral,
    ReopenSessionResponse,
    ReservedCustomers,
    SetDiscountEffectProps,
    TalonOneError,
    Timeouts,
    or_none,
)
from aiotalonone.aiohttp import TALON_ONE, deadline_middleware, error_middleware, get_client, setup
from aiotalonone.fastapi import TalonOne, handle_error, lifespan, request_deadline
from aiotalonone.pricing import PricedCart, PricedCost, explain, price
from aiotalonone.web import open_client


def a_misspelt_name_is_an_error() -> None:
    _ = aiotalonone.CustomerSesionV2  # type: ignore[attr-defined]
    _ = aiotalonone.models.CustomerSesionV2  # type: ignore[attr-defined]


def a_client_is_made_of_settings(http_client: httpx.AsyncClient) -> None:
    AsyncIntegrationClient("https://a.talon.one", api_key="k")
    AsyncIntegrationClient("https://a.talon.one", api_key="k", management_token="t", http_client=http_client)
    AsyncIntegrationClient("https://a.talon.one", api_key="k", timeouts=Timeouts(read=None), headers={"X": "y"})
    assert_type(AsyncIntegrationClient.from_env(), AsyncIntegrationClient)


async def a_dispensable_result_may_be_none(client: AsyncIntegrationClient) -> None:
    assert_type(await or_none(client.coupons.get_reserved_customers("C")), ReservedCustomers | None)


async def a_service_has_a_client(app: FastAPI, application: web.Application, request: web.Request) -> None:
    FastAPI(
        lifespan=lifespan(lambda: AsyncIntegrationClient("https://a.talon.one", api_key="k"), grace=1),
        dependencies=[Depends(request_deadline(2.0, header="X-Wait"))],
        exception_handlers={TalonOneError: handle_error},
    )
    app.add_exception_handler(TalonOneError, handle_error)
    async with lifespan()(app), open_client(grace=1) as client:
        assert_type(client, AsyncIntegrationClient)
    web.Application(middlewares=[deadline_middleware(2.0), error_middleware])
    setup(application, AsyncIntegrationClient.from_env, grace=1)
    assert_type(get_client(request), AsyncIntegrationClient)
    assert_type(application[TALON_ONE], AsyncIntegrationClient)

    @app.get("/")
    async def show(talon_one: TalonOne) -> None:
        assert_type(talon_one, AsyncIntegrationClient)


async def every_method_has_its_result(client: AsyncIntegrationClient) -> None:
    assert_type(await client.catalogs.sync_catalog(7, {"actions": []}), Catalog)
    assert_type(await client.catalogs.best_prior_price({"skus": ["a"]}), list[BestPriorPrice])
    assert_type(await client.coupons.create_coupon_reservation("C", {"integrationIDs": []}), Coupon)
    await client.coupons.delete_coupon_reservation("C", {"integrationIDs": []})
    assert_type(await client.coupons.get_reserved_customers("C"), ReservedCustomers)
    assert_type(await client.referrals.create_referral({"campaignId": 1}), Referral)
    assert_type(await client.customers.get_customer_inventory("c", profile=True), CustomerInventory)
    assert_type(await client.customers.update_customer_profile_v2("c", {}, dry=True), IntegrationStateV2)
    await client.customers.update_customer_profile_audiences({"data": []})
    await client.customers.delete_customer_data("c")
    assert_type(await client.sessions.update_customer_session_v2("s", {}), IntegrationStateV2)
    assert_type(await client.sessions.get_customer_session("s"), IntegrationCustomerSessionResponse)
    assert_type(await client.sessions.return_cart_items("s", {}, run_rule_engine=True), IntegrationStateV2)
    assert_type(await client.sessions.reopen_customer_session("s"), ReopenSessionResponse)
    assert_type(await client.events.get_event_v3("e"), EventV3)
    assert_type(await client.request("GET", "/v1/x"), Any)


async def loyalty_methods_have_their_results(client: AsyncIntegrationClient, end: datetime) -> None:
    loyalty = client.loyalty
    assert_type(await loyalty.get_loyalty_balances(7, "c", end_date=end, include_tiers=True), LoyaltyBalancesWithTiers)
    transactions = await loyalty.get_loyalty_program_profile_transactions(
        7, "c", subledger_id="a", loyalty_transaction_type="manual", page_size=5
    )
    assert_type(transactions, LoyaltyProgramProfileTransactions)
    points = await loyalty.get_loyalty_program_profile_points(7, "c", status="active", sort="-startDate")
    assert_type(points, LoyaltyProgramProfilePoints)
    activated = await loyalty.activate_loyalty_points(7, ActivateLoyaltyPoints(session_id="s"))
    assert_type(activated, ActivateLoyaltyPointsResponse)
    await loyalty.delete_loyalty_transactions_from_ledgers(7, "c", {"scope": "AllSubledgers"})
    await loyalty.join_loyalty_program(7, "c")
    cards = client.loyalty_cards
    assert_type(await cards.link_loyalty_card_to_profile(8, "card", {"integrationId": "c"}), LoyaltyCard)
    assert_type(await cards.unlink_loyalty_card_from_profile(8, "card", {"integrationId": "c"}), LoyaltyCard)
    assert_type(await cards.get_loyalty_card_balances(8, "card", subledger_id=["a"]), LoyaltyCardBalances)
    assert_type(await cards.get_loyalty_card_transactions(8, "card", subledger_id=["a"]), LoyaltyCardTransactions)
    assert_type(await cards.get_loyalty_card_points(8, "card", transaction_uuids=("u",)), LoyaltyCardPoints)
    assert_type(await cards.generate_loyalty_card(8, {}), LoyaltyCard)


async def lists_have_their_results(client: AsyncIntegrationClient, start: datetime) -> None:
    campaigns = await client.campaigns.integration_get_all_campaigns(campaign_ids=[1, "2"], start_after=start, skip=5)
    assert_type(campaigns, IntegrationCampaigns)
    achievements = await client.customers.get_customer_achievements("c", achievement_status=["active"])
    assert_type(achievements, CustomerAchievements)
    history = await client.customers.get_customer_achievement_history("c", 5, progress_status=["expired"])
    assert_type(history, CustomerAchievementHistory)


async def iterators_have_the_type_of_their_entries(client: AsyncIntegrationClient) -> None:
    async for campaign in client.campaigns.iter_all_campaigns(page_size=100):
        assert_type(campaign, IntegrationCampaign)
    async for achievement in client.customers.iter_customer_achievements("c", campaign_ids=[1]):
        assert_type(achievement, AchievementStatusEntry)
    async for progress in client.customers.iter_customer_achievement_history("c", 5):
        assert_type(progress, AchievementProgress)
    async for entry in client.loyalty.iter_loyalty_program_profile_transactions(7, "c", subledger_id="a"):
        assert_type(entry, LedgerTransactionLogEntryIntegrationAPI)
    async for points in client.loyalty.iter_loyalty_program_profile_points(7, "c", subledger_id=["a"]):
        assert_type(points, LedgerPointsEntryIntegrationAPI)
    async for card_entry in client.loyalty_cards.iter_loyalty_card_transactions(8, "card"):
        assert_type(card_entry, CardLedgerTransactionLogEntryIntegrationAPI)
    async for card_points in client.loyalty_cards.iter_loyalty_card_points(8, "card", status="expired"):
        assert_type(card_points, CardLedgerPointsEntryIntegrationAPI)
    client.loyalty.iter_loyalty_program_profile_points(7, "c", sort="name")  # type: ignore[arg-type]
    client.loyalty.iter_loyalty_program_profile_points(7, "c", session="s")  # type: ignore[call-arg]


async def audience_methods_have_their_results(client: AsyncIntegrationClient) -> None:
    audiences = client.audiences
    assert_type(await audiences.create_audience_v2({"name": "Families"}), Audience)
    assert_type(await audiences.update_audience_v2(1, {"name": "Families"}), Audience)
    await audiences.update_audience_customers_attributes(1, {"plan": "gold"})
    await audiences.delete_audience_memberships_v2(1)
    await audiences.delete_audience_v2(1)


async def responses_have_the_type_of_their_result(client: AsyncIntegrationClient, error: TalonOneError) -> None:
    raw = await client.with_raw_response(client.customers.get_customer_inventory("c"))
    assert_type(raw, RawResponse[CustomerInventory])
    assert_type(raw.result, CustomerInventory)
    assert_type((await client.with_raw_response(client.customers.delete_customer_data("c"))).result, None)
    assert_type(raw.headers, Mapping[str, str])
    assert_type(await client.resume(error), Any)
    assert_type(await client.resume(error, IntegrationStateV2), IntegrationStateV2)
    assert_type(TalonOneError.from_dict(error.to_dict()), TalonOneError)


async def deprecated_methods_have_their_results_and_are_reported(client: AsyncIntegrationClient) -> None:
    profile = client.customers.update_customer_profile("c", {})  # type: ignore[deprecated]
    assert_type(await profile, IntegrationState)
    session = client.sessions.update_customer_session("s", {})  # type: ignore[deprecated]
    assert_type(await session, IntegrationState)
    event = client.events.track_event({})  # type: ignore[deprecated]
    assert_type(await event, IntegrationState)


async def silence_decides_the_result(client: AsyncIntegrationClient, flag: bool) -> None:
    many: dict[str, Any] = {}
    profiles = client.customers
    assert_type(
        await profiles.update_customer_profiles_v2(many, silent=False), MultipleCustomerProfileIntegrationResponseV2
    )
    assert_type(await profiles.update_customer_profiles_v2(many), MultipleCustomerProfileIntegrationResponseV2 | None)
    assert_type(
        await profiles.update_customer_profiles_v2(many, silent=flag),
        MultipleCustomerProfileIntegrationResponseV2 | None,
    )
    new = NewReferralsForMultipleAdvocates(campaign_id=1, advocate_profile_integration_ids=["c"], usage_limit=1)
    create = client.referrals.create_referrals_for_multiple_advocates
    assert_type(await create(new, silent=False), CreatedReferrals)
    await create(new, silent=True)
    assert_type(await client.events.track_event_v2({}, silent=False, dry=flag), IntegrationStateV2)
    assert_type(await client.events.track_event_v2({}), IntegrationStateV2 | None)
    assert_type(await client.events.track_event_v3({}, silent=False), IntegrationStateV2)
    assert_type(await client.events.track_event_v3({}, force_complete_evaluation=flag), IntegrationStateV2 | None)


async def effects_are_told_apart_by_their_props(client: AsyncIntegrationClient) -> Decimal:
    request = IntegrationRequest(
        customer_session=NewCustomerSessionV2(
            cart_items=[CartItem(sku="a", quantity=1, price=Decimal(1))], state="open"
        )
    )
    state = await client.sessions.update_customer_session_v2("s", request)
    assert_type(state.effects, list[Effect])
    total = Decimal(0)
    for effect in state.effects:
        match effect.props:
            case SetDiscountEffectProps(name=name, value=value):
                assert_type(name, str)
                total += Decimal(str(value))
            case _:
                pass
    return total


def models_are_read_and_written() -> None:
    coupon = aiotalonone.structure({}, Coupon)
    assert_type(coupon, Coupon)
    assert_type(coupon.created, datetime)
    assert_type(coupon.extra, dict[str, Any])
    assert_type(aiotalonone.structure([], list[Coupon]), list[Coupon])
    assert_type(aiotalonone.structure({}, Coupon, strict=True), Coupon)
    assert_type(aiotalonone.unstructure(coupon), Any)


def a_cart_is_priced(state: IntegrationStateV2, costs: dict[str, AdditionalCost]) -> None:
    cart = [CartItem(sku="a", quantity=1, price=Decimal(1))]
    priced = price(cart, state.effects, additional_costs=costs, now=datetime.now(UTC))
    assert_type(priced, PricedCart)
    assert_type(price([{"sku": "a", "quantity": 1, "price": 1}], [{}], additional_costs={"b": 1.5}).total, Decimal)
    assert_type(priced.lines[0].unit_discounts, tuple[Decimal, ...])
    assert_type(priced.lines[0].additional_costs["b"], PricedCost)
    assert_type(priced.rejected[0].explanation, str)
    assert_type(priced.explanation, list[str])
    assert_type(explain(state), list[str])
    price(cart, [], additional_costs=[1])  # type: ignore[arg-type]


def errors_say_what_became_of_the_request(error: TalonOneError) -> None:
    assert_type(error.outcome, Outcome)
    assert_type(error.operation_id, str)
