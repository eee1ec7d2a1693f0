"""Roll-backs, and sessions that were returned in part or cancelled."""

from decimal import Decimal

import pytest

from aiotalonone.pricing import price
from tests.support.effects import (
    cost_discount,
    discount_rollback,
    effect,
    item_cost_discount,
    item_discount,
    item_rollback,
    points,
    session_discount,
)

SHOES = {"sku": "shoes", "quantity": 1, "price": 60}
SHIRTS = {"sku": "shirt", "quantity": 3, "price": 20}
FIVE_OFF_ALL = [item_discount(5, 0), *(item_discount(5 + unit, 1, unit) for unit in range(3))]


def returned(line, count):
    """Return a line of which some units came back, as the response has it."""
    return {**line, "returnedQuantity": count, "remainingQuantity": line["quantity"] - count}


def test_a_partial_return_prices_what_remains():
    """Units that came back cost nothing, and the discounts that were rolled back do not count."""
    cart = [returned(SHOES, 0), returned(SHIRTS, 1)]
    priced = price(cart, [*FIVE_OFF_ALL, item_rollback(6, 1, 1)])
    shoes, shirts = priced.lines
    assert (shoes.total, shoes.returned) == (55, 0)
    assert (shirts.quantity, shirts.returned, shirts.unit_discounts) == (2, 1, (5, 0, 7))
    assert (shirts.total, priced.total, priced.total_before_discounts) == (28, 83, 100)
    [rollback] = priced.rollbacks
    assert (rollback.name, rollback.value, rollback.position, rollback.sub_position) == ("five#1", 6, 1, 1)
    assert rollback.applied
    assert [ignored.reason for ignored in priced.ignored] == ["taken back by a later roll-back"]


def test_returned_units_have_no_discount_without_roll_backs_either():
    """If no roll-back names the units that came back, they are the first ones, and their discounts do not count."""
    priced = price([SHOES, returned(SHIRTS, 2)], FIVE_OFF_ALL)
    assert priced.lines[1].unit_discounts == (0, 0, 7)
    assert [(ignored.effect["props"]["subPosition"], ignored.reason) for ignored in priced.ignored] == [
        (0, "its unit was returned"),
        (1, "its unit was returned"),
    ]


def test_the_roll_backs_of_points_tell_which_units_came_back():
    """A roll-back of points names a unit as one of discounts does; one that fits no unit tells nothing."""
    told = [
        points(5, "rollbackAddedLoyaltyPoints", cartItemPosition=1, cartItemSubPosition=unit) for unit in (2, 9, None)
    ]
    elsewhere = points(5, "rollbackAddedLoyaltyPoints", cartItemPosition=7, cartItemSubPosition=0)
    priced = price([SHOES, returned(SHIRTS, 1)], [*FIVE_OFF_ALL, *told, elsewhere])
    assert priced.lines[1].unit_discounts == (5, 6, 0)


def test_a_unit_with_a_lowered_discount_is_not_taken_for_a_returned_one():
    """A roll-back lowers a discount as well if the cart counts no returns."""
    priced = price([SHOES, SHIRTS], [*FIVE_OFF_ALL, item_rollback(2, 1, 1)])
    assert priced.lines[1].unit_discounts == (5, 4, 7)
    lowered = priced.discounts[2]
    assert (lowered.value, lowered.rolled_back, lowered.amount) == (6, 2, 4)


def test_all_units_may_come_back():
    """A line of which everything came back stays, and costs nothing."""
    priced = price([SHOES, returned(SHIRTS, 3)], [*FIVE_OFF_ALL, item_discount(4, 1, None)])
    assert (priced.lines[1].quantity, priced.lines[1].total, priced.total) == (0, 0, 55)


def test_additional_costs_of_returned_units_go_with_them():
    """An additional cost of an item is that of each unit, so it goes with a unit that is returned."""
    cart = [returned({**SHIRTS, "additionalCosts": {"wrapping": {"price": 2}}}, 1)]
    [line] = price(cart, [item_cost_discount(2, unit=1), item_cost_discount(2, unit=0)]).lines
    assert (line.additional_costs["wrapping"].total_before_discounts, line.total) == (4, 42)


def test_one_count_of_a_return_is_enough():
    """Either the returned or the remaining units tell what came back."""
    for counted in ({"returnedQuantity": 2}, {"remainingQuantity": 1}):
        assert price([{**SHIRTS, **counted}], []).total == 20


def test_a_discount_on_the_session_counts_until_it_is_rolled_back():
    """A return leaves the discount on the session as it is, but for what a roll-back takes of it."""
    cart = [returned(SHIRTS, 1)]
    assert price(cart, [session_discount(9)]).total == 31
    priced = price(cart, [session_discount(9), discount_rollback(3)])
    assert (priced.total, priced.discounts[0].rolled_back) == (34, 3)


def test_a_cancelled_session_has_no_discounts_left():
    """After the roll-backs of a cancelled session nothing of its discounts, points and codes counts."""
    effects = [
        *FIVE_OFF_ALL,
        session_discount(4),
        cost_discount(1),
        effect("acceptCoupon", value="SUMMER"),
        points(37.8),
        item_rollback(5, 0, 0),
        *(item_rollback(5 + unit, 1, unit) for unit in range(3)),
        discount_rollback(4),
        discount_rollback(1, "free shipping", additionalCost="shipping"),
        effect("rollbackCoupon", value="SUMMER"),
        points(37.8, "rollbackAddedLoyaltyPoints"),
    ]
    priced = price([SHOES, SHIRTS], effects, additional_costs={"shipping": 4})
    assert (priced.total, priced.total_discount, priced.discounts) == (124, 0, ())
    assert (priced.accepted, priced.points) == ((), ())
    assert all(rollback.applied for rollback in priced.rollbacks)
    assert {ignored.reason for ignored in priced.ignored} == {"taken back by a later roll-back"}
    assert len(priced.ignored) == 8


def test_a_roll_back_of_nothing_is_reported():
    """A roll-back of what the effects do not hold is there, and says that it was not applied."""
    effects = [discount_rollback(4), effect("rollbackCoupon", value="A"), points(1, "rollbackDeductedLoyaltyPoints")]
    priced = price([SHOES], effects)
    assert [rollback.applied for rollback in priced.rollbacks] == [False, False, False]
    assert priced.total == 60


def test_a_roll_back_takes_back_what_came_before_it():
    """A discount that comes after a roll-back counts in full: a reopened session may be given it again."""
    priced = price([SHOES], [session_discount(4), discount_rollback(4), session_discount(3)])
    assert priced.session_discount == 3
    assert [ignored.reason for ignored in priced.ignored] == ["taken back by a later roll-back"]


@pytest.mark.parametrize("name", ["five", "five#1"])
def test_the_position_in_a_name_makes_no_difference(name):
    """A roll-back finds the discount with or without the position that the API appends to its name."""
    rollback = discount_rollback(6, name, cartItemPosition=1, cartItemSubPosition=1)
    assert price([SHOES, SHIRTS], [*FIVE_OFF_ALL, rollback]).lines[1].unit_discounts == (5, 0, 7)


def test_a_roll_back_without_a_unit_takes_from_any_unit_of_its_line():
    """A roll-back that names a line alone takes from the line's discounts one after the other."""
    rollback = discount_rollback(8, "five#1", cartItemPosition=1)
    assert price([SHOES, SHIRTS], [*FIVE_OFF_ALL, rollback]).lines[1].unit_discounts == (0, 3, 7)


def test_a_roll_back_passes_over_what_was_taken_back_already():
    """A roll-back that names a line takes from the discounts that earlier ones have left."""
    rollback = discount_rollback(6, "five#1", cartItemPosition=1)
    priced = price([SHOES, SHIRTS], [*FIVE_OFF_ALL, item_rollback(5, 1, 0), rollback])
    assert priced.lines[1].unit_discounts == (0, 0, 7)


def test_a_roll_back_of_a_unit_takes_from_the_discount_on_its_line():
    """A roll-back that names a unit takes from a discount that names none, if the unit has none of its own."""
    priced = price([SHIRTS], [item_discount(9, 0, None), item_rollback(3, 0, 1)])
    assert (priced.lines[0].discount, priced.rollbacks[0].applied) == (6, True)


def test_a_roll_back_of_a_unit_leaves_the_other_units_alone():
    """A roll-back that names a unit does not take from another unit's discount."""
    priced = price([SHIRTS], [item_discount(5, 0, 0), item_rollback(5, 0, 1)])
    assert (priced.lines[0].unit_discounts, priced.rollbacks[0].applied) == ((5, 0, 0), False)


def test_a_roll_back_takes_from_the_scope_that_it_names():
    """Of two discounts with one name on one unit, a roll-back takes from the one of its scope."""
    both = [item_discount(2, scope="price"), item_discount(1, scope="additionalCosts")]
    priced = price([{**SHOES, "additionalCosts": {"bag": 1}}], [*both, item_rollback(1, scope="additionalCosts")])
    assert [discount.scope for discount in priced.discounts] == ["price"]
    assert priced.lines[0].additional_costs["bag"].total == 1


def test_a_roll_back_knows_an_additional_cost_by_its_id():
    """A roll-back with the ID of an additional cost finds the discount that named it; an unknown ID finds nothing."""
    effects = [cost_discount(3), discount_rollback(2, "free shipping", additionalCostId=9)]
    assert price([], effects, additional_costs={"shipping": 4}).total == 3
    effects = [cost_discount(3), discount_rollback(2, "free shipping", additionalCostId=10)]
    assert price([], effects, additional_costs={"shipping": 4}).total == 1


def test_a_roll_back_of_a_unit_that_is_not_there_is_ignored():
    """A roll-back for a line or unit that the cart does not have is ignored, with the reason."""
    priced = price([SHOES], [item_rollback(1, 3, 0), item_rollback(1, 0, 4)])
    assert priced.rollbacks == ()
    assert [ignored.reason for ignored in priced.ignored] == [
        "the cart has no line at its position",
        "the line has fewer units than its sub-position says",
    ]


def test_points_of_a_returned_unit_are_taken_back_from_their_own_transaction():
    """A roll-back of points takes from the transaction and unit that it names, and leaves the others."""
    given = [points(5, cartItemPosition=1, cartItemSubPosition=unit) for unit in (0, 1)]
    other = points(7, transaction="another")
    taken = points(3, "rollbackAddedLoyaltyPoints", cartItemPosition=1, cartItemSubPosition=1)
    priced = price([SHOES, SHIRTS], [*given, other, taken])
    assert [change.value for change in priced.points] == [5, 2, 7]


def test_a_transaction_is_enough_to_take_points_back():
    """A roll-back of points that names a unit finds a transaction that is for the whole session."""
    taken = points(3, "rollbackAddedLoyaltyPoints", cartItemPosition=0, cartItemSubPosition=0)
    [change] = price([SHOES], [points(5), taken]).points
    assert change.value == 2


def test_redeemed_points_come_back():
    """A roll-back of deducted points takes from the deduction, not from points that were added."""
    priced = price([SHOES], [points(5), points(50, "deductLoyaltyPoints"), points(20, "rollbackDeductedLoyaltyPoints")])
    assert [(change.value, change.status) for change in priced.points] == [(5, "active"), (-30, "deducted")]


def test_progress_and_rewards_are_taken_back_without_a_price():
    """Roll-backs of achievements and rewards are reported, and change no price."""
    priced = price(
        [SHOES],
        [
            effect("rollbackIncreasedAchievementProgress", achievementName="reader", decreaseProgressBy=2.5),
            effect("rollbackUseReward", integrationId="mug-1"),
        ],
    )
    assert [(rollback.name, rollback.value) for rollback in priced.rollbacks] == [
        ("reader", Decimal("2.5")),
        ("mug-1", None),
    ]
    assert priced.total == 60
