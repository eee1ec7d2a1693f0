"""Values as people read them; what came in a request is text, however it looks."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from markupsafe import Markup, escape

HIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Characters that cannot be seen, or that change the direction of others."""

CENT: Final = Decimal("0.01")
MINUS: Final = "\N{MINUS SIGN}"


def escaped(text: str) -> Markup:
    """Return text for a page, with hidden characters as their escapes."""
    shown, end = Markup(), 0
    for found in HIDDEN.finditer(text):
        shown += escape(text[end : found.start()]) + Markup('<span class="hidden">{}</span>').format(_code(found[0]))
        end = found.end()
    return shown + escape(text[end:])


def visible(value: Any) -> Markup:
    """Return a text of a request for a page: its direction does not change that of the text around it."""
    return Markup("<bdi>{}</bdi>").format(escaped(str(value)))


def _code(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\u{{{number:x}}}"  # noqa: PLR2004 - four hexadecimal digits


def money(amount: Any) -> str:
    """Return an exact amount with two places, or more if it has more."""
    exact = amount if isinstance(amount, Decimal) else Decimal(str(amount))
    rounded = exact.quantize(CENT) if exact == exact.quantize(CENT) else exact.normalize()
    return f"{rounded:,f}".replace("-", MINUS)


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


FILTERS: Final = {
    "money": money,
    "moment": moment,
    "points": points,
    "segment": segment,
    "time_of_day": time_of_day,
    "visible": visible,
}
