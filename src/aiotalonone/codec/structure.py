"""JSON values into models: tolerant, since the API adds members, leaves out others and bends types."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, Final, TypeVar, cast, get_args

import attrs
from cattrs import Converter
from cattrs.errors import StructureHandlerNotFoundError

from aiotalonone.codec.dates import parse_rfc3339
from aiotalonone.codec.fields import (
    EXTRA,
    TAGS,
    container,
    is_date,
    is_number,
    is_passthrough,
    is_set_in_place,
    json_name,
    without_none,
)
from aiotalonone.codec.generate import Hook, Namespace, converter, defer
from aiotalonone.codec.json import shared_key
from aiotalonone.codec.shape import InvalidShapeError, another_kind, describe, keep, note_mismatch, number_of, reject
from aiotalonone.codec.tagged import TaggedHooks, no_tag
from aiotalonone.models._base import Model
from aiotalonone.models._fields import LimitError

_TAGGED: Final = tuple(TAGS)

T = TypeVar("T")


def structure(json_value: object, model: type[T], *, strict: bool = False) -> T:
    """Read a JSON value into a model.

    Nothing of it is lost: what the model has no member for goes to ``extra``, and a member or entry of another kind
    stays the JSON value that it is. A member that is missing or null reads as ``None``, a list or map as empty, whether
    the schema requires it or not. Props that do not fit their class are ``UnknownEffectProps``.

    Args:
        json_value: What a JSON parser made: dicts, lists, strings, numbers.
        model: The class to read, or a list of one: ``list[Coupon]``.
        strict: Raise if a required member is missing, or if something else stands where the model has an object, a list
            or a map. For requests of your own, for example from a queue.

    Raises:
        ValueError: The value is not an object, or not a list if one is read; or the class rejects it, as requests do
            beyond their limits or without a required member; or ``strict`` finds a place. The message names the first
            places, no value.
        TypeError: ``model`` is not a model.
    """
    try:
        problem = _problem_of(json_value, model) or (describe(json_value, model) if strict else "")
        if not problem:
            return converter.structure(json_value, model)
    except InvalidShapeError:
        problem = describe(json_value, model)
    except StructureHandlerNotFoundError:
        raise TypeError(f"{model!r} is not a model, nor a list of one") from None
    # outside of the handler: the frames of what failed hold the value
    raise ValueError(f"not a {getattr(model, '__name__', model)}: {problem}")


def _register_hooks() -> None:
    """Teach the converter to read: models, dates, numbers, and lists and maps that may be null."""
    # The hook that was registered last is asked first.
    converter.register_structure_hook_factory(is_passthrough, lambda _: _identity)
    converter.register_structure_hook_factory(is_number, lambda _: _read_number)
    for kind in (int, float):  # a plain class has a hook of cattrs' own, which is asked before any factory
        converter.register_structure_hook(kind, _read_number)
    converter.register_structure_hook_factory(is_date, lambda _: lambda value, _: parse_rfc3339(value))
    converter.register_structure_hook_factory(lambda kind: container(kind) is not None, _container_hook)
    converter.register_structure_hook_factory(attrs.has, _model_hook)


def _model_hook(kind: type[Any], converter: Converter) -> Hook:
    """Return the generated function that reads a model.

    For a model of a required text and an optional number it is this, where ``k_price`` is ``"price"``::

        def generated(value, _):
            if not isinstance(value, dict):
                return another_kind(dict, value)
            model = new(kind)
            try:
                model.sku = value[k_sku]
            except KeyError:
                return incomplete(value, _)
            known = 1
            if k_price in value:
                known += 1
                model.price = v if type(v := value[k_price]) is not str else number(v)
            else:
                model.price = None
            model._extra = None if len(value) == known else extra(value)
            return model

    ``incomplete`` is the same function with no member required, generated when it is first needed.
    """
    return _ModelReader(kind, converter).generate()


class _ModelReader:
    """Writes the source of one model's function.

    Args:
        kind: The class.
        converter: Has the functions of other classes.
        is_incomplete: Whether members that the schema requires may be missing.
    """

    def __init__(self, kind: type[Any], converter: Converter, *, is_incomplete: bool = False) -> None:
        self.kind = kind
        self.converter = converter
        self.is_incomplete = is_incomplete
        members = [member for member in attrs.fields(kind) if member.init and member.name != EXTRA]
        required = [] if is_incomplete else [member for member in members if member.default is attrs.NOTHING]
        # The cheap ones first, so that nothing is read twice if one is missing.
        self.required = sorted(required, key=lambda member: not _is_plain(member.type))
        self.optional = [member for member in members if member not in required]
        self.in_place = is_set_in_place(kind)  # type: ignore[arg-type]  # a class has a hash, says everyone but mypy
        # A constructor makes requests and callers' classes; a class of props promises what ``match`` relies on.
        self.is_strict = not self.in_place or issubclass(kind, _TAGGED)
        self.namespace = Namespace(
            kind=kind,
            new=object.__new__,
            construct=partial(_construct, kind),
            another_kind=reject if self.is_strict else keep,
            number=number_of,
            date=parse_rfc3339,
            extra=partial(_extra_of, frozenset(map(json_name, members))),
            set_extra=Model._extra.__set__,  # type: ignore[attr-defined]  # noqa: SLF001 - a class may be frozen
            missing=partial(_missing, [json_name(member) for member in self.required]),
            note_mismatch=note_mismatch,
            **{f"k_{member.name}": shared_key(json_name(member)) for member in members},
        )

    def generate(self) -> Hook:
        return self.namespace.define(self._lines(), f"structure {self.kind.__name__}")

    def _lines(self) -> Iterator[str]:
        yield "def generated(value, _):"
        yield "  if not isinstance(value, dict): return another_kind(dict, value)"
        if self.is_incomplete:
            yield "  note_mismatch()"
        yield "  model = new(kind)" if self.in_place else "  members = {}"
        if self.required:
            yield "  try:"
            for member in self.required:
                yield from self._assignment(member, "    ")
            yield "  except KeyError as failure:"
            yield "    missing(failure, value)" if self.is_strict else f"    return {self._incomplete()}(value, _)"
        yield f"  known = {len(self.required)}"
        for member in self.optional:
            yield f"  if k_{member.name} in value:"
            yield "    known += 1"
            if member.type in TAGS:
                yield from self._assignment(member, "  ")
                continue
            yield from self._assignment(member, "    ")
            if self.in_place and (default := self._default(member)):
                yield f"  else: {self._target(member)} = {default}"
        if not self.in_place:
            yield "  model = construct(members)"
        if issubclass(self.kind, Model):
            further = "None if len(value) == known else extra(value)"
            yield f"  model._extra = {further}" if self.in_place else f"  set_extra(model, {further})"
        yield "  return model"

    def _incomplete(self) -> str:
        """Return the name of the function that reads the model if required members are missing."""

        def make() -> Hook:
            return _ModelReader(self.kind, self.converter, is_incomplete=True).generate()

        return self.namespace.add_lazily(make, is_rare=True)

    def _target(self, member: "attrs.Attribute[Any]") -> str:
        return f"model.{member.name}" if self.in_place else f"members[{member.alias!r}]"

    def _default(self, member: "attrs.Attribute[Any]") -> str:
        """Return the source of a default; empty for a list or map, which the model makes when it is first asked for."""
        if isinstance(member.default, attrs.Factory):  # type: ignore[arg-type]
            return ""
        if member.default is not attrs.NOTHING:
            return "None" if member.default is None else self.namespace.add(member.default)
        shape = container(member.type)
        return f"{shape.__name__}()" if shape else "None"

    def _assignment(self, member: "attrs.Attribute[Any]", indent: str) -> Iterator[str]:
        """Yield the source that reads a member which is there."""
        target = self._target(member)
        if member.type not in TAGS:
            yield f"{indent}{target} = {self._expression(member)}"
            return
        base: Any = member.type
        tag = TAGS[base]
        self.namespace.update(
            hooks=_tagged_hooks(self.converter, base), InvalidShapeError=InvalidShapeError, no_tag=no_tag
        )
        read = "value.get(k_{0})" if self.is_incomplete else "value[k_{0}]"
        yield f"{indent}if (v := {read.format(member.name)}) is None: v = {{}}"
        yield f"{indent}if type(v) is dict:"
        yield f"{indent}  tag = value.get(k_{tag.member})"
        yield f"{indent}  if type(tag) is not str: tag = no_tag(tag)"
        yield f"{indent}  try: {target} = hooks[tag](v, None)"
        yield f"{indent}  except InvalidShapeError: {target} = hooks.keep_unfit(v)"
        yield f"{indent}else: {target} = another_kind(dict, v)"

    def _expression(self, member: "attrs.Attribute[Any]") -> str:
        """Return the source of what a member becomes."""
        annotation: Any = member.type
        item = f"value[k_{member.name}]"
        if is_number(annotation):
            return f"v if type(v := {item}) is not str else number(v)"
        if is_date(annotation):
            return f"date({item})"
        shape = container(annotation)
        if is_passthrough(annotation):
            return item if shape is None else _expect(shape.__name__, item)
        kind = without_none(annotation)
        if self.is_strict and (expected := container(kind)):
            item = (
                f"v if type(v := {item}) is {expected.__name__} or v is None else another_kind({expected.__name__}, v)"
            )
        read = self.namespace.add_lazily(partial(self.converter.get_structure_hook, kind))
        name = self.namespace.add(kind)
        # What reads lists and dicts reads null as well.
        return f"{read}({item}, {name})" if shape else f"None if (v := {item}) is None else {read}(v, {name})"


def _expect(shape: str, item: str) -> str:
    """Return the source of a list or dict that is kept as it is."""
    return f"v if type(v := {item}) is {shape} else {shape}() if v is None else another_kind({shape}, v)"


def _is_plain(annotation: Any) -> bool:
    """Return whether reading a member costs next to nothing."""
    return is_passthrough(annotation) or is_number(annotation) or is_date(annotation)


@cache
def _tagged_hooks(converter: Converter, base: Any) -> TaggedHooks:
    return TaggedHooks(converter, TAGS[base])


def _missing(required: list[str], failure: KeyError, value: dict[str, Any]) -> None:
    """Raise for members that are missing.

    Raises:
        InvalidShapeError: Required ones are.
        KeyError: They are all there: a caller's own function failed.
    """
    if all(name in value for name in required):
        raise failure
    raise InvalidShapeError("missing")


def _problem_of(value: object, model: Any) -> str:
    """Return what is wrong with a value that is not an object, or not a list if a list is read; empty if nothing is."""
    if attrs.has(model):
        return describe(value, model) if not isinstance(value, dict) else ""
    shape = container(model)
    return "" if shape is None or value is None or isinstance(value, shape) else f"{another_kind(shape, value)} @ $"


def _construct(kind: type[Any], members: dict[str, Any]) -> Any:
    """Return a model that checks its members.

    Raises:
        InvalidShapeError: A member is beyond its limit.
    """
    try:
        return kind(**members)
    except LimitError as failure:
        problem = str(failure)
    except (TypeError, ValueError):
        problem = "unreadable"
    raise InvalidShapeError(problem)


def _extra_of(known: frozenset[str], value: dict[str, Any]) -> dict[str, Any]:
    """Return the members that are not known; an object without a known one is kept as it is."""
    return value if known.isdisjoint(value) else {name: value[name] for name in value if name not in known}


def _container_hook(kind: Any, converter: Converter) -> Hook:
    shape = cast("type", container(kind))
    entry_kind = without_none(get_args(kind)[-1])
    if all(is_passthrough(argument) for argument in get_args(kind)):
        return lambda value, _: value if isinstance(value, shape) else _empty_or_kept(shape, value)
    reader = cache(partial(converter.get_structure_hook, entry_kind))
    defer(reader)
    return (_list_hook if shape is list else _dict_hook)(reader, entry_kind)


def _list_hook(reader: Callable[[], Hook], kind: Any) -> Hook:
    def read_list(value: Any, _: object) -> Any:
        """Return the entries of an array as models; a lone null stays one."""
        if not isinstance(value, list):
            return _empty_or_kept(list, value)
        if not value:
            return []
        read = reader()
        return [None if entry is None else read(entry, kind) for entry in value]

    return read_list


def _dict_hook(reader: Callable[[], Hook], kind: Any) -> Hook:
    def read_dict(value: Any, _: object) -> Any:
        """Return the values of an object as models; a lone null stays one."""
        if not isinstance(value, dict):
            return _empty_or_kept(dict, value)
        if not value:
            return {}
        read = reader()
        return {name: None if entry is None else read(entry, kind) for name, entry in value.items()}

    return read_dict


def _empty_or_kept(shape: type, value: Any) -> Any:
    return shape() if value is None else keep(shape, value)


def _read_number(value: Any, _: object) -> Any:
    return number_of(value) if type(value) is str else value


def _identity(value: Any, _: object) -> Any:
    return value


_register_hooks()
