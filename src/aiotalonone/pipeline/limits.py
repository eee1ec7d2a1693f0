"""The API's limits of values in paths and queries, by its names; no message holds a value."""

from collections.abc import Mapping, Sequence
from operator import index
from typing import Any, Final, SupportsIndex

from aiotalonone.call import PathValue, plain_text
from aiotalonone.operation import Operation

LENGTHS: Final[Mapping[str, tuple[int, int]]] = {"loyaltyCardId": (4, 108)}
"""The fewest and the most characters of a value of a path."""
NUMBERS: Final[Mapping[str, tuple[int, int | None]]] = {"pageSize": (1, 1000), "skip": (0, None)}
"""The lowest and the highest number of a member of a query; ``None`` for any."""


def require_path_within_limits(operation: Operation[Any], values: Sequence[PathValue]) -> None:
    """Let the values of a path pass that are within their limits.

    Raises:
        TypeError: A value is neither a text nor an integer.
        ValueError: A value is too short or too long.
    """
    for name, value in zip(operation.path_names, values, strict=False):
        if name not in LENGTHS:
            continue
        lowest, highest = LENGTHS[name]
        if not lowest <= len(plain_text(name, value)) <= highest:
            raise ValueError(f"{name} must have {lowest} to {highest} characters")


def require_number_within_limits(keyword: str, name: str, value: object) -> None:
    """Let a member of a query pass that is within its limits, if it has any.

    Raises:
        TypeError: It has limits, and is not an integer.
        ValueError: It is too low or too high.
    """
    if name not in NUMBERS:
        return
    lowest, highest = NUMBERS[name]
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        raise TypeError(f"{keyword} must be an int or None, not {type(value).__name__}")
    number = index(value)
    if number < lowest or (highest is not None and number > highest):
        raise ValueError(f"{keyword} must be {f'{lowest} or more' if highest is None else f'{lowest} to {highest}'}")
