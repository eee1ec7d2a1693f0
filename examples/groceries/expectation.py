"""The facts that the replay must observe, computed from the dataset alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from examples.groceries import campaigns
from examples.groceries.club import effects_of_return, expected_cards, expected_club, expected_points, with_upgrades
from examples.groceries.facts import Fact, Facts
from examples.groceries.promotions import ZERO, Customer, ExpectedResult, apply_promotions, unit_discounts
from examples.groceries.scenario import BroughtBack, Checkout, Scenario, session_id
from examples.groceries.shop import expected_shop

Expected = Iterator[tuple[Fact, Any]]
Results = dict[str, ExpectedResult]
"""By session."""


def expected_facts(scenario: Scenario) -> Facts:
    """Return every fact that the responses and, at the end, the sandbox's state must contain."""
    results = with_upgrades(scenario.checkouts, {one.session_id: _result(scenario, one) for one in scenario.checkouts})
    friends = with_upgrades(
        [one.checkout for one in scenario.referrals],
        {one.checkout.session_id: _result(scenario, one.checkout, referred=True) for one in scenario.referrals},
    )
    points = expected_points(scenario, results)
    return dict(
        [
            *_regulars(scenario),
            *_reservations(scenario),
            *_sessions(results),
            *_reopened(scenario, results),
            *_returns(scenario, results),
            *_events(scenario),
            *_referrals(scenario),
            *_friends_sessions(scenario, friends),
            *_inventories(scenario, points, _sales(scenario, results)),
            *expected_club(scenario, results),
            *expected_cards(scenario),
            *expected_shop(scenario),
            *_erasure(scenario),
            *_state(scenario),
            *_state_of_coupons(scenario, results.values()),
            *_state_of_sessions(scenario, [*results.values(), *friends.values()]),
        ]
    )


def _is_regular(scenario: Scenario, household: str) -> bool:
    return scenario.redemptions_by_household[household] >= campaigns.REGULAR_REDEMPTIONS


def _result(scenario: Scenario, checkout: Checkout, *, referred: bool = False) -> ExpectedResult:
    customer = Customer(
        family=campaigns.FAMILIES in scenario.audiences.get(checkout.household, ()),
        has_card=checkout.household in scenario.seniors and not referred,
        regular=_is_regular(scenario, checkout.household),
        referred=referred,
    )
    return apply_promotions(checkout, scenario.dataset.coupons, customer)


def _sales(scenario: Scenario, results: Results) -> dict[str, Decimal]:
    sales: dict[str, Decimal] = defaultdict(Decimal)
    for checkout in scenario.checkouts:
        sales[checkout.household] += results[checkout.session_id].total
    for unit in scenario.returns:
        sales[unit.checkout.household] -= unit.checkout.lines[unit.position].price
    return sales


def _regulars(scenario: Scenario) -> Expected:
    for household in scenario.redeeming_households:
        effects = Counter(["updateAttribute"] if _is_regular(scenario, household) else [])
        yield ("profile", household, "effects"), effects


def _reservations(scenario: Scenario) -> Expected:
    for code, households in scenario.holders.items():
        yield ("coupon", code, "campaign"), scenario.dataset.coupons[code].campaign_id
        yield ("coupon", code, "number of holders"), len(households)
        yield ("coupon", code, "holders"), tuple(sorted(households))


def _sessions(results: Results) -> Expected:
    for session, result in results.items():
        yield ("session", session, "total"), result.total
        yield ("session", session, "accepted"), result.accepted
        yield ("session", session, "rejected"), tuple((code, "CouponRejectedByCondition") for code in result.rejected)
        yield ("session", session, "off items"), sum(result.item_discounts, ZERO)
        yield ("session", session, "off the basket"), sum(result.basket_discounts, ZERO)
        yield ("session", session, "to pay"), result.to_pay
        yield ("session", session, "points"), result.points
        yield ("session", session, "points on the card"), result.card_points
        yield ("session", session, "effects"), result.effects


def _reopened(scenario: Scenario, results: Results) -> Expected:
    for checkout in scenario.reopened:
        result = results[checkout.session_id]
        roll_backs = {
            "rollbackCoupon": len(result.accepted),
            "rollbackDiscount": len(result.item_discounts) + len(result.basket_discounts),
            "rollbackAddedLoyaltyPoints": (result.points > 0) + (result.card_points > 0),
        }
        yield ("reopened", checkout.session_id, "roll-backs"), +Counter(roll_backs)
        yield ("reopened", checkout.session_id, "closed again"), result.effects


def _returned_discounts(scenario: Scenario, unit: BroughtBack) -> tuple[Decimal, ...]:
    return unit_discounts(unit.checkout, scenario.dataset.coupons, unit.position)


def _returns(scenario: Scenario, results: Results) -> Expected:
    for unit in scenario.returns:
        session, discounts = unit.checkout.session_id, _returned_discounts(scenario, unit)
        valid = results[session].effects - Counter(setDiscountPerItem=len(discounts))
        yield ("return", session, "rolled back"), discounts
        yield ("return", session, "state"), "partially_returned"
        price = unit.checkout.lines[unit.position].price
        left = results[session].to_pay - (price - sum(discounts, ZERO))
        yield ("return", session, "to pay"), max(left, ZERO)  # what is taken off the basket may be more than is left
        yield ("return", session, "units left"), sum(line.quantity for line in unit.checkout.lines) - 1
        yield ("return", session, "valid effects"), valid
        yield ("event", unit.event_id, "session"), session
        yield ("event", unit.event_id, "effects"), effects_of_return(unit, scenario, results)


def _events(scenario: Scenario) -> Expected:
    for redemption in scenario.unmatched_redemptions:
        session = session_id(redemption.household, redemption.day)
        effects = Counter(["addLoyaltyPoints", "increaseAchievementProgress"])
        yield ("event", session, redemption.code, "effects"), effects


def _referrals(scenario: Scenario) -> Expected:
    for referral in scenario.referrals:
        yield ("referral", referral.advocate, "friend"), referral.friend
    for advocate in scenario.redeeming_households:
        yield ("referral", advocate, "for anyone"), 1


def _friends_sessions(scenario: Scenario, results: Results) -> Expected:
    for referral in scenario.referrals:
        session = referral.checkout.session_id
        result = results[session]
        yield ("profile", referral.friend, "referred by"), referral.advocate
        yield ("session", session, "total"), result.total
        yield ("session", session, "off the basket"), sum(result.basket_discounts, ZERO)
        yield ("session", session, "effects"), result.effects


def _inventories(scenario: Scenario, points: Counter[str], sales: dict[str, Decimal]) -> Expected:
    codes: dict[str, set[str]] = defaultdict(set)
    for redemption in scenario.dataset.redemptions:
        codes[redemption.household].add(redemption.code)
    for household in scenario.redeeming_households:
        yield ("inventory", household, "attributes"), _attributes(scenario, household)
        yield ("inventory", household, "audiences"), scenario.audiences.get(household, ())
        yield ("inventory", household, "coupons"), tuple(sorted(codes[household]))
        yield ("inventory", household, "sales"), sales.get(household, ZERO)
        yield ("inventory", household, "points"), points[household]
        yield ("inventory", household, "friends"), _friends(scenario, household)


def _attributes(scenario: Scenario, household: str) -> dict[str, Any]:
    attributes: dict[str, Any] = dict(scenario.dataset.demographics.get(household, {}))
    attributes["redemptions"] = scenario.redemptions_by_household[household]
    if _is_regular(scenario, household):
        attributes["regular"] = True
    return attributes


def _friends(scenario: Scenario, advocate: str) -> tuple[str, ...]:
    return tuple(one.friend for one in scenario.referrals if one.advocate == advocate)


def _final_holders(scenario: Scenario) -> dict[str, set[str]]:
    """Return who still holds each code after coupons were released and one household was erased."""
    return {
        code: households.difference(scenario.released.get(code, ()), {scenario.erased})
        for code, households in scenario.holders.items()
    }


def _erasure(scenario: Scenario) -> Expected:
    final = _final_holders(scenario)
    for code, households in scenario.holders.items():
        if scenario.erased in households:
            yield ("erasure", code, "holders"), tuple(sorted(final[code]))


def _state(scenario: Scenario) -> Expected:
    memberships = sum(len(ids) for household, ids in scenario.audiences.items() if household != scenario.erased)
    yield ("sandbox", "profiles"), len(scenario.dataset.households) - 1
    yield ("sandbox", "audience memberships"), memberships
    yield ("sandbox", "referrals"), len(scenario.referrals) + len(scenario.redeeming_households)
    yield ("sandbox", "events"), len(scenario.unmatched_redemptions)
    yield ("sandbox", "advanced events"), len(scenario.returns)


def _state_of_coupons(scenario: Scenario, results: Iterable[ExpectedResult]) -> Expected:
    final = _final_holders(scenario)
    used = Counter(code for result in results for code in result.accepted)
    yield ("sandbox", "reservations"), sum(len(households) for households in final.values())
    for code, households in final.items():
        if used[code] or households:
            yield ("sandbox", "coupon", code), (used[code], len(households))


def _state_of_sessions(scenario: Scenario, results: list[ExpectedResult]) -> Expected:
    discounts = [off for result in results for off in (*result.item_discounts, *result.basket_discounts)]
    returned = [off for unit in scenario.returns for off in _returned_discounts(scenario, unit)]
    effects = sum((result.effects for result in results), Counter[str]()) - Counter(setDiscountPerItem=len(returned))
    yield ("sandbox", "sessions", "closed"), len(results) - len(scenario.returns)
    yield ("sandbox", "sessions", "partially_returned"), len(scenario.returns)
    yield ("sandbox", "sessions", "open"), len({(one.household, one.day) for one in scenario.redemptions_v1})
    yield ("sandbox", "sessions", "cancelled"), 0
    yield ("sandbox", "discounts", "count"), len(discounts) - len(returned)
    yield ("sandbox", "discounts", "total"), sum(discounts, ZERO) - sum(returned, ZERO)
    yield ("sandbox", "coupon outcomes"), _coupon_outcomes(effects)
    for effect_type, count in effects.items():
        yield ("sandbox", "effects", effect_type), count


def _coupon_outcomes(effects: Counter[str]) -> Counter[str]:
    return +Counter(accepted=effects["acceptCoupon"], CouponRejectedByCondition=effects["rejectCoupon"])
