"""The API's types of attributes: which Python types stand for them, and how a value of each is written and read."""

import typing
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NewType, NotRequired, Required, TypeVar, Union, get_args, get_origin

from attrs import frozen

from aiotalonone.codec.dates import parse_rfc3339
from aiotalonone.codec.fields import NUMBERS
from aiotalonone.codec.shape import MAX_PLACES, Mismatch
from aiotalonone.codec.validation import plain
from aiotalonone.models._base import as_list


class _Mark(Enum):
    LOCATION = "location"


Location = Annotated[str | list[float] | dict[str, Any], _Mark.LOCATION]
"""A location. No public page of the API says how its JSON is spelled, so a value is sent as you give it, and read as it
came: a text, an array or an object."""

_EXPECTED: Final = "an attribute is a str, a number, a bool, a datetime, a Location, or a list of one of these"
_OTHER: Final = object()
"""What reading returns for a value of another type."""
_QUALIFIERS: Final = frozenset({Required, NotRequired, getattr(typing, "ReadOnly", Required)})

Read = Callable[[Any], Any]


class Unset(Enum):
    """The type of ``UNSET``."""

    UNSET = ...  # which is not a JSON value: it cannot be sent by mistake

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return self.name


@frozen
class Named:
    """The name of an attribute in the account, if it is not the name of the member."""

    name: str
    """Any text, such as ``Loyalty Tier``."""


@frozen
class AttributeType:
    """A type of attributes, as one member of a declaration has it."""

    name: str
    """What the API calls it, such as ``(list string)``."""
    is_nullable: bool
    """Whether ``None`` is a value as well: it erases the attribute."""
    _scalar: "_Scalar"
    _make_list: Callable[[list[Any]], Sequence[Any]] | None = None

    def write(self, place: str, value: object) -> Any:
        """Return the JSON value of an attribute; a Decimal stays one.

        Raises:
            TypeError: It has another type. The message names the place, not the value.
            ValueError: It is not one of the values of its type, or it cannot be sent.
        """
        if value is None and self.is_nullable:
            return None
        if self._make_list is None:
            return self._scalar.write(place, value)
        entries = as_list(value)
        if entries is None:
            raise TypeError(f"{place} must be a list, not {_found(value, 'None')}")
        return [self._scalar.write(f"{place}[{index}]", entry) for index, entry in enumerate(entries)]

    def read(self, value: object, steps: tuple[str | int, ...], mismatches: list[Mismatch]) -> Any:
        """Return an attribute's value; one of another type stays as it came and is added to the attribute's mismatches.

        Of a list, the first ten are added.
        """
        if self._make_list is None:
            return self._scalar.read(value, steps, mismatches)
        if not isinstance(value, list):
            mismatches.append(_mismatch("an array", value, steps))
            return value
        entries = [self._scalar.read(entry, (*steps, index), mismatches) for index, entry in enumerate(value)]
        return self._make_list(entries)


@frozen
class _Scalar:
    """What is not a list.

    Args:
        name: What the API calls it.
        kind: What the codec checks before it is sent.
        expected: What it is called in messages.
        from_json: Returns the Python value of a JSON value, ``_OTHER`` of one of another type.
        is_choice: Whether only some values of the kind are right, those that ``from_json`` knows.
    """

    name: str
    kind: Any
    expected: str
    from_json: Read
    is_choice: bool = False

    def write(self, place: str, value: object) -> Any:
        written = plain(value, self.kind, place=place)
        if self.is_choice and self.from_json(written) is _OTHER:
            problem = f"{place} must be {self.expected}"
            if isinstance(written, str):
                raise ValueError(problem)
            raise TypeError(f"{problem}, not {_found(value, 'None')}")
        return value if isinstance(value, Decimal) else written

    def read(self, value: object, steps: tuple[str | int, ...], mismatches: list[Mismatch]) -> Any:
        result = self.from_json(value)
        if result is not _OTHER:
            return result
        if len(mismatches) < MAX_PLACES:  # a server may send a long list of them
            mismatches.append(_mismatch(self.expected, value, steps))
        return value


def attribute_type(annotation: Any) -> AttributeType:
    """Return the type of attributes that a Python type stands for; ``Unset`` does not count.

    Raises:
        TypeError: The API has no such type.
    """
    members = _parts_of(annotation) - {Unset}
    kinds = members - {NoneType}
    is_nullable = NoneType in members
    entry, make_list = _entry_of(kinds)
    if make_list is None:
        scalar = _scalar_of(kinds)
        return AttributeType(scalar.name, is_nullable, scalar)
    scalar = _scalar_of(_parts_of(entry))
    if scalar is _BOOLEAN:
        raise TypeError("the API has no list of booleans")
    return AttributeType(f"(list {scalar.name})", is_nullable, scalar, make_list)


def names_in(annotation: Any) -> Iterator[Named]:
    """Yield the names that an annotation carries, around it or around a part of a union."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from (note for note in annotation.__metadata__ if isinstance(note, Named))
        yield from names_in(annotation.__origin__)
    elif origin in _QUALIFIERS | {Union, UnionType}:
        for part in get_args(annotation):
            yield from names_in(part)


def qualifiers_of(annotation: Any) -> frozenset[Any]:
    """Return which of ``Required``, ``NotRequired`` and ``ReadOnly`` stand around a member of a TypedDict."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return qualifiers_of(annotation.__origin__)
    return qualifiers_of(get_args(annotation)[0]) | {origin} if origin in _QUALIFIERS else frozenset()


def is_open(annotation: Any) -> bool:
    """Return whether a type depends on type variables."""
    return isinstance(annotation, TypeVar) or bool(getattr(annotation, "__parameters__", ()))


def _parts_of(annotation: Any) -> frozenset[Any]:
    """Return the types of a union, one of any other type."""
    bare = _bare(annotation)
    parts = get_args(bare) if get_origin(bare) in {Union, UnionType} else (bare,)
    return frozenset(map(_bare, parts))


def _bare(annotation: Any) -> Any:
    """Return a type without what stands around it: notes, qualifiers, aliases and new names for it."""
    while annotation != Location:
        if get_origin(annotation) is Annotated:
            annotation = Location if _Mark.LOCATION in annotation.__metadata__ else annotation.__origin__
        elif get_origin(annotation) in _QUALIFIERS:
            (annotation,) = get_args(annotation)
        elif isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif hasattr(annotation, "__value__"):  # of a ``type`` statement
            annotation = annotation.__value__
        else:
            break
    return annotation


def _entry_of(kinds: frozenset[Any]) -> tuple[Any, Callable[[list[Any]], Sequence[Any]] | None]:
    """Return the type of a list's entries and what makes the list; nothing if it is not a list."""
    kind = next(iter(kinds)) if len(kinds) == 1 else None
    match get_origin(kind), get_args(kind):
        case (origin, (entry,)) if origin in {list, Sequence}:
            return entry, list
        case (origin, (entry, ellipsis)) if origin is tuple and ellipsis is ...:
            return entry, tuple
    return None, None


def _scalar_of(kinds: frozenset[Any]) -> _Scalar:
    if kinds and kinds <= NUMBERS:
        is_integer = kinds == {int}
        expected = "an integer" if is_integer else "a number"
        return _Scalar("number", int if is_integer else float, expected, partial(_read_number, kinds))
    kind = next(iter(kinds)) if len(kinds) == 1 else None
    if kind in _SCALARS:
        return _SCALARS[kind]
    if get_origin(kind) is Literal:
        return _choice(get_args(kind), lambda text: text)
    if isinstance(kind, type) and issubclass(kind, Enum) and kind is not Unset:
        return _choice(tuple(member.value for member in kind), kind)
    raise TypeError(_EXPECTED)


def _choice(choices: tuple[Any, ...], make: Read) -> _Scalar:
    if not all(type(choice) is str for choice in choices):
        raise TypeError("the values of a Literal or an Enum must be texts")
    expected = f"one of {', '.join(map(repr, choices))}"
    return _Scalar("string", Any, expected, lambda value: make(value) if value in choices else _OTHER, is_choice=True)


def _read_number(kinds: frozenset[Any], value: Any) -> Any:
    """Return a number: exact as an int or a Decimal if only these are declared, else as it came."""
    if type(value) not in NUMBERS:
        return _OTHER
    if float in kinds or type(value) in kinds:
        return value
    if Decimal in kinds:
        return Decimal(str(value))
    return int(value) if isinstance(value, float) and value.is_integer() else _OTHER


def _read_time(value: Any) -> Any:
    found = parse_rfc3339(value)
    return found if isinstance(found, datetime) else _OTHER


def _read_if(*kinds: type) -> Read:
    return lambda value: value if type(value) in kinds else _OTHER


def _mismatch(expected: str, value: object, steps: tuple[str | int, ...]) -> Mismatch:
    return Mismatch(steps, f"{expected} was expected, not {_found(value, 'null')}")


def _found(value: object, none: str) -> str:
    return none if value is None else type(value).__name__


_STRING: Final = _Scalar("string", str, "a string", _read_if(str))
_BOOLEAN: Final = _Scalar("boolean", bool, "a boolean", _read_if(bool))
_TIME: Final = _Scalar("time", datetime, "a date", _read_time)
_LOCATION: Final = _Scalar("location", Any, "a location", _read_if(str, list, dict), is_choice=True)
_SCALARS: Final[dict[Any, _Scalar]] = {str: _STRING, bool: _BOOLEAN, datetime: _TIME, Location: _LOCATION}
