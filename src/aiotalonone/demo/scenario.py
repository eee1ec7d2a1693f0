"""What the shop goes through: the dataset, turned into the calls that are to be made."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Final

from attrs import frozen

from aiotalonone.demo import campaigns
from aiotalonone.demo.basket import CartLine, cart_lines
from aiotalonone.demo.dataset import Dataset, Day, Redemption

RECOMMENDING_HOUSEHOLDS: Final = 10


@frozen
class Checkout:
    """A household's day at the till: one customer session."""

    session_id: str
    household: str
    lines: tuple[CartLine, ...]
    codes: tuple[str, ...] = ()


@frozen
class Recommendation:
    """A household brings another one, whose first basket uses its referral code."""

    advocate: str
    checkout: Checkout

    @property
    def friend(self) -> str:
        """The household that was brought."""
        return self.checkout.household


@frozen(kw_only=True)
class Scenario:
    """Everything that happens, in the dataset's order."""

    dataset: Dataset
    audiences: dict[str, tuple[int, ...]]
    """By household: the audiences that it belongs to, of those that told enough of themselves."""
    checkouts: tuple[Checkout, ...]
    """The days on which a household redeemed coupons and also bought."""
    stray: tuple[Redemption, ...]
    """Redemptions on days without purchases: there is no cart to redeem them in."""
    redemptions_by_household: Counter[str]
    recommendations: tuple[Recommendation, ...]
    """By the households that redeemed most; their friends never redeemed a coupon."""
    released: dict[str, tuple[str, ...]]
    """By code: the households that hold it and never redeemed it in a basket."""
    erased: str
    """The household that wants to be forgotten: the one that redeemed most."""

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
    """The scenario that the dataset tells."""
    counted = [r for r in dataset.redemptions if (r.household, r.day) in dataset.purchases]
    stray = tuple(r for r in dataset.redemptions if (r.household, r.day) not in dataset.purchases)
    redemptions = Counter(r.household for r in dataset.redemptions)
    ranked = _by_redemptions(redemptions)
    return Scenario(
        dataset=dataset,
        audiences=_audiences(dataset),
        checkouts=tuple(_checkouts(dataset, counted)),
        stray=stray,
        redemptions_by_household=redemptions,
        recommendations=_recommendations(dataset, ranked[:RECOMMENDING_HOUSEHOLDS]),
        released=_released(stray, counted),
        erased=ranked[0],
    )


def session_id(household: str, day: date) -> str:
    """The name of a household's day."""
    return f"{household}-{day}"


def _audiences(dataset: Dataset) -> dict[str, tuple[int, ...]]:
    audiences: dict[str, tuple[int, ...]] = {}
    for household, told in dataset.demographics.items():
        families = (campaigns.FAMILIES,) if told.get("kids_count", "0") != "0" else ()
        seniors = (campaigns.SENIORS,) if told.get("age") == "65+" else ()
        if families or seniors:
            audiences[household] = families + seniors
    return audiences


def _by_redemptions(redemptions: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(redemptions, key=lambda household: (-redemptions[household], int(household))))


def _checkouts(dataset: Dataset, counted: Iterable[Redemption]) -> Iterable[Checkout]:
    codes: dict[Day, list[str]] = defaultdict(list)
    for redemption in counted:
        codes[redemption.household, redemption.day].append(redemption.code)
    for day, day_codes in codes.items():
        yield Checkout(session_id(*day), day[0], tuple(cart_lines(dataset.purchases[day])), tuple(day_codes))


def _recommendations(dataset: Dataset, advocates: Iterable[str]) -> tuple[Recommendation, ...]:
    redeeming = {redemption.household for redemption in dataset.redemptions}
    friends = (household for household in dataset.households if household not in redeeming)
    return tuple(
        Recommendation(advocate, _first_checkout(dataset, friend))
        for advocate, friend in zip(advocates, friends, strict=False)
    )


def _first_checkout(dataset: Dataset, household: str) -> Checkout:
    day = (household, dataset.first_days[household])
    return Checkout(session_id(*day), household, tuple(cart_lines(dataset.purchases.get(day, ()))))


def _released(stray: Iterable[Redemption], counted: Iterable[Redemption]) -> dict[str, tuple[str, ...]]:
    kept = {(redemption.household, redemption.code) for redemption in counted}
    idle = {(redemption.code, redemption.household): None for redemption in stray}
    released: dict[str, list[str]] = defaultdict(list)
    for code, household in idle:
        if (household, code) not in kept:
            released[code].append(household)
    return {code: tuple(households) for code, households in released.items()}
