"""Audiences: made, renamed, emptied and deleted, and attributes of their customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiotalonone.endpoints._base import EndpointGroup
from aiotalonone.operation import Operation, RetrySafety

if TYPE_CHECKING:
    from aiotalonone.endpoints._base import JSONObject
    from aiotalonone.models import AttributeQuery, Audience, NewAudience, UpdateAudience

CREATE_AUDIENCE_V2: Operation[Audience] = Operation(
    operation_id="createAudienceV2",
    request="POST /v2/audiences",
    success=(201,),
    body="NewAudience",
    result="Audience",
    retry_safety=RetrySafety.UNSAFE,
)
DELETE_AUDIENCE_V2: Operation[None] = Operation(
    operation_id="deleteAudienceV2",
    request="DELETE /v2/audiences/{audienceId}",
    success=(204,),
    retry_safety=RetrySafety.IDEMPOTENT,
)
UPDATE_AUDIENCE_V2: Operation[Audience] = Operation(
    operation_id="updateAudienceV2",
    request="PUT /v2/audiences/{audienceId}",
    success=(200,),
    body="UpdateAudience",
    result="Audience",
    retry_safety=RetrySafety.IDEMPOTENT,
)
DELETE_AUDIENCE_MEMBERSHIPS_V2: Operation[None] = Operation(
    operation_id="deleteAudienceMembershipsV2",
    request="DELETE /v2/audiences/{audienceId}/memberships",
    success=(204,),
    retry_safety=RetrySafety.IDEMPOTENT,
)
UPDATE_AUDIENCE_CUSTOMERS_ATTRIBUTES: Operation[None] = Operation(
    operation_id="updateAudienceCustomersAttributes",
    request="PUT /v2/audience_customers/{audienceId}/attributes",
    success=(204,),
    body="AttributeQuery",
    retry_safety=RetrySafety.IDEMPOTENT,
)


class Audiences(EndpointGroup):
    """Make, rename, empty and delete audiences, and set attributes of their customers; no rules run.

    Customers join and leave by ``client.customers.update_customer_profile_audiences``, or with their profile's update.
    """

    __slots__ = ()

    async def create_audience_v2(self, new_audience: NewAudience | JSONObject) -> Audience:
        """Make an audience, from scratch or after one of another platform, and return it.

        If the outcome is UNKNOWN, a second call with the same ``integration_id`` meets a conflict if the first worked;
        one without an ``integration_id`` would make a second audience.

        Args:
            new_audience: Its name, and for one of another platform the ID that it has there.

        Raises:
            BadRequestError: A value is invalid.
            ConflictError: An audience with this ID exists for this integration.

        API: ``createAudienceV2``, POST /v2/audiences. Not safe to retry.
        """
        return await self._client.call(CREATE_AUDIENCE_V2, body=new_audience)

    async def delete_audience_v2(self, audience_id: int) -> None:
        """Delete an audience, and the memberships of its customers with it.

        Args:
            audience_id: ID of the audience.

        Raises:
            BadRequestError: The audience cannot be deleted.
            NotFoundError: The audience does not exist.

        API: ``deleteAudienceV2``, DELETE /v2/audiences/{audienceId}. Safe to retry.
        """
        await self._client.call(DELETE_AUDIENCE_V2, audience_id)

    async def update_audience_v2(self, audience_id: int, update_audience: UpdateAudience | JSONObject) -> Audience:
        """Rename an audience that comes from another platform, and return it.

        Args:
            audience_id: ID of the audience.
            update_audience: The new name, and the Applications that can use the audience.

        Raises:
            NotFoundError: The audience does not exist.

        API: ``updateAudienceV2``, PUT /v2/audiences/{audienceId}. Safe to retry.
        """
        return await self._client.call(UPDATE_AUDIENCE_V2, audience_id, body=update_audience)

    async def delete_audience_memberships_v2(self, audience_id: int) -> None:
        """Remove all customers from an audience, which stays.

        Args:
            audience_id: ID of the audience.

        Raises:
            NotFoundError: The audience does not exist.

        API: ``deleteAudienceMembershipsV2``, DELETE /v2/audiences/{audienceId}/memberships. Safe to retry.
        """
        await self._client.call(DELETE_AUDIENCE_MEMBERSHIPS_V2, audience_id)

    async def update_audience_customers_attributes(
        self, audience_id: int, attribute_query: AttributeQuery | JSONObject
    ) -> None:
        """Set attributes on the profiles of all customers of an audience.

        Args:
            audience_id: ID of the audience.
            attribute_query: The attributes to set, by their names; all others keep their values.

        Raises:
            BadRequestError: An attribute is not defined in the account, or has another type.
            NotFoundError: The audience does not exist.

        API: ``updateAudienceCustomersAttributes``, PUT /v2/audience_customers/{audienceId}/attributes. Safe to retry.
        """
        await self._client.call(UPDATE_AUDIENCE_CUSTOMERS_ATTRIBUTES, audience_id, body=attribute_query)
