"""Households: who they are, what they have, and that one of them wants to be forgotten."""

from collections.abc import Sequence
from typing import Final

from aiotalonone.demo import observation
from aiotalonone.demo.replay import Replay, in_portions, side_by_side
from aiotalonone.models import (
    CustomerProfileAudienceRequest,
    CustomerProfileAudienceRequestItem,
    CustomerProfileIntegrationRequestV2,
    MultipleCustomerProfileIntegrationRequest,
    MultipleCustomerProfileIntegrationRequestItem,
)

PROFILES_PER_REQUEST: Final = 1000
ACTIONS_PER_REQUEST: Final = 1000


async def households_become_profiles(replay: Replay) -> None:
    """All households, in bulk, with what they told of themselves."""
    dataset = replay.scenario.dataset

    async def update(households: Sequence[str]) -> None:
        profiles = [
            MultipleCustomerProfileIntegrationRequestItem(
                integration_id=household, attributes=dataset.demographics.get(household)
            )
            for household in households
        ]
        request = MultipleCustomerProfileIntegrationRequest(customer_profiles=profiles)
        with replay.measuring("updateCustomerProfilesV2"):
            await replay.client.customers.update_customer_profiles_v2(request, silent=True)

    portions = in_portions(dataset.households, PROFILES_PER_REQUEST)
    await replay.phase("Households become profiles, in bulk", portions, update)


async def households_join_audiences(replay: Replay) -> None:
    """Families and seniors."""

    async def update(actions: Sequence[CustomerProfileAudienceRequestItem]) -> None:
        with replay.measuring("updateCustomerProfileAudiences"):
            await replay.client.customers.update_customer_profile_audiences(
                CustomerProfileAudienceRequest(data=list(actions))
            )

    actions = [
        CustomerProfileAudienceRequestItem(action="add", profile_integration_id=household, audience_id=audience)
        for household, audiences in replay.scenario.audiences.items()
        for audience in audiences
    ]
    await replay.phase("Families and seniors join audiences", in_portions(actions, ACTIONS_PER_REQUEST), update)


async def redeemers_are_counted(replay: Replay) -> None:
    """Each redeeming household, with the rules run: they find the regulars."""
    redemptions = replay.scenario.redemptions_by_household

    async def update(household: str) -> None:
        request = CustomerProfileIntegrationRequestV2(attributes={"redemptions": redemptions[household]})
        with replay.measuring("updateCustomerProfileV2"):
            state = await replay.client.customers.update_customer_profile_v2(household, request, run_rule_engine=True)
        replay.observed["profile", household, "effects"] = observation.effect_types(state)

    await replay.phase("The rules find regulars", side_by_side(replay.scenario.redeeming_households), update)


async def inventories_are_read(replay: Replay) -> None:
    """What each redeeming household has by now."""

    async def read(household: str) -> None:
        with replay.measuring("getCustomerInventory"):
            inventory = await replay.client.customers.get_customer_inventory(
                household, profile=True, referrals=True, coupons=True, loyalty=True
            )
        replay.observed |= observation.of_inventory(household, inventory)

    await replay.phase("Inventories are read", side_by_side(replay.scenario.redeeming_households), read)


async def one_household_is_forgotten(replay: Replay) -> None:
    """Its data is erased."""

    async def forget(household: str) -> None:
        with replay.measuring("deleteCustomerData"):
            await replay.client.customers.delete_customer_data(household)

    await replay.phase("One household is forgotten", side_by_side([replay.scenario.erased]), forget)
