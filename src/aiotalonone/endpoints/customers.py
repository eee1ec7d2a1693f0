"""Customer profiles: their attributes, audiences, inventory, achievements, and their erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, overload

from aiotalonone.endpoints._base import EndpointGroup, deprecated, warn_deprecated, yes_no
from aiotalonone.endpoints._paging import iterates
from aiotalonone.operation import Authorization, Entity, Operation, RetrySafety

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Unpack

    from aiotalonone.endpoints._base import JSONObject
    from aiotalonone.endpoints._queries import Achievements, Page
    from aiotalonone.models import (
        AchievementHistoryStatus,
        CustomerAchievementHistory,
        CustomerAchievements,
        CustomerInventory,
        CustomerProfileAudienceRequest,
        CustomerProfileIntegrationRequestV2,
        IntegrationState,
        IntegrationStateV2,
        MultipleCustomerProfileIntegrationRequest,
        MultipleCustomerProfileIntegrationResponseV2,
        NewCustomerProfile,
    )

UPDATE_CUSTOMER_PROFILE: Operation[IntegrationState] = Operation(
    operation_id="updateCustomerProfile",
    request="PUT /v1/customer_profiles/{integrationId}",
    query=("dry",),
    success=(200,),
    body="NewCustomerProfile",
    result="IntegrationState",
    retry_safety=RetrySafety.IDEMPOTENT,
    entity=Entity.PROFILE,
)
UPDATE_CUSTOMER_PROFILE_V2: Operation[IntegrationStateV2] = Operation(
    operation_id="updateCustomerProfileV2",
    request="PUT /v2/customer_profiles/{integrationId}",
    query=("runRuleEngine", "dry"),
    success=(200,),
    body="CustomerProfileIntegrationRequestV2",
    result="IntegrationStateV2",
    retry_safety=RetrySafety.IDEMPOTENCY_KEY,
    entity=Entity.PROFILE,
)
UPDATE_CUSTOMER_PROFILES_V2: Operation[MultipleCustomerProfileIntegrationResponseV2 | None] = Operation(
    operation_id="updateCustomerProfilesV2",
    request="PUT /v2/customer_profiles",
    query=("silent",),
    success=(200, 204),
    body="MultipleCustomerProfileIntegrationRequest",
    result="MultipleCustomerProfileIntegrationResponseV2",
    retry_safety=RetrySafety.IDEMPOTENCY_KEY,
)
UPDATE_CUSTOMER_PROFILE_AUDIENCES: Operation[None] = Operation(
    operation_id="updateCustomerProfileAudiences",
    request="POST /v2/customer_audiences",
    success=(204,),
    body="CustomerProfileAudienceRequest",
    retry_safety=RetrySafety.IDEMPOTENT,
    authorization=Authorization.MANAGEMENT_TOKEN,
)
DELETE_CUSTOMER_DATA: Operation[None] = Operation(
    operation_id="deleteCustomerData",
    request="DELETE /v1/customer_data/{integrationId}",
    success=(204,),
    retry_safety=RetrySafety.IDEMPOTENT,
)
GET_CUSTOMER_INVENTORY: Operation[CustomerInventory] = Operation(
    operation_id="getCustomerInventory",
    request="GET /v1/customer_profiles/{integrationId}/inventory",
    query=("profile", "referrals", "coupons", "loyalty", "giveaways", "achievements"),
    success=(200,),
    result="CustomerInventory",
    retry_safety=RetrySafety.SAFE,
)
GET_CUSTOMER_ACHIEVEMENTS: Operation[CustomerAchievements] = Operation(
    operation_id="getCustomerAchievements",
    request="GET /v1/customer_profiles/{integrationId}/achievements",
    query=("campaignIds", "achievementIds", "achievementStatus", "currentProgressStatus", "pageSize", "skip"),
    comma_separated=("campaignIds", "achievementIds", "achievementStatus", "currentProgressStatus"),
    success=(200,),
    result="CustomerAchievements",
    retry_safety=RetrySafety.SAFE,
)
GET_CUSTOMER_ACHIEVEMENT_HISTORY: Operation[CustomerAchievementHistory] = Operation(
    operation_id="getCustomerAchievementHistory",
    request="GET /v1/customer_profiles/{integrationId}/achievements/{achievementId}",
    query=("progressStatus", "startDate", "endDate", "pageSize", "skip"),
    comma_separated=("progressStatus",),
    success=(200,),
    result="CustomerAchievementHistory",
    retry_safety=RetrySafety.SAFE,
)


class Customers(EndpointGroup):
    """Customer profiles, their audiences, inventories and achievements, and their erasure."""

    __slots__ = ()

    @deprecated("updateCustomerProfile (V1) is deprecated: use update_customer_profile_v2", category=None)
    async def update_customer_profile(
        self, integration_id: str, new_customer_profile: NewCustomerProfile | JSONObject, *, dry: bool | None = None
    ) -> IntegrationState:
        """Create or update a profile by V1, evaluate the campaigns, and return the state with its effects as arrays.

        Args:
            integration_id: Your ID of the customer, any text.
            new_customer_profile: The attributes to set; all others keep their values.
            dry: True evaluates the update and stores nothing.

        Raises:
            BadRequestError: An attribute is not defined in the account, or has another type.

        API: ``updateCustomerProfile``, PUT /v1/customer_profiles/{integrationId}. Safe to retry.
        """
        warn_deprecated("updateCustomerProfile", use="update_customer_profile_v2")
        return await self._client.call(UPDATE_CUSTOMER_PROFILE, integration_id, body=new_customer_profile, dry=dry)

    async def update_customer_profile_v2(
        self,
        integration_id: str,
        customer_profile_integration_request_v2: CustomerProfileIntegrationRequestV2 | JSONObject,
        *,
        run_rule_engine: bool | None = None,
        dry: bool | None = None,
    ) -> IntegrationStateV2:
        """Create or update a profile; return the effects to act on if the campaigns are to be evaluated.

        Args:
            integration_id: Your ID of the customer, any text.
            customer_profile_integration_request_v2: The attributes to set (all others keep their values), audiences to
                join and leave, and what the response is to contain.
            run_rule_engine: True evaluates the campaigns; without it the response has no effects, and
                ``response_content`` is not accepted.
            dry: True evaluates the update and stores nothing; only with ``run_rule_engine``.

        Raises:
            BadRequestError: An attribute is not defined in the account, or has another type.
            ValueError: ``dry`` without ``run_rule_engine``: the API would ignore it and store the update.

        API: ``updateCustomerProfileV2``, PUT /v2/customer_profiles/{integrationId}. Safe to retry with its key.
        """
        if dry is True and (run_rule_engine is None or run_rule_engine is False):
            raise ValueError("dry needs run_rule_engine=True: without it the API stores the update")
        body = customer_profile_integration_request_v2
        return await self._client.call(
            UPDATE_CUSTOMER_PROFILE_V2, integration_id, body=body, run_rule_engine=run_rule_engine, dry=dry
        )

    @overload
    async def update_customer_profiles_v2(
        self,
        multiple_customer_profile_integration_request: MultipleCustomerProfileIntegrationRequest | JSONObject,
        *,
        silent: Literal[False],
    ) -> MultipleCustomerProfileIntegrationResponseV2: ...
    @overload
    async def update_customer_profiles_v2(
        self,
        multiple_customer_profile_integration_request: MultipleCustomerProfileIntegrationRequest | JSONObject,
        *,
        silent: bool | None = None,
    ) -> MultipleCustomerProfileIntegrationResponseV2 | None: ...
    async def update_customer_profiles_v2(
        self,
        multiple_customer_profile_integration_request: MultipleCustomerProfileIntegrationRequest | JSONObject,
        *,
        silent: bool | None = None,
    ) -> MultipleCustomerProfileIntegrationResponseV2 | None:
        """Create or update up to 1000 profiles without evaluating campaigns; return their states in the same order.

        Args:
            multiple_customer_profile_integration_request: The profiles, each with its integration ID and attributes.
            silent: True returns ``None``, False the states; left out, the deployment decides (today's are silent).

        Raises:
            BadRequestError: A profile is invalid, and none was stored; ``errors`` may point at it.

        API: ``updateCustomerProfilesV2``, PUT /v2/customer_profiles. Safe to retry with its key.
        """
        body = multiple_customer_profile_integration_request
        return await self._client.call(UPDATE_CUSTOMER_PROFILES_V2, body=body, silent=yes_no(silent))

    async def update_customer_profile_audiences(
        self, customer_profile_audience_request: CustomerProfileAudienceRequest | JSONObject
    ) -> None:
        """Add customers to audiences and remove them, with the management token if the client has one.

        Args:
            customer_profile_audience_request: Up to 1000 actions, each with a customer and an audience.

        Raises:
            NotFoundError: A customer or an audience does not exist.

        API: ``updateCustomerProfileAudiences``, POST /v2/customer_audiences. Safe to retry.
        """
        await self._client.call(UPDATE_CUSTOMER_PROFILE_AUDIENCES, body=customer_profile_audience_request)

    async def delete_customer_data(self, integration_id: str) -> None:
        """Erase a customer's personal data, in every Application of the environment.

        Args:
            integration_id: Your ID of the customer, any text.

        Raises:
            NotFoundError: The customer does not exist.

        API: ``deleteCustomerData``, DELETE /v1/customer_data/{integrationId}. Safe to retry.
        """
        await self._client.call(DELETE_CUSTOMER_DATA, integration_id)

    async def get_customer_inventory(
        self,
        integration_id: str,
        *,
        profile: bool | None = None,
        referrals: bool | None = None,
        coupons: bool | None = None,
        loyalty: bool | None = None,
        giveaways: bool | None = None,
        achievements: bool | None = None,
    ) -> CustomerInventory:
        """Return what a customer has of each kind that is asked for; the rest is empty.

        Args:
            integration_id: Your ID of the customer, any text.
            profile: True for the profile.
            referrals: True for the referral codes.
            coupons: True for the coupons that were reserved or redeemed.
            loyalty: True for the balances in loyalty programs.
            giveaways: True for the giveaways.
            achievements: True for the achievements; deployments of 2021 do not know them.

        Raises:
            NotFoundError: The customer does not exist.

        API: ``getCustomerInventory``, GET /v1/customer_profiles/{integrationId}/inventory. Safe to retry.
        """
        return await self._client.call(
            GET_CUSTOMER_INVENTORY,
            integration_id,
            profile=profile,
            referrals=referrals,
            coupons=coupons,
            loyalty=loyalty,
            giveaways=giveaways,
            achievements=achievements,
        )

    async def get_customer_achievements(
        self, integration_id: str, **query: Unpack[Achievements]
    ) -> CustomerAchievements:
        """Return a page of the achievements that are open to a customer, each with the customer's progress.

        Args:
            integration_id: Your ID of the customer, any text.
            **query: Which achievements, and which page of them.

        Raises:
            BadRequestError: A value is invalid.
            NotFoundError: The customer does not exist.

        API: ``getCustomerAchievements``, GET /v1/customer_profiles/{integrationId}/achievements. Safe to retry.
        """
        return await self._client.call(GET_CUSTOMER_ACHIEVEMENTS, integration_id, **query)

    iter_customer_achievements: Final = iterates(GET_CUSTOMER_ACHIEVEMENTS, get_customer_achievements)

    async def get_customer_achievement_history(
        self,
        integration_id: str,
        achievement_id: int,
        *,
        progress_status: Sequence[AchievementHistoryStatus] | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        **query: Unpack[Page],
    ) -> CustomerAchievementHistory:
        """Return a page of a customer's progress in an achievement, in all periods so far.

        Args:
            integration_id: Your ID of the customer, any text.
            achievement_id: ID of the achievement.
            progress_status: The periods in which the customer came this far.
            start_date: What was created at that time or later.
            end_date: What was created at that time or earlier.
            **query: Which page.

        Raises:
            BadRequestError: A value is invalid.
            NotFoundError: The customer or the achievement does not exist.

        API: ``getCustomerAchievementHistory``, GET /v1/customer_profiles/{integrationId}/achievements/{achievementId}.
        Safe to retry.
        """
        return await self._client.call(
            GET_CUSTOMER_ACHIEVEMENT_HISTORY,
            integration_id,
            achievement_id,
            progress_status=progress_status,
            start_date=start_date,
            end_date=end_date,
            **query,
        )

    iter_customer_achievement_history: Final = iterates(
        GET_CUSTOMER_ACHIEVEMENT_HISTORY, get_customer_achievement_history
    )
