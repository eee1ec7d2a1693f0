"""Exact amounts: decimal inside, JSON numbers on the wire."""

from decimal import Decimal

ZERO = Decimal(0)


def exact(number: float) -> Decimal:
    """The amount that a JSON number spells, without the error of binary fractions."""
    return Decimal(str(number))
