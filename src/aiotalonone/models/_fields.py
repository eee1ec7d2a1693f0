"""What a field says besides its type: its JSON name, and the API's documented limits as attrs validators.

The limits let ``None`` pass, which is not sent. Their messages name the member and its limit and never contain
the value: identifiers and codes are personal data.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from attrs import Attribute, validators

Validator = Callable[[object, "Attribute[Any]", Any], Any]

JSON_NAME: Final = "json_name"


def json_name(name: str) -> Mapping[str, str]:
    """Return the metadata of a field whose JSON name is not the camelCase of its Python name."""
    return {JSON_NAME: name}


class LimitError(ValueError):
    """A value beyond a documented limit; its message names the member and the limit alone."""


def max_length(limit: int, what: str) -> Validator:
    """Return a check for at most ``limit`` entries of a list, or characters of a text."""
    return _limit(lambda value: len(value) <= limit, f"at most {limit} {what}")


def length_between(lowest: int, highest: int, what: str) -> Validator:
    """Return a check for the number of entries of a list, or characters of a text."""
    return _limit(lambda value: lowest <= len(value) <= highest, f"{lowest} to {highest} {what}")


def max_item_length(limit: int, what: str) -> Validator:
    """Return a check for the characters of each text of a list; ``what`` calls one of them by its name."""
    return _limit(
        lambda texts: all(len(text) <= limit for text in _entries(texts)), f"{what} has at most {limit} characters"
    )


def max_total_quantity(limit: int) -> Validator:
    """Return a check for cart lines of at least one unit each and at most ``limit`` together."""
    return validators.and_(
        _limit(lambda lines: all(line.quantity >= 1 for line in _entries(lines)), "a quantity is at least 1"),
        _limit(lambda lines: sum(line.quantity for line in _entries(lines)) <= limit, f"at most {limit} units in all"),
    )


def number_between(lowest: int, highest: int) -> Validator:
    """Return a check for a number from ``lowest`` to ``highest``, both included."""
    return _limit(lambda number: lowest <= number <= highest, f"a number from {lowest} to {highest}")


def _limit(holds: Callable[[Any], bool], message: str) -> Validator:
    def check(_: object, attribute: "Attribute[Any]", value: Any) -> None:
        try:
            fits = value is None or holds(value)
        except (ArithmeticError, AttributeError, TypeError):
            raise TypeError(f"{attribute.name}: holds a value of a wrong type") from None
        if not fits:
            raise LimitError(f"{attribute.name}: {message}")

    return check


def _entries(value: Iterable[Any]) -> Iterable[Any]:
    """Return the entries of a list; a text, whose entries would be its characters, cannot be meant."""
    if isinstance(value, str):
        raise TypeError
    return (entry for entry in value if entry is not None)


non_empty = _limit(lambda text: text != "", "must not be empty")
"""A check for a text of at least one character."""
