"""The list of campaigns that are running."""

import pytest

from tests.sandbox.support import problem

PATH = "/v1/integration/campaigns"
CAMPAIGNS = [
    {
        "id": 3,
        "name": "Summer",
        "description": "Sun",
        "startTime": "2026-01-01T00:00:00Z",
        "endTime": "2026-02-01T00:00:00Z",
        "tags": ["sun"],
        "attributes": {"region": "north"},
        "linkedStoreIds": [23],
        "linkedAudienceIds": [7],
        "rules": [{"name": "r", "displayName": "Ten off", "displayDescription": "On all", "relatedData": "a.png"}],
    },
    {"id": 1, "name": "Always", "rules": [{"name": "plain"}]},
    {"id": 2, "name": "Off", "state": "disabled"},
    {"id": 4, "name": "Later", "startTime": "2026-01-10T00:00:00Z"},
    {"id": 5, "name": "Over", "endTime": "2026-01-01T00:00:00Z"},
    {"id": 6, "name": "Gone", "state": "archived"},
    {"id": 7, "name": "Long", "startTime": "2025-06-01T00:00:00Z", "endTime": "2026-06-01T00:00:00Z"},
]


@pytest.fixture
def shop(open_shop):
    return open_shop({"campaigns": CAMPAIGNS})


async def list_campaigns(shop, **query):
    """Return the response to a list."""
    return (await shop.http.get(PATH, params=query)).raise_for_status().json()


async def test_running_campaigns_are_listed(shop):
    """Campaigns that are enabled and within their schedule are listed by ascending ID, whenever that is."""
    assert [campaign["id"] for campaign in (await list_campaigns(shop))["data"]] == [1, 3, 7]
    shop.clock.forward(days=20)
    assert [campaign["id"] for campaign in (await list_campaigns(shop))["data"]] == [1, 3, 4, 7]


async def test_a_campaign_shows_what_customers_may_see(shop):
    """An entry has the campaign's texts, schedule, links and the texts of its rules; what it has not is left out."""
    [campaign] = (await list_campaigns(shop, campaignIds="3"))["data"]
    assert campaign == {
        "applicationId": 1,
        "id": 3,
        "name": "Summer",
        "description": "Sun",
        "startTime": "2026-01-01T00:00:00Z",
        "endTime": "2026-02-01T00:00:00Z",
        "attributes": {"region": "north"},
        "state": "enabled",
        "tags": ["sun"],
        "features": ["coupons", "referrals", "loyalty", "giveaways"],
        "rules": [
            {"title": "r", "displayName": "Ten off", "displayDescription": "On all", "relatedData": "a.png"},
        ],
        "linkedStoreIds": [23],
        "linkedAudienceIds": [7],
    }
    [always] = (await list_campaigns(shop, campaignIds="1"))["data"]
    assert (always["rules"], "startTime" in always) == ([{"title": "plain"}], False)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"campaignIds": "1,3,4"}, [1, 3]),
        ({"startAfter": "2026-01-01"}, [3]),
        ({"startAfter": "2026-01-01T00:00:01Z"}, []),
        ({"startBefore": "2026-01-01T00:00:00Z"}, [3, 7]),
        ({"startBefore": "2025-06-01"}, [7]),
        ({"endAfter": "2026-02-01"}, [3, 7]),
        ({"endBefore": "2026-02-01"}, [3]),
        ({"endBefore": "2026-01-31T23:59:59Z"}, []),
        ({"storeId": "23"}, [3]),
        ({"storeId": "24"}, []),
        ({"audienceId": "7"}, [3]),
        ({"audienceId": "7", "campaignIds": "1"}, []),
    ],
)
async def test_campaigns_are_filtered(shop, query, ids):
    """A campaign is listed if all filters hold; a time is included, and a campaign without one is never found by it."""
    assert [campaign["id"] for campaign in (await list_campaigns(shop, **query))["data"]] == ids


async def test_campaigns_come_in_pages(shop):
    """A page has at most ``pageSize`` entries after those that are skipped, and says whether more follow."""
    first, second = await list_campaigns(shop, pageSize=2), await list_campaigns(shop, pageSize=2, skip=2)
    assert ([one["id"] for one in first["data"]], first["hasMore"]) == ([1, 3], True)
    assert ([one["id"] for one in second["data"]], second["hasMore"]) == ([7], False)


@pytest.mark.parametrize("query", [{"pageSize": "0"}, {"startAfter": "soon"}, {"storeId": "x"}, {"audienceId": "x"}])
async def test_an_invalid_query_is_rejected(shop, query):
    """A member of another type or beyond its limit is a 400 that names it."""
    [name] = query
    assert problem(await shop.http.get(PATH, params=query))[::2] == (400, name)
