"""The API's documented limits of requests, as attrs validators.

Each lets ``None`` pass, which is not sent. The messages name the member and its limit and never repeat
the value: identifiers and codes are personal data.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import Attribute, validators

Validator = Callable[[object, "Attribute[Any]", Any], Any]


class LimitError(ValueError):
    """A value beyond a documented limit; its message names the member and the limit alone."""


def _limit(holds: Callable[[Any], bool], message: str) -> Validator:
    def check(_: object, attribute: "Attribute[Any]", value: Any) -> None:
        try:
            fits = value is None or holds(value)
        except (ArithmeticError, AttributeError, TypeError):
            raise TypeError(f"{attribute.name}: holds a value of a wrong type") from None
        if not fits:
            raise LimitError(f"{attribute.name}: {message}")

    return check


def at_most(most: int, what: str) -> Validator:
    """No more than ``most`` entries of a list, or characters of a text."""
    return _limit(lambda value: len(value) <= most, f"at most {most} {what}")


def from_to(least: int, most: int, what: str) -> Validator:
    """At least ``least`` and no more than ``most`` entries of a list, or characters of a text."""
    return _limit(lambda value: least <= len(value) <= most, f"{least} to {most} {what}")


def each_at_most(most: int, what: str) -> Validator:
    """No more than ``most`` characters in each text of a list; ``what`` calls one of them by its name."""
    return _limit(
        lambda texts: all(len(text) <= most for text in _entries(texts)), f"{what} has at most {most} characters"
    )


def units_at_most(most: int) -> Validator:
    """Cart lines of at least one unit each and no more than ``most`` together."""
    return validators.and_(
        _limit(lambda lines: all(line.quantity >= 1 for line in _entries(lines)), "a quantity is at least 1"),
        _limit(lambda lines: sum(line.quantity for line in _entries(lines)) <= most, f"at most {most} units in all"),
    )


def between(least: int, most: int) -> Validator:
    """A number from ``least`` to ``most``, both included."""
    return _limit(lambda number: least <= number <= most, f"a number from {least} to {most}")


filled = _limit(lambda text: text != "", "must not be empty")
"""A text of at least one character."""


def _entries(value: Iterable[Any]) -> Iterable[Any]:
    """The entries of a list; of a text, which would be its characters, none can be meant."""
    if isinstance(value, str):
        raise TypeError
    return (entry for entry in value if entry is not None)
