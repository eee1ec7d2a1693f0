"""Reads members and values of any kind: from models, and from mappings in JSON names."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import cache
from numbers import Integral, Real
from typing import Any, Final, TypeVar

from aiotalonone.models._base import Model
from aiotalonone.operation import snake_case

T = TypeVar("T")

ZERO: Final = Decimal(0)

EXACT: Final = Context(prec=1000, traps=[Inexact, InvalidOperation])
"""Sums and products of amounts are exact in here: `amount` bounds their digits, and nothing is divided."""

_LIMIT: Final = Decimal(10) ** 18
_MAX_DECIMAL_PLACES: Final = 400
"""More than a float has."""


class InvalidValueError(Exception):
    """A value that cannot be read; its message tells kinds and limits, and never the value."""

    def __init__(self, kind: type[TypeError | ValueError], problem: str) -> None:
        super().__init__(problem)
        self.kind = kind
        self.problem = problem

    def within(self, place: str) -> "InvalidValueError":
        """Return the error with the place of the value."""
        return InvalidValueError(self.kind, f"{place} {self.problem}")


def wrong_type(expected: str, value: object) -> InvalidValueError:
    """Return the error for a value of another kind."""
    found = "None" if value is None else type(value).__name__
    return InvalidValueError(TypeError, f"must be {expected}, not {found}")


_python_name = cache(snake_case)


def read_list(value: object, place: str, entries: str) -> list[Any]:
    """Return what is in a list, or in whatever can be iterated and stands for one."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise wrong_type(f"a list of {entries}", value).within(place)
    return list(value)


def text(value: object) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise wrong_type("a str", value)
    return value


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object of free members."""
    if not isinstance(value, Mapping):
        raise wrong_type("an object", value)
    return value


def amount(value: object) -> Decimal:
    """Return an amount of money or points, digit by digit as it is written: of a float, the shortest spelling."""
    exact = _decimal(value)
    if not exact.is_finite():
        raise InvalidValueError(ValueError, "must be a finite number")
    if exact < ZERO:
        raise InvalidValueError(ValueError, "must be 0 or more")
    exponent = exact.as_tuple().exponent
    if exact >= _LIMIT or (isinstance(exponent, int) and exponent < -_MAX_DECIMAL_PLACES):
        raise InvalidValueError(ValueError, "must be below 10**18, with at most 400 decimal places")
    return exact.copy_abs()  # of -0.0


def _decimal(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, Real):
        raise wrong_type("a number", value)
    if isinstance(value, Integral):
        return Decimal(int(value))
    try:
        return Decimal(repr(float(value)))
    except OverflowError:
        return Decimal("Infinity")


def whole(value: object) -> int:
    """Return a count, a position or an ID; JSON may spell it with a fraction of zero."""
    try:
        exact = _decimal(value)
    except InvalidValueError:
        raise wrong_type("an int", value) from None
    if not exact.is_finite() or exact != exact.to_integral_value():
        raise InvalidValueError(ValueError, "must be a whole number")
    if not ZERO <= exact < _LIMIT:
        raise InvalidValueError(ValueError, "must be 0 or more, and below 10**18")
    return int(exact)


def moment(value: object) -> datetime:
    """Return a point in time; one without an offset is in UTC, as in the API."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidValueError(ValueError, "must be a time in RFC 3339") from None
    if not isinstance(value, datetime):
        raise wrong_type("a datetime", value)
    return value if value.utcoffset() is not None else value.replace(tzinfo=UTC)


def bare_name(name: str, position: int | None) -> str:
    """Return a discount's name without the position that the API appends to it."""
    return name if position is None else name.removesuffix(f"#{position}")


class Members:
    """The members of a model or mapping by their JSON names; one of another kind raises `InvalidValueError`."""

    def __init__(self, holder: object, place: str, expected: str = "an object") -> None:
        if not isinstance(holder, (Model, Mapping)):
            raise wrong_type(expected, holder).within(place)
        self.holder: Model | Mapping[str, Any] = holder
        self.place = place

    def raw(self, name: str) -> Any:
        """Return a member as it is; one that is missing is ``None``."""
        if not isinstance(self.holder, Model):
            return self.holder.get(name)
        value = getattr(self.holder, _python_name(name), None)
        return self.holder.extra.get(name) if value is None else value

    def read(self, reader: Callable[[object], T], name: str) -> T:
        """Return a member that must be there."""
        try:
            return reader(self.raw(name))
        except InvalidValueError as failure:
            raise failure.within(self.place_of(name)) from None

    def find(self, reader: Callable[[object], T], name: str) -> T | None:
        """Return a member that may be missing or null."""
        return None if self.raw(name) is None else self.read(reader, name)

    def place_of(self, name: str) -> str:
        """Return what a member is called in a message."""
        return f"{self.place}.{_python_name(name) if isinstance(self.holder, Model) else name}"
