"""Where a JSON value is not what its model says: noted while reading, found and named when asked for."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import islice
from math import isfinite
from typing import Any, Final, Literal, NamedTuple, NoReturn, get_args, get_origin

import attrs

from aiotalonone.codec.dates import parse_rfc3339
from aiotalonone.codec.fields import (
    EXTRA,
    container,
    is_date,
    is_number,
    is_set_in_place,
    json_name,
    tagged_members,
    without_none,
)
from aiotalonone.codec.generate import converter, is_generated

MAX_PLACES: Final = 10
"""Places that an error names."""
MAX_CHECKED: Final = 10_000
"""Members and entries of a response that are looked at, which takes some milliseconds."""
ANY_NAME: Final = "*"
"""Stands for a name of a map, which may be a customer's."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]{1,3})?")
_JSON_TYPE_NAMES: Final[dict[object, str]] = {dict: "an object", list: "an array", str: "a string", bool: "a boolean"}


class InvalidShapeError(ValueError):
    """A JSON value that its model cannot hold; the text names the problem, no value."""


class Mismatch(NamedTuple):
    """A place where a JSON value is not what its model says."""

    steps: tuple[str | int, ...]
    """Names and indexes that lead to it from the whole value."""
    problem: str
    """What is wrong, without the value."""

    @property
    def pointer(self) -> str:
        """A JSON pointer to it, with ``*`` for each index and each name of a map."""
        return "".join(f"/{ANY_NAME if isinstance(step, int) else step}" for step in self.steps)

    def __str__(self) -> str:
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.steps)
        return f"{self.problem} @ ${path}"


class _LatestMismatch:
    """What tells a reader's caller that a value was kept as it came: an object that is another one since."""

    mark: object = None


def latest_mismatch() -> object:
    """Return a mark that is another one after each mismatch that was met while reading, in any thread."""
    return _LatestMismatch.mark


def note_mismatch() -> None:
    """Note that a value is not what its model says."""
    _LatestMismatch.mark = object()


def keep(_: type, value: Any) -> Any:
    """Return a value of another JSON type than its model has, as it came."""
    note_mismatch()
    return value


def reject(expected: type, value: object) -> NoReturn:
    """Raise for a value of another JSON type than its model has.

    Raises:
        InvalidShapeError: Always.
    """
    raise InvalidShapeError(another_kind(expected, value))


def another_kind(expected: object, value: object) -> str:
    """Return what is wrong with a value of another JSON type."""
    found = "null" if value is None else type(value).__name__
    return f"{_JSON_TYPE_NAMES[expected]} was expected, not {found}"


def number_of(value: str) -> int | float | str:
    """Return the number that a text says, or the text if it is not a number."""
    found = _NUMBER.fullmatch(value)
    if not found:
        return value
    number = float(value) if found["fraction"] or found["exponent"] else int(value)
    return number if isfinite(number) else value


def describe(value: object, kind: Any) -> str:
    """Return the first places where a value is not what a model, or a list of one, says; empty if it is."""
    return "; ".join(map(str, islice(_Search(thorough=False).walk(value, kind, ()), MAX_PLACES)))


def mismatches(value: object, kind: Any) -> Iterator[Mismatch]:
    """Yield where a response is not what its model says, plain members included, within its first values."""
    return _Search(thorough=True, limit=MAX_CHECKED).walk(value, kind, ())


class _Search:
    """A walk through a JSON value along its model.

    Args:
        thorough: Whether plain members count, and those whose class a tag says: reading judges neither.
        limit: Members and entries after which the search ends; ``None`` for all.
    """

    def __init__(self, *, thorough: bool, limit: int | None = None) -> None:
        self.thorough = thorough
        self.left = float("inf") if limit is None else limit

    def walk(self, value: Any, kind: Any, steps: tuple[str | int, ...]) -> Iterator[Mismatch]:
        """Yield the places of a value and of what is inside it."""
        if self.left < 0:
            return
        kind = without_none(kind)
        shape: Any = dict if _is_model(kind) else container(kind)
        if shape is None:
            if self.thorough and (problem := _plain_problem(kind, value)):
                yield Mismatch(steps, problem)
        elif not isinstance(value, shape):
            if value is not None or _is_model(kind):
                yield Mismatch(steps, another_kind(shape, value))
        elif shape is list:
            yield from self._entries(enumerate(value), kind, steps)
        elif _is_model(kind):
            yield from self._members(value, kind, steps)
        else:
            yield from self._entries(((ANY_NAME, entry) for entry in value.values()), kind, steps)

    def _entries(
        self, entries: Iterator[tuple[str | int, Any]], kind: Any, steps: tuple[str | int, ...]
    ) -> Iterator[Mismatch]:
        entry_kind = get_args(kind)[-1]
        if entry_kind is Any:
            return
        for step, entry in entries:
            self.left -= 1
            if self.left < 0:
                return
            if entry is not None:
                yield from self.walk(entry, entry_kind, (*steps, step))

    def _members(self, value: dict[str, Any], kind: Any, steps: tuple[str | int, ...]) -> Iterator[Mismatch]:
        problems, tags = set(), tagged_members(kind)
        for name, member_kind, is_required in _members_of(kind):
            self.left -= 1
            member = value.get(name)
            if member is None:
                problem = "missing" if name not in value else "null" if self.thorough else ""
                found = iter([Mismatch((*steps, name), problem)] if is_required and problem else ())
            elif name in tags:
                found = self._tagged(member, tags[name].class_of(value.get(tags[name].name), member), (*steps, name))
            else:
                found = self.walk(member, member_kind, (*steps, name))
            for mismatch in found:
                problems.add(mismatch.problem)
                yield mismatch
        wrong = {tag.name for tag in tags.values() if isinstance(value.get(tag.name), (list, dict))}
        if wrong and not self.thorough:
            yield from (Mismatch((*steps, name), another_kind(str, value[name])) for name in wrong)
        elif not is_set_in_place(kind) and (problem := _unreadable(value, kind)) not in problems | {""}:
            yield Mismatch(steps, problem)

    def _tagged(self, value: Any, kind: Any, steps: tuple[str | int, ...]) -> Iterator[Mismatch]:
        if self.thorough:
            yield from self.walk(value, kind, steps)


@cache
def _is_model(kind: Any) -> bool:
    """Return whether values of a type are read by a function that was generated for it."""
    return attrs.has(kind) and is_generated(converter.get_structure_hook(kind))


@cache
def _members_of(kind: Any) -> tuple[tuple[str, Any, bool], ...]:
    """Return the JSON name and type of each member, and whether it is required."""
    members = (member for member in attrs.fields(kind) if member.init and member.name != EXTRA)
    return tuple((json_name(member), member.type, member.default is attrs.NOTHING) for member in members)


def _unreadable(value: dict[str, Any], kind: Any) -> str:
    """Return why a class does not take its members, such as a limit of a request; empty if it does."""
    try:
        converter.get_structure_hook(kind)(value, kind)
    except InvalidShapeError as failure:
        return str(failure)
    return ""


def _plain_problem(kind: Any, value: Any) -> str:
    """Return what is wrong with a text, number, boolean or date; empty if nothing is."""
    if is_number(kind):
        is_right = isinstance(number_of(value) if isinstance(value, str) else value, (int, float, Decimal))
        return "" if is_right and not isinstance(value, bool) else f"a number was expected, not {type(value).__name__}"
    if is_date(kind):
        return "a date was expected" if parse_rfc3339(value) is value else ""
    expected = str if get_origin(kind) is Literal else kind
    if expected in {str, bool} and not isinstance(value, expected):
        return another_kind(expected, value)
    return ""
