"""Prices: what a cart costs after its effects, in Decimal, and why.

    priced = price(cart_items, state.effects, additional_costs=costs)
    for line in priced.explanation:
        print(line)

`price` reads the caller's cart (``cart``) and each effect (``effects``), lets roll-backs take back what earlier
effects gave, and takes the discounts off the cart (``discounts``). ``result`` has the classes of what comes out,
``explanation`` tells it in text, ``values`` reads members and values of any kind.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any

from aiotalonone.models.carts import AdditionalCost, CartItem
from aiotalonone.models.effects import Effect
from aiotalonone.pricing.cart import read_cart, read_costs
from aiotalonone.pricing.discounts import CartPots, priced_costs, settle
from aiotalonone.pricing.effects import Collected
from aiotalonone.pricing.explanation import explain
from aiotalonone.pricing.result import (
    AcceptedCode,
    AppliedDiscount,
    AwardedGiveaway,
    CustomEffect,
    FreeItem,
    IgnoredEffect,
    Notice,
    PointsChange,
    PricedCart,
    PricedCost,
    PricedLine,
    RejectedCode,
    Rollback,
)
from aiotalonone.pricing.values import EXACT, ZERO, InvalidValueError, read_list

__all__ = [
    "AcceptedCode",
    "AppliedDiscount",
    "AwardedGiveaway",
    "CustomEffect",
    "FreeItem",
    "IgnoredEffect",
    "Notice",
    "PointsChange",
    "PricedCart",
    "PricedCost",
    "PricedLine",
    "RejectedCode",
    "Rollback",
    "explain",
    "price",
]


def price(
    cart_items: Iterable[CartItem | Mapping[str, Any]],
    effects: Iterable[Effect | Mapping[str, Any]],
    *,
    additional_costs: Mapping[str, AdditionalCost | Mapping[str, Any] | float | Decimal] | None = None,
    now: datetime | None = None,
) -> PricedCart:
    """Return what a cart costs after its effects.

    Every number is taken digit by digit as it is written, a float in its shortest spelling; sums are exact, and
    nothing is rounded. No effect raises an error: one that cannot be read, or that does not fit the cart, is in
    ``ignored`` with the reason.

    Args:
        cart_items: The whole cart: models or mappings in JSON names, as they were sent or as the response has them. A
            line is known by its ``position``, else by its place. Units that were returned cost nothing.
        effects: The effects of the latest response, in their order; after a return, those of the closed session with
            those of the return behind them.
        additional_costs: Costs of the session as a whole, by their name: models, mappings in JSON names, or numbers.
        now: The time that decides whether points are pending, active or expired, and nothing else; by default the
            current time. It must have an offset.

    Raises:
        TypeError: A member of the cart or of the costs is of another kind, or the effects are not a list.
        ValueError: A line has no price, or a number is negative, not finite or beyond its limit: 1000 lines, 10,000
            units, amounts below 10**18; or ``now`` has no offset. The message names the member.
    """
    try:
        lines = read_cart(cart_items)
        costs = read_costs(additional_costs, "additional_costs")
        given = read_list(effects, "effects", "Effect models or mappings in JSON names")
    except InvalidValueError as failure:
        error = failure.kind(failure.problem)
    else:
        with localcontext(EXACT):
            collected = Collected({line.position: line for line in lines}, costs, _aware(now))
            for effect in given:
                collected.read(effect)
            return _priced(collected)
    raise error


def _aware(now: datetime | None) -> datetime:
    if now is None:
        return datetime.now(UTC)
    if not isinstance(now, datetime):
        raise TypeError(f"now must be a datetime, not {type(now).__name__}")
    if now.utcoffset() is None:
        raise ValueError("now must have an offset, such as datetime.now(UTC) has")
    return now


def _priced(collected: Collected) -> PricedCart:
    cart = CartPots.fill(collected.lines.values(), collected.costs)
    before = cart.all_goods.left + cart.all_costs.left
    discounts = settle(cart, collected.discounts, collected.returned_units)
    total = cart.all_goods.left + cart.all_costs.left
    for given in (*collected.discounts, *collected.points):
        if given.dropped is not None:
            collected.ignore(given.source.effect, given.source.type, given.dropped)
    of_session = (one.amount for one in discounts if one.position is None and one.additional_cost is None)
    return PricedCart(
        lines=tuple(line.priced() for line in cart.lines.values()),
        additional_costs=priced_costs(collected.costs, cart.costs),
        total_before_discounts=before,
        session_discount=sum(of_session, ZERO),
        total_discount=before - total,
        total=total,
        discounts=tuple(discounts),
        points=tuple(points.rest() for points in collected.points if points.dropped is None),
        accepted=tuple(code for codes in collected.accepted.values() for code in codes),
        rejected=tuple(collected.rejected),
        free_items=tuple(collected.free_items),
        notices=tuple(collected.notices),
        giveaways=tuple(collected.giveaways),
        custom_effects=tuple(collected.custom_effects),
        rollbacks=tuple(collected.rollbacks),
        other_effects=tuple(collected.other_effects),
        ignored=tuple(collected.ignored),
    )
