"""What must come out of the replay, computed from the dataset alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from aiotalonone.demo import campaigns
from aiotalonone.demo.facts import Fact, Facts
from aiotalonone.demo.scenario import Checkout, Scenario, session_id
from aiotalonone.demo.verdict import ZERO, Customer, Verdict, judge

Known = Iterator[tuple[Fact, Any]]
Verdicts = dict[str, Verdict]
"""By session."""


def expected_facts(scenario: Scenario) -> Facts:
    """Every fact that the answers and, at the end, the sandbox must confirm."""
    shopped = {one.session_id: _verdict(scenario, one) for one in scenario.checkouts}
    welcomed = {
        one.checkout.session_id: _verdict(scenario, one.checkout, recommended=True) for one in scenario.recommendations
    }
    points = _points(scenario, shopped)
    return dict(
        [
            *_regulars(scenario),
            *_reservations(scenario),
            *_sessions(shopped),
            *_events(scenario),
            *_referrals(scenario),
            *_recommendations(scenario, welcomed),
            *_inventories(scenario, points),
            *_erasure(scenario),
            *_held(scenario),
            *_held_coupons(scenario, shopped.values()),
            *_held_sessions(scenario, [*shopped.values(), *welcomed.values()]),
        ]
    )


def _is_regular(scenario: Scenario, household: str) -> bool:
    return scenario.redemptions_by_household[household] >= campaigns.REGULAR_REDEMPTIONS


def _verdict(scenario: Scenario, checkout: Checkout, *, recommended: bool = False) -> Verdict:
    customer = Customer(
        family=campaigns.FAMILIES in scenario.audiences.get(checkout.household, ()),
        regular=_is_regular(scenario, checkout.household),
        recommended=recommended,
    )
    return judge(checkout, scenario.dataset.coupons, customer)


def _points(scenario: Scenario, shopped: Verdicts) -> Counter[str]:
    points: Counter[str] = Counter()
    for checkout in scenario.checkouts:
        points[checkout.household] += shopped[checkout.session_id].points
    for redemption in scenario.stray:
        points[redemption.household] += campaigns.CONSOLATION_POINTS
    return points


def _regulars(scenario: Scenario) -> Known:
    for household in scenario.redeeming_households:
        effects = Counter(["updateAttribute"] if _is_regular(scenario, household) else [])
        yield ("profile", household, "effects"), effects


def _reservations(scenario: Scenario) -> Known:
    for code, households in scenario.holders.items():
        yield ("coupon", code, "campaign"), scenario.dataset.coupons[code].campaign_id
        yield ("coupon", code, "number of holders"), len(households)
        yield ("coupon", code, "holders"), tuple(sorted(households))


def _sessions(shopped: Verdicts) -> Known:
    for session, verdict in shopped.items():
        yield ("session", session, "worth"), verdict.worth
        yield ("session", session, "accepted"), verdict.accepted
        yield ("session", session, "rejected"), tuple((code, "CouponRejectedByCondition") for code in verdict.rejected)
        yield ("session", session, "off items"), sum(verdict.item_discounts, ZERO)
        yield ("session", session, "off the basket"), sum(verdict.basket_discounts, ZERO)
        yield ("session", session, "points"), verdict.points
        yield ("session", session, "effects"), verdict.effects


def _events(scenario: Scenario) -> Known:
    for redemption in scenario.stray:
        session = session_id(redemption.household, redemption.day)
        yield ("event", session, redemption.code, "effects"), Counter(["addLoyaltyPoints"])


def _referrals(scenario: Scenario) -> Known:
    for recommendation in scenario.recommendations:
        yield ("referral", recommendation.advocate, "friend"), recommendation.friend
    for advocate in scenario.redeeming_households:
        yield ("referral", advocate, "for anyone"), 1


def _recommendations(scenario: Scenario, welcomed: Verdicts) -> Known:
    for recommendation in scenario.recommendations:
        session = recommendation.checkout.session_id
        verdict = welcomed[session]
        yield ("profile", recommendation.friend, "recommended by"), recommendation.advocate
        yield ("session", session, "worth"), verdict.worth
        yield ("session", session, "off the basket"), sum(verdict.basket_discounts, ZERO)
        yield ("session", session, "effects"), verdict.effects


def _inventories(scenario: Scenario, points: Counter[str]) -> Known:
    codes: dict[str, set[str]] = defaultdict(set)
    for redemption in scenario.dataset.redemptions:
        codes[redemption.household].add(redemption.code)
    for household in scenario.redeeming_households:
        yield ("inventory", household, "attributes"), _attributes(scenario, household)
        yield ("inventory", household, "audiences"), scenario.audiences.get(household, ())
        yield ("inventory", household, "coupons"), tuple(sorted(codes[household]))
        yield ("inventory", household, "points"), points[household]
        yield ("inventory", household, "friends"), _friends(scenario, household)


def _attributes(scenario: Scenario, household: str) -> dict[str, Any]:
    attributes: dict[str, Any] = dict(scenario.dataset.demographics.get(household, {}))
    attributes["redemptions"] = scenario.redemptions_by_household[household]
    if _is_regular(scenario, household):
        attributes["regular"] = True
    return attributes


def _friends(scenario: Scenario, advocate: str) -> tuple[str, ...]:
    return tuple(one.friend for one in scenario.recommendations if one.advocate == advocate)


def _left_holders(scenario: Scenario) -> dict[str, set[str]]:
    """Who still holds a code once coupons were released and one household was forgotten."""
    return {
        code: households.difference(scenario.released.get(code, ()), {scenario.erased})
        for code, households in scenario.holders.items()
    }


def _erasure(scenario: Scenario) -> Known:
    left = _left_holders(scenario)
    for code, households in scenario.holders.items():
        if scenario.erased in households:
            yield ("erasure", code, "holders"), tuple(sorted(left[code]))


def _held(scenario: Scenario) -> Known:
    memberships = sum(len(ids) for household, ids in scenario.audiences.items() if household != scenario.erased)
    yield ("sandbox", "profiles"), len(scenario.dataset.households) - 1
    yield ("sandbox", "audience memberships"), memberships
    yield ("sandbox", "referrals"), len(scenario.recommendations) + len(scenario.redeeming_households)
    yield ("sandbox", "events"), len(scenario.stray)


def _held_coupons(scenario: Scenario, shopped: Iterable[Verdict]) -> Known:
    left = _left_holders(scenario)
    used = Counter(code for verdict in shopped for code in verdict.accepted)
    yield ("sandbox", "reservations"), sum(len(households) for households in left.values())
    for code, households in left.items():
        if used[code] or households:
            yield ("sandbox", "coupon", code), (used[code], len(households))


def _held_sessions(scenario: Scenario, closed: list[Verdict]) -> Known:
    discounts = [off for verdict in closed for off in (*verdict.item_discounts, *verdict.basket_discounts)]
    effects = sum((verdict.effects for verdict in closed), Counter[str]())
    yield ("sandbox", "sessions", "closed"), len(closed)
    yield ("sandbox", "sessions", "open"), len({(one.household, one.day) for one in scenario.stray})
    yield ("sandbox", "sessions", "cancelled"), 0
    yield ("sandbox", "discounts", "count"), len(discounts)
    yield ("sandbox", "discounts", "total"), sum(discounts, Decimal(0))
    yield ("sandbox", "coupon outcomes"), _outcomes(effects)
    for effect_type, count in effects.items():
        yield ("sandbox", "effects", effect_type), count


def _outcomes(effects: Counter[str]) -> Counter[str]:
    return +Counter(accepted=effects["acceptCoupon"], CouponRejectedByCondition=effects["rejectCoupon"])
