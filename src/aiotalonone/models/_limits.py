"""The API's documented limits of requests, as attrs validators.

Each lets ``None`` pass, which is not sent. The messages name the member and its limit and never repeat
the value: identifiers and codes are personal data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sized
    from decimal import Decimal

    from attrs import Attribute

    Validator = Callable[[object, Attribute[Any], Any], None]


class LimitError(ValueError):
    """A value beyond a documented limit; its message names the member and the limit alone."""


class _Line(Protocol):
    @property
    def quantity(self) -> int: ...


def at_most(most: int, what: str) -> Validator:
    """No more than ``most`` entries of a list, or characters of a text."""

    def check(_: object, attribute: Attribute[Any], value: Sized | None) -> None:
        if value is not None and len(value) > most:
            raise LimitError(f"{attribute.name}: at most {most} {what}")

    return check


def from_to(least: int, most: int, what: str) -> Validator:
    """At least ``least`` and no more than ``most`` entries of a list, or characters of a text."""

    def check(_: object, attribute: Attribute[Any], value: Sized | None) -> None:
        if value is not None and not least <= len(value) <= most:
            raise LimitError(f"{attribute.name}: {least} to {most} {what}")

    return check


def each_at_most(most: int, what: str) -> Validator:
    """No more than ``most`` characters in each text of a list; ``what`` calls one of them by its name."""

    def check(_: object, attribute: Attribute[Any], value: Iterable[str | None] | None) -> None:
        if value is not None and any(text is not None and len(text) > most for text in value):
            raise LimitError(f"{attribute.name}: {what} has at most {most} characters")

    return check


def units_at_most(most: int) -> Validator:
    """Cart lines of at least one unit each and no more than ``most`` together."""

    def check(_: object, attribute: Attribute[Any], value: Iterable[_Line | None] | None) -> None:
        quantities = [line.quantity for line in value or () if line is not None]
        if any(quantity < 1 for quantity in quantities):
            raise LimitError(f"{attribute.name}: a quantity is at least 1")
        if sum(quantities) > most:
            raise LimitError(f"{attribute.name}: at most {most} units in all")

    return check


def between(least: int, most: int) -> Validator:
    """A number from ``least`` to ``most``, both included."""

    def check(_: object, attribute: Attribute[Any], value: float | Decimal | None) -> None:
        if value is not None and not least <= value <= most:
            raise LimitError(f"{attribute.name}: a number from {least} to {most}")

    return check


def filled(_: object, attribute: Attribute[Any], value: str | None) -> None:
    """A text of at least one character."""
    if value == "":
        raise LimitError(f"{attribute.name}: must not be empty")
