"""What rules may ask for."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from attrs import define

from aiotalonone.sandbox.money import exact
from aiotalonone.sandbox.reading import Members, is_number
from aiotalonone.sandbox.rules.case import Case, Condition
from aiotalonone.sandbox.rules.goods import Goods


@define(frozen=True)
class Span:
    """A range of amounts, open where a bound is missing."""

    at_least: Decimal | None
    at_most: Decimal | None

    def __contains__(self, amount: Decimal) -> bool:
        above = self.at_least is None or amount >= self.at_least
        return above and (self.at_most is None or amount <= self.at_most)


@define(frozen=True)
class CouponIsValid:
    """The rule is brought up by one of its campaign's coupons; the engine checks the code itself."""

    def holds(self, case: Case) -> bool:
        """Whether a coupon brought the rule up."""
        return case.coupon is not None


@define(frozen=True)
class ReferralIsValid:
    """The rule is brought up by one of its campaign's referrals; the engine checks the code itself."""

    def holds(self, case: Case) -> bool:
        """Whether a referral brought the rule up."""
        return case.referral is not None


@define(frozen=True)
class CartHasItem:
    """The cart holds at least one of the goods."""

    goods: Goods

    def holds(self, case: Case) -> bool:
        """Whether any line matches."""
        session = case.evaluation.session
        return session is not None and any(True for _ in self.goods.lines(session, case.coupon))


@define(frozen=True)
class CartTotal:
    """The session's total lies in a range."""

    span: Span

    def holds(self, case: Case) -> bool:
        """Whether the total is inside the range."""
        session = case.evaluation.session
        return session is not None and session.total in self.span


@define(frozen=True)
class AttributeIsOneOf:
    """An attribute of the customer has one of some values."""

    name: str
    values: tuple[Any, ...]

    def holds(self, case: Case) -> bool:
        """Whether the attribute is there with such a value."""
        profile = case.evaluation.profile
        return profile is not None and self.name in profile.attributes and profile.attributes[self.name] in self.values


@define(frozen=True)
class AttributeInSpan:
    """A number among the customer's attributes lies in a range."""

    name: str
    span: Span

    def holds(self, case: Case) -> bool:
        """Whether the attribute is a number inside the range."""
        profile = case.evaluation.profile
        value = profile.attributes.get(self.name) if profile else None
        return is_number(value) and exact(value) in self.span


@define(frozen=True)
class InAudience:
    """The customer belongs to an audience."""

    audience_id: int

    def holds(self, case: Case) -> bool:
        """Whether the customer is a member."""
        profile = case.evaluation.profile
        return profile is not None and self.audience_id in profile.audiences


@define(frozen=True)
class EventIs:
    """An event of this type is being tracked."""

    event_type: str

    def holds(self, case: Case) -> bool:
        """Whether that event is the occasion."""
        return case.evaluation.event_type == self.event_type


def _span(members: Members) -> Span:
    return Span(members.amount("atLeast"), members.amount("atMost"))


def _profile_attribute(members: Members) -> Condition:
    name = members.required_text("name")
    if "equals" in members:
        return AttributeIsOneOf(name, (members.values["equals"],))
    if "oneOf" in members:
        if not isinstance(members.values["oneOf"], list):
            raise members.unfit("oneOf", "must be a list")
        return AttributeIsOneOf(name, tuple(members.values["oneOf"]))
    if "atLeast" in members or "atMost" in members:
        return AttributeInSpan(name, _span(members))
    raise members.unfit("equals", "one of equals, oneOf, atLeast, atMost is required")


CONDITIONS: dict[str, Callable[[Members], Condition]] = {
    "couponIsValid": lambda _: CouponIsValid(),
    "referralIsValid": lambda _: ReferralIsValid(),
    "cartHasItem": lambda members: CartHasItem(Goods.read(members)),
    "cartTotal": lambda members: CartTotal(_span(members)),
    "profileAttribute": _profile_attribute,
    "inAudience": lambda members: InAudience(members.required_integer("audienceId")),
    "event": lambda members: EventIs(members.required_text("eventType")),
}


def read_condition(members: Members) -> Condition:
    """Reads one condition of a campaign file."""
    kind = members.required_text("type")
    if kind not in CONDITIONS:
        raise members.unfit("type", f"unknown condition type {kind!r}")
    return CONDITIONS[kind](members)
