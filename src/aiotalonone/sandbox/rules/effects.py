"""The effects of rules: discounts, rewards, notices; how a campaign file names them."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any, Self

from attrs import define

from aiotalonone.sandbox.account.programs import GiveawayPool, Programs
from aiotalonone.sandbox.rules.achievement_effects import read_increase
from aiotalonone.sandbox.rules.evaluation import RuleContext, RuleEffect, Sent
from aiotalonone.sandbox.rules.item_filter import ItemFilter
from aiotalonone.sandbox.rules.loyalty_effects import (
    add_loyalty_points,
    add_loyalty_points_per_item,
    deduct_loyalty_points,
)
from aiotalonone.sandbox.state.codes import PATTERN, CodePattern
from aiotalonone.sandbox.state.entities import ZERO, Coupon, Giveaway
from aiotalonone.sandbox.validation import JsonObject, unknown_name

HUNDRED = Decimal(100)
PROFILE_ATTRIBUTES = "profile.attributes."
SESSION_ATTRIBUTES = "session.attributes."


@define(frozen=True)
class Discount:
    """An amount, or a percentage of a price."""

    value: Decimal | None
    percent: Decimal | None

    @classmethod
    def read(cls, members: JsonObject) -> Self:
        """Read exactly one of the two."""
        if ("value" in members) == ("percent" in members):
            raise members.error("value", "exactly one of value, percent is required")
        return cls(members.amount("value"), members.amount("percent"))

    def of(self, price: Decimal) -> Decimal:
        """Return the amount to take off a price."""
        return self.value if self.value is not None else price * (self.percent or ZERO) / HUNDRED


@define(frozen=True)
class SetDiscount:
    """Takes an amount off the session."""

    name: str
    discount: Discount
    partial: bool
    """Whether partial discounts are on."""

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return why there is no cart, or None."""
        return context.without_cart()

    def apply(self, context: RuleContext) -> Iterator[Sent]:
        """Yield one effect, unless nothing remains of the session's total."""
        wanted = self.discount.of(context.cart.total)
        taken = context.evaluation.remaining.take(wanted)
        if taken:
            desired = {"desiredValue": wanted} if self.partial else {}
            yield "setDiscount", {"name": self.name, "value": taken, **desired}


@define(frozen=True)
class SetDiscountPerItem:
    """Takes an amount off each unit of the matching items."""

    name: str
    discount: Discount
    items: ItemFilter
    partial: bool
    """Whether partial discounts are on."""

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return why there is no cart, or None."""
        return context.without_cart()

    def apply(self, context: RuleContext) -> Iterator[Sent]:
        """Yield one effect for each unit whose price is above zero."""
        remaining = context.evaluation.remaining
        for position, item in self.items.lines(context.cart, context.coupon):
            wanted = self.discount.of(item.price)
            for unit in range(item.quantity):
                taken = remaining.take_from_unit(position, unit, wanted)
                if taken:
                    yield "setDiscountPerItem", self._props(position, unit, taken, wanted)

    def _props(self, position: int, unit: int, taken: Decimal, wanted: Decimal) -> dict[str, Any]:
        name = f"{self.name}#{position}"
        props = {"name": name, "value": taken, "position": position, "subPosition": unit}
        return props | {"desiredValue": wanted} if self.partial else props


@define(frozen=True)
class CreateCoupon:
    """Creates a coupon of the rule's campaign that this customer alone can redeem, once."""

    prefix: str

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return why there is no unused code or no customer, or None."""
        if self._code(context) is None:
            return f"no code that starts with {self.prefix!r} is left"
        return context.without_customer()

    def apply(self, context: RuleContext) -> Iterator[Sent]:
        """Yield one effect in a final run; an open session creates nothing yet."""
        evaluation, code = context.evaluation, self._code(context)
        if not evaluation.final or code is None:
            return
        profile = context.customer
        coupon = Coupon(
            id=evaluation.draft.next_id("coupon"),
            created=evaluation.draft.now,
            campaign_id=context.campaign_id,
            value=code,
            usage_limit=1,
            recipient=profile.integration_id,
        )
        evaluation.draft.coupons.add(coupon.value, coupon)
        evaluation.created_coupons.append(coupon.value)
        yield "couponCreated", {"value": coupon.value, "profileId": profile.integration_id}

    def _code(self, context: RuleContext) -> str | None:
        draft = context.evaluation.draft
        return CodePattern(self.prefix + PATTERN).next_unused(draft.coupons, partial(draft.next_id, "code"))


@define(frozen=True)
class AwardGiveaway:
    """Awards a code of a giveaway pool."""

    pool: GiveawayPool

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return why there is no unused code or no customer, or None."""
        if self._unused(context) is None:
            return f"giveaway pool {self.pool.name} is empty"
        return context.without_customer()

    def apply(self, context: RuleContext) -> Iterator[Sent]:
        """Yield the code in a final run, and before that the announcement of one."""
        recipient, unused = context.customer.integration_id, self._unused(context)
        props = {"poolId": self.pool.id, "poolName": self.pool.name, "recipientIntegrationId": recipient}
        if not context.evaluation.final:
            yield "willAwardGiveaway", props
        elif unused is not None:
            giveaway = context.evaluation.draft.giveaways.edit(unused.id)
            giveaway.used, giveaway.profile_id = True, recipient
            context.evaluation.awarded_giveaways.append(giveaway.id)
            yield "awardGiveaway", props | {"giveawayId": giveaway.id, "code": giveaway.code}

    def _unused(self, context: RuleContext) -> Giveaway | None:
        giveaways = context.evaluation.draft.giveaways
        return next((one for one in giveaways if one.pool_id == self.pool.id and not one.used), None)


@define(frozen=True)
class AddFreeItem:
    """Offers an item for free; the shop adds it to the cart."""

    sku: str
    name: str

    def blocked_by(self, context: RuleContext) -> None:
        """Return None: the effect is never blocked."""

    def apply(self, context: RuleContext) -> Iterator[Sent]:  # noqa: ARG002 - the same in every context
        """Yield one effect."""
        yield "addFreeItem", {"sku": self.sku, "name": self.name}


@define(frozen=True)
class ShowNotification:
    """Asks the shop to show a notification to the customer."""

    kind: str
    title: str
    body: str

    def blocked_by(self, context: RuleContext) -> None:
        """Return None: the effect is never blocked."""

    def apply(self, context: RuleContext) -> Iterator[Sent]:  # noqa: ARG002 - the same in every context
        """Yield one effect."""
        yield "showNotification", {"notificationType": self.kind, "title": self.title, "body": self.body}


@define(frozen=True)
class UpdateAttribute:
    """Sets an attribute of the customer or of the session."""

    path: str
    value: Any

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return why there is no owner of the attribute, or None."""
        return context.without_customer() if self._of_profile else context.without_cart()

    def apply(self, context: RuleContext) -> Iterator[Sent]:
        """Yield one effect, and set the attribute in a final run."""
        if context.evaluation.final:
            owner = context.customer if self._of_profile else context.cart
            owner.attributes[self._name] = self.value
        yield "updateAttribute", {"path": self.path, "value": self.value}

    @property
    def _name(self) -> str:
        return self.path.removeprefix(PROFILE_ATTRIBUTES).removeprefix(SESSION_ATTRIBUTES)

    @property
    def _of_profile(self) -> bool:
        return self.path.startswith(PROFILE_ATTRIBUTES)


def _set_discount(members: JsonObject, programs: Programs) -> RuleEffect:
    partial = programs.application.partial_discounts
    return SetDiscount(members.required_text("name"), Discount.read(members), partial)


def _set_discount_per_item(members: JsonObject, programs: Programs) -> RuleEffect:
    name, discount, items = members.required_text("name"), Discount.read(members), ItemFilter.read(members)
    return SetDiscountPerItem(name, discount, items, programs.application.partial_discounts)


def _coupon_created(members: JsonObject, _: Programs) -> RuleEffect:
    return CreateCoupon(members.text("prefix") or "")


def _add_free_item(members: JsonObject, _: Programs) -> RuleEffect:
    return AddFreeItem(members.required_text("sku"), members.text("name") or "")


def _award_giveaway(members: JsonObject, programs: Programs) -> RuleEffect:
    pool = programs.pools.get(members.required_integer("poolId"))
    if pool is None:
        raise members.error("poolId", "unknown giveaway pool")
    return AwardGiveaway(pool)


def _show_notification(members: JsonObject, _: Programs) -> RuleEffect:
    kind = members.text("notificationType") or "Info"
    return ShowNotification(kind, members.text("title") or "", members.text("body") or "")


def _update_attribute(members: JsonObject, _: Programs) -> RuleEffect:
    path = members.required_text("path")
    if not path.startswith((PROFILE_ATTRIBUTES, SESSION_ATTRIBUTES)):
        raise members.error("path", f"must start with {PROFILE_ATTRIBUTES} or {SESSION_ATTRIBUTES}")
    if "value" not in members:
        raise members.error("value", "is required")
    return UpdateAttribute(path, members.values["value"])


EFFECTS: dict[str, Callable[[JsonObject, Programs], RuleEffect]] = {
    "setDiscount": _set_discount,
    "setDiscountPerItem": _set_discount_per_item,
    "addLoyaltyPoints": add_loyalty_points,
    "addLoyaltyPointsPerItem": add_loyalty_points_per_item,
    "deductLoyaltyPoints": deduct_loyalty_points,
    "couponCreated": _coupon_created,
    "addFreeItem": _add_free_item,
    "awardGiveaway": _award_giveaway,
    "increaseAchievementProgress": read_increase,
    "showNotification": _show_notification,
    "updateAttribute": _update_attribute,
}


def read_effect(members: JsonObject, programs: Programs) -> RuleEffect:
    """Read one effect of a campaign file."""
    kind = members.required_text("type")
    if kind not in EFFECTS:
        raise members.error("type", unknown_name("effect type", kind, EFFECTS))
    return EFFECTS[kind](members, programs)
