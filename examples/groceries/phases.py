"""The phases of the replay in their order: which operation is called when, and what its response contains.

Audiences come before the sessions whose promotions depend on them. What takes something away, released coupons and the
erasure of a household, comes last.
"""

import warnings
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiotalonone.models import (
    CartItem,
    CouponReservations,
    CustomerProfileAudienceRequest,
    CustomerProfileAudienceRequestItem,
    CustomerProfileIntegrationRequestV2,
    IntegrationEventV2Request,
    IntegrationRequest,
    MultipleCustomerProfileIntegrationRequest,
    MultipleCustomerProfileIntegrationRequestItem,
    NewCustomerProfile,
    NewCustomerSession,
    NewCustomerSessionV2,
    NewEvent,
    NewReferral,
    NewReferralsForMultipleAdvocates,
    ReservedCustomers,
)
from examples.groceries import campaigns, facts
from examples.groceries.after_sales import read_returned_sessions, reopen_sessions, return_units, track_returns
from examples.groceries.dataset import Dataset, Redemption
from examples.groceries.loyalty_phases import (
    activate_points,
    give_cards,
    join_club,
    read_cards,
    read_club,
    restart_in_club,
    unlink_unused_cards,
)
from examples.groceries.replay import Replay, chunked, grouped, independent
from examples.groceries.scenario import CartLine, Checkout, Referral, card_of, session_id
from examples.groceries.shop_phases import (
    group_friends,
    list_campaigns,
    read_achievements,
    read_prior_prices,
    sync_catalog,
)

PROFILES_PER_REQUEST: Final = 1000
ACTIONS_PER_REQUEST: Final = 1000
ADVOCATES_PER_REQUEST: Final = 100


async def import_profiles(replay: Replay) -> None:
    """Create a profile for each household, in bulk, with its demographics."""
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

    await replay.phase("Import profiles, in bulk", chunked(dataset.households, PROFILES_PER_REQUEST), update)


async def join_audiences(replay: Replay) -> None:
    """Add families and seniors to their audiences."""

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
    await replay.phase("Add families and seniors to audiences", chunked(actions, ACTIONS_PER_REQUEST), update)


async def update_redeemers(replay: Replay) -> None:
    """Store each household's number of redemptions; the rules then mark the regulars."""
    redemptions = replay.scenario.redemptions_by_household

    async def update(household: str) -> None:
        request = CustomerProfileIntegrationRequestV2(attributes={"redemptions": redemptions[household]})
        with replay.measuring("updateCustomerProfileV2"):
            state = await replay.client.customers.update_customer_profile_v2(household, request, run_rule_engine=True)
        replay.observed["profile", household, "effects"] = facts.effect_types(state)

    await replay.phase("Let the rules mark regulars", independent(replay.scenario.redeeming_households), update)


async def reserve_coupons(replay: Replay) -> None:
    """Reserve the coupon of each redemption for its household."""

    async def reserve(redemption: Redemption) -> None:
        with replay.measuring("createCouponReservation"):
            coupon = await replay.client.coupons.create_coupon_reservation(
                redemption.code, CouponReservations(integration_ids=[redemption.household])
            )
        replay.observed["coupon", coupon.value, "campaign"] = coupon.campaign_id

    await replay.phase("Reserve coupons", independent(replay.scenario.dataset.redemptions), reserve)


async def open_sessions(replay: Replay) -> None:
    """Open a session for each checkout, with its whole cart, all its coupons, and the household's card."""
    seniors = frozenset(replay.scenario.seniors)

    async def fill(checkout: Checkout) -> None:
        session = NewCustomerSessionV2(
            profile_id=checkout.household,
            coupon_codes=list(checkout.codes),
            state="open",
            cart_items=_cart_items(checkout, replay.scenario.dataset),
            loyalty_cards=[card_of(checkout.household)] if checkout.household in seniors else [],
        )
        with replay.measuring("updateCustomerSessionV2"):
            await replay.client.sessions.update_customer_session_v2(
                checkout.session_id, IntegrationRequest(customer_session=session)
            )

    sessions = grouped(replay.scenario.checkouts, lambda checkout: checkout.household)
    await replay.phase("Open sessions with carts and coupons", sessions, fill)


async def close_sessions(replay: Replay) -> None:
    """Close the same sessions: now discounts are final and coupons are redeemed."""

    async def pay(checkout: Checkout) -> None:
        request = IntegrationRequest(
            customer_session=NewCustomerSessionV2(state="closed"), response_content=["customerSession"]
        )
        with replay.measuring("updateCustomerSessionV2"):
            state = await replay.client.sessions.update_customer_session_v2(checkout.session_id, request)
        replay.observed |= facts.of_session(checkout.session_id, state)

    sessions = grouped(replay.scenario.checkouts, lambda checkout: checkout.household)
    await replay.phase("Close sessions", sessions, pay)


async def list_coupon_holders(replay: Replay) -> None:
    """List the households that each coupon is reserved for."""

    async def ask(code: str) -> None:
        holders = await _holders(replay, code)
        replay.observed["coupon", code, "number of holders"] = holders.total_result_size
        replay.observed["coupon", code, "holders"] = tuple(sorted(one.integration_id for one in holders.data))

    await replay.phase("List the holders of each coupon", independent(replay.scenario.holders), ask)


async def track_unmatched_coupons(replay: Replay) -> None:
    """Track each redemption without a purchase as an event, which gives consolation points."""

    async def track_v1(redemption: Redemption) -> None:
        session = session_id(redemption.household, redemption.day)
        event = NewEvent(
            profile_id=redemption.household,
            type=campaigns.UNMATCHED_COUPON_EVENT,
            attributes={"code": redemption.code},
            session_id=session,
        )
        with replay.measuring("trackEvent"):
            state = await replay.client.events.track_event(event)  # type: ignore[deprecated]
        replay.observed["event", session, redemption.code, "effects"] = facts.effect_types_v1(state)

    async def track_v2(redemption: Redemption) -> None:
        event = IntegrationEventV2Request(
            profile_id=redemption.household,
            type=campaigns.UNMATCHED_COUPON_EVENT,
            attributes={"code": redemption.code},
        )
        with replay.measuring("trackEventV2"):
            state = await replay.client.events.track_event_v2(event, silent=False)
        session = session_id(redemption.household, redemption.day)
        replay.observed["event", session, redemption.code, "effects"] = facts.effect_types(state)

    events_v1 = grouped(replay.scenario.redemptions_v1, lambda redemption: redemption.household)
    events_v2 = grouped(replay.scenario.redemptions_v2, lambda redemption: redemption.household)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # all versions are shown on purpose
        await replay.phase("Track coupons without a purchase, by V1", events_v1, track_v1)
    await replay.phase("Track coupons without a purchase, by V2", events_v2, track_v2)


async def create_referrals(replay: Replay) -> None:
    """Create a referral from each of the best customers to a household that has never redeemed a coupon."""

    async def refer(referral: Referral) -> None:
        request = NewReferral(
            campaign_id=campaigns.REFERRAL_CAMPAIGN,
            advocate_profile_integration_id=referral.advocate,
            friend_profile_integration_id=referral.friend,
        )
        with replay.measuring("createReferral"):
            created = await replay.client.referrals.create_referral(request)
        replay.referral_codes[referral.advocate] = created.code
        friend = created.friend_profile_integration_id
        replay.observed["referral", created.advocate_profile_integration_id, "friend"] = friend

    await replay.phase("Create referrals for named friends", independent(replay.scenario.referrals), refer)


async def create_referrals_in_bulk(replay: Replay) -> None:
    """Create a referral for any one friend of each redeeming household."""

    async def refer(advocates: Sequence[str]) -> None:
        request = NewReferralsForMultipleAdvocates(
            usage_limit=1,
            campaign_id=campaigns.REFERRAL_CAMPAIGN,
            advocate_profile_integration_ids=list(advocates),
        )
        with replay.measuring("createReferralsForMultipleAdvocates"):
            created = await replay.client.referrals.create_referrals_for_multiple_advocates(request, silent=False)
        for referral in created.data:
            replay.observed["referral", referral.advocate_profile_integration_id, "for anyone"] = referral.usage_limit

    advocates = chunked(replay.scenario.redeeming_households, ADVOCATES_PER_REQUEST)
    await replay.phase("Create referrals for many advocates at once", advocates, refer)


async def redeem_referrals_v1(replay: Replay) -> None:
    """Replay the friends' first baskets by the deprecated V1 calls, which the API still supports."""

    async def introduce(referral: Referral) -> None:
        profile = NewCustomerProfile(attributes={"referred_by": referral.advocate})
        with replay.measuring("updateCustomerProfile"):
            state = await replay.client.customers.update_customer_profile(referral.friend, profile)  # type: ignore[deprecated]
        referred_by = state.profile.attributes.get("referred_by") if state.profile else None
        replay.observed["profile", referral.friend, "referred by"] = referred_by

    async def shop(referral: Referral) -> None:
        checkout = referral.checkout
        session = NewCustomerSession(
            profile_id=referral.friend,
            referral=replay.referral_codes.get(referral.advocate),
            state="closed",
            cart_items=_cart_items(checkout, replay.scenario.dataset),
        )
        with replay.measuring("updateCustomerSession"):
            state = await replay.client.sessions.update_customer_session(checkout.session_id, session)  # type: ignore[deprecated]
        replay.observed |= facts.of_session_v1(checkout.session_id, state)

    friends = independent(replay.scenario.referrals)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # both versions are shown on purpose
        await replay.phase("Create the friends' profiles, by V1 calls", friends, introduce)
        await replay.phase("Close the friends' sessions, by V1 calls", friends, shop)


async def read_inventories(replay: Replay) -> None:
    """Read what each redeeming household has by now."""

    async def read(household: str) -> None:
        with replay.measuring("getCustomerInventory"):
            inventory = await replay.client.customers.get_customer_inventory(
                household, profile=True, referrals=True, coupons=True, loyalty=True
            )
        replay.observed |= facts.of_inventory(household, inventory)

    await replay.phase("Read inventories", independent(replay.scenario.redeeming_households), read)


async def release_unused_coupons(replay: Replay) -> None:
    """Release the reservations of coupons that a household never used in a basket."""

    async def release(unused: tuple[str, tuple[str, ...]]) -> None:
        code, households = unused
        with replay.measuring("deleteCouponReservation"):
            await replay.client.coupons.delete_coupon_reservation(
                code, CouponReservations(integration_ids=list(households))
            )

    await replay.phase("Release unused coupons", independent(replay.scenario.released.items()), release)


async def erase_household(replay: Replay) -> None:
    """Erase the data of one household."""

    async def erase(household: str) -> None:
        with replay.measuring("deleteCustomerData"):
            await replay.client.customers.delete_customer_data(household)

    await replay.phase("Erase one household", independent([replay.scenario.erased]), erase)


async def verify_erasure(replay: Replay) -> None:
    """List the holders of each coupon that the erased household held."""

    async def ask(code: str) -> None:
        holders = await _holders(replay, code)
        replay.observed["erasure", code, "holders"] = tuple(sorted(one.integration_id for one in holders.data))

    held = (code for code, households in replay.scenario.holders.items() if replay.scenario.erased in households)
    await replay.phase("Verify the erasure", independent(held), ask)


PHASES: Final[tuple[Callable[[Replay], Awaitable[None]], ...]] = (
    import_profiles,
    sync_catalog,
    list_campaigns,
    join_audiences,
    give_cards,
    update_redeemers,
    reserve_coupons,
    open_sessions,
    close_sessions,
    reopen_sessions,
    return_units,
    read_returned_sessions,
    track_returns,
    list_coupon_holders,
    track_unmatched_coupons,
    activate_points,
    read_achievements,
    read_prior_prices,
    create_referrals,
    create_referrals_in_bulk,
    join_club,
    group_friends,
    redeem_referrals_v1,
    read_inventories,
    read_club,
    read_cards,
    unlink_unused_cards,
    release_unused_coupons,
    restart_in_club,
    erase_household,
    verify_erasure,
)


async def _holders(replay: Replay, code: str) -> ReservedCustomers:
    with replay.measuring("getReservedCustomers"):
        return await replay.client.coupons.get_reserved_customers(code)


def _cart_items(checkout: Checkout, dataset: Dataset) -> list[CartItem]:
    return [_cart_item(line, dataset) for line in checkout.lines]


def _cart_item(line: CartLine, dataset: Dataset) -> CartItem:
    item = CartItem(sku=line.sku, quantity=line.quantity, price=line.price)
    product = dataset.products.get(line.sku)
    if product is not None:
        item.name, item.category = product.name, product.category
        item.attributes = {"brand": product.brand}
    return item
