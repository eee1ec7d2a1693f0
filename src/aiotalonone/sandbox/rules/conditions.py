"""The conditions of rules, and how a campaign file names them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from attrs import define

from aiotalonone.sandbox.entities import is_reserved
from aiotalonone.sandbox.rules.evaluation import Condition, RuleContext
from aiotalonone.sandbox.rules.item_filter import ItemFilter
from aiotalonone.sandbox.validation import JsonObject, is_number, to_decimal, unknown_name


@define(frozen=True)
class Range:
    """A range of amounts, open if a bound is missing."""

    at_least: Decimal | None
    at_most: Decimal | None

    def __contains__(self, amount: Decimal) -> bool:
        above = self.at_least is None or amount >= self.at_least
        return above and (self.at_most is None or amount <= self.at_most)


@define(frozen=True)
class CouponIsValid:
    """One of the campaign's coupons triggered the rule; the engine checks the code itself."""

    def holds(self, context: RuleContext) -> bool:
        """Return whether a coupon triggered the rule."""
        return context.coupon is not None


@define(frozen=True)
class ReferralIsValid:
    """One of the campaign's referrals triggered the rule; the engine checks the code itself."""

    def holds(self, context: RuleContext) -> bool:
        """Return whether a referral triggered the rule."""
        return context.referral is not None


@define(frozen=True)
class CartHasItem:
    """The cart holds at least one of the items."""

    items: ItemFilter

    def holds(self, context: RuleContext) -> bool:
        """Return whether any line matches."""
        session = context.evaluation.session
        return session is not None and any(True for _ in self.items.lines(session, context.coupon))


@define(frozen=True)
class CartTotal:
    """The session's total lies in a range."""

    range: Range

    def holds(self, context: RuleContext) -> bool:
        """Return whether the total is inside the range."""
        session = context.evaluation.session
        return session is not None and session.total in self.range


@define(frozen=True)
class AttributeIsOneOf:
    """An attribute of the customer has one of several values."""

    name: str
    values: tuple[Any, ...]

    def holds(self, context: RuleContext) -> bool:
        """Return whether the attribute is set to such a value."""
        profile = context.evaluation.profile
        return profile is not None and self.name in profile.attributes and profile.attributes[self.name] in self.values


@define(frozen=True)
class AttributeInRange:
    """A numeric attribute of the customer lies in a range."""

    name: str
    range: Range

    def holds(self, context: RuleContext) -> bool:
        """Return whether the attribute is a number inside the range."""
        profile = context.evaluation.profile
        value = profile.attributes.get(self.name) if profile else None
        return is_number(value) and to_decimal(value) in self.range


@define(frozen=True)
class InAudience:
    """The customer belongs to an audience."""

    audience_id: int

    def holds(self, context: RuleContext) -> bool:
        """Return whether the customer is a member."""
        profile = context.evaluation.profile
        return profile is not None and self.audience_id in profile.audiences


@define(frozen=True)
class EventIs:
    """An event of this type is being tracked."""

    event_type: str

    def holds(self, context: RuleContext) -> bool:
        """Return whether that event is being tracked."""
        return context.evaluation.event_type == self.event_type


def _range(members: JsonObject) -> Range:
    return Range(members.amount("atLeast"), members.amount("atMost"))


def _profile_attribute(members: JsonObject) -> Condition:
    name = members.required_text("name")
    if "equals" in members:
        return AttributeIsOneOf(name, (members.values["equals"],))
    if "oneOf" in members:
        if not isinstance(members.values["oneOf"], list):
            raise members.error("oneOf", "must be a list")
        return AttributeIsOneOf(name, tuple(members.values["oneOf"]))
    if "atLeast" in members or "atMost" in members:
        return AttributeInRange(name, _range(members))
    raise members.error("equals", "one of equals, oneOf, atLeast, atMost is required")


def _event(members: JsonObject) -> Condition:
    event_type = members.required_text("eventType")
    if is_reserved(event_type):
        raise members.error("eventType", "must be a custom event: those of the platform trigger no rules here")
    return EventIs(event_type)


CONDITIONS: dict[str, Callable[[JsonObject], Condition]] = {
    "couponIsValid": lambda _: CouponIsValid(),
    "referralIsValid": lambda _: ReferralIsValid(),
    "cartHasItem": lambda members: CartHasItem(ItemFilter.read(members)),
    "cartTotal": lambda members: CartTotal(_range(members)),
    "profileAttribute": _profile_attribute,
    "inAudience": lambda members: InAudience(members.required_integer("audienceId")),
    "event": _event,
}


def read_condition(members: JsonObject) -> Condition:
    """Read one condition of a campaign file."""
    kind = members.required_text("type")
    if kind not in CONDITIONS:
        raise members.error("type", unknown_name("condition type", kind, CONDITIONS))
    return CONDITIONS[kind](members)
