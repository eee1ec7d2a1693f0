"""The iterators of the client's groups, each over a list of three entries on two pages."""

from collections.abc import Callable

import httpx
import pytest

from aiotalonone import (
    AchievementProgress,
    AchievementStatusEntry,
    AsyncIntegrationClient,
    CardLedgerPointsEntryIntegrationAPI,
    CardLedgerTransactionLogEntryIntegrationAPI,
    IntegrationCampaign,
    LedgerPointsEntryIntegrationAPI,
    LedgerTransactionLogEntryIntegrationAPI,
    Outcome,
    ServerError,
    structure,
)
from aiotalonone.endpoints import Entries, all_operations
from tests.endpoints.responses import (
    ACHIEVEMENT,
    CAMPAIGN,
    CARD_POINTS,
    CARD_TRANSACTION,
    POINTS,
    PROGRESS,
    TRANSACTION,
)

Iterate = Callable[[AsyncIntegrationClient], Entries[object]]

ITERATORS: dict[str, tuple[Iterate, str, dict[str, object], type]] = {
    "integrationGetAllCampaigns": (
        lambda client: client.campaigns.iter_all_campaigns(campaign_ids=[3], page_size=2),
        "/v1/integration/campaigns?campaignIds=3&",
        CAMPAIGN,
        IntegrationCampaign,
    ),
    "getCustomerAchievements": (
        lambda client: client.customers.iter_customer_achievements("c-1", page_size=2),
        "/v1/customer_profiles/c-1/achievements?",
        ACHIEVEMENT,
        AchievementStatusEntry,
    ),
    "getCustomerAchievementHistory": (
        lambda client: client.customers.iter_customer_achievement_history("c-1", 5, page_size=2),
        "/v1/customer_profiles/c-1/achievements/5?",
        PROGRESS,
        AchievementProgress,
    ),
    "getLoyaltyProgramProfileTransactions": (
        lambda client: client.loyalty.iter_loyalty_program_profile_transactions(
            7, "c-1", subledger_id="gold", page_size=2
        ),
        "/v1/loyalty_programs/7/profile/c-1/transactions?subledgerId=gold&",
        TRANSACTION,
        LedgerTransactionLogEntryIntegrationAPI,
    ),
    "getLoyaltyProgramProfilePoints": (
        lambda client: client.loyalty.iter_loyalty_program_profile_points(7, "c-1", sort="startDate", page_size=2),
        "/v1/loyalty_programs/7/profile/c-1/points?sort=startDate&",
        POINTS,
        LedgerPointsEntryIntegrationAPI,
    ),
    "getLoyaltyCardTransactions": (
        lambda client: client.loyalty_cards.iter_loyalty_card_transactions(8, "card", page_size=2),
        "/v1/loyalty_programs/8/cards/card/transactions?",
        CARD_TRANSACTION,
        CardLedgerTransactionLogEntryIntegrationAPI,
    ),
    "getLoyaltyCardPoints": (
        lambda client: client.loyalty_cards.iter_loyalty_card_points(8, "card", page_size=2),
        "/v1/loyalty_programs/8/cards/card/points?",
        CARD_POINTS,
        CardLedgerPointsEntryIntegrationAPI,
    ),
}
EACH_ITERATOR = pytest.mark.parametrize("operation_id", ITERATORS)


def page_of(entry, offset):
    """Return a page of two of three entries, told apart by their ``place``, as either kind of list tells its end."""
    data = [{**entry, "place": place} for place in range(offset, min(offset + 2, 3))]
    return {"hasMore": offset == 0, "data": data}


def total_of(entry, offset):
    """Return such a page of a list that tells how many entries there are."""
    return {"totalResultSize": 3, "data": page_of(entry, offset)["data"]}


def pages_of(operation_id):
    """Return what makes the pages of an operation: those of achievements tell the number of entries."""
    return total_of if "Achievement" in operation_id else page_of


def test_every_paged_operation_has_a_row():
    """Each operation that takes ``skip`` is iterated over here."""
    assert set(ITERATORS) == {operation.operation_id for operation in all_operations() if "skip" in operation.query}


@EACH_ITERATOR
async def test_an_iterator_requests_all_pages(api, client, operation_id):
    """Two requests with the same filters bring all three entries in order; ``skip`` says where each page starts."""
    iterate, target, entry, kind = ITERATORS[operation_id]
    requested = []

    def respond(request):
        requested.append(request.url.raw_path.decode())
        return httpx.Response(200, json=pages_of(operation_id)(entry, int(request.url.params["skip"])))

    api.route().mock(side_effect=respond)
    entries = [found async for found in iterate(client)]
    assert entries == [structure({**entry, "place": place}, kind) for place in range(3)]
    assert requested == [f"{target}pageSize=2&skip={offset}" for offset in (0, 2)]


@EACH_ITERATOR
async def test_an_iterator_goes_on_after_an_error(api, client, operation_id):
    """A request that fails raises its error in the loop, and the next step sends the same page again."""
    iterate, _, entry, _ = ITERATORS[operation_id]
    first, second = (httpx.Response(200, json=pages_of(operation_id)(entry, offset)) for offset in (0, 2))
    api.route().mock(side_effect=[first, httpx.Response(500), second])
    entries = iterate(client)
    found = [await anext(entries), await anext(entries)]
    with pytest.raises(ServerError) as caught:
        await anext(entries)
    assert (caught.value.operation_id, caught.value.outcome) == (operation_id, Outcome.UNKNOWN)
    found += [entry async for entry in entries]
    assert [entry.extra["place"] for entry in found] == [0, 1, 2]
