"""The conditions of rules, and how a campaign file names them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from attrs import define

from aiotalonone.sandbox.rules.evaluation import NO_CART, NO_CUSTOMER, Condition, RuleContext
from aiotalonone.sandbox.rules.item_filter import ItemFilter
from aiotalonone.sandbox.rules.words import amount_text, json_text, listing
from aiotalonone.sandbox.state.entities import is_reserved
from aiotalonone.sandbox.validation import JsonObject, is_number, same, to_decimal, unknown_name


@define(frozen=True)
class Range:
    """A range of amounts, open if a bound is missing."""

    at_least: Decimal | None
    at_most: Decimal | None

    def missed_by(self, amount: Decimal) -> str | None:
        """Return how the amount lies outside the range, or None if it is inside."""
        if self.at_least is not None and amount < self.at_least:
            return f"is below {self.at_least}"
        if self.at_most is not None and amount > self.at_most:
            return f"is above {self.at_most}"
        return None


@define(frozen=True)
class CouponIsValid:
    """One of the campaign's coupons triggered the rule; the engine checks the code itself."""

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return that no coupon triggered the rule, or None."""
        return None if context.coupon else "no coupon of the campaign is entered"


@define(frozen=True)
class ReferralIsValid:
    """One of the campaign's referrals triggered the rule; the engine checks the code itself."""

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return that no referral triggered the rule, or None."""
        return None if context.referral else "no referral code of the campaign may be used"


@define(frozen=True)
class CartHasItem:
    """The cart holds at least one of the items."""

    items: ItemFilter

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return that no line matches, or None."""
        session = context.evaluation.session
        if session is None:
            return NO_CART
        found = any(True for _ in self.items.lines(session, context.coupon))
        return None if found else f"no item of the cart {self.items.description}"


@define(frozen=True)
class CartTotal:
    """The session's total lies in a range."""

    range: Range

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return how the total lies outside the range, or None."""
        session = context.evaluation.session
        if session is None:
            return NO_CART
        missed = self.range.missed_by(session.total)
        return missed and f"the total {amount_text(session.total)} {missed}"


@define(frozen=True)
class AttributeIsOneOf:
    """An attribute of the customer has one of several values."""

    name: str
    values: tuple[Any, ...]

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return that the attribute is not set to such a value, or None."""
        profile = context.evaluation.profile
        if profile is None:
            return NO_CUSTOMER
        if self.name not in profile.attributes:
            return f"the customer has no attribute {self.name}"
        value = profile.attributes[self.name]
        if any(same(value, wanted) for wanted in self.values):
            return None
        return f"the attribute {self.name} is {json_text(value)}, not {listing(map(json_text, self.values))}"


@define(frozen=True)
class AttributeInRange:
    """A numeric attribute of the customer lies in a range."""

    name: str
    range: Range

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return how the attribute is not a number inside the range, or None."""
        profile = context.evaluation.profile
        if profile is None:
            return NO_CUSTOMER
        if self.name not in profile.attributes:
            return f"the customer has no attribute {self.name}"
        value = profile.attributes[self.name]
        if not is_number(value):
            return f"the attribute {self.name} is {json_text(value)}, not a number"
        missed = self.range.missed_by(to_decimal(value))
        return missed and f"the attribute {self.name}, {json_text(value)}, {missed}"


@define(frozen=True)
class InAudience:
    """The customer belongs to an audience."""

    audience_id: int

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return that the customer is not a member, or None."""
        profile = context.evaluation.profile
        if profile is None:
            return NO_CUSTOMER
        return None if self.audience_id in profile.audiences else f"the customer is not in audience {self.audience_id}"


@define(frozen=True)
class EventIs:
    """An event of this type is being tracked."""

    event_type: str

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return that no such event is being tracked, or None."""
        tracked = context.evaluation.event_type
        if tracked is None:
            return f"no event {self.event_type} is being tracked"
        return None if tracked == self.event_type else f"the event is {tracked}, not {self.event_type}"


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
