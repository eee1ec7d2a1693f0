"""Referrals: codes for advocates, and the friends who come with them."""

import warnings
from collections.abc import Sequence
from typing import Final

from aiotalonone.demo import campaigns, observation
from aiotalonone.demo.phases.cart_items import cart_items_of
from aiotalonone.demo.replay import Replay, in_portions, side_by_side
from aiotalonone.demo.scenario import Recommendation
from aiotalonone.models import NewCustomerProfile, NewCustomerSession, NewReferral, NewReferralsForMultipleAdvocates

ADVOCATES_PER_REQUEST: Final = 100


async def advocates_recommend(replay: Replay) -> None:
    """The best customers each bring one household that has never redeemed a coupon."""

    async def recommend(recommendation: Recommendation) -> None:
        request = NewReferral(
            campaign_id=campaigns.REFERRAL_CAMPAIGN,
            advocate_profile_integration_id=recommendation.advocate,
            friend_profile_integration_id=recommendation.friend,
        )
        with replay.measuring("createReferral"):
            referral = await replay.client.referrals.create_referral(request)
        replay.referral_codes[recommendation.advocate] = referral.code
        friend = referral.friend_profile_integration_id
        replay.observed["referral", referral.advocate_profile_integration_id, "friend"] = friend

    await replay.phase("Referrals for named friends", side_by_side(replay.scenario.recommendations), recommend)


async def everyone_may_recommend(replay: Replay) -> None:
    """All redeeming households get a code to hand on, to one friend each."""

    async def invite(advocates: Sequence[str]) -> None:
        request = NewReferralsForMultipleAdvocates(
            usage_limit=1,
            campaign_id=campaigns.REFERRAL_CAMPAIGN,
            advocate_profile_integration_ids=list(advocates),
        )
        with replay.measuring("createReferralsForMultipleAdvocates"):
            created = await replay.client.referrals.create_referrals_for_multiple_advocates(request, silent=False)
        for referral in created.data:
            replay.observed["referral", referral.advocate_profile_integration_id, "for anyone"] = referral.usage_limit

    portions = in_portions(replay.scenario.redeeming_households, ADVOCATES_PER_REQUEST)
    await replay.phase("Referrals for many advocates at once", portions, invite)


async def friends_come_by_v1(replay: Replay) -> None:
    """The friends' first baskets, by the deprecated V1 calls, which the API still answers."""

    async def introduce(recommendation: Recommendation) -> None:
        friend = recommendation.friend
        profile = NewCustomerProfile(attributes={"recommended_by": recommendation.advocate})
        with replay.measuring("updateCustomerProfile"):
            state = await replay.client.customers.update_customer_profile(friend, profile)  # type: ignore[deprecated]
        recommended_by = state.profile.attributes.get("recommended_by") if state.profile else None
        replay.observed["profile", friend, "recommended by"] = recommended_by

    async def shop(recommendation: Recommendation) -> None:
        checkout = recommendation.checkout
        session = NewCustomerSession(
            profile_id=recommendation.friend,
            referral=replay.referral_codes.get(recommendation.advocate),
            state="closed",
            cart_items=cart_items_of(checkout, replay.scenario.dataset),
        )
        with replay.measuring("updateCustomerSession"):
            state = await replay.client.sessions.update_customer_session(checkout.session_id, session)  # type: ignore[deprecated]
        replay.observed |= observation.of_session_v1(checkout.session_id, state)

    friends = side_by_side(replay.scenario.recommendations)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # both versions are shown on purpose
        await replay.phase("Friends are introduced, by the V1 call", friends, introduce)
        await replay.phase("Friends shop, by the V1 call", friends, shop)
