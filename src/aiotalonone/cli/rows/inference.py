"""Which type the cells of a column have: text, unless all of them are plainly of another."""

import re
from collections.abc import Sequence
from typing import Final

from aiotalonone.cli.values import ConversionError, Type, converter

SAMPLE: Final = 1000
"""How many rows are looked at."""

_PLAIN_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_MOST_DIGITS: Final = 15  # more are those of a number that only names something, or lose the last ones as a number
_AN_ID: Final = re.compile(r"(?i:(?:^|.*[^a-z0-9])ids?)|.*[a-z0-9]I[dD]s?")


def inferred_type(name: str, cells: Sequence[str]) -> Type:
    """The type of a column; an ID is text whatever it is made of, and so is a number with leading zeros."""
    if not cells or _AN_ID.fullmatch(name):
        return Type.TEXT
    if all(map(_is_plain_number, cells)):
        return Type.NUMBER
    fitting = (kind for kind in (Type.BOOLEAN, Type.TIME) if _is_of(kind, cells))
    return next(fitting, Type.TEXT)


def _is_plain_number(cell: str) -> bool:
    return len(cell) <= _MOST_DIGITS and _PLAIN_NUMBER.fullmatch(cell) is not None


def _is_of(kind: Type, cells: Sequence[str]) -> bool:
    convert = converter(kind)
    try:
        for cell in cells:
            convert(cell)
    except ConversionError:
        return False
    return True
