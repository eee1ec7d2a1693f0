"""Every operation, called on a sandbox that fails some; ``python -m tests.support.all_operations URL TRANSPORT``.

As a program it prints the modules that are loaded after ``open``.
"""

import asyncio
import sys
import warnings

from aiotalonone import NotFoundError, RetryPolicy, ServerError, TransportError
from tests.support.campaigns import CAMPAIGNS
from tests.support.clients import make_client

SHOP = {
    "achievements": [{"id": 8, "name": "tenTeas", "target": 10, "campaignIds": [2]}],
    "catalogs": [{"id": 7, "name": "teas", "items": [{"sku": "green", "price": 4}]}],
    "audiences": [{"id": 1, "name": "Families"}],
    "loyaltyPrograms": [
        {
            "id": 5,
            "name": "club",
            "points": [{"owner": "ada", "amount": 9}, {"owner": "ada", "amount": 4, "startDate": "on_action"}],
        },
        {"id": 6, "name": "cards", "cardBased": True},
    ],
    **CAMPAIGNS,
}
FAULTS = {
    "updateCustomerSessionV2": "dropAfterCommit",
    "getCustomerInventory": "status429Seconds",
    "createCouponReservation": "halfABody",
    "createReferral": "status503",
    "trackEventV3": "dropAfterCommit",
}
"""What the first call of an operation meets."""


async def call_all_operations(client):
    """Call every operation, with success, errors, retries, a large response, and a call resumed."""
    await buy(client)
    await track(client)
    await reserve(client)
    await refer(client)
    await collect(client)
    await use_cards(client)
    await sell(client)
    await group(client)
    await manage(client)
    assert await client.request("GET", "/v1/customer_profiles/ada/inventory", query={"profile": True})


async def buy(client):
    """Update sessions: one whose response is lost, then resumed; a thousand lines; by the first version; a return."""
    tea = {"sku": "tea", "quantity": 1, "price": 4}
    session = {"profileId": "ada", "couponCodes": ["WELCOME"], "cartItems": [tea], "state": "closed"}
    once = client.with_options(retry=RetryPolicy(attempts=1))
    try:
        await once.sessions.update_customer_session_v2("s-1", {"customerSession": session})
    except TransportError as error:
        state = await client.resume(error)
        assert {effect.effect_type for effect in state.effects} >= {"acceptCoupon", "setDiscount"}
    items = [{"sku": f"sku-{n}", "quantity": 1, "price": 1, "name": "Tea" * 100} for n in range(1000)]
    large = {"customerSession": {"profileId": "ada", "cartItems": items}, "responseContent": ["customerSession"]}
    state = await client.sessions.update_customer_session_v2("s-2", large)
    assert len(state.customer_session.cart_items) == 1000
    await client.sessions.update_customer_session("s-3", {"profileId": "ada"})
    assert (await client.sessions.reopen_customer_session("s-1")).effects
    await client.sessions.update_customer_session_v2("s-1", {"customerSession": {"state": "closed"}})
    returned = {"return": {"returnedCartItems": [{"position": 0, "quantity": 1}]}}
    await client.sessions.return_cart_items("s-1", returned)
    assert (await client.sessions.get_customer_session("s-1")).customer_session.state == "partially_returned"


async def track(client):
    """Track an event by each version; the response of the advanced one is lost, and the event is asked for."""
    visit = {"type": "visit", "profileId": "ada"}
    await client.events.track_event({**visit, "attributes": {}, "sessionId": "s-3"})
    await client.events.track_event_v2(visit, silent=False)
    state = await client.events.track_event_v3({**visit, "integrationId": "visit-1"})
    assert state.advanced_event == await client.events.get_event_v3("visit-1")


async def reserve(client):
    """Reserve a coupon, list its holders, release it."""
    await client.coupons.create_coupon_reservation("WELCOME", {"integrationIDs": ["ada"]})
    assert (await client.coupons.get_reserved_customers("WELCOME")).data
    await client.coupons.delete_coupon_reservation("WELCOME", {"integrationIDs": ["ada"]})


async def refer(client):
    """Create referrals, the first of which is not retried."""
    referral = {"campaignId": 2, "advocateProfileIntegrationId": "ada"}
    try:
        await client.referrals.create_referral(referral)
    except ServerError:
        await client.referrals.create_referral(referral)
    many = {"campaignId": 2, "advocateProfileIntegrationIds": ["ada"], "usageLimit": 1}
    await client.referrals.create_referrals_for_multiple_advocates(many, silent=False)


async def collect(client):
    """Join a loyalty program; read balances, transactions and points; activate points, and delete them all."""
    loyalty = client.loyalty
    await loyalty.join_loyalty_program(5, "eve")
    assert (await loyalty.get_loyalty_balances(5, "ada", include_tiers=True)).balance.active_points == 9
    [waiting] = [
        one async for one in loyalty.iter_loyalty_program_profile_transactions(5, "ada", awaits_activation=True)
    ]
    await loyalty.activate_loyalty_points(5, {"transactionUUIDs": [waiting.transaction_uuid]})
    assert (await loyalty.get_loyalty_program_profile_transactions(5, "ada")).data
    assert len((await loyalty.get_loyalty_program_profile_points(5, "ada")).data) == 2
    await loyalty.delete_loyalty_transactions_from_ledgers(5, "ada", {"scope": "AllSubledgers"})


async def use_cards(client):
    """Generate a loyalty card, link and unlink it, and read its balances, transactions and points."""
    cards = client.loyalty_cards
    card = (await cards.generate_loyalty_card(6, {"customerProfileIds": ["eve"]})).identifier
    assert len((await cards.link_loyalty_card_to_profile(6, card, {"integrationId": "ada"})).profiles) == 2
    await cards.unlink_loyalty_card_from_profile(6, card, {"integrationId": "eve"})
    assert (await cards.get_loyalty_card_balances(6, card)).profiles
    assert not (await cards.get_loyalty_card_transactions(6, card)).data
    assert not (await cards.get_loyalty_card_points(6, card)).data


async def sell(client):
    """Add an item to a catalog, look up its prices, list the running campaigns."""
    item = {"sku": "black", "price": 5, "createIfNotExists": True}
    assert (await client.catalogs.sync_catalog(7, {"actions": [{"type": "PATCH", "payload": item}]})).version == 2
    asked = {"timeframeEndDate": "2040-01-01T00:00:00Z", "timeframe": "30", "timeframeEndDateType": "strict"}
    assert [price.price for price in await client.catalogs.best_prior_price({"skus": ["black"], **asked})] == [5]
    assert (await client.campaigns.integration_get_all_campaigns()).data


async def group(client):
    """Make, rename, fill, empty and delete an audience; read achievements."""
    audiences, customers = client.audiences, client.customers
    audience = (await audiences.create_audience_v2({"name": "Drinkers"})).id
    await audiences.update_audience_v2(audience, {"name": "Tea drinkers"})
    await customers.update_customer_profile_v2("ada", {"audiencesChanges": {"adds": [audience], "deletes": []}})
    await audiences.update_audience_customers_attributes(audience, {"Drink": "tea"})
    await audiences.delete_audience_memberships_v2(audience)
    await audiences.delete_audience_v2(audience)
    assert (await customers.get_customer_achievements("ada")).data
    assert not (await customers.get_customer_achievement_history("ada", 8)).data


async def manage(client):
    """Update, read and erase profiles, and erase one that does not exist."""
    customers = client.customers
    await customers.update_customer_profile_v2("ada", {"attributes": {}}, run_rule_engine=True)
    await customers.update_customer_profiles_v2({"customerProfiles": [{"integrationId": "ada"}]}, silent=False)
    await customers.update_customer_profile("ada", {"attributes": {}})
    member = {"action": "add", "profileIntegrationId": "ada", "audienceId": 1}
    await customers.update_customer_profile_audiences({"data": [member]})
    await customers.get_customer_inventory("ada", profile=True, coupons=True, loyalty=True, referrals=True)
    await customers.update_customer_profile_v2("bob", {"attributes": {}})
    await customers.delete_customer_data("bob")
    try:
        await customers.delete_customer_data("bob")
    except NotFoundError:
        return
    raise AssertionError


async def print_what_is_loaded_late(url, transport):
    """Print the modules that the calls load, or the end of the client."""
    async with make_client(transport, url) as client:
        loaded = set(sys.modules)
        await call_all_operations(client)
    print(*sorted(set(sys.modules) - loaded))  # noqa: T201 - what it is for


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)  # some operations are
    asyncio.run(print_what_is_loaded_late(*sys.argv[1:]))
