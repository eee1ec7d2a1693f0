"""The campaigns that are running."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiotalonone.endpoints._base import EndpointGroup
from aiotalonone.endpoints._paging import iterates
from aiotalonone.operation import Operation, RetrySafety

if TYPE_CHECKING:
    from typing import Unpack

    from aiotalonone.endpoints._queries import RunningCampaigns
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

    async def integration_get_all_campaigns(self, **query: Unpack[RunningCampaigns]) -> IntegrationCampaigns:
        """Return a page of the running campaigns, with what customers are told about them.

        Args:
            **query: Which campaigns, and which page of them.

        Raises:
            BadRequestError: A value is invalid.
            NotFoundError: The Application, the store or the audience does not exist.

        API: ``integrationGetAllCampaigns``, GET /v1/integration/campaigns. Safe to retry.
        """
        return await self._client.call(INTEGRATION_GET_ALL_CAMPAIGNS, **query)

    iter_all_campaigns: Final = iterates(INTEGRATION_GET_ALL_CAMPAIGNS, integration_get_all_campaigns)
