"""Prices that items of the catalog had."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.operations._base import Context, operation
from aiotalonone.sandbox.state.catalogs import CatalogItem, SelectedPrice
from aiotalonone.sandbox.validation import TOO_FEW, JsonObject

END_TYPES = ("strict", "price", "sale")
TARGETS = ("NONE", "AUDIENCE")
DAYS = re.compile("[1-9][0-9]{0,4}")
PRICES_OF_AN_ITEM = 10_000
"""Historical prices of an item that have IDs of their own."""

History = Sequence[tuple[datetime, SelectedPrice]]


@operation("bestPriorPrice", "POST", "/v1/best_prior_price", is_dry=lambda _: True)
def best_prior_price(context: Context, request: Request) -> Response:
    """Return the lowest price that each item had within the timeframe; items without any are left out."""
    body = request.body
    if "skus" not in body:
        raise body.missing("skus")
    skus = body.texts("skus")
    if not skus:
        raise body.error("skus", "must have at least 1 entry", TOO_FEW)
    end, days, end_type = _timeframe(body)
    end = min(end, context.draft.now)
    is_for_everyone = _target(body) == "NONE"
    found = (context.draft.item_for_carts(sku) for sku in dict.fromkeys(skus))
    items = [item for item in found if item is not None and is_for_everyone]
    return Response(200, [shown for item in items if (shown := _best(item, end, days, end_type))])


def _timeframe(body: JsonObject) -> tuple[datetime, timedelta, str]:
    end = body.timestamp("timeframeEndDate")
    if end is None:
        raise body.missing("timeframeEndDate")
    days = body.required_text("timeframe")
    if not DAYS.fullmatch(days):
        raise body.error("timeframe", "must be a number of days from 1 to 99999")
    end_type = body.choice("timeframeEndDateType", END_TYPES)
    if end_type is None:
        raise body.missing("timeframeEndDateType")
    return end, timedelta(days=int(days)), end_type


def _target(body: JsonObject) -> str:
    """Read the target; prices for an audience alone are not held here."""
    target = body.object("target")
    if target is None:
        return "NONE"
    kind = target.choice("targetType", TARGETS)
    if kind is None:
        raise target.missing("targetType")
    if kind == "AUDIENCE":
        target.required_integer("audienceID")
    return kind


def _best(item: CatalogItem, end: datetime, days: timedelta, end_type: str) -> dict[str, Any] | None:
    history = item.history(end)
    prior = history[: _current(history, end_type)]
    until = end if len(prior) == len(history) else history[len(prior)][0]
    ends = [*(start for start, _ in history[1:]), until]
    in_force = [(index, *entry) for index, entry in enumerate(prior) if until - ends[index] < days]
    if not in_force:
        return None
    index, start, selected = min(in_force, key=lambda entry: entry[2].price)
    return _shown(item, index, start, selected)


def _current(history: History, end_type: str) -> int:
    """Return how many prices precede the current price, or the current context, if the timeframe ends there."""
    if end_type == "strict" or not history or (end_type == "sale" and not history[-1][1].context_id):
        return len(history)
    number = len(history) - 1
    for (_, earlier), (_, later) in reversed(list(pairwise(history))):
        is_same = earlier.price == later.price if end_type == "price" else earlier.context_id == later.context_id
        if not is_same:
            break
        number -= 1
    return number


def _shown(item: CatalogItem, index: int, start: datetime, selected: SelectedPrice) -> dict[str, Any]:
    metadata: dict[str, Any] = {"influencingCampaignDetails": []}
    adjustment = selected.adjustment
    if adjustment is not None:
        metadata["adjustmentDetails"] = {
            "referenceId": adjustment.reference_id,
            "selectedPriceType": adjustment.price_type,
            "value": selected.price,
        }
    return {
        "id": item.id * PRICES_OF_AN_ITEM + index,
        "sku": item.sku,
        "observedAt": start,
        "contextIds": [selected.context_id] if selected.context_id else [],
        "contextId": "",
        "price": selected.price,
        "metadata": metadata,
        "target": {"type": "NONE"},
    }
