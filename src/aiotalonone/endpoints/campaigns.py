"""The campaigns that are running."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiotalonone.endpoints._base import EndpointGroup
from aiotalonone.endpoints._paging import iterates
from aiotalonone.operation import Operation, RetrySafety

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Unpack

    from aiotalonone.endpoints._queries import Page
    from aiotalonone.models import IntegrationCampaigns

INTEGRATION_GET_ALL_CAMPAIGNS: Operation[IntegrationCampaigns] = Operation(
    operation_id="integrationGetAllCampaigns",
    request="GET /v1/integration/campaigns",
    query=(
        *("pageSize", "skip", "campaignIds", "startAfter", "startBefore", "endAfter", "endBefore"),
        *("storeId", "audienceId"),
    ),
    comma_separated=("campaignIds",),
    success=(200,),
    result="IntegrationCampaigns",
    retry_safety=RetrySafety.SAFE,
)


class Campaigns(EndpointGroup):
    """List the running campaigns of the Application."""

    __slots__ = ()

    async def integration_get_all_campaigns(
        self,
        *,
        campaign_ids: Sequence[int | str] | None = None,
        start_after: datetime | None = None,
        start_before: datetime | None = None,
        end_after: datetime | None = None,
        end_before: datetime | None = None,
        store_id: int | None = None,
        audience_id: int | None = None,
        **query: Unpack[Page],
    ) -> IntegrationCampaigns:
        """Return a page of the running campaigns, with what customers are told about them.

        Args:
            campaign_ids: Those with one of these IDs; by default all.
            start_after: Those that start at that time or later.
            start_before: Those that start at that time or earlier.
            end_after: Those that end at that time or later.
            end_before: Those that end at that time or earlier.
            store_id: Those that are linked to the store with this ID, which is not its integration ID.
            audience_id: Those that are linked to the audience with this ID.
            **query: Which page.

        Raises:
            BadRequestError: A value is invalid.
            NotFoundError: The Application, the store or the audience does not exist.

        API: ``integrationGetAllCampaigns``, GET /v1/integration/campaigns. Safe to retry.
        """
        return await self._client.call(
            INTEGRATION_GET_ALL_CAMPAIGNS,
            campaign_ids=campaign_ids,
            start_after=start_after,
            start_before=start_before,
            end_after=end_after,
            end_before=end_before,
            store_id=store_id,
            audience_id=audience_id,
            **query,
        )

    iter_all_campaigns = iterates(INTEGRATION_GET_ALL_CAMPAIGNS, integration_get_all_campaigns)
