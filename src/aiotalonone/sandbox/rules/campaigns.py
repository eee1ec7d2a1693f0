"""Campaigns and their rules, grouped by what triggers them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from attrs import define, field

from aiotalonone.sandbox.account.attribute_types import AttributeTypes
from aiotalonone.sandbox.account.programs import Programs
from aiotalonone.sandbox.rules.conditions import CartHasItem, CartTotal, CouponIsValid, EventIs, ReferralIsValid
from aiotalonone.sandbox.rules.effects import SetDiscount, SetDiscountPerItem
from aiotalonone.sandbox.rules.evaluation import Condition, RuleEffect
from aiotalonone.sandbox.rules.loyalty_effects import AddLoyaltyPointsPerItem

CART_EFFECTS = (SetDiscount, SetDiscountPerItem, AddLoyaltyPointsPerItem)


@define(frozen=True, slots=False)
class Rule:
    """If all conditions hold, all effects are applied."""

    campaign_id: int
    index: int
    name: str
    conditions: tuple[Condition, ...]
    effects: tuple[RuleEffect, ...]
    metadata: Mapping[str, str] = field(factory=dict)
    """What customers are told about it, by the API's names."""

    @cached_property
    def by_coupon(self) -> bool:
        """Whether a coupon triggers it."""
        return self._asks_for(CouponIsValid)

    @cached_property
    def by_referral(self) -> bool:
        """Whether a referral triggers it."""
        return self._asks_for(ReferralIsValid)

    @cached_property
    def by_event(self) -> bool:
        """Whether an event triggers it."""
        return self._asks_for(EventIs)

    @cached_property
    def about_cart(self) -> bool:
        """Whether it makes sense for a cart only."""
        about_items = any(isinstance(effect, CART_EFFECTS) for effect in self.effects)
        return about_items or self._asks_for(CartHasItem) or self._asks_for(CartTotal)

    def _asks_for(self, kind: type[Condition]) -> bool:
        return any(isinstance(condition, kind) for condition in self.conditions)


@define(frozen=True)
class Campaign:
    """A promotion with its schedule and rules."""

    id: int
    name: str
    created: datetime
    state: str
    start_time: datetime | None
    end_time: datetime | None
    tags: tuple[str, ...]
    attributes: Mapping[str, object]
    description: str
    linked_store_ids: tuple[int, ...]
    linked_audience_ids: tuple[int, ...]
    rules: tuple[Rule, ...]
    coupons_per_profile: int | None = None
    """How many of its coupons a customer may redeem; ``None`` for any number."""

    def is_active_at(self, now: datetime, *, even_disabled: bool = False) -> bool:
        """Return whether the campaign is enabled, or may be disabled, and within its schedule."""
        enabled = self.state == "enabled" or (even_disabled and self.state == "disabled")
        started = self.start_time is None or self.start_time <= now
        return enabled and started and (self.end_time is None or now < self.end_time)


@define
class Account:
    """What is set up before the first request."""

    attribute_types: AttributeTypes
    programs: Programs
    campaigns: Mapping[int, Campaign]
    always_evaluated_rules: tuple[Rule, ...] = field(init=False)
    """Rules that need no code and no event."""
    event_rules: tuple[Rule, ...] = field(init=False)
    """Rules that an event triggers."""

    def __attrs_post_init__(self) -> None:
        rules = [rule for campaign in self.campaigns.values() for rule in campaign.rules]
        self.always_evaluated_rules = tuple(
            rule for rule in rules if not (rule.by_coupon or rule.by_referral or rule.by_event)
        )
        self.event_rules = tuple(rule for rule in rules if rule.by_event)

    def coupon_rules(self, campaign_id: int) -> Iterable[Rule]:
        """Iterate over the rules that a coupon of a campaign triggers."""
        return (rule for rule in self.campaigns[campaign_id].rules if rule.by_coupon)

    def referral_rules(self, campaign_id: int) -> Iterable[Rule]:
        """Iterate over the rules that a referral of a campaign triggers."""
        return (rule for rule in self.campaigns[campaign_id].rules if rule.by_referral and not rule.by_coupon)
