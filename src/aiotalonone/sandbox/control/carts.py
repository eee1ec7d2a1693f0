"""What a session's cart costs after the discounts that its effects are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from aiotalonone.sandbox.control._base import JSON
from aiotalonone.sandbox.entities import ZERO, Effect, Session
from aiotalonone.sandbox.rules.trace import CODE_EFFECTS, REASONS


def cart_json(session: Session) -> JSON:
    """Return the lines of the cart with their discounts, the discounts on the whole session, and what is to pay."""
    by_line = _line_discounts(session.effects)
    whole = [effect for effect in session.effects if effect.type == "setDiscount"]
    return {
        "lines": [
            _line_json(session, position, by_line.get(position, ZERO)) for position in range(len(session.cart_items))
        ],
        "additionalCosts": dict(session.additional_costs),
        "discounts": [{"name": effect.props["name"], "value": effect.props["value"]} for effect in whole],
        **totals_json(session),
    }


def totals_json(session: Session) -> JSON:
    """Return the total before discounts, all discounts, and what is to pay; units that came back count as bought."""
    discount = sum(_line_discounts(session.effects).values(), ZERO)
    discount += sum((effect.props["value"] for effect in session.effects if effect.type == "setDiscount"), ZERO)
    return {"total": session.total, "discount": discount, "toPay": session.total - discount}


def codes_json(effects: Iterable[Effect]) -> list[JSON]:
    """Return the codes that were accepted or rejected."""
    return [_code_json(effect) for effect in effects if effect.type in CODE_EFFECTS]


def _code_json(effect: Effect) -> JSON:
    kind, accepted = CODE_EFFECTS[effect.type]
    name: Any = effect.props.get("rejectionReason")
    return {
        "kind": kind,
        "code": effect.props["value"],
        "accepted": accepted,
        "rejectionReason": name,
        "reason": REASONS.get(name, name),
    }


def _line_json(session: Session, position: int, discount: Decimal) -> JSON:
    item = session.cart_items[position]
    total = (item.price + item.additional_cost) * item.quantity
    return {
        "position": position,
        "sku": item.sku,
        "name": item.sent.get("name"),
        "quantity": item.quantity,
        "returnedQuantity": session.returned_units[position],
        "price": item.price,
        "additionalCost": item.additional_cost,
        "total": total,
        "discount": discount,
        "toPay": total - discount,
    }


def _line_discounts(effects: Iterable[Effect]) -> Mapping[int, Decimal]:
    discounts: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for effect in effects:
        if effect.type == "setDiscountPerItem":
            discounts[effect.props["position"]] += effect.props["value"]
    return discounts
