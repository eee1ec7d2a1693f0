"""What a field says besides its type: its JSON name, and the API's documented limits as attrs validators.

The limits let ``None`` pass, which is not sent. Their messages name the member and its limit and never contain
the value: identifiers and codes are personal data.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

from aiotalonone.models._base import Model, as_list, is_list

if TYPE_CHECKING:
    from attrs import Attribute

Validator = Callable[[object, "Attribute[Any]", Any], Any]

JSON_NAME: Final = "json_name"


def json_name(name: str) -> Mapping[str, str]:
    """Return the metadata of a field whose JSON name is not the camelCase of its Python name."""
    return {JSON_NAME: name}


class LimitError(ValueError):
    """A value beyond a documented limit; its message names the member and the limit alone."""


def max_length(limit: int, what: str) -> Validator:
    """Return a check for at most ``limit`` entries of a list, or characters of a text."""
    return _length(0, limit, f"at most {limit} {what}")


def length_between(lowest: int, highest: int, what: str) -> Validator:
    """Return a check for the number of entries of a list, or characters of a text."""
    return _length(lowest, highest, f"{lowest} to {highest} {what}")


def min_length(limit: int, what: str) -> Validator:
    """Return a check for at least ``limit`` entries of a list, or characters of a text."""
    return _length(limit, None, f"at least {limit} {what}")


def max_item_length(limit: int, what: str) -> Validator:
    """Return a check for the characters of each text of a list; ``what`` calls one of them by its name."""

    def check(_: object, attribute: "Attribute[Any]", value: Any) -> None:
        for index, text in enumerate(_entries(attribute, value)):
            if text is None:
                continue
            if not isinstance(text, str):
                _wrong_type(f"{attribute.name}[{index}]", "a str", text)
            if len(text) > limit:
                raise LimitError(f"{attribute.name}: {what} has at most {limit} characters")

    return check


def unique(_: object, attribute: "Attribute[Any]", value: Any) -> None:
    """Check that no entry of a list comes twice."""
    entries = [entry for entry in _entries(attribute, value) if isinstance(entry, Hashable)]
    if len(set(entries)) < len(entries):
        raise LimitError(f"{attribute.name}: no entry may come twice")


def matching(pattern: str, what: str) -> Validator:
    """Return a check for a text, or each text of a list, that a pattern matches as a whole; ``what`` describes one."""
    fits = re.compile(pattern).fullmatch

    def check(_: object, attribute: "Attribute[Any]", value: Any) -> None:
        is_many = is_list(cast("Any", attribute.type))
        for text in _entries(attribute, value) if is_many else (value,):
            if isinstance(text, str) and not fits(text):
                raise LimitError(f"{attribute.name}: {what}")

    return check


def max_total_quantity(limit: int) -> Validator:
    """Return a check for cart lines of at least one unit each and at most ``limit`` together."""

    def check(_: object, attribute: "Attribute[Any]", value: Any) -> None:
        total = 0
        for index, line in enumerate(_entries(attribute, value)):
            if line is None:
                continue
            quantity = line.quantity if hasattr(line, "quantity") else None
            if type(quantity) is not int:
                quantity = _quantity(f"{attribute.name}[{index}]", line)
            if quantity < 1:
                raise LimitError(f"{attribute.name}: a quantity is at least 1")
            total += quantity
        if total > limit:
            raise LimitError(f"{attribute.name}: at most {limit} units in all")

    return check


def with_skus(_: object, attribute: "Attribute[Any]", value: Any) -> None:
    """Check that no line of a cart has an empty SKU."""
    if "" in [member_of(line, "sku") for line in _entries(attribute, value)]:
        raise LimitError(f"{attribute.name}: a SKU must not be empty")


def number_between(lowest: int, highest: int) -> Validator:
    """Return a check for a number from ``lowest`` to ``highest``, both included."""
    return _number(lowest, highest, f"a number from {lowest} to {highest}")


def number_at_least(lowest: int) -> Validator:
    """Return a check for a number that is ``lowest`` or more."""
    return _number(lowest, inf, f"a number of {lowest} or more")


def _number(lowest: int, highest: float, message: str) -> Validator:
    def check(_: object, attribute: "Attribute[Any]", value: Any) -> None:
        if value is None:
            return
        try:
            fits = bool(lowest <= value <= highest)
        except (ArithmeticError, TypeError, ValueError):
            fits = None
        if fits is None:
            _wrong_type(attribute.name, "a number", value)
        if not fits:
            raise LimitError(f"{attribute.name}: {message}")

    return check


def _length(lowest: int, highest: int | None, message: str) -> Validator:
    def check(_: object, attribute: "Attribute[Any]", value: Any) -> None:
        if value is None and attribute.default is None:
            return
        if is_list(cast("Any", attribute.type)):
            entries = as_list(value)
            length = _wrong_type(attribute.name, "a list", value) if entries is None else len(entries)
        else:
            length = len(value) if isinstance(value, str) else _wrong_type(attribute.name, "a str", value)
        if length < lowest or (highest is not None and length > highest):
            raise LimitError(f"{attribute.name}: {message}")

    return check


uuids = matching("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", "UUIDs of 32 hexadecimal digits and 4 hyphens")
"""A check for a list of UUIDs."""
non_empty = _length(1, None, "must not be empty")
"""A check for a text of at least one character."""


def member_of(owner: Any, name: str) -> Any:
    """Return a member that has one name in Python and in JSON; ``None`` if it is absent, or there is no object."""
    if isinstance(owner, Model):
        return getattr(owner, name, None)
    return owner.get(name) if isinstance(owner, Mapping) else None


def _quantity(place: str, line: Any) -> int:
    """Return the units of a cart line, which may be a mapping in JSON names; without a number it has one."""
    if isinstance(line, Mapping):
        quantity = line.get("quantity", 1)
    elif hasattr(line, "quantity"):
        quantity = line.quantity
    else:
        _wrong_type(place, "a CartItem or a mapping in JSON names", line)
    if isinstance(quantity, (bool, type)) or not hasattr(quantity, "__index__"):
        _wrong_type(f"{place}.quantity", "an int", quantity)
    return int(quantity)


def _entries(attribute: "Attribute[Any]", value: object) -> Sequence[Any]:
    if value is None:
        return ()
    entries = as_list(value)
    return _wrong_type(attribute.name, "a list", value) if entries is None else entries


def _wrong_type(place: str, expected: str, value: object) -> NoReturn:
    found = "None" if value is None else type(value).__name__
    raise TypeError(f"{place} must be {expected}, not {found}")
