from collections import Counter
from decimal import Decimal

import pytest

from examples.groceries.club import expected_cards, expected_club, points_to_next_tier, tier_of, with_upgrades
from examples.groceries.promotions import Customer, apply_promotions
from examples.groceries.scenario import CartLine, Checkout


@pytest.mark.parametrize(
    ("points", "tier", "missing"),
    [(0, None, 20), (19, None, 1), (20, "silver", 40), (59, "silver", 1), (60, "gold", 0), (500, "gold", 0)],
)
def test_tier_depends_on_points(points, tier, missing):
    """Silver needs twenty points and gold sixty, which is the highest."""
    assert (tier_of(points), points_to_next_tier(points)) == (tier, missing)


def baskets(*households):
    """Return baskets that are worth ten points each, and their results."""
    line = CartLine("milk", 1, Decimal(20))
    checkouts = [Checkout(f"s-{number}", household, (line,)) for number, household in enumerate(households)]
    return checkouts, {one.session_id: apply_promotions(one, {}, Customer()) for one in checkouts}


def test_basket_that_reaches_a_tier_has_one_more_effect():
    """The second and the sixth basket of a household lead to a higher tier, whatever others buy meanwhile."""
    upgraded = with_upgrades(*baskets("1", "2", "1", "1", "1", "1", "1", "1"))
    assert [one.effects["changeLoyaltyTierLevel"] for one in upgraded.values()] == [0, 0, 1, 0, 0, 0, 1, 0]
    assert upgraded["s-1"].effects == Counter(addLoyaltyPoints=1)


def test_card_gets_a_point_for_each_unit_of_money():
    """A basket paid with a senior's card brings the card its total, beside the club's points."""
    [checkout], _ = baskets("3")
    result = apply_promotions(checkout, {}, Customer(has_card=True))
    assert (result.points, result.card_points, result.effects["addLoyaltyPoints"]) == (10, 20, 2)


def test_club_of_the_corner_shop(scenario):
    """Household 1 has ten points of a basket, two of a return and twice five of unmatched coupons, which is silver.

    The basket was reopened, which took its ten points and gave them again.
    """
    checkouts = scenario.checkouts
    results = {one.session_id: apply_promotions(one, scenario.dataset.coupons, Customer()) for one in checkouts}
    facts = dict(expected_club(scenario, results))
    assert {name: value for (*_, owner, name), value in facts.items() if owner == "1"} == {
        "activated": 5,
        "points": 22,
        "tier": "silver",
        "to the next tier": 38,
        "transactions": (2, 5, 5, 10, 10, 10),
        "points left": 22,
    }
    assert facts["club", "1-2017-02-03", "activated"] == 5
    assert facts["club", "2", "points after a new start"] == 0
    assert all(facts["club", friend, "is a member"] for friend in ("4", "5", "6"))


def test_cards_of_the_corner_shop(scenario):
    """Household 3 spends 120.00 with its card, once more when it is reopened; household 6 spends nothing."""
    facts = dict(expected_cards(scenario))
    assert (facts["card", "3", "points"], facts["card", "3", "transactions"]) == (120, (120, 120, 120))
    assert (facts["card", "6", "points"], facts["card", "6", "customers in the end"]) == (0, ())
    assert ("card", "3", "customers in the end") not in facts
