"""What the club and the seniors' cards must hold, computed from the dataset alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import evolve

from examples.groceries import campaigns
from examples.groceries.facts import Fact
from examples.groceries.promotions import ExpectedResult
from examples.groceries.scenario import BroughtBack, Checkout, Scenario, session_id, total

Expected = Iterator[tuple[Fact, Any]]
Results = Mapping[str, ExpectedResult]
"""By session."""

UPGRADE: Final = "changeLoyaltyTierLevel"


def with_upgrades(checkouts: Iterable[Checkout], results: Results) -> dict[str, ExpectedResult]:
    """Return the results of baskets in their order, those that lead to a higher tier with its effect."""
    points: Counter[str] = Counter()
    upgraded = {}
    for checkout in checkouts:
        result, before = results[checkout.session_id], points[checkout.household]
        points[checkout.household] += result.points
        rises = tier_of(before) != tier_of(before + result.points)
        effects = result.effects + Counter({UPGRADE: int(rises)})
        upgraded[checkout.session_id] = evolve(result, effects=effects)
    return upgraded


def tier_of(points: int) -> str | None:
    """Return the tier of so many points."""
    return next((name for name, minimum in reversed(campaigns.TIERS.items()) if points >= minimum), None)


def points_to_next_tier(points: int) -> int:
    """Return how many points are missing to the next tier, 0 in the highest."""
    return next((minimum - points for minimum in campaigns.TIERS.values() if points < minimum), 0)


def effects_of_return(unit: BroughtBack, scenario: Scenario, results: Results) -> Counter[str]:
    """Return the effects of the event that follows a return: points for the trouble, perhaps a higher tier."""
    before, points = _points_of_baskets(scenario, results)[unit.checkout.household], _return_points(unit, results)
    rises = tier_of(before) != tier_of(before + points)
    return +Counter({"addLoyaltyPoints": int(points > 0), UPGRADE: int(rises)})


def expected_points(scenario: Scenario, results: Results) -> Counter[str]:
    """Return each household's points in the end: of its baskets, its return, and its coupons without a purchase."""
    points = _points_of_baskets(scenario, results)
    for unit in scenario.returns:
        points[unit.checkout.household] += _return_points(unit, results)
    for redemption in scenario.unmatched_redemptions:
        points[redemption.household] += campaigns.CONSOLATION_POINTS
    return points


def expected_club(scenario: Scenario, results: Results) -> Expected:
    """Yield the facts of the club."""
    points, gains = expected_points(scenario, results), _gains(scenario, results)
    for household in scenario.redeeming_households:
        yield ("club", household, "points"), points[household]
        yield ("club", household, "tier"), tier_of(points[household])
        yield ("club", household, "to the next tier"), points_to_next_tier(points[household])
        yield ("club", household, "transactions"), tuple(sorted(gains[household]))
        yield ("club", household, "points left"), points[household]
    by_session = Counter(session_id(one.household, one.day) for one in scenario.redemptions_v1)
    by_household = Counter(one.household for one in scenario.redemptions_v2)
    for owner, number in (*by_session.items(), *by_household.items()):
        yield ("club", owner, "activated"), number * campaigns.CONSOLATION_POINTS
    for referral in scenario.referrals:
        yield ("club", referral.friend, "is a member"), True
    yield ("club", scenario.restarted, "points after a new start"), 0


def expected_cards(scenario: Scenario) -> Expected:
    """Yield the facts of the seniors' cards: a point for each unit of money that was spent with them."""
    spent = _spent_with_cards(scenario, scenario.checkouts)
    again = _spent_with_cards(scenario, scenario.reopened)
    for household in scenario.seniors:
        yield ("card", household, "customers"), (household,)
        yield ("card", household, "points"), sum(spent[household], Decimal(0))
        yield ("card", household, "transactions"), tuple(sorted(spent[household] + again[household] * 2))
        yield ("card", household, "points left"), sum(spent[household], Decimal(0))
        if not spent[household]:
            yield ("card", household, "customers in the end"), ()


def _points_of_baskets(scenario: Scenario, results: Results) -> Counter[str]:
    points: Counter[str] = Counter()
    for checkout in scenario.checkouts:
        points[checkout.household] += results[checkout.session_id].points
    return points


def _return_points(unit: BroughtBack, results: Results) -> int:
    is_rewarded = results[unit.checkout.session_id].total >= campaigns.CLUB_BASKET
    return campaigns.RETURN_POINTS if is_rewarded else 0


def _spent_with_cards(scenario: Scenario, checkouts: Iterable[Checkout]) -> dict[str, list[Decimal]]:
    spent: dict[str, list[Decimal]] = {household: [] for household in scenario.seniors}
    for checkout in checkouts:
        if checkout.household in spent and total(checkout.lines):
            spent[checkout.household].append(total(checkout.lines))
    return spent


def _gains(scenario: Scenario, results: Results) -> dict[str, list[int]]:
    """Return the points of each transaction by household; a reopened basket loses its points and gets them again."""
    gains: dict[str, list[int]] = defaultdict(list)
    for checkout in (*scenario.checkouts, *scenario.reopened, *scenario.reopened):
        points = results[checkout.session_id].points
        gains[checkout.household] += [points] if points else []
    for unit in scenario.returns:
        points = _return_points(unit, results)
        gains[unit.checkout.household] += [points] if points else []
    for redemption in scenario.unmatched_redemptions:
        gains[redemption.household].append(campaigns.CONSOLATION_POINTS)
    return gains
