"""Coupons: reserved, asked for, released, and handed in without a purchase."""

from aiotalonone.demo import campaigns, observation
from aiotalonone.demo.dataset import Redemption
from aiotalonone.demo.replay import Replay, in_order, side_by_side
from aiotalonone.demo.scenario import session_id
from aiotalonone.models import CouponReservations, NewEvent


async def coupons_are_reserved(replay: Replay) -> None:
    """Each redemption's coupon, for its household."""

    async def reserve(redemption: Redemption) -> None:
        with replay.measuring("createCouponReservation"):
            coupon = await replay.client.coupons.create_coupon_reservation(
                redemption.code, CouponReservations(integration_ids=[redemption.household])
            )
        replay.observed["coupon", coupon.value, "campaign"] = coupon.campaign_id

    await replay.phase("Coupons are reserved", side_by_side(replay.scenario.dataset.redemptions), reserve)


async def holders_are_listed(replay: Replay) -> None:
    """Who holds each coupon."""

    async def ask(code: str) -> None:
        with replay.measuring("getReservedCustomers"):
            holders = await replay.client.coupons.get_reserved_customers(code)
        replay.observed["coupon", code, "number of holders"] = holders.total_result_size
        replay.observed["coupon", code, "holders"] = tuple(sorted(one.integration_id for one in holders.data))

    await replay.phase("Who holds which coupon", side_by_side(replay.scenario.holders), ask)


async def stray_coupons_are_tracked(replay: Replay) -> None:
    """A redemption without a purchase is an event, and a consolation."""

    async def track(redemption: Redemption) -> None:
        session = session_id(redemption.household, redemption.day)
        event = NewEvent(
            profile_id=redemption.household,
            type=campaigns.STRAY_COUPON_EVENT,
            attributes={"code": redemption.code},
            session_id=session,
        )
        with replay.measuring("trackEvent"):
            state = await replay.client.events.track_event(event)
        effects = observation.effect_types_v1(state)
        replay.observed["event", session, redemption.code, "effects"] = effects

    lanes = in_order(replay.scenario.stray, lambda redemption: redemption.household)
    await replay.phase("Coupons without a purchase become events", lanes, track)


async def idle_coupons_are_released(replay: Replay) -> None:
    """Households give back the coupons that they never used in a basket."""

    async def release(idle: tuple[str, tuple[str, ...]]) -> None:
        code, households = idle
        with replay.measuring("deleteCouponReservation"):
            await replay.client.coupons.delete_coupon_reservation(
                code, CouponReservations(integration_ids=list(households))
            )

    await replay.phase("Idle coupons are released", side_by_side(replay.scenario.released.items()), release)


async def nobody_remembers_it(replay: Replay) -> None:
    """None of its coupons names it any longer."""

    async def ask(code: str) -> None:
        with replay.measuring("getReservedCustomers"):
            holders = await replay.client.coupons.get_reserved_customers(code)
        replay.observed["erasure", code, "holders"] = tuple(sorted(one.integration_id for one in holders.data))

    held = (code for code, households in replay.scenario.holders.items() if replay.scenario.erased in households)
    await replay.phase("None of its coupons names it", side_by_side(held), ask)
