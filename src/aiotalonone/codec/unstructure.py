"""Models into JSON values: exact, and nothing that the caller did not set."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache, partial
from math import isfinite
from types import NoneType
from typing import Any, Final, Literal, NoReturn, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.fns import identity

from aiotalonone.codec.dates import format_rfc3339
from aiotalonone.codec.fields import (
    EXTRA,
    NUMBERS,
    TAGS,
    container,
    is_date,
    is_number,
    is_passthrough,
    json_name,
    required_names,
    tagged_members,
    union_members,
    without_none,
)
from aiotalonone.codec.generate import Hook, Namespace, converter
from aiotalonone.codec.json import raw_json
from aiotalonone.models._base import Model

_MAX_MEMBERS_IN_PLACE: Final = 4


def unstructure(model: object) -> Any:
    """Return the JSON value of a model, in the API's names.

    Members that are ``None`` are left out; dates become RFC 3339 strings; a ``Decimal`` stays one. What stands inside
    ``attributes`` is passed on as it is.

    Raises:
        ValueError: A datetime has no offset.
        TypeError: A list or map of models is something else.
    """
    return _writers[type(model)](model)


def unstructure_exact(model: object) -> Any:
    """Return the JSON value of a model whose members have exactly the types that it asks for.

    Raises:
        InexactError: A member has another type, which may stand for such a value or not.
    """
    return exact_writers[type(model)](model)


def unstructure_exact_list(entries: list[Any]) -> list[Any]:
    """Return the JSON values of exact models, the first of which says the class of most."""
    kind: Any = type(entries[0])
    written: list[Any] = _list_writer(kind)(entries)
    return written


class InexactError(TypeError):
    """A member has not exactly the type that its model says."""


def _register_hooks() -> None:
    """Teach the converter to write: models by their JSON names, dates, and everything else as it is."""
    converter.register_unstructure_hook_factory(is_number, lambda _: identity)
    converter.register_unstructure_hook_factory(is_passthrough, lambda _: identity)
    converter.register_unstructure_hook_factory(is_date, lambda _: _write_date)
    converter.register_unstructure_hook_factory(attrs.has, _model_hook)


def _model_hook(kind: type[Any], _: Converter) -> Hook:
    """Return the function that writes a model for the converter; the tables generate those that are faster."""

    def write(model: Any) -> Any:
        return _writers[kind](model)

    write.kind = kind  # type: ignore[attr-defined]  # tells this hook from one that the caller has registered
    return write


class _ModelWriter:
    """Writes the source of one model's function.

    For a model of a required text and an optional list of models it is, if it is not exact::

        def generated(model):
            if type(model) is not kind:
                return write_any(model)
            members = {"name": model.name}
            if (v := model.cart_items) is not None:
                members["cartItems"] = [_1(entry) for entry in entries_of(v)]
            if model._extra:
                return {**model._extra, **members}
            return members

    Args:
        kind: The model.
        writers: The functions of other models.
        is_exact: Whether a member of another type than its model says is an error, rather than written as it is.
    """

    def __init__(self, kind: type[Any], writers: "_Writers") -> None:
        self.kind = kind
        self.writers = writers
        self.is_exact = writers.is_exact
        self.namespace = Namespace(
            kind=kind,
            write_any=partial(_write_derived, kind) if self.is_exact else _write_any,
            write_date=_write_date,
            other_list=_other_list,
            other_dict=_other_dict,
            inexact=_inexact,
            numbers=NUMBERS,
            strings=frozenset({str}),
        )

    def generate(self) -> Hook:
        return self.namespace.define(self._lines(), f"unstructure {self.kind.__name__}")

    def generate_list(self) -> Hook:
        """Return the function that writes a list of such models."""
        lines = ["def generated(entries):", f"  return [{self._entry(self.kind)} for entry in entries]"]
        return self.namespace.define(lines, f"unstructure list[{self.kind.__name__}]")

    def _lines(self) -> Iterator[str]:
        members = [member for member in attrs.fields(self.kind) if member.name != EXTRA]
        yield "def generated(model):"
        # What reading kept as it came, a lone null for one.
        yield "  if type(model) is not kind: return write_any(model)"
        first = next((i for i, member in enumerate(members) if member.default is None), len(members))
        always = (f"{json_name(member)!r}: {self._expression(member)}" for member in members[:first])
        yield f"  members = {{{', '.join(always)}}}"
        for member in members[first:]:
            target = f"members[{json_name(member)!r}]"
            if member.default is None:
                yield f"  if (v := model.{member.name}) is not None: {target} = {self._expression(member, 'v')}"
            else:
                yield f"  {target} = {self._expression(member)}"
        if issubclass(self.kind, Model):
            yield "  if model._extra: return {**model._extra, **members}"
        yield "  return members"

    def _expression(self, member: "attrs.Attribute[Any]", value: str = "") -> str:
        """Return the source of what a member is in JSON."""
        annotation: Any = member.type
        kind = without_none(annotation)
        source = value or f"model.{member.name}"
        if is_passthrough(annotation) or is_number(annotation) or (self.is_exact and is_date(annotation)):
            condition = self._condition(kind, source) if self.is_exact else ""
            if not condition:
                return source
            return f"{f'write_date({source})' if is_date(kind) else source} if {condition} else inexact()"
        if is_date(annotation):
            return f"write_date({source})"
        shape = container(kind)
        if shape is None:
            call = f"{self._nested(kind)}({source})"
            if not (self.is_exact and annotation in TAGS):
                return call
            tag = TAGS[annotation]
            expected = f"{self.namespace.add(tag.classes)}.get(model.{tag.member})"
            return f"{call} if type({source}) is {expected} else inexact()"
        entry_kind = without_none(get_args(kind)[-1])
        entry = self._entry(entry_kind)
        entries = f"[{entry} for entry in {source}]"
        written = entries if shape is list else f"{{name: {entry} for name, entry in {source}.items()}}"
        other = "inexact()" if self.is_exact else f"other_{shape.__name__}({source}, {self._nested(entry_kind)})"
        return f"{written} if type({source}) is {shape.__name__} else {other}"

    def _condition(self, kind: Any, source: str) -> str:
        """Return the source of whether a member has exactly its type; it is empty if any value has."""
        if kind is Any:
            return ""
        origin, arguments = get_origin(kind), get_args(kind)
        type_of = f"{source}.__class__"  # to ask for it takes less time than ``type`` does
        if origin is Literal:
            return f"{type_of} is str and {source} in {self.namespace.add(frozenset(arguments))}"
        if origin in {list, dict}:
            entries = self._entries_condition(arguments[-1], source if origin is list else f"{source}.values()")
            return f"{type_of} is {origin.__name__}{entries}"
        if is_number(kind) and kind is not int:
            return f"{type_of} in numbers"
        return f"{type_of} is {self.namespace.add(kind)}"

    def _entries_condition(self, kind: Any, entries: str) -> str:
        if kind is Any:
            return ""
        if get_origin(kind) is Literal:
            choices = self.namespace.add(frozenset(get_args(kind)))
            return f" and strings.issuperset(map(type, {entries})) and {choices}.issuperset({entries})"
        types = NUMBERS if is_number(kind) and kind is not int else union_members(kind)
        return f" and {self.namespace.add(types)}.issuperset(map(type, {entries}))"

    def _entry(self, kind: Any) -> str:
        """Return the source of an entry of a list or map; a few plain members are written in place, without a call."""
        call = f"{self._nested(kind)}(entry)"
        if not _is_small(kind):
            return call
        conditions = [f"entry.__class__ is {self.namespace.add(kind)}", "entry._extra is None"]
        written = []
        for member in (member for member in attrs.fields(kind) if member.name != EXTRA):
            source = f"entry.{member.name}"
            is_checked = not self.is_exact or _is_checked_text(member)
            condition = "" if is_checked else self._condition(without_none(member.type), source)
            if not condition and member.default is None:
                condition = f"{source} is not None"
            if condition:
                conditions.append(condition)
            written.append(f"{json_name(member)!r}: {source}")
        return f"{{{', '.join(written)}}} if {' and '.join(conditions)} else {call}"

    def _nested(self, annotation: Any) -> str:
        """Return the name of the function that writes a type."""
        return self.namespace.add_lazily(partial(self.writers.__getitem__, without_none(annotation)))


def _is_small(kind: Any) -> bool:
    """Return whether a model has few members, none of which needs a conversion: a profile of many."""
    if not (attrs.has(kind) and issubclass(kind, Model)):
        return False
    members = [member for member in attrs.fields(kind) if member.name != EXTRA]
    return len(members) <= _MAX_MEMBERS_IN_PLACE and all(
        member.default in (None, attrs.NOTHING) and (is_passthrough(member.type) or is_number(member.type))
        for member in members
    )


def _is_checked_text(member: "attrs.Attribute[Any]") -> bool:
    """Return whether it is a text with a limit, which is checked whenever it is set."""
    return member.type is str and member.validator is not None


def _other_list(value: Any, write_entry: Hook) -> Any:
    """Return the JSON value of what stands in place of a list of models: a tuple, or what a response had there."""
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)):
        return [write_entry(entry) for entry in value]
    return _write_any(value)


def _other_dict(value: Any, write_entry: Hook) -> Any:
    """Return the JSON value of what stands in place of a dict of models: a mapping, or what a response had there."""
    if isinstance(value, Mapping):
        return {name: write_entry(entry) for name, entry in value.items()}
    return _write_any(value)


def _write_any(value: Any) -> Any:
    """Write what stands in place of a model, a lone null for one.

    Raises:
        ValueError: It is NaN or infinite: nothing looks for it in a list of models.
    """
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("a number is NaN or infinite")
    return converter.unstructure(value)


def _write_date(value: Any) -> Any:
    return format_rfc3339(value) if isinstance(value, datetime) else value


def _inexact() -> NoReturn:
    raise InexactError


def _write_derived(kind: type[Any], value: Any) -> Any:
    """Write a model of a derived class."""
    return exact_writers[type(value)](value) if isinstance(value, kind) else _inexact()


@cache
def _list_writer(kind: Any) -> Hook:
    return _ModelWriter(kind, exact_writers).generate_list()


class _Writers(dict[Any, Hook]):
    """The functions that write values of a type: cattrs' own table takes several times as long to ask."""

    def __init__(self, *, is_exact: bool) -> None:
        super().__init__()
        self.is_exact = is_exact

    def __missing__(self, kind: Any) -> Hook:
        hook: Hook = converter.get_unstructure_hook(kind)
        if is_model_hook(hook, kind):
            hook = _ModelWriter(kind, self).generate()
        self[kind] = hook
        return hook


@cache
def fits(kind: Any) -> Callable[[Any], bool]:
    """Return a test for mappings that can be written as they are: of exactly the members and types of a model."""
    members = [member for member in attrs.fields(kind) if member.name != EXTRA]
    types = {json_name(member): _types_of(member.type) for member in members}
    tests = {json_name(member): _test_of(without_none(member.type)) for member in members}
    required, tags = required_names(kind), tagged_members(kind)
    tests |= dict.fromkeys(tags, lambda _: True)

    def test(value: Any) -> bool:
        if type(value) is not dict:
            return type(value) in {kind, raw_json}
        try:
            for name, entry in value.items():
                if type(entry) not in types[name] and not tests[name](entry):
                    return False
        except KeyError:
            return False
        if not required <= value.keys():
            return False
        return not tags or all(
            fits(tag.class_of(value[tag.name], value[name]))(value[name]) for name, tag in tags.items()
        )

    return test


def _types_of(annotation: Any) -> frozenset[Any]:
    """Return the types whose values all are what a member can be; of others some may be, which its test says."""
    kind = without_none(annotation)
    nothing = union_members(annotation) & {NoneType}
    if get_origin(kind) is dict and get_args(kind)[-1] is Any:
        return frozenset({dict, *nothing})
    if is_number(kind) and kind is not int:
        return NUMBERS | nothing
    return nothing if attrs.has(kind) or get_origin(kind) else union_members(annotation)


def _test_of(kind: Any) -> Callable[[Any], bool]:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda _: True
    if origin is Literal:
        return lambda value: type(value) is str and value in arguments
    if origin in {list, dict}:
        types, test = _types_of(arguments[-1]), _test_of(without_none(arguments[-1]))
        entries_of: Any = iter if origin is list else dict.values
        return lambda value: (
            type(value) is origin and all(type(entry) in types or test(entry) for entry in entries_of(value))
        )
    if attrs.has(kind):

        def fits_kind(value: Any) -> bool:
            return fits(kind)(value)  # when it is asked: a model may hold others of its own kind

        return fits_kind
    return lambda _: False


def is_model_hook(hook: Hook, kind: Any) -> bool:
    """Return whether a class is written member by member, and not by a hook that the caller has registered."""
    return getattr(hook, "kind", None) is kind


_writers: Final = _Writers(is_exact=False)
exact_writers: Final = _Writers(is_exact=True)
_register_hooks()
