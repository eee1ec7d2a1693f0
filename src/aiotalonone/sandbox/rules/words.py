"""Values in sentences: short, however long they are."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from aiotalonone.sandbox import json

MAX_SHOWN: Final = 5
MAX_SHOWN_LENGTH: Final = 60


def amount_text(amount: Decimal) -> str:
    """Return an amount without the zeros at its end."""
    return f"{amount.normalize():f}"


def json_text(value: Any) -> str:
    """Return the JSON text of a value, cut if it is long."""
    return shortened(json.dumps(value).decode())


def listing(texts: Iterable[str]) -> str:
    """Return the first few texts as a list in a sentence."""
    remaining = iter(texts)
    shown = [shortened(text) for text in islice(remaining, MAX_SHOWN)]
    further = sum(1 for _ in remaining)
    return ", ".join(shown) + (f" and {further} more" if further else "")


def shortened(text: str) -> str:
    """Return a text, cut if it is long."""
    return text if len(text) <= MAX_SHOWN_LENGTH else f"{text[: MAX_SHOWN_LENGTH - 1]}…"
