"""The entities that the sandbox holds: customers, sessions, codes, events."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from attrs import define, evolve, field

ZERO = Decimal(0)
"""Amounts are exact decimals."""

APPLICATION_ID = 1
"""The one Application."""

ANONYMOUS = ""
"""Integration ID of the customer of an anonymous session."""


RESERVED_EVENT_PREFIX = "talon_"


def is_reserved(event_type: str) -> bool:
    """Return whether an event of this name is the platform's own."""
    return event_type.startswith(RESERVED_EVENT_PREFIX)


@define(frozen=True)
class Effect:
    """An effect as it was sent, with exact amounts."""

    campaign_id: int
    rule_index: int
    rule_name: str
    type: str
    props: Mapping[str, Any]
    coupon_id: int | None = None


@define
class Profile:
    """A customer."""

    id: int
    integration_id: str
    created: datetime
    last_activity: datetime
    attributes: dict[str, Any] = field(factory=dict)
    audiences: set[int] = field(factory=set)
    first_session_id: str | None = None
    closed_sessions: int = 0
    total_sales: Decimal = ZERO
    referred_by: set[int] = field(factory=set)
    """The campaigns one of whose referral codes the customer has redeemed."""
    coupons_redeemed: Counter[int] = field(factory=Counter)
    """How many coupons of each campaign the customer has redeemed."""

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        return evolve(
            self,
            attributes=dict(self.attributes),
            audiences=set(self.audiences),
            referred_by=set(self.referred_by),
            coupons_redeemed=Counter(self.coupons_redeemed),
        )


@define(frozen=True)
class CartItem:
    """A line of the cart: what rules read, and the line as it was sent."""

    sku: str
    quantity: int
    price: Decimal = field(eq=False)
    category: str | None
    additional_cost: Decimal
    sent: Mapping[str, Any]
    from_catalog: Mapping[str, Any] = field(factory=dict, eq=False)
    """Members that the catalog had for it, which may have changed since."""

    @property
    def shown(self) -> dict[str, Any]:
        """The line as responses have it."""
        return {**self.sent, **self.from_catalog}

    def without_attributes(self) -> Self:
        """Return the line without what may be personal."""
        return evolve(self, sent=_without_attributes(self.sent), from_catalog=_without_attributes(self.from_catalog))


def _without_attributes(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name != "attributes"}


@define(frozen=True)
class ReturnedLine:
    """Units of one line that came back."""

    position: int
    quantity: int
    sku: str


@define(frozen=True)
class Return:
    """Units of a closed session that came back together."""

    id: int
    created: datetime
    event_id: int
    lines: tuple[ReturnedLine, ...]


@define
class Session:
    """A customer session: a cart before and after its purchase."""

    id: int
    integration_id: str
    created: datetime
    updated: datetime
    profile_id: str = ANONYMOUS
    first: bool = False
    state: str = "open"
    coupon_codes: tuple[str, ...] = ()
    referral_code: str = ""
    cart_items: tuple[CartItem, ...] = ()
    additional_costs: Mapping[str, Decimal] = field(factory=dict)
    identifiers: tuple[str, ...] = ()
    loyalty_cards: tuple[str, ...] = ()
    evaluable_campaign_ids: tuple[int, ...] = ()
    store_integration_id: str | None = None
    stated_total: Decimal | None = None
    attributes: dict[str, Any] = field(factory=dict)
    update_count: int = 0
    effects: tuple[Effect, ...] = ()
    """Of the latest evaluation; in a session with returns, those that were not rolled back."""
    returns: tuple[Return, ...] = ()

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        return evolve(self, attributes=dict(self.attributes))

    @property
    def was_closed(self) -> bool:
        """Whether it is closed, with or without returns."""
        return self.state in ("closed", "partially_returned")

    @property
    def returned_units(self) -> Counter[int]:
        """How many units came back, by the position of their line."""
        units: Counter[int] = Counter()
        for one in self.returns:
            for line in one.lines:
                units[line.position] += line.quantity
        return units

    @property
    def returned_total(self) -> Decimal:
        """Price and additional costs of the units that came back; of a stated total, no more than all of it."""
        returned = [(self.cart_items[position], units) for position, units in self.returned_units.items()]
        value = sum(((item.price + item.additional_cost) * units for item, units in returned), ZERO)
        return value if self.stated_total is None else min(value, self.stated_total)

    @property
    def cart_item_total(self) -> Decimal:
        """Price of all units."""
        return sum((item.price * item.quantity for item in self.cart_items), ZERO)

    @property
    def cart_item_additional_cost_total(self) -> Decimal:
        """Additional costs of all units."""
        return sum((item.additional_cost * item.quantity for item in self.cart_items), ZERO)

    @property
    def additional_cost_total(self) -> Decimal:
        """Additional costs of the session as a whole."""
        return sum(self.additional_costs.values(), ZERO)

    @property
    def total(self) -> Decimal:
        """Sum before discounts, unless a V1 request stated its own total."""
        if self.stated_total is not None:
            return self.stated_total
        return self.cart_item_total + self.cart_item_additional_cost_total + self.additional_cost_total


@define(kw_only=True)
class Coupon:
    """A coupon code, the customers who hold it and those who redeemed it."""

    id: int
    created: datetime
    campaign_id: int
    value: str
    usage_limit: int = 0
    start_date: datetime | None = None
    expiry_date: datetime | None = None
    recipient: str | None = None
    reservation_mandatory: bool = False
    limit_per_profile: int | None = None
    attributes: Mapping[str, Any] = field(factory=dict)
    reserved_by: set[str] = field(factory=set)
    redemptions: Counter[str] = field(factory=Counter)
    _sku_sets: dict[str, frozenset[str]] = field(factory=dict, init=False, eq=False, repr=False)

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        copied = evolve(self, reserved_by=set(self.reserved_by), redemptions=Counter(self.redemptions))
        copied._sku_sets = self._sku_sets  # noqa: SLF001 - attributes never change, so their sets are shared
        return copied

    @property
    def usage_counter(self) -> int:
        """Number of redemptions."""
        return self.redemptions.total()

    def skus(self, attribute: str) -> frozenset[str]:
        """Return the SKUs that an attribute lists."""
        if attribute not in self._sku_sets:
            listed = self.attributes.get(attribute)
            skus = (sku for sku in listed if isinstance(sku, str)) if isinstance(listed, list) else ()
            self._sku_sets[attribute] = frozenset(skus)
        return self._sku_sets[attribute]


@define(kw_only=True)
class Referral:
    """A referral code, its advocate and the friends who redeemed it."""

    id: int
    created: datetime
    campaign_id: int
    code: str
    advocate: str
    friend: str | None = None
    usage_limit: int = 0
    start_date: datetime | None = None
    expiry_date: datetime | None = None
    attributes: dict[str, Any] = field(factory=dict)
    batch_id: str | None = None
    referred: list[str] = field(factory=list)

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        return evolve(self, attributes=dict(self.attributes), referred=list(self.referred))

    @property
    def usage_counter(self) -> int:
        """Number of redemptions."""
        return len(self.referred)


@define
class Giveaway:
    """One code of a giveaway pool, and the customer who got it."""

    id: int
    created: datetime
    pool_id: int
    code: str
    used: bool = False
    profile_id: str | None = None

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        return evolve(self)


@define
class Event:
    """An event, tracked or caused by an update; an advanced one has an ID of its own in the caller's system."""

    id: int
    created: datetime
    type: str
    profile_id: str
    session_id: str
    attributes: dict[str, Any] = field(factory=dict)
    effects: tuple[Effect, ...] = ()
    store_integration_id: str | None = None
    integration_id: str | None = None

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        return evolve(self, attributes=dict(self.attributes))
