"""What holds for any cart and any effects, drawn at random."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone import structure
from aiotalonone.models.effects import EFFECT_PROPS, Effect
from aiotalonone.pricing import price
from tests.support.effects import (
    cost_discount,
    discount_rollback,
    effect,
    item_cost_discount,
    item_discount,
    item_rollback,
    session_discount,
)

NOW = datetime(2026, 12, 1, tzinfo=UTC)
CENTS = st.integers(0, 10_000).map(lambda cents: Decimal(cents) / 100)
MONEY = CENTS | CENTS.map(float) | st.integers(0, 100)
NAMES = st.sampled_from(["a", "b", "c"])
UNITS = st.none() | st.integers(0, 3)
SESSION_SCOPES = st.sampled_from([None, "sessionTotal", "cartItems", "additionalCosts"])
ITEM_SCOPES = st.sampled_from([None, "price", "additionalCosts", "itemTotal"])
COSTS = st.dictionaries(st.sampled_from(["shipping", "wrapping"]), MONEY, max_size=2)
LISTS = (
    *("discounts", "points", "accepted", "rejected", "free_items", "notices", "giveaways", "custom_effects"),
    *("rollbacks", "other_effects", "ignored"),
)


@st.composite
def lines(draw):
    """Draw a line of a cart, of which some units may have come back."""
    quantity = draw(st.integers(1, 4))
    returned = draw(st.integers(0, quantity))
    members = {"sku": "s", "quantity": quantity, "price": draw(MONEY), "additionalCosts": draw(COSTS)}
    return members | draw(st.sampled_from([{}, {"returnedQuantity": returned}, {"remainingQuantity": returned}]))


CARTS = st.lists(lines(), max_size=3)
ITEM_DISCOUNTS = st.builds(item_discount, MONEY, st.integers(0, 2), UNITS, NAMES, scope=ITEM_SCOPES)
COST_DISCOUNTS = st.builds(cost_discount, MONEY, st.sampled_from(["shipping", "wrapping"]), NAMES)
ITEM_COST_DISCOUNTS = st.builds(item_cost_discount, MONEY, st.integers(0, 2), UNITS, name=NAMES)
SESSION_DISCOUNTS = st.builds(session_discount, MONEY, NAMES, scope=SESSION_SCOPES)
DISCOUNTS = st.lists(
    ITEM_DISCOUNTS | COST_DISCOUNTS | ITEM_COST_DISCOUNTS | SESSION_DISCOUNTS,
    unique_by=lambda given: given["props"]["name"] if given["effectType"] == "setDiscount" else id(given),
    max_size=12,
)
ROLLBACKS = st.lists(
    st.builds(item_rollback, MONEY, st.integers(0, 2), UNITS, NAMES) | st.builds(discount_rollback, MONEY, NAMES),
    max_size=4,
)


def exact(values):
    """Return a sum without any rounding."""
    return sum(map(Fraction, values))


def before_discounts(line):
    """Return what the units of a line cost that did not come back, in cents of the test's own making."""
    remaining = line.get("remainingQuantity", line["quantity"] - line.get("returnedQuantity", 0))
    return remaining * exact(Fraction(str(value)) for value in (line["price"], *line["additionalCosts"].values()))


@settings(deadline=None)
@given(CARTS, COSTS, DISCOUNTS, ROLLBACKS)
def test_sums_agree_and_nothing_is_negative(cart, costs, discounts, rollbacks):
    """Lines, costs and totals agree with each other and with the discounts, and are never negative."""
    priced = price(cart, discounts + rollbacks, additional_costs=costs, now=NOW)
    whole = exact(Fraction(str(cost)) for cost in costs.values()) + exact(map(before_discounts, cart))
    assert exact([priced.total_before_discounts]) == whole == exact([priced.total, priced.total_discount])
    assert exact(discount.amount for discount in priced.discounts) == priced.total_discount
    parts = [*priced.lines, *priced.additional_costs.values()]
    for line in priced.lines:
        parts += line.additional_costs.values()
        assert exact(line.unit_discounts) <= line.discount
        assert len(line.unit_discounts) == line.quantity + line.returned
    for part in parts:
        assert part.total >= 0
        assert part.discount >= 0
        assert exact([part.total, part.discount]) == part.total_before_discounts
    below = [*priced.lines, *priced.additional_costs.values()]
    assert exact([priced.session_discount, *(part.discount for part in below)]) == priced.total_discount
    assert exact(part.total for part in below) == exact([priced.total, priced.session_discount])
    assert priced.total >= 0


@settings(deadline=None)
@given(CARTS, COSTS, DISCOUNTS, ROLLBACKS)
def test_discounts_agree_with_their_effects(cart, costs, discounts, rollbacks):
    """A discount takes off what its effect says less what was rolled back, or all that there is to take it from."""
    priced = price(cart, discounts + rollbacks, additional_costs=costs, now=NOW)
    for discount in priced.discounts:
        assert discount.value == Decimal(str(discount.effect["props"]["value"]))
        assert 0 <= discount.amount <= discount.value - discount.rolled_back
        if discount.amount < discount.value - discount.rolled_back and discount.position is None:
            if discount.additional_cost is not None:
                assert priced.additional_costs[discount.additional_cost].total == 0
            elif discount.scope in {None, "sessionTotal"}:
                assert priced.total == 0
    rolled_back = Counter(rollback.name for rollback in priced.rollbacks if rollback.applied)
    assert all(rolled_back[discount.name] for discount in priced.discounts if discount.rolled_back)


@settings(deadline=None)
@given(CARTS, COSTS, DISCOUNTS, st.randoms(use_true_random=False))
def test_the_order_of_discounts_makes_no_difference(cart, costs, discounts, random):
    """Discounts in another order give the same lines, costs and totals, if those on the session differ in name."""
    shuffled = random.sample(discounts, len(discounts))
    first, second = (price(cart, order, additional_costs=costs, now=NOW) for order in (discounts, shuffled))
    assert (first.lines, first.additional_costs) == (second.lines, second.additional_costs)
    assert (first.total, first.session_discount) == (second.total, second.session_discount)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), CENTS, CENTS), min_size=1, max_size=3))
def test_what_is_returned_in_full_with_its_roll_backs_costs_nothing(bought):
    """If each unit comes back and each discount is rolled back, nothing is left of either."""
    cart = [{"sku": "s", "quantity": count, "price": price, "returnedQuantity": count} for count, price, _ in bought]
    places = [(off, place, unit) for place, (count, _, off) in enumerate(bought) for unit in range(count) if off > 0]
    effects = [item_discount(*place) for place in places] + [item_rollback(*place) for place in places]
    priced = price(cart, effects, now=NOW)
    assert (priced.total, priced.total_discount, priced.discounts) == (0, 0, ())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | MONEY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = st.sampled_from(
    [
        *("name", "value", "position", "subPosition", "scope", "additionalCost", "additionalCostId", "sku", "title"),
        *("cartItemPosition", "cartItemSubPosition", "programId", "subLedgerId", "transactionUUID", "startDate"),
        *("rejectionReason", "payload", "code", "poolId", "poolName", "recipientIntegrationId", "body"),
    ]
)
LIKELY = st.sampled_from(["a", "shipping", "price", 0, 1, 2.5, "2026-12-24T00:00:00Z"])
BENT = st.builds(
    lambda kind, props: effect(kind, **props),
    st.sampled_from(sorted(EFFECT_PROPS)) | st.text(),
    st.dictionaries(MEMBERS, LIKELY | JSON, max_size=9),
)


@settings(deadline=None)
@given(CARTS, st.lists(BENT | JSON, max_size=5))
def test_no_effects_raise_an_error(cart, effects):
    """Whatever the effects are, each of them lands in exactly one list, and the price can be explained."""
    priced = price(cart, effects, additional_costs={"shipping": 4.9}, now=NOW)
    assert sum(len(getattr(priced, name)) for name in LISTS) == len(effects)
    assert exact([priced.total, priced.total_discount]) == priced.total_before_discounts
    assert all(line.isprintable() for line in priced.explanation)


@settings(deadline=None)
@given(CARTS, st.lists(BENT, max_size=3))
def test_models_and_mappings_give_one_price(cart, effects):
    """Effects that the codec has read give the price that they give as they came."""
    read = [structure(one, Effect) for one in effects]
    first, second = (price(cart, given, additional_costs={"shipping": 4.9}, now=NOW) for given in (effects, read))
    assert (first.lines, first.total) == (second.lines, second.total)
