"""Members of JSON objects, read with their types checked and their places named.

Requests and campaign files are read by the same code; each turns `ValidationError` into its own kind of message.
As on the platform, a member that is null counts as left out.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Protocol, TypeGuard, TypeVar

MAX_PROFILES = 1000
MAX_AUDIENCE_ACTIONS = 1000
MAX_CATALOG_ACTIONS = 1000
MAX_RESERVATIONS = 1000
MAX_ADVOCATES = 1000
MAX_CART_ITEMS = 1000
MAX_UNITS = 10_000
MAX_IDENTIFIERS = 5
MAX_LOYALTY_CARDS = 1
MAX_CODE_LENGTH = 100
MIN_PATTERN_LENGTH = 3
MAX_USAGE_LIMIT = 999_999
MAX_INTEGRATION_ID_LENGTH = 1000
MAX_IDEMPOTENCY_KEY_LENGTH = 255
MAX_JSON_DEPTH = 64

INVALID_TYPE = "Invalid type"
UNKNOWN = "Unknown"
NOT_ONE_OF = "enum"
REQUIRED = "required"
TOO_SHORT = "string_gte"
TOO_LONG = "string_lte"
TOO_MANY = "array_max_items"
TOO_FEW = "array_min_items"
TOO_SMALL = "number_gte"
TOO_LARGE = "number_lte"
BAD_FORMAT = "format"
INVALID = "Invalid value"
"""Titles of errors. The API documents the first three. Its *enum* error has the name and the sentence of a public JSON
schema validator, from which we infer the others."""

TYPE_NAMES: Mapping[str, str] = {
    "string": "a string",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "object": "an object",
    "array": "a list",
}

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
LATEST = datetime(9999, 12, 30, tzinfo=UTC)
"""The latest time that is reckoned with: it has a date in every time zone."""

Path = tuple[str | int, ...]


class ValidationError(ValueError):
    """A value is missing or invalid: ``text`` follows its place in a file; a response has ``title`` and ``details``."""

    def __init__(self, path: Path, text: str, *, title: str = INVALID, details: str | None = None) -> None:
        super().__init__(text)
        self.path = path
        self.text = text
        self.title = title
        self.details: str = f"{'.'.join(map(str, path)) or 'body'} {text}" if details is None else details


def type_error(path: Path, expected: str, value: Any) -> ValidationError:
    """Return the error about a value that is not of the expected JSON type, for the caller to raise."""
    details = f"Invalid type. Expected: {expected}, given: {_type_of(value)}"
    return ValidationError(path, f"must be {TYPE_NAMES[expected]}", title=INVALID_TYPE, details=details)


def choice_error(path: Path, choices: Iterable[str]) -> ValidationError:
    """Return the error about a value that is none of the given, for the caller to raise."""
    names = tuple(choices)
    quoted = ", ".join(f'"{name}"' for name in names)
    name = ".".join(map(str, path))
    details = f"{name} must be one of the following: {quoted}"
    return ValidationError(path, f"must be one of {', '.join(names)}", title=NOT_ONE_OF, details=details)


def unknown_name(what: str, name: str, known: Iterable[str]) -> str:
    """Return the text of the error about a name that a file cannot have, with the nearest one that it can."""
    nearest = get_close_matches(name, list(known), n=1)
    hint = f", did you mean {nearest[0]}?" if nearest else ""
    return f"unknown {what} {name!r}{hint}"


def length_error(path: Path, max_length: int) -> ValidationError:
    """Return the error about a string that is too long, for the caller to raise."""
    return ValidationError(path, f"must have at most {max_length} characters", title=TOO_LONG)


def _type_of(value: Any) -> str:
    """Return the JSON type of a value."""
    if value is None:
        return "null"
    by_type = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return by_type.get(type(value), "object")


def pointer(path: Path) -> str:
    """Return a place as a JSON pointer, such as ``/cartItems/3/sku``."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def dotted(path: Path) -> str:
    """Return a place as messages name it, such as ``campaigns[0].name``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def is_number(value: Any) -> TypeGuard[float]:
    """Return whether the value is a JSON number; ``true`` and ``false`` are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def parse_timestamp(text: Any) -> datetime:
    """Parse a date and time with an offset (RFC 3339).

    Raises:
        ValueError: It is anything else.
    """
    if isinstance(text, str) and RFC_3339.fullmatch(text):
        with suppress(ValueError):  # 30 February
            return datetime.fromisoformat(text)
    raise ValueError("must be a date and time with an offset (RFC 3339)")


def same(value: Any, other: Any) -> bool:
    """Return whether two JSON values are equal; Python takes ``true`` for 1."""
    match value, other:
        case (list(), list()):
            return len(value) == len(other) and all(map(same, value, other))
        case (dict(), dict()):
            return value.keys() == other.keys() and all(same(value[name], other[name]) for name in value)
        case _:
            return isinstance(value, bool) is isinstance(other, bool) and bool(value == other)


def to_decimal(number: float) -> Decimal:
    """Return the amount that a JSON number spells, without the error of binary fractions."""
    return Decimal(str(number))


def check_depth(value: Any) -> None:
    """Raise ValidationError if lists and objects are nested deeper than any entity needs."""
    level = [value]
    for _ in range(MAX_JSON_DEPTH):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, dict | list)]
        if not level:
            return
    raise ValidationError((), f"must not be nested deeper than {MAX_JSON_DEPTH} levels")


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


class JsonObject:
    """A JSON object and its place in the document."""

    __slots__ = ("path", "values")

    def __init__(self, values: Any, path: Path = ()) -> None:
        if not isinstance(values, dict):
            raise type_error(path, "object", values)
        self.values: dict[str, Any] = values
        self.path: Path = path

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def as_root(self) -> "JsonObject":
        """Return the same object, with places counted from here."""
        return JsonObject(self.values)

    def place(self, *steps: str | int) -> Path:
        """Return the place of something inside the object."""
        return (*self.path, *steps)

    def error(self, name: str | int, text: str, title: str = INVALID) -> ValidationError:
        """Return the error about a member, for the caller to raise."""
        return ValidationError(self.place(name), text, title=title)

    def missing(self, name: str) -> ValidationError:
        """Return the error about a member that must be present, for the caller to raise."""
        return self.error(name, "is required", REQUIRED)

    def text(self, name: str, *, max_length: int | None = None) -> str | None:
        """Return a string, or None if it is left out."""
        value: str | None = self._typed(name, str, "string")
        if value is not None and max_length is not None and len(value) > max_length:
            raise length_error(self.place(name), max_length)
        return value

    def required_text(self, name: str, *, max_length: int | None = None) -> str:
        """Return a string that must be present and not empty."""
        value = self.text(name, max_length=max_length)
        if value is None:
            raise self.missing(name)
        if not value:
            raise self.error(name, "must not be empty", TOO_SHORT)
        return value

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """Return one of the given strings, or None if it is left out."""
        value = self.text(name)
        if value is not None and value not in choices:
            raise choice_error(self.place(name), choices)
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean, or the default if it is left out."""
        value = self._typed(name, bool, "boolean")
        return default if value is None else value

    def integer(self, name: str, *, minimum: int | None = None, maximum: int | None = None) -> int | None:
        """Return an integer, or None if it is left out."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise type_error(self.place(name), "integer", value)
        if minimum is not None and value < minimum:
            raise self.error(name, f"must be at least {minimum}", TOO_SMALL)
        if maximum is not None and value > maximum:
            raise self.error(name, f"must be at most {maximum}", TOO_LARGE)
        return value

    def required_integer(self, name: str, *, minimum: int | None = None, maximum: int | None = None) -> int:
        """Return an integer that must be present."""
        value = self.integer(name, minimum=minimum, maximum=maximum)
        if value is None:
            raise self.missing(name)
        return value

    def amount(self, name: str) -> Decimal | None:
        """Return a number as an exact amount, or None if it is left out."""
        value = self.values.get(name)
        if value is None:
            return None
        if not is_number(value):
            raise type_error(self.place(name), "number", value)
        return to_decimal(value)

    def required_amount(self, name: str) -> Decimal:
        """Return a number that must be present, as an exact amount."""
        value = self.amount(name)
        if value is None:
            raise self.missing(name)
        return value

    def timestamp(self, name: str) -> datetime | None:
        """Return a date and time, or None if it is left out."""
        value = self.values.get(name)
        if value is None:
            return None
        try:
            return parse_timestamp(value)
        except ValueError as error:
            raise self.error(name, str(error), BAD_FORMAT) from None

    def object(self, name: str) -> "JsonObject | None":
        """Return a nested object, or None if it is left out."""
        return JsonObject(self.values[name], self.place(name)) if name in self else None

    def required_object(self, name: str) -> "JsonObject":
        """Return a nested object that must be present."""
        nested = self.object(name)
        if nested is None:
            raise self.missing(name)
        return nested

    def mapping(self, name: str) -> dict[str, Any]:
        """Return a nested object as it was sent, or an empty one if it is left out."""
        value: dict[str, Any] | None = self._typed(name, dict, "object")
        return {} if value is None else value

    def entries(self, name: str) -> Iterator[tuple[str, "JsonObject"]]:
        """Iterate over the members of a nested object, each an object itself."""
        for key, value in self.mapping(name).items():
            yield key, JsonObject(value, self.place(name, key))

    def objects(self, name: str, *, max_items: int | None = None) -> list["JsonObject"]:
        """Return a list of objects, or an empty one if it is left out."""
        values = self._list(name, max_items)
        return [JsonObject(value, self.place(name, index)) for index, value in enumerate(values)]

    def texts(self, name: str, *, max_items: int | None = None, max_length: int | None = None) -> list[str]:
        """Return a list of strings, or an empty one if it is left out."""
        values = self._list(name, max_items)
        for index, value in enumerate(values):
            if not isinstance(value, str):
                raise type_error(self.place(name, index), "string", value)
            if max_length is not None and len(value) > max_length:
                raise length_error(self.place(name, index), max_length)
        return values

    def integers(self, name: str) -> list[int]:
        """Return a list of integers, or an empty one if it is left out."""
        values = self._list(name, None)
        for index, value in enumerate(values):
            if not isinstance(value, int) or isinstance(value, bool):
                raise type_error(self.place(name, index), "integer", value)
        return values

    def _typed(self, name: str, kind: type, expected: str) -> Any:
        value = self.values.get(name)
        if value is not None and not isinstance(value, kind):
            raise type_error(self.place(name), expected, value)
        return value

    def _list(self, name: str, max_items: int | None) -> list[Any]:
        values: list[Any] | None = self._typed(name, list, "array")
        if values is None:
            return []
        if max_items is not None and len(values) > max_items:
            raise self.error(name, f"must have at most {max_items} entries", TOO_MANY)
        return values


class _Identified(Protocol):
    @property
    def id(self) -> int: ...


T = TypeVar("T", bound=_Identified)


def read_by_id(members: JsonObject, name: str, what: str, read: Callable[[JsonObject], T]) -> dict[int, T]:
    """Read a list of objects with IDs, no two of which have the same."""
    found: dict[int, T] = {}
    for entry in members.objects(name):
        one = read(entry)
        if one.id in found:
            raise entry.error("id", f"{what} {one.id} exists already")
        found[one.id] = one
    return found
