"""The campaigns that are running."""

from collections.abc import Callable
from datetime import datetime
from operator import ge, le
from typing import Any

from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.http.query import Query
from aiotalonone.sandbox.operations._base import Context, operation
from aiotalonone.sandbox.rules.campaigns import Campaign, Rule
from aiotalonone.sandbox.state.entities import APPLICATION_ID

BOUNDS: tuple[tuple[str, str, Callable[[datetime, datetime], bool]], ...] = (
    ("startAfter", "start_time", ge),
    ("startBefore", "start_time", le),
    ("endAfter", "end_time", ge),
    ("endBefore", "end_time", le),
)


@operation("integrationGetAllCampaigns", "GET", "/v1/integration/campaigns")
def integration_get_all_campaigns(context: Context, request: Request) -> Response:
    """Return the running campaigns that fulfil all filters, by ascending ID."""
    is_wanted = _filter(request.query)
    campaigns = sorted(context.account.campaigns.values(), key=lambda campaign: campaign.id)
    running = [one for one in campaigns if one.is_active_at(context.draft.now) and is_wanted(one)]
    page, has_more = request.query.page(running)
    return Response(200, {"hasMore": has_more, "data": [integration_campaign_json(campaign) for campaign in page]})


def integration_campaign_json(campaign: Campaign) -> dict[str, Any]:
    """Return an IntegrationCampaign."""
    shown = {
        "applicationId": APPLICATION_ID,
        "id": campaign.id,
        "name": campaign.name,
        "description": campaign.description,
        "startTime": campaign.start_time,
        "endTime": campaign.end_time,
        "attributes": campaign.attributes,
        "state": "enabled",
        "tags": campaign.tags,
        "features": ["coupons", "referrals", "loyalty", "giveaways"],
        "rules": [rule_json(rule) for rule in campaign.rules],
        "linkedStoreIds": campaign.linked_store_ids,
        "linkedAudienceIds": campaign.linked_audience_ids,
    }
    return {name: value for name, value in shown.items() if value is not None}


def rule_json(rule: Rule) -> dict[str, str]:
    """Return a RuleMetadata."""
    return {"title": rule.name, **rule.metadata}


def _filter(query: Query) -> Callable[[Campaign], bool]:
    """Return what tells whether a campaign is wanted; one without a start or an end is on neither side of a time."""
    ids = set(query.comma_separated("campaignIds"))
    bounds = [
        (attribute, compare, bound)
        for name, attribute, compare in BOUNDS
        if (bound := query.timestamp(name, accepts_date=True)) is not None
    ]
    store, audience = query.integer("storeId", 0), query.integer("audienceId", 0)

    def is_wanted(campaign: Campaign) -> bool:
        times = [(getattr(campaign, attribute), compare, bound) for attribute, compare, bound in bounds]
        return (
            (not ids or str(campaign.id) in ids)
            and all(time is not None and compare(time, bound) for time, compare, bound in times)
            and (not store or store in campaign.linked_store_ids)
            and (not audience or audience in campaign.linked_audience_ids)
        )

    return is_wanted
