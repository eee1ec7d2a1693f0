"""Models into JSON values: exact, and nothing that the caller did not set."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache, partial
from math import isfinite
from typing import Any, Final, get_args

import attrs
from cattrs import Converter
from cattrs.fns import identity

from aiotalonone.codec.dates import format_rfc3339
from aiotalonone.codec.fields import EXTRA, container, is_date, is_number, is_passthrough, json_name, without_none
from aiotalonone.codec.generate import Hook, Namespace, converter
from aiotalonone.models._base import Model

_MAX_MEMBERS_IN_PLACE: Final = 4


class AnotherKindError(TypeError):
    """Something else stands where a model has a list or a map of models."""


class _Mode(threading.local):
    keeps_other_kinds = False


_mode: Final = _Mode()


def unstructure(model: object) -> Any:
    """Return the JSON value of a model, in the API's names.

    Members that are ``None`` are left out if the schema does not require them; dates become RFC 3339 strings; a
    ``Decimal`` stays one. What stands inside ``attributes`` is passed on as it is, and so is what a response had in
    place of an object, a list or a map.

    Raises:
        ValueError: A datetime has no offset.
    """
    try:
        return write(model)
    except AnotherKindError:
        pass
    _mode.keeps_other_kinds = True
    try:
        return write(model)
    finally:
        _mode.keeps_other_kinds = False


def write(model: object) -> Any:
    """Return the JSON value of a model that is sent.

    Raises:
        ValueError: A datetime has no offset.
        AnotherKindError: Something else stands where a model has a list or a map of models.
    """
    return _writers[type(model)](model)


def write_list(entries: list[Any]) -> list[Any]:
    """Return the JSON values of models, the first of which says the class of most."""
    kind: Any = type(entries[0])
    written: list[Any] = _list_writer(kind)(entries)
    return written


def _register_hooks() -> None:
    """Teach the converter to write: models by their JSON names, dates, and everything else as it is."""
    converter.register_unstructure_hook_factory(is_number, lambda _: identity)
    converter.register_unstructure_hook_factory(is_passthrough, lambda _: identity)
    converter.register_unstructure_hook_factory(is_date, lambda _: _write_date)
    converter.register_unstructure_hook_factory(attrs.has, _model_hook)


def _model_hook(kind: type[Any], converter: Converter) -> Hook:
    """Return the generated function that writes a model.

    For a model of a required text and an optional list of models it is::

        def generated(model):
            if type(model) is not kind:
                return write_any(model)
            members = {"name": model.name}
            if (v := model.cart_items) is not None:
                members["cartItems"] = [_1(entry) for entry in v] if type(v) is list else other_list(v, _1)
            if model._extra:
                return {**model._extra, **members}
            return members
    """
    return _ModelWriter(kind, converter).generate()


class _ModelWriter:
    """Writes the source of one model's function."""

    def __init__(self, kind: type[Any], converter: Converter) -> None:
        self.kind = kind
        self.converter = converter
        self.namespace = Namespace(
            kind=kind,
            write_any=_write_any,
            write_date=_write_date,
            other_list=_other_list,
            other_dict=_other_dict,
        )

    def generate(self) -> Hook:
        return self.namespace.define(self._lines(), f"unstructure {self.kind.__name__}")

    def generate_list(self) -> Hook:
        """Return the function that writes a list of such models."""
        entry = self._entry(self.kind, self._nested(self.kind))
        lines = ["def generated(entries):", f"  return [{entry} for entry in entries]"]
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
        source = value or f"model.{member.name}"
        if is_passthrough(annotation) or is_number(annotation):
            return source
        if is_date(annotation):
            return f"write_date({source})"
        kind = without_none(annotation)
        shape = container(kind)
        if shape is None:
            return f"{self._nested(kind)}({source})"
        entry_kind = without_none(get_args(kind)[-1])
        nested = self._nested(entry_kind)
        entry = self._entry(entry_kind, nested)
        if shape is list:
            written = f"[{entry} for entry in {source}]"
        else:
            written = f"{{name: {entry} for name, entry in {source}.items()}}"
        return f"{written} if type({source}) is {shape.__name__} else other_{shape.__name__}({source}, {nested})"

    def _entry(self, kind: Any, nested: str) -> str:
        """Return the source of an entry of a list or map; a few plain members are written in place, without a call."""
        call = f"{nested}(entry)"
        if not _is_small(kind):
            return call
        conditions = [f"type(entry) is {self.namespace.add(kind)}", "not entry._extra"]
        written = []
        for member in (member for member in attrs.fields(kind) if member.name != EXTRA):
            source = f"entry.{member.name}"
            if member.default is None:
                conditions.append(f"({member.name} := {source}) is not None")
                source = member.name
            written.append(f"{json_name(member)!r}: {source}")
        return f"{{{', '.join(written)}}} if {' and '.join(conditions)} else {call}"

    def _nested(self, annotation: Any) -> str:
        """Return the name of the function that writes a type."""
        return self.namespace.add_lazily(partial(self.converter.get_unstructure_hook, without_none(annotation)))


def _is_small(kind: Any) -> bool:
    """Return whether a model has few members, none of which needs a conversion: a profile of many."""
    if not (attrs.has(kind) and issubclass(kind, Model)):
        return False
    members = [member for member in attrs.fields(kind) if member.name != EXTRA]
    return len(members) <= _MAX_MEMBERS_IN_PLACE and all(
        member.default in (None, attrs.NOTHING) and (is_passthrough(member.type) or is_number(member.type))
        for member in members
    )


def _other_list(value: Any, write_entry: Hook) -> Any:
    """Return the JSON value of what stands in place of a list of models, such as a tuple.

    Raises:
        AnotherKindError: It has no entries, and is to be sent.
    """
    if value is None:
        return None
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)):
        return [write_entry(entry) for entry in value]
    return _keep(value, "a list")


def _other_dict(value: Any, write_entry: Hook) -> Any:
    """Return the JSON value of what stands in place of a dict of models.

    Raises:
        AnotherKindError: It has no names, and is to be sent.
    """
    if value is None:
        return None
    if isinstance(value, Mapping):
        return {name: write_entry(entry) for name, entry in value.items()}
    return _keep(value, "a mapping")


def _keep(value: Any, expected: str) -> Any:
    if not _mode.keeps_other_kinds:
        raise AnotherKindError(f"{expected} was expected, not {type(value).__name__}")
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


@cache
def _list_writer(kind: Any) -> Hook:
    return _ModelWriter(kind, converter).generate_list()


class _Writers(dict[type, Hook]):
    """The functions that write values of a type: cattrs' own table takes several times as long to ask."""

    def __missing__(self, kind: type) -> Hook:
        hook = self[kind] = converter.get_unstructure_hook(kind)
        return hook


_writers: Final = _Writers()
_register_hooks()
