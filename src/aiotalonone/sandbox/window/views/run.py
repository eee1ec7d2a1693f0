"""The form that runs a session by hand, filled in from a session or with an example."""

from typing import Any, Final

from aiotalonone.sandbox import json
from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.state.entities import CartItem, Session
from aiotalonone.sandbox.window.text import places_of
from aiotalonone.sandbox.window.views._base import Asked

MAX_LINES: Final = 100
"""Lines that the form is filled with; a longer cart is one for programs."""
APPLES: Final[dict[str, Any]] = {"sku": "apple", "quantity": 3, "price": "1.20"}


def show(asked: Asked) -> dict[str, Any]:
    """Return the view of the form."""
    session = asked.platform.state.sessions.get(asked.query.get("id", ""))
    form = _example(asked.platform) if session is None else _of(session)
    return {"form": form, "api_key": asked.api_key}


def _example(platform: Platform) -> dict[str, Any]:
    coupons = [coupon.value for coupon in platform.state.coupons.values()]
    return {
        "session": f"by-hand-{len(platform.state.sessions) + 1}",
        "profile": "ada",
        "state": "open",
        "referral": "",
        "coupons": coupons[:1],
        "lines": [APPLES],
        "attributes": "",
    }


def _of(session: Session) -> dict[str, Any]:
    return {
        "session": session.integration_id,
        "profile": session.profile_id,
        "state": session.state,
        "referral": session.referral_code,
        "coupons": session.coupon_codes,
        "lines": [_line(item) for item in session.cart_items[:MAX_LINES]] or [APPLES],
        "attributes": json.dumps(session.attributes).decode() if session.attributes else "",
    }


def _line(item: CartItem) -> dict[str, Any]:
    price = "" if "price" in item.from_catalog else f"{item.price:.{places_of(item.price)}f}"
    return {"sku": item.sku, "quantity": item.quantity, "price": price}
