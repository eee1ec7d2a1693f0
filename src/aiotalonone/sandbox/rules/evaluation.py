"""One run of the rules: what conditions read and effects change."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Protocol

from attrs import define, field

from aiotalonone.sandbox.rules.booking import LoyaltyBooks
from aiotalonone.sandbox.state import Draft
from aiotalonone.sandbox.state.achievements import Progress
from aiotalonone.sandbox.state.entities import ZERO, Coupon, Effect, Profile, Referral, Session

NO_CUSTOMER = "there is no customer"
NO_CART = "there is no cart"


@define(frozen=True)
class Failure:
    """Why a rule had no effects."""

    campaign_id: int
    rule_index: int
    rule_name: str
    details: str
    condition_index: int | None = None
    effect_index: int | None = None
    coupon: Coupon | None = None
    referral: Referral | None = None
    reason: str = ""
    """What exactly was not as it has to be; it may be about the customer, so no response has it."""


@define(frozen=True)
class Firing:
    """A rule that had its effects, and the code that triggered it."""

    campaign_id: int
    rule_index: int
    coupon: Coupon | None = None
    referral: Referral | None = None


class RemainingAmounts:
    """What discounts may still take: neither a unit nor the whole session gets a price below zero."""

    def __init__(self, session: Session | None = None) -> None:
        self._total = session.total if session else ZERO
        self._items = session.cart_items if session else ()
        self._units: dict[tuple[int, int], Decimal] = {}

    def take(self, wanted: Decimal) -> Decimal:
        """Take an amount off the session, and return how much of it was left to take."""
        taken = max(min(wanted, self._total), ZERO)
        self._total -= taken
        return taken

    def take_from_unit(self, position: int, unit: int, wanted: Decimal) -> Decimal:
        """Take an amount off one unit of a line, and return how much of it was left to take."""
        remaining = self._units.get((position, unit), self._items[position].price)
        taken = self.take(min(wanted, remaining))
        self._units[position, unit] = remaining - taken
        return taken


@define
class Evaluation:
    """One run of the rules over a session, an event or a profile.

    Effects of a final run are applied; those of an open session are only announced.
    """

    draft: Draft
    final: bool
    session: Session | None = None
    profile: Profile | None = None
    event_type: str | None = None
    remaining: RemainingAmounts = field(factory=RemainingAmounts)
    effects: list[Effect] = field(factory=list)
    failures: list[Failure] = field(factory=list)
    firings: list[Firing] = field(factory=list)
    selected: frozenset[int] = frozenset()
    """The only campaigns that it evaluates, if there are any."""
    ran_rules: bool = False
    """Whether rules were evaluated, which a roll-back does not do."""
    created_coupons: list[str] = field(factory=list)
    awarded_giveaways: list[int] = field(factory=list)
    tentative_progress: dict[tuple[int, str], Progress] = field(factory=dict)
    """In achievements, in a run that is not final, by achievement and customer."""
    store_integration_id: str | None = None
    """The store of an event, by default that of the session."""
    loyalty_cards: tuple[str, ...] = ()
    """The loyalty cards of an event, by default those of the session."""
    loyalty: LoyaltyBooks = field(init=False)

    def __attrs_post_init__(self) -> None:
        if self.session is not None:
            self.store_integration_id = self.store_integration_id or self.session.store_integration_id
            self.loyalty_cards = self.loyalty_cards or self.session.loyalty_cards
        self.loyalty = LoyaltyBooks(self.draft, final=self.final)


@define(frozen=True)
class RuleContext:
    """A rule's campaign and the code that triggered it, within an evaluation; while the rule is applied, its name."""

    evaluation: Evaluation
    campaign_id: int
    coupon: Coupon | None = None
    referral: Referral | None = None
    rule_name: str = ""

    @property
    def customer(self) -> Profile:
        """The customer, if `without_customer` is None."""
        if self.evaluation.profile is None:
            raise LookupError(NO_CUSTOMER)
        return self.evaluation.profile

    @property
    def cart(self) -> Session:
        """The session, if `without_cart` is None."""
        if self.evaluation.session is None:
            raise LookupError(NO_CART)
        return self.evaluation.session

    def without_customer(self) -> str | None:
        """Return why an effect that needs a customer is blocked, or None."""
        return None if self.evaluation.profile else NO_CUSTOMER

    def without_cart(self) -> str | None:
        """Return why an effect that needs a cart is blocked, or None."""
        return None if self.evaluation.session else NO_CART


class Condition(Protocol):
    """A condition of a rule."""

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return why the condition does not hold, or None."""
        ...


Sent = tuple[str, dict[str, Any]]
"""Type and properties of an effect in a response."""


class RuleEffect(Protocol):
    """An effect of a rule."""

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return why the effect cannot be applied, or None."""
        ...

    def apply(self, context: RuleContext) -> Iterator[Sent]:
        """Apply the effect, and yield what to send."""
        ...
