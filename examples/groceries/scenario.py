"""The scenario: the dataset as carts, sessions, referrals and everything else that is to be sent.

A receipt has the amount of each line; a cart needs the price of one unit. Two things stand in the way:

- **Goods sold by volume.** The till records fuel in thousandths of a gallon. Up to a quantity of 144 (sweet corn,
  24.00) the dataset counts pieces; from 420 to 89 638, each of its 13 507 lines is petrol at a fraction of a cent per
  "piece". A line of `BY_VOLUME_FROM` and more is therefore one unit at its price. (Thirteen lines of petrol have
  smaller quantities, but not on a day that is replayed.)
- **Cents that do not divide.** Three cans for 1.00 have no unit price in cents. Such a line becomes two, one can at
  0.34 and two at 0.33, so that each cart has exactly the total of its receipt.

The price is what the shop was paid: less its own price cuts, but not less manufacturers' coupons.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import frozen

from examples.groceries import campaigns
from examples.groceries.dataset import Dataset, Day, Purchase, Redemption

ADVOCATES: Final = 10
BY_VOLUME_FROM: Final = 200
_CENT: Final = Decimal("0.01")


@frozen
class CartLine:
    """Units of one product at one price."""

    sku: str
    quantity: int
    price: Decimal


@frozen
class Checkout:
    """A household's day at the till: one customer session."""

    session_id: str
    household: str
    lines: tuple[CartLine, ...]
    codes: tuple[str, ...] = ()


@frozen
class BroughtBack:
    """One unit of a basket, of a line that a coupon made cheaper, which the household brings back."""

    checkout: Checkout
    position: int

    @property
    def event_id(self) -> str:
        """The ID of the event that the shop tracks for it."""
        return f"return-{self.checkout.session_id}"


@frozen
class Referral:
    """A household refers another one, whose first basket uses its referral code."""

    advocate: str
    checkout: Checkout

    @property
    def friend(self) -> str:
        """The household that was referred."""
        return self.checkout.household


@frozen(kw_only=True)
class Scenario:
    """Everything that happens, in the dataset's order."""

    dataset: Dataset
    audiences: dict[str, tuple[int, ...]]
    """By household with demographics: the audiences that it belongs to."""
    checkouts: tuple[Checkout, ...]
    """The days on which a household redeemed coupons and also bought."""
    unmatched_redemptions: tuple[Redemption, ...]
    """Redemptions on days without purchases: there is no cart to redeem them in."""
    redemptions_by_household: Counter[str]
    reopened: tuple[Checkout, ...]
    """The latest of each of the households with the most redemptions."""
    returns: tuple[BroughtBack, ...]
    """Of the first checkout of each household in which a coupon made something cheaper."""
    referrals: tuple[Referral, ...]
    """By the households with the most redemptions; their friends never redeemed a coupon."""
    released: dict[str, tuple[str, ...]]
    """By code: the households that hold it and never redeemed it in a basket."""
    erased: str
    """The household whose data is erased: the one with the most redemptions."""

    restarted: str
    """The household whose points are deleted: the one with the second most redemptions."""

    @property
    def seniors(self) -> tuple[str, ...]:
        """The households that get a card."""
        return tuple(household for household, ids in self.audiences.items() if campaigns.SENIORS in ids)

    @property
    def seniors_without_purchases(self) -> tuple[str, ...]:
        """Those of them that never use it."""
        buyers = {checkout.household for checkout in self.checkouts if total(checkout.lines)}
        return tuple(household for household in self.seniors if household not in buyers)

    @property
    def unmatched_sessions(self) -> tuple[str, ...]:
        """The sessions in which coupons were handed in without a purchase."""
        return tuple(dict.fromkeys(session_id(one.household, one.day) for one in self.redemptions_v1))

    @property
    def redemptions_v1(self) -> tuple[Redemption, ...]:
        """A third of the unmatched redemptions, for V1 events in sessions of their own."""
        return self.unmatched_redemptions[::3]

    @property
    def redemptions_v2(self) -> tuple[Redemption, ...]:
        """The other unmatched redemptions, for V2 events."""
        return tuple(one for place, one in enumerate(self.unmatched_redemptions) if place % 3)

    @property
    def holders(self) -> dict[str, set[str]]:
        """By code: the households that it is reserved for."""
        holders: dict[str, set[str]] = defaultdict(set)
        for redemption in self.dataset.redemptions:
            holders[redemption.code].add(redemption.household)
        return holders

    @property
    def redeeming_households(self) -> tuple[str, ...]:
        """The households that redeemed a coupon, those with the most redemptions first."""
        return _by_redemptions(self.redemptions_by_household)


def plan(dataset: Dataset) -> Scenario:
    """Return the scenario of a dataset."""
    matched = [r for r in dataset.redemptions if (r.household, r.day) in dataset.purchases]
    unmatched = tuple(r for r in dataset.redemptions if (r.household, r.day) not in dataset.purchases)
    redemptions = Counter(r.household for r in dataset.redemptions)
    ranked = _by_redemptions(redemptions)
    checkouts = tuple(_checkouts(dataset, matched))
    latest = {checkout.household: checkout for checkout in checkouts}
    return Scenario(
        dataset=dataset,
        audiences=_audiences(dataset),
        checkouts=checkouts,
        unmatched_redemptions=unmatched,
        redemptions_by_household=redemptions,
        reopened=tuple(latest[household] for household in ranked if household in latest)[:ADVOCATES],
        returns=tuple(_returns(dataset, checkouts)),
        referrals=_referrals(dataset, ranked[:ADVOCATES]),
        released=_released(unmatched, matched),
        erased=ranked[0],
        restarted=ranked[1],
    )


def session_id(household: str, day: date) -> str:
    """Return the ID of the session of a household's day."""
    return f"{household}-{day}"


def card_of(household: str) -> str:
    """Return the identifier of a senior's card."""
    return f"senior-{household}"


def cart_lines(purchases: Iterable[Purchase]) -> Iterator[CartLine]:
    """Yield the lines of a cart whose total is what was paid."""
    for purchase in purchases:
        if purchase.quantity >= BY_VOLUME_FROM:
            yield CartLine(purchase.sku, 1, purchase.value)
        else:
            yield from _by_piece(purchase)


def total(lines: Iterable[CartLine]) -> Decimal:
    """Return the total of a cart before any discount."""
    return sum((line.quantity * line.price for line in lines), Decimal(0))


def _by_piece(purchase: Purchase) -> Iterator[CartLine]:
    cents, dearer = divmod(int(purchase.value / _CENT), purchase.quantity)
    price = cents * _CENT
    if dearer:
        yield CartLine(purchase.sku, dearer, price + _CENT)
    yield CartLine(purchase.sku, purchase.quantity - dearer, price)


def _audiences(dataset: Dataset) -> dict[str, tuple[int, ...]]:
    audiences: dict[str, tuple[int, ...]] = {}
    for household, attributes in dataset.demographics.items():
        families = (campaigns.FAMILIES,) if attributes.get("kids_count", "0") != "0" else ()
        seniors = (campaigns.SENIORS,) if attributes.get("age") == "65+" else ()
        if families or seniors:
            audiences[household] = families + seniors
    return audiences


def _by_redemptions(redemptions: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(redemptions, key=lambda household: (-redemptions[household], int(household))))


def _checkouts(dataset: Dataset, matched: Iterable[Redemption]) -> Iterable[Checkout]:
    codes: dict[Day, list[str]] = defaultdict(list)
    for redemption in matched:
        codes[redemption.household, redemption.day].append(redemption.code)
    for day, day_codes in codes.items():
        yield Checkout(session_id(*day), day[0], tuple(cart_lines(dataset.purchases[day])), tuple(day_codes))


def _returns(dataset: Dataset, checkouts: Iterable[Checkout]) -> Iterator[BroughtBack]:
    households = set()
    for checkout in checkouts:
        cheaper = {sku for code in checkout.codes for sku in dataset.coupons[code].products}
        positions = [place for place, line in enumerate(checkout.lines) if line.sku in cheaper and line.price]
        if positions and checkout.household not in households:
            households.add(checkout.household)
            yield BroughtBack(checkout, positions[0])


def _referrals(dataset: Dataset, advocates: Iterable[str]) -> tuple[Referral, ...]:
    redeeming = {redemption.household for redemption in dataset.redemptions}
    friends = (household for household in dataset.households if household not in redeeming)
    return tuple(
        Referral(advocate, _first_checkout(dataset, friend))
        for advocate, friend in zip(advocates, friends, strict=False)
    )


def _first_checkout(dataset: Dataset, household: str) -> Checkout:
    day = (household, dataset.first_days[household])
    return Checkout(session_id(*day), household, tuple(cart_lines(dataset.purchases.get(day, ()))))


def _released(unmatched: Iterable[Redemption], matched: Iterable[Redemption]) -> dict[str, tuple[str, ...]]:
    used = {(redemption.household, redemption.code) for redemption in matched}
    candidates = dict.fromkeys((redemption.code, redemption.household) for redemption in unmatched)
    released: dict[str, list[str]] = defaultdict(list)
    for code, household in candidates:
        if (household, code) not in used:
            released[code].append(household)
    return {code: tuple(households) for code, households in released.items()}
