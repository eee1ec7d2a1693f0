"""The phases of the replay about the shop: its catalog, campaigns, achievements, and an audience of friends."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from aiotalonone.models import (
    AttributeQuery,
    BestPriorPriceRequest,
    CatalogAction,
    CatalogSyncRequest,
    CustomerProfileAudienceRequest,
    CustomerProfileAudienceRequestItem,
    NewAudience,
    PatchItemCatalogAction,
    Product,
    UpdateAudience,
)
from examples.groceries import campaigns
from examples.groceries.facts import exact
from examples.groceries.replay import Replay, chunked, independent
from examples.groceries.shop import highest_prices

ITEMS_PER_REQUEST: Final = 1000
_NEXT_CENTURY: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""A timeframe that ends then ends now."""


async def sync_catalog(replay: Replay) -> None:
    """Send all products of the shop to its catalog, those of the replayed baskets with their highest prices."""
    products, prices = replay.scenario.dataset.products, highest_prices(replay.scenario)

    async def sync(skus: Sequence[str]) -> None:
        items = (
            PatchItemCatalogAction(
                sku=sku,
                price=prices.get(sku),
                attributes={"brand": products[sku].brand, "category": products[sku].category},
                product=Product(name=products[sku].name),
                create_if_not_exists=True,
            )
            for sku in skus
        )
        request = CatalogSyncRequest(actions=[CatalogAction(type="PATCH", payload=item) for item in items])
        with replay.measuring("syncCatalog"):
            await replay.client.catalogs.sync_catalog(campaigns.CATALOG, request)

    await replay.phase("Sync the catalog", chunked(tuple(products), ITEMS_PER_REQUEST), sync)


async def read_prior_prices(replay: Replay) -> None:
    """Look up the best price that each product of the replayed baskets had in the last 30 days."""

    async def read(skus: Sequence[str]) -> None:
        request = BestPriorPriceRequest(
            skus=list(skus), timeframe_end_date=_NEXT_CENTURY, timeframe="30", timeframe_end_date_type="strict"
        )
        with replay.measuring("bestPriorPrice"):
            prices = await replay.client.catalogs.best_prior_price(request)
        replay.observed |= {("catalog", one.sku, "best price"): exact(one.price) for one in prices}

    skus = tuple(highest_prices(replay.scenario))
    await replay.phase("Look up prior prices", chunked(skus, ITEMS_PER_REQUEST), read)


async def list_campaigns(replay: Replay) -> None:
    """List all campaigns that are running, page by page."""

    async def read(page_size: int) -> None:
        with replay.measuring("integrationGetAllCampaigns"):
            found = [one async for one in replay.client.campaigns.iter_all_campaigns(page_size=page_size)]
        replay.observed["campaigns", "running"] = tuple(campaign.id for campaign in found)

    await replay.phase("List the campaigns", independent([20]), read)


async def read_achievements(replay: Replay) -> None:
    """Read how far the households came that handed in coupons without a purchase."""
    customers = replay.client.customers

    async def read(household: str) -> None:
        with replay.measuring("getCustomerAchievements"):
            achievements = await customers.get_customer_achievements(household)
        for entry in achievements.data:
            if (progress := entry.current_progress) is not None:
                replay.observed["achievement", household] = (progress.status, progress.progress)
        with replay.measuring("getCustomerAchievementHistory"):
            history = await customers.get_customer_achievement_history(household, campaigns.PERSISTENT)
        replay.observed["achievement", household, "periods"] = history.total_result_size

    households = dict.fromkeys(one.household for one in replay.scenario.unmatched_redemptions)
    await replay.phase("Read achievements", independent(households), read)


async def group_friends(replay: Replay) -> None:
    """Make an audience of the referred friends, mark them, and delete it again."""
    audiences, friends = replay.client.audiences, [one.friend for one in replay.scenario.referrals]

    async def group(name: str) -> None:
        with replay.measuring("createAudienceV2"):
            audience = (await audiences.create_audience_v2(NewAudience(name=name))).id
        with replay.measuring("updateAudienceV2"):
            renamed = await audiences.update_audience_v2(audience, UpdateAudience(name=f"Good {name}"))
        actions = [
            CustomerProfileAudienceRequestItem(action="add", profile_integration_id=friend, audience_id=audience)
            for friend in friends
        ]
        with replay.measuring("updateCustomerProfileAudiences"):
            await replay.client.customers.update_customer_profile_audiences(
                CustomerProfileAudienceRequest(data=actions)
            )
        with replay.measuring("updateAudienceCustomersAttributes"):
            attributes = AttributeQuery(extra={"neighbour": True})
            await audiences.update_audience_customers_attributes(audience, attributes)
        await _note_members(replay, friends, renamed.name, "belongs to it")
        with replay.measuring("deleteAudienceMembershipsV2"):
            await audiences.delete_audience_memberships_v2(audience)
        await _note_members(replay, friends, renamed.name, "belongs to it in the end")
        with replay.measuring("deleteAudienceV2"):
            await audiences.delete_audience_v2(audience)

    await replay.phase("Group the friends for a while", independent(["neighbours"]), group)


async def _note_members(replay: Replay, friends: Sequence[str], audience: str, fact: str) -> None:
    for friend in friends:
        inventory = await replay.client.customers.get_customer_inventory(friend, profile=True)
        profile = inventory.profile
        names = [one.name for one in profile.audience_memberships] if profile else []
        replay.observed["neighbour", friend, fact] = audience in names
        replay.observed["neighbour", friend, "is marked"] = profile.attributes.get("neighbour") if profile else None
