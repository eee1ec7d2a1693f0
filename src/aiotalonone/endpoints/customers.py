"""Customer profiles: their attributes, audiences, inventory, and their erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from aiotalonone.endpoints._group import EndpointGroup, deprecated, warn_deprecated, yes_no
from aiotalonone.operation import Authorization, Entity, Operation, RetrySafety

if TYPE_CHECKING:
    from aiotalonone.endpoints._group import JSONObject
    from aiotalonone.models import (
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
    method="PUT",
    path="/v1/customer_profiles/{integrationId}",
    query=("dry",),
    success=(200,),
    body="NewCustomerProfile",
    result="IntegrationState",
    retry_safety=RetrySafety.IDEMPOTENT,
    entity=Entity.PROFILE,
)
UPDATE_CUSTOMER_PROFILE_V2: Operation[IntegrationStateV2] = Operation(
    operation_id="updateCustomerProfileV2",
    method="PUT",
    path="/v2/customer_profiles/{integrationId}",
    query=("runRuleEngine", "dry"),
    success=(200,),
    body="CustomerProfileIntegrationRequestV2",
    result="IntegrationStateV2",
    retry_safety=RetrySafety.IDEMPOTENCY_KEY,
    entity=Entity.PROFILE,
)
UPDATE_CUSTOMER_PROFILES_V2: Operation[MultipleCustomerProfileIntegrationResponseV2 | None] = Operation(
    operation_id="updateCustomerProfilesV2",
    method="PUT",
    path="/v2/customer_profiles",
    query=("silent",),
    success=(200, 204),
    body="MultipleCustomerProfileIntegrationRequest",
    result="MultipleCustomerProfileIntegrationResponseV2",
    retry_safety=RetrySafety.IDEMPOTENCY_KEY,
)
UPDATE_CUSTOMER_PROFILE_AUDIENCES: Operation[None] = Operation(
    operation_id="updateCustomerProfileAudiences",
    method="POST",
    path="/v2/customer_audiences",
    success=(204,),
    body="CustomerProfileAudienceRequest",
    retry_safety=RetrySafety.IDEMPOTENT,
    authorization=Authorization.MANAGEMENT_TOKEN,
)
DELETE_CUSTOMER_DATA: Operation[None] = Operation(
    operation_id="deleteCustomerData",
    method="DELETE",
    path="/v1/customer_data/{integrationId}",
    success=(204,),
    retry_safety=RetrySafety.IDEMPOTENT,
)
GET_CUSTOMER_INVENTORY: Operation[CustomerInventory] = Operation(
    operation_id="getCustomerInventory",
    method="GET",
    path="/v1/customer_profiles/{integrationId}/inventory",
    query=("profile", "referrals", "coupons", "loyalty", "giveaways", "achievements"),
    success=(200,),
    result="CustomerInventory",
    retry_safety=RetrySafety.SAFE,
)


class Customers(EndpointGroup):
    """Customer profiles, their audiences and inventories, and their erasure."""

    __slots__ = ()

    @deprecated("updateCustomerProfile (V1) is deprecated: use update_customer_profile_v2", category=None)
    async def update_customer_profile(
        self,
        integration_id: str,
        new_customer_profile: NewCustomerProfile | JSONObject,
        *,
        dry: bool | None = None,
    ) -> IntegrationState:
        """Create or update a profile and evaluate the campaigns, by the first version of the endpoint.

        Args:
            integration_id: Your ID of the customer, any text.
            new_customer_profile: The attributes to set; all others keep their values.
            dry: True evaluates the update and stores nothing.

        Returns:
            The state after the update; its effects stand in ``event.effects``, as arrays.

        Raises:
            BadRequestError: An attribute is not defined in the account, or has another type.
            ConflictError: Too many requests update this profile at once.
            TalonOneError: The call failed in another way.
            ValueError: No path can hold this ID (empty, ``.``, ``..``); nothing was sent.

        API: ``updateCustomerProfile``, PUT /v1/customer_profiles/{integrationId}. Safe to repeat.
        """
        warn_deprecated("updateCustomerProfile", use="update_customer_profile_v2")
        return await self._call(UPDATE_CUSTOMER_PROFILE, integration_id, query={"dry": dry}, body=new_customer_profile)

    async def update_customer_profile_v2(
        self,
        integration_id: str,
        customer_profile_integration_request_v2: CustomerProfileIntegrationRequestV2 | JSONObject,
        *,
        run_rule_engine: bool | None = None,
        dry: bool | None = None,
    ) -> IntegrationStateV2:
        """Create or update a profile, and evaluate the campaigns where asked to.

        Args:
            integration_id: Your ID of the customer, any text.
            customer_profile_integration_request_v2: The attributes to set (all others keep their values),
                audiences to join and leave, and what the answer is to contain.
            run_rule_engine: True evaluates the campaigns; without it the answer has no effects, and
                ``response_content`` is not accepted.
            dry: True evaluates the update and stores nothing; only with ``run_rule_engine``.

        Returns:
            The effects to act on, what was created by them, and what ``response_content`` asked for.

        Raises:
            BadRequestError: An attribute is not defined in the account, or has another type.
            ConflictError: Too many requests update this profile at once.
            TalonOneError: The call failed in another way.
            ValueError: No path can hold this ID (empty, ``.``, ``..``), or ``dry`` comes without ``run_rule_engine``:
                the API would ignore it and store the update. Nothing was sent.

        API: ``updateCustomerProfileV2``, PUT /v2/customer_profiles/{integrationId}. Safe to repeat with the same
        idempotency key.
        """
        if dry and not run_rule_engine:
            raise ValueError("dry needs run_rule_engine=True: without it the API stores the update")
        return await self._call(
            UPDATE_CUSTOMER_PROFILE_V2,
            integration_id,
            query={"runRuleEngine": run_rule_engine, "dry": dry},
            body=customer_profile_integration_request_v2,
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
        silent: Literal[True],
    ) -> None: ...
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
        """Create or update up to 1000 profiles; no campaign is evaluated.

        One profile that is not accepted fails the whole request.

        Args:
            multiple_customer_profile_integration_request: The profiles, each with its integration ID and attributes.
            silent: True answers nothing and is quicker, False answers the profiles' states; left out, the deployment
                decides (today's are silent).

        Returns:
            The states in the order of the request; ``None`` where the call is silent.

        Raises:
            BadRequestError: A profile is not accepted, none was stored; ``errors`` may point at it.
            TalonOneError: The call failed in another way.

        API: ``updateCustomerProfilesV2``, PUT /v2/customer_profiles. Safe to repeat with the same idempotency key.
        """
        return await self._call(
            UPDATE_CUSTOMER_PROFILES_V2,
            query={"silent": yes_no(silent)},
            body=multiple_customer_profile_integration_request,
        )

    async def update_customer_profile_audiences(
        self, customer_profile_audience_request: CustomerProfileAudienceRequest | JSONObject
    ) -> None:
        """Add customers to audiences and remove them, up to 1000 actions at once.

        Called with the client's management token where it has one, otherwise with the API key.

        Args:
            customer_profile_audience_request: The actions, each with a customer and an audience.

        Raises:
            NotFoundError: A customer or an audience does not exist.
            TalonOneError: The call failed in another way.

        API: ``updateCustomerProfileAudiences``, POST /v2/customer_audiences. Safe to repeat.
        """
        await self._call(UPDATE_CUSTOMER_PROFILE_AUDIENCES, body=customer_profile_audience_request)

    async def delete_customer_data(self, integration_id: str) -> None:
        """Erase a customer's personal data, in every Application of the environment.

        Args:
            integration_id: Your ID of the customer, any text.

        Raises:
            NotFoundError: The customer does not exist.
            TalonOneError: The call failed in another way.
            ValueError: No path can hold this ID (empty, ``.``, ``..``); nothing was sent.

        API: ``deleteCustomerData``, DELETE /v1/customer_data/{integrationId}. Safe to repeat.
        """
        await self._call(DELETE_CUSTOMER_DATA, integration_id)

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
        """What a customer has: only what is asked for is answered.

        Args:
            integration_id: Your ID of the customer, any text.
            profile: True answers the profile.
            referrals: True answers the referral codes.
            coupons: True answers the coupons that were reserved or redeemed.
            loyalty: True answers the loyalty programs' balances.
            giveaways: True answers the giveaways.
            achievements: True answers the achievements; deployments of 2021 do not know them.

        Returns:
            What was asked for; the rest is empty.

        Raises:
            NotFoundError: The customer does not exist.
            TalonOneError: The call failed in another way.
            ValueError: No path can hold this ID (empty, ``.``, ``..``); nothing was sent.

        API: ``getCustomerInventory``, GET /v1/customer_profiles/{integrationId}/inventory. Safe to repeat.
        """
        return await self._call(
            GET_CUSTOMER_INVENTORY,
            integration_id,
            query={
                "profile": profile,
                "referrals": referrals,
                "coupons": coupons,
                "loyalty": loyalty,
                "giveaways": giveaways,
                "achievements": achievements,
            },
        )
