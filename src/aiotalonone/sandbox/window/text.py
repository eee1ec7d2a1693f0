"""Values as people read them; what came in a request is text, however it looks."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from markupsafe import Markup, escape

from aiotalonone.sandbox.rules.priced_cart import PricedCart

HIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Characters that cannot be seen, or that change the direction of others."""

MAX_CHARACTERS: Final = 2000
"""Of a name, a code or an address, which may be of any length."""
MIN_PLACES: Final = 2
MINUS: Final = "\N{MINUS SIGN}"


def escaped(text: str) -> Markup:
    """Return text for a page, with hidden characters as their escapes."""
    shown: list[Markup] = []
    end = 0
    for found in HIDDEN.finditer(text):
        shown += [escape(text[end : found.start()]), Markup('<span class="hidden">{}</span>').format(_code(found[0]))]
        end = found.end()
    return Markup().join([*shown, escape(text[end:])])


def visible(value: Any) -> Markup:
    """Return a text of a request for a page: its direction does not change that of the text around it."""
    text = str(value)
    cut = "…" if len(text) > MAX_CHARACTERS else ""
    return Markup("<bdi>{}{}</bdi>").format(escaped(text[:MAX_CHARACTERS]), cut)


def _code(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\u{{{number:x}}}"  # noqa: PLR2004 - four hexadecimal digits


def money(amount: Any, places: int = MIN_PLACES) -> str:
    """Return an exact amount with some places, or more if it has more."""
    exact = amount if isinstance(amount, Decimal) else Decimal(str(amount))
    return f"{exact:,.{max(places, places_of(exact))}f}".replace("-", MINUS)


def less(amount: Decimal, places: int = MIN_PLACES) -> str:
    """Return what is taken off, nothing for zero."""
    return money(-amount, places) if amount else ""


def places_of(*amounts: Decimal) -> int:
    """Return how many places these amounts need at least, so that their points stand below each other."""
    exponents = [int(amount.normalize().as_tuple().exponent) for amount in amounts]
    return max(MIN_PLACES, *(-exponent for exponent in exponents))


def places_of_cart(cart: PricedCart) -> int:
    """Return how many places the amounts of a cart need."""
    lines = [amount for line in cart.lines for amount in (line.price, line.discount, line.total)]
    discounts = [discount.value for discount in cart.discounts]
    return places_of(*lines, *discounts, *cart.additional_costs.values(), cart.item_additional_costs, cart.total)


def points(amount: Any) -> str:
    """Return a number of points without zeros at its end."""
    exact = amount if isinstance(amount, Decimal) else Decimal(str(amount))
    return f"{exact.normalize():,f}".replace("-", MINUS)


def moment(time: datetime) -> str:
    """Return a date and a time in UTC."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def time_of_day(time: datetime) -> str:
    """Return the time of day in UTC."""
    return f"{time.astimezone(UTC):%H:%M:%S}"


def segment(text: Any) -> str:
    """Return text as one segment of a path, or one value of a query."""
    return quote(str(text), safe="", errors="replace")


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "less": less,
    "money": money,
    "moment": moment,
    "places": places_of_cart,
    "points": points,
    "segment": segment,
    "time_of_day": time_of_day,
    "visible": visible,
}
