"""The effects of a campaign file, read."""

from collections.abc import Callable

from aiotalonone.sandbox.programs import Programs
from aiotalonone.sandbox.reading import Members
from aiotalonone.sandbox.rules.case import Gift
from aiotalonone.sandbox.rules.discounts import Reduction, SetDiscount, SetDiscountPerItem
from aiotalonone.sandbox.rules.goods import Goods
from aiotalonone.sandbox.rules.messages import (
    PROFILE_ATTRIBUTES,
    SESSION_ATTRIBUTES,
    AddFreeItem,
    ShowNotification,
    UpdateAttribute,
)
from aiotalonone.sandbox.rules.rewards import AddLoyaltyPoints, AwardGiveaway, CreateCoupon


def _add_loyalty_points(members: Members, programs: Programs) -> Gift:
    program = programs.loyalty.get(members.required_integer("programId"))
    if program is None:
        raise members.unfit("programId", "unknown loyalty program")
    if ("value" in members) == ("perUnitOfTotal" in members):
        raise members.unfit("value", "exactly one of value, perUnitOfTotal is required")
    name = members.text("name") or program.name
    return AddLoyaltyPoints(name, program, members.amount("value"), members.amount("perUnitOfTotal"))


def _award_giveaway(members: Members, programs: Programs) -> Gift:
    pool = programs.pools.get(members.required_integer("poolId"))
    if pool is None:
        raise members.unfit("poolId", "unknown giveaway pool")
    return AwardGiveaway(pool)


def _update_attribute(members: Members) -> Gift:
    path = members.required_text("path")
    if not path.startswith((PROFILE_ATTRIBUTES, SESSION_ATTRIBUTES)):
        raise members.unfit("path", f"must start with {PROFILE_ATTRIBUTES} or {SESSION_ATTRIBUTES}")
    if "value" not in members:
        raise members.unfit("value", "is required")
    return UpdateAttribute(path, members.values["value"])


def _show_notification(members: Members) -> Gift:
    kind = members.text("notificationType") or "Info"
    return ShowNotification(kind, members.text("title") or "", members.text("body") or "")


GIFTS: dict[str, Callable[[Members, Programs], Gift]] = {
    "setDiscount": lambda members, _: SetDiscount(members.required_text("name"), Reduction.read(members)),
    "setDiscountPerItem": lambda members, _: SetDiscountPerItem(
        members.required_text("name"), Reduction.read(members), Goods.read(members)
    ),
    "addLoyaltyPoints": _add_loyalty_points,
    "couponCreated": lambda members, _: CreateCoupon(members.text("prefix") or ""),
    "addFreeItem": lambda members, _: AddFreeItem(members.required_text("sku"), members.text("name") or ""),
    "awardGiveaway": _award_giveaway,
    "showNotification": lambda members, _: _show_notification(members),
    "updateAttribute": lambda members, _: _update_attribute(members),
}


def read_gift(members: Members, programs: Programs) -> Gift:
    """Reads one effect of a campaign file."""
    kind = members.required_text("type")
    if kind not in GIFTS:
        raise members.unfit("type", f"unknown effect type {kind!r}")
    return GIFTS[kind](members, programs)
