"""Members of JSON objects, read with their types checked and their places named.

Requests and campaign files are read by the same code; each turns `UnfitError` into its own kind of message.
As on the platform, a member that is null counts as left out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeGuard

from aiotalonone.sandbox.limits import JSON_DEPTH
from aiotalonone.sandbox.money import exact

TYPE_NAMES: Mapping[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    dict: "an object",
    list: "a list",
}

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

Path = tuple[str | int, ...]


class UnfitError(ValueError):
    """A value is missing or not what it must be."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__(text)
        self.path = path
        self.text = text


def pointer(path: Path) -> str:
    """The JSON pointer of a place, such as ``/cartItems/3/sku``."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def dotted(path: Path) -> str:
    """The place as a person writes it, such as ``campaigns[0].name``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def is_number(value: Any) -> TypeGuard[float]:
    """Whether JSON spells the value as a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def moment(text: Any) -> datetime:
    """Reads an RFC 3339 date with its offset; raises ValueError for anything else."""
    if not isinstance(text, str) or not RFC_3339.fullmatch(text):
        raise ValueError("must be a date and time with an offset (RFC 3339)")
    return datetime.fromisoformat(text)


def check_depth(value: Any) -> None:
    """Raises UnfitError where lists and objects lie in each other deeper than any entity needs."""
    level = [value]
    for _ in range(JSON_DEPTH):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, dict | list)]
        if not level:
            return
    raise UnfitError((), f"must not be nested deeper than {JSON_DEPTH} levels")


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


class Members:
    """One JSON object under its place."""

    __slots__ = ("path", "values")

    def __init__(self, values: Any, path: Path = ()) -> None:
        if not isinstance(values, dict):
            raise UnfitError(path, "must be an object")
        self.values: dict[str, Any] = values
        self.path: Path = path

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def as_root(self) -> "Members":
        """The same object, with places counted from here."""
        return Members(self.values)

    def unfit(self, name: str | int, text: str) -> UnfitError:
        """The error for a member, for the caller to raise."""
        return UnfitError((*self.path, name), text)

    def text(self, name: str, *, at_most: int | None = None) -> str | None:
        """A string, or None where it is left out."""
        value: str | None = self._typed(name, str)
        if value is not None and at_most is not None and len(value) > at_most:
            raise self.unfit(name, f"must have at most {at_most} characters")
        return value

    def required_text(self, name: str, *, at_most: int | None = None) -> str:
        """A string that must be there and not be empty."""
        value = self.text(name, at_most=at_most)
        if not value:
            raise self.unfit(name, "must not be empty" if value == "" else "is required")
        return value

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """One of the given strings."""
        value = self.text(name)
        if value is not None and value not in choices:
            raise self.unfit(name, f"must be one of {', '.join(choices)}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean, or the default where it is left out."""
        value = self._typed(name, bool)
        return default if value is None else value

    def integer(self, name: str, *, at_least: int | None = None) -> int | None:
        """A whole number, or None where it is left out."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.unfit(name, "must be an integer")
        if at_least is not None and value < at_least:
            raise self.unfit(name, f"must be at least {at_least}")
        return value

    def required_integer(self, name: str, *, at_least: int | None = None) -> int:
        """A whole number that must be there."""
        value = self.integer(name, at_least=at_least)
        if value is None:
            raise self.unfit(name, "is required")
        return value

    def amount(self, name: str) -> Decimal | None:
        """A number as an exact amount, or None where it is left out."""
        value = self.values.get(name)
        if value is None:
            return None
        if not is_number(value):
            raise self.unfit(name, "must be a number")
        return exact(value)

    def moment(self, name: str) -> datetime | None:
        """A date and time, or None where it is left out."""
        value = self.values.get(name)
        if value is None:
            return None
        try:
            return moment(value)
        except ValueError as error:
            raise self.unfit(name, str(error)) from None

    def object(self, name: str) -> "Members | None":
        """A nested object, or None where it is left out."""
        return Members(self.values[name], (*self.path, name)) if name in self else None

    def required_object(self, name: str) -> "Members":
        """A nested object that must be there."""
        nested = self.object(name)
        if nested is None:
            raise self.unfit(name, "is required")
        return nested

    def mapping(self, name: str) -> dict[str, Any]:
        """A nested object as it came, empty where it is left out."""
        value: dict[str, Any] | None = self._typed(name, dict)
        return {} if value is None else value

    def entries(self, name: str) -> Iterator[tuple[str, "Members"]]:
        """The members of a nested object, each an object itself."""
        for key, value in self.mapping(name).items():
            yield key, Members(value, (*self.path, name, key))

    def objects(self, name: str, *, at_most: int | None = None) -> list["Members"]:
        """A list of objects, empty where it is left out."""
        values = self._list(name, at_most)
        return [Members(value, (*self.path, name, index)) for index, value in enumerate(values)]

    def texts(self, name: str, *, at_most: int | None = None, longest: int | None = None) -> list[str]:
        """A list of strings, empty where it is left out."""
        values = self._list(name, at_most)
        for index, value in enumerate(values):
            if not isinstance(value, str):
                raise UnfitError((*self.path, name, index), "must be a string")
            if longest is not None and len(value) > longest:
                raise UnfitError((*self.path, name, index), f"must have at most {longest} characters")
        return values

    def integers(self, name: str) -> list[int]:
        """A list of whole numbers, empty where it is left out."""
        values = self._list(name, None)
        for index, value in enumerate(values):
            if not isinstance(value, int) or isinstance(value, bool):
                raise UnfitError((*self.path, name, index), "must be an integer")
        return values

    def _typed(self, name: str, kind: type) -> Any:
        value = self.values.get(name)
        if value is not None and not isinstance(value, kind):
            raise self.unfit(name, f"must be {TYPE_NAMES[kind]}")
        return value

    def _list(self, name: str, at_most: int | None) -> list[Any]:
        values: list[Any] | None = self._typed(name, list)
        if values is None:
            return []
        if at_most is not None and len(values) > at_most:
            raise self.unfit(name, f"must have at most {at_most} entries")
        return values
