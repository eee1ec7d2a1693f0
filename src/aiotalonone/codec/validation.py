"""What a caller gives, as plain JSON values: each member is judged by its model, and the first wrong one is named.

Most bodies never come here: they are written as they are if every member has exactly the type that its model says. This
takes all others: it converts what stands for the same JSON value (subclasses, numpy's scalars, iterators), and says of
the rest which member of what is wrong. No message holds a value; of the caller's own names it holds plain identifiers.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache, partial
from math import isfinite
from operator import index
from types import GeneratorType, NoneType
from typing import Any, Final, Literal, NoReturn, SupportsIndex, get_args, get_origin
from uuid import UUID

import attrs

from aiotalonone.codec.dates import format_rfc3339, is_rfc3339
from aiotalonone.codec.fields import (
    EXTRA,
    TAGS,
    is_date,
    is_number,
    json_name,
    required_names,
    tagged_members,
    union_members,
    without_none,
)
from aiotalonone.codec.generate import converter
from aiotalonone.codec.json import raw_json
from aiotalonone.codec.spelling import closest_member, is_spelled_alike
from aiotalonone.codec.unstructure import is_model_hook
from aiotalonone.models._base import Model, as_list

Check = Callable[[Any], Any]

_INTEGERS: Final = range(-(2**63), 2**64)
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_BESIDE_JSON: Final = {"date": "use an aware datetime", "datetime64": "use an aware datetime"}


class _WrongError(Exception):
    """A value that cannot be sent, on its way to the place where the caller gave it."""

    def __init__(self, kind: type[Exception], problem: str, place: str = "") -> None:
        super().__init__(problem)
        self.kind = kind
        self.problem = problem
        self.place = place

    def within(self, step: str) -> "_WrongError":
        return _WrongError(self.kind, self.problem, step + self.place)

    def told(self, body: str) -> Exception:
        """Return the error for the caller."""
        return self.kind(f"{self.place.removeprefix('.') or body} {self.problem}")


def plain(body: object, kind: Any = Any, *, name: str = "the body", place: str = "") -> Any:
    """Return a body as plain JSON values, whose numbers and texts can all be written.

    Args:
        body: A model or a JSON value. Iterators in it are consumed.
        kind: The model that it stands for; by default anything.
        name: What an error calls the body itself.
        place: Where the body stands, if it is a part of something: errors start with it.

    Raises:
        TypeError: A member has a wrong type, or contains itself.
        ValueError: A member has a value that cannot be sent, is missing or misspelt.
    """
    try:
        return _check_of(kind)(body)
    except _WrongError as failure:
        error = failure.within(place).told(name)
    except RecursionError:
        error = TypeError(f"{place or name} cannot be sent as JSON: a member contains itself, or is nested too deeply")
    raise error  # outside of the handler: the frames of what failed hold the values


def _wrong_type(expected: str, value: object) -> NoReturn:
    found = "None" if value is None else type(value).__name__
    raise _WrongError(TypeError, f"must be {expected}, not {found}")


@cache
def _check_of(annotation: Any) -> Check:
    """Return what makes a plain JSON value of a member of some type."""
    kinds = union_members(annotation)
    check = _check_of_set(without_none(annotation))
    return partial(_optional, check) if NoneType in kinds else check


def _check_of_set(kind: Any) -> Check:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if is_number(kind):
        return _number
    if is_date(kind):
        return _date
    if attrs.has(kind) and issubclass(kind, Model):
        return partial(_object, kind)
    arguments = get_args(kind)
    match get_origin(kind):
        case origin if origin is Literal:
            check = partial(_choice, arguments)
        case origin if origin is list:
            check = partial(_list, _entry_check(*arguments))
        case origin if origin is dict:
            check = partial(_dict, _check_of(arguments[-1]))
        case _:
            check = partial(_by_hook, kind)
    return check


def _by_hook(kind: Any, value: object) -> Any:
    """Return what a hook that the caller has registered makes of a type of its own."""
    return _anything(converter.unstructure(value, kind))


def _entry_check(kind: Any) -> Check:
    """Return the check of a list's entries: a lone null may stand among models, where the API reads it as one."""
    check = _check_of(kind)
    return partial(_optional, check) if attrs.has(kind) else check


def _optional(check: Check, value: object) -> Any:
    return None if value is None else check(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        return _wrong_type("a str", value)
    return _utf8(value)


def _utf8(value: str) -> str:
    """Return a text without what a subclass adds to it."""
    text = str.__str__(value)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        pass
    else:
        return text
    raise _WrongError(ValueError, "contains a lone surrogate, and cannot be sent as UTF-8")


def _choice(choices: tuple[Any, ...], value: object) -> Any:
    text = _text(value)
    if text in choices:
        return text
    *others, last = (f"'{choice}'" for choice in choices)
    allowed = f"{', '.join(others)} or {last}" if others else last
    raise _WrongError(ValueError, f"must be {allowed}; a value that is newer than this version goes into extra")


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    found = _numpy_scalar(value)
    return found if isinstance(found, bool) else _wrong_type("a bool", value)


def _integer(value: object) -> int:
    number = _real(value)
    return number if type(number) is int else _wrong_type("an int", value)


def _number(value: object) -> Any:
    number = _real(value)
    return _wrong_type("a number", value) if number is None else number


def _real(value: object) -> Any:
    """Return a number as it is written, ``None`` if the value is not one."""
    if isinstance(value, (bool, type)):  # a class such as int has the methods of its objects
        return None
    if isinstance(value, int):
        return _bounded(int.__pos__(value))
    if isinstance(value, float):
        return _finite(float.__pos__(value))
    if isinstance(value, Decimal):
        return raw_json(str(_finite(value)))
    found = _numpy_scalar(value)
    if found is None and isinstance(value, SupportsIndex) and not hasattr(value, "shape"):
        found = index(value)
    return _real(found) if type(found) in {int, float} else None


def _finite(number: Any) -> Any:
    if number.is_finite() if isinstance(number, Decimal) else isfinite(number):
        return number
    raise _WrongError(ValueError, "is NaN or infinite")


def _bounded(number: int) -> int:
    if number in _INTEGERS:
        return number
    raise _WrongError(TypeError, "cannot be sent as JSON: an integer beyond 64 bits; a text or a Decimal can")


def _numpy_scalar(value: object) -> Any:
    """Return the number, flag or text of a scalar in the manner of numpy, ``None`` of anything else.

    Its times are no such values: they know no offset, and some would become numbers.
    """
    item: Any = getattr(value, "item", None)
    if not callable(item) or getattr(value, "shape", None) != ():
        return None
    kind = getattr(getattr(value, "dtype", None), "kind", "f")
    found = item() if kind in {"b", "i", "u", "f", "U"} else None
    return found if type(found) in {bool, int, float, str} else None


def _date(value: object) -> str:
    if isinstance(value, datetime):
        return _rfc3339(value)
    if not isinstance(value, str):
        return _wrong_type("a datetime", value)
    text = _utf8(value)
    if is_rfc3339(text):
        return text
    raise _WrongError(ValueError, "must be a datetime with an offset, or its RFC 3339 text")


def _rfc3339(value: datetime) -> str:
    try:
        return format_rfc3339(value)
    except ValueError as failure:
        problem = str(failure)
    raise _WrongError(ValueError, f"cannot be sent: {problem}")


def _list(check: Check, value: object) -> Any:
    entries: Any = value if isinstance(value, GeneratorType) else as_list(value)
    if entries is None:
        return _wrong_type("a list", value)
    if isinstance(value, GeneratorType) and value.gi_frame is None:
        raise _WrongError(ValueError, "is a generator that has been used: it would be sent as an empty list")
    written: list[Any] = []
    try:
        for entry in entries:
            written.append(check(entry))  # noqa: PERF401 - its length is the place
    except _WrongError as failure:
        raise failure.within(f"[{len(written)}]") from None
    return written


def _dict(check: Check, value: object) -> Any:
    if not isinstance(value, Mapping):
        return _wrong_type("a mapping", value)
    written: dict[str, Any] = {}
    for given, entry in value.items():
        try:
            written[_name(given)] = check(entry)
        except _WrongError as failure:
            raise failure.within(_step(given, len(written))) from None
    return written


def _name(name: object) -> str:
    if isinstance(name, str):
        return _utf8(name)
    raise _WrongError(TypeError, f"cannot be sent as JSON: its name must be a str, not {type(name).__name__}")


def _step(name: object, index: int) -> str:
    """Return what a member is called in a message: a name that a program has given it, or else its number."""
    is_identifier = isinstance(name, str) and _IDENTIFIER.fullmatch(name)
    return f".{name}" if is_identifier else f".(entry {index + 1})"


def _anything(value: object) -> Any:
    """Return any JSON value: an attribute, or a member that no model knows."""
    kind: Any = type(value)
    return _writer_of(kind)(value)


@lru_cache(maxsize=256)
def _writer_of(kind: Any) -> Check:
    return next((write for kinds, write in _WRITERS if issubclass(kind, kinds)), _anything_else)


def _anything_else(value: object) -> Any:
    """Return a value of a class that says in another way what it stands for.

    Raises:
        _WrongError: It stands for no JSON value.
    """
    if attrs.has(type(value)):
        return _anything(converter.unstructure(value))
    if isinstance(value, GeneratorType) or as_list(value) is not None:
        return _list(_anything, value)
    number = _real(value)
    found = _numpy_scalar(value) if number is None else number
    if found is not None:
        return found
    hint = _BESIDE_JSON.get(type(value).__name__)
    problem = f"cannot be sent as JSON: {type(value).__name__} is not a JSON value"
    raise _WrongError(TypeError, f"{problem}; {hint}" if hint else problem)


def _object(kind: Any, value: object) -> Any:
    """Return a model, or a mapping in the JSON names of one, as an object."""
    if isinstance(value, kind):
        return _model(value)
    if isinstance(value, raw_json):
        return value
    if isinstance(value, Mapping):
        return _mapping(kind, value)
    article = "an" if kind.__name__[0] in "AEIOU" else "a"
    return _wrong_type(f"{article} {kind.__name__} or a mapping in JSON names", value)


def _model(model: Any) -> Any:
    kind: Any = type(model)
    if not is_model_hook(converter.get_unstructure_hook(kind), kind):
        return _anything(converter.unstructure(model))
    written = _dict(_anything, model.extra) if model.extra else {}
    for member in attrs.fields(kind):
        value = getattr(model, member.name)
        if member.name == EXTRA or (value is None and member.default is None):
            continue
        try:
            written[json_name(member)] = _check_of(_class_of(member, model))(value)
        except _WrongError as failure:
            raise failure.within(f".{member.name}") from None
    return written


def _class_of(member: "attrs.Attribute[Any]", model: Any) -> Any:
    """Return the type of a member, which another one may say."""
    tag = TAGS.get(member.type)
    return member.type if tag is None else tag.class_of(getattr(model, tag.member), getattr(model, member.name))


def _mapping(kind: Any, value: Mapping[Any, Any]) -> Any:
    checks: Mapping[Any, Check] = _checks(kind)
    if tags := tagged_members(kind):
        kinds = {name: tag.class_of(value.get(tag.name), value.get(name)) for name, tag in tags.items()}
        checks = {**checks, **{name: _check_of(kind) for name, kind in kinds.items()}}
    written: dict[str, Any] = {}
    for given, entry in value.items():
        if given not in checks:
            _require_unknown(kind, given, value)
        try:
            name = _name(given)
            check: Check = checks.get(name, _anything)
            written[name] = check(entry)
        except _WrongError as failure:
            raise failure.within(_step(given, len(written))) from None
    for name in required_names(kind):
        if name not in written:
            raise _WrongError(ValueError, "is missing", f".{name}")
    return written


@cache
def _checks(kind: Any) -> dict[str, Check]:
    """Return the checks of a model's members by their JSON names; a null is sent unless the member is required."""
    members = (member for member in attrs.fields(kind) if member.name != EXTRA)
    return {json_name(member): _check_of(member.type) for member in members}


def _require_unknown(kind: Any, name: object, value: Mapping[Any, Any]) -> None:
    """Let a member pass that no model knows; a known one whose name is misspelt would have no effect."""
    meant = closest_member(kind, name) if isinstance(name, str) else None
    if meant is None:
        return
    if is_spelled_alike(meant, str(name)):
        raise _WrongError(ValueError, f"has the member {name}: its name in JSON is {meant}")
    if meant not in value:
        what = f"the member {name}" if _IDENTIFIER.fullmatch(str(name)) else "a misspelt member"
        raise _WrongError(ValueError, f"has {what}: is {meant} meant? A newer member goes into the extra of a model")


_WRITERS: Final[tuple[tuple[Any, Check], ...]] = (
    ((bool, NoneType, raw_json), lambda value: value),
    (str, _utf8),
    ((int, float, Decimal), _real),
    (Enum, lambda value: _anything(value.value)),
    (Model, _model),
    (Mapping, partial(_dict, _anything)),
    (datetime, _rfc3339),
    (UUID, str),
)
_PLAIN: Final[dict[Any, Check]] = {Any: _anything, bool: _boolean, int: _integer, str: _text}
