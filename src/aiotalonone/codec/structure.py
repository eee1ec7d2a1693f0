"""JSON values into models: tolerant, since the API adds members, leaves out lists and bends types."""

import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import islice
from math import isfinite
from typing import Any, Final, NoReturn, TypeVar, cast, get_args

import attrs
from cattrs import Converter
from cattrs.errors import StructureHandlerNotFoundError

from aiotalonone.codec.dates import parse_rfc3339
from aiotalonone.codec.effects import PropsHooks, other_props, require_hashable, unknown_props
from aiotalonone.codec.fields import EXTRA, container, is_date, is_number, is_passthrough, json_name, without_none
from aiotalonone.codec.generate import Hook, Namespace, converter, defer
from aiotalonone.codec.json import shared_key
from aiotalonone.codec.shape import MAX_PLACES, InvalidShapeError, another_kind
from aiotalonone.models._base import Model
from aiotalonone.models._fields import LimitError
from aiotalonone.models.effects import EffectProps

_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]{1,3})?")
_TYPED_BY_THE_EFFECT: Final[object] = EffectProps


T = TypeVar("T")


def structure(json_value: object, model: type[T]) -> T:
    """Read a JSON value into a model.

    What the model has no member for goes to ``extra``, new enum values are read as text, lists and maps that are null
    or left out of a response read as empty.

    Args:
        json_value: What a JSON parser made: dicts, lists, strings, numbers.
        model: The class to read, or a list of one: ``list[Coupon]``.

    Raises:
        ValueError: The value has another shape; the message names the first places, no value.
        TypeError: ``model`` is not a model.
    """
    try:
        return converter.structure(json_value, model)
    except InvalidShapeError as failure:
        problem = f"not a {getattr(model, '__name__', model)}: {failure}"
    except StructureHandlerNotFoundError:
        raise TypeError(f"{model!r} is not a model, nor a list of one") from None
    raise ValueError(problem)  # outside of the handler: the frames of what failed hold the value


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

    For a model of one optional number it is this, where ``k_price`` is ``"price"``::

        def generated(value, _):
            if not isinstance(value, dict):
                return another_kind(dict, value)
            model = new(kind)
            try:
                known = 0
                if k_price in value:
                    known += 1
                    model.price = v if type(v := value[k_price]) is not str else number(v)
                else:
                    model.price = None
            except (KeyError, InvalidShapeError) as failure:
                explain(failure, value, model)
            model._extra = None if len(value) == known else extra(value)
            return model
    """
    return _ModelReader(kind, converter).generate()


class _ModelReader:
    """Writes the source of one model's function."""

    def __init__(self, kind: type[Any], converter: Converter) -> None:
        self.kind = kind
        self.converter = converter
        members = [member for member in attrs.fields(kind) if member.init and member.name != EXTRA]
        self.required = [member for member in members if member.default is attrs.NOTHING]
        self.optional = [member for member in members if member.default is not attrs.NOTHING]
        self.in_place = _is_set_in_place(kind)
        self.required_names = [json_name(member) for member in self.required]
        in_order = (*self.required, *self.optional)
        self.names = {json_name(member): member.name if self.in_place else member.alias for member in in_order}
        self.namespace = Namespace(
            kind=kind,
            new=object.__new__,
            construct=partial(_construct, kind),
            another_kind=another_kind,
            number=_number_of,
            date=parse_rfc3339,
            extra=partial(_extra_of, frozenset(self.names)),
            explain=self._explain,
            InvalidShapeError=InvalidShapeError,
            **{f"k_{member.name}": shared_key(json_name(member)) for member in members},
        )

    def generate(self) -> Hook:
        return self.namespace.define(self._lines(), f"structure {self.kind.__name__}")

    def _lines(self) -> Iterator[str]:
        yield "def generated(value, _):"
        yield "  if not isinstance(value, dict): return another_kind(dict, value)"
        yield "  model = new(kind)" if self.in_place else "  members = {}"
        yield "  try:"
        yield f"    known = {len(self.required)}"
        for member in self.required:
            yield from self._reading(member)
        for member in self.optional:
            yield f"    if k_{member.name} in value:"
            yield "      known += 1"
            yield f"      {self._target(member)} = {self._expression(member)}"
            if self.in_place and not isinstance(member.default, attrs.Factory):  # type: ignore[arg-type]
                yield f"    else: {self._target(member)} = {self._default(member)}"
        yield "  except (KeyError, InvalidShapeError) as failure:"
        yield f"    explain(failure, value, {'model' if self.in_place else 'members'})"
        if not self.in_place:
            yield "  model = construct(members)"
        if issubclass(self.kind, Model):
            yield "  model._extra = None if len(value) == known else extra(value)"
        yield "  return model"

    def _explain(self, failure: Exception, value: dict[str, Any], target: Any) -> NoReturn:
        """Raise what is wrong with a model: members that are missing, or the first one that was not read."""
        if isinstance(failure, InvalidShapeError):
            is_read = partial(_is_set if self.in_place else dict.__contains__, target)
            unread = next(name for name, attribute in self.names.items() if name in value and not is_read(attribute))
            raise failure.within(f".{unread}")
        missing = [name for name in self.required_names if name not in value][:MAX_PLACES]
        if not missing:
            raise failure
        raise InvalidShapeError({f".{name}": "missing" for name in missing})

    def _target(self, member: "attrs.Attribute[Any]") -> str:
        return f"model.{member.name}" if self.in_place else f"members[{member.alias!r}]"

    def _default(self, member: "attrs.Attribute[Any]") -> str:
        """Return the source of a default; a list or map is made by the model when it is first asked for."""
        if member.default is None:
            return "None"
        return self.namespace.add(member.default)

    def _reading(self, member: "attrs.Attribute[Any]") -> Iterator[str]:
        target = self._target(member)
        if member.type != _TYPED_BY_THE_EFFECT:
            yield f"    {target} = {self._expression(member)}"
            return
        self.namespace.update(
            props_hooks=PropsHooks(self.converter),
            hashable=require_hashable,
            other_props=other_props,
            unknown_props=unknown_props,
        )
        yield "    effect_type = value[k_effect_type]"
        yield "    if type(effect_type) is not str: effect_type = hashable(effect_type)"
        yield f"    v = value[k_{member.name}]"
        read = "props_hooks[effect_type](v, None) if type(v) is dict else other_props(v)"
        yield f"    try: {target} = {read}"
        yield f"    except InvalidShapeError: {target} = unknown_props(v)"

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
        read = self.namespace.add_lazily(partial(self.converter.get_structure_hook, kind))
        name = self.namespace.add(kind)
        # What reads lists and dicts reads null as well.
        return f"{read}({item}, {name})" if shape else f"None if (v := {item}) is None else {read}(v, {name})"


def _expect(shape: str, item: str) -> str:
    """Return the source of a list or dict that is kept as it is."""
    return f"v if type(v := {item}) is {shape} else {shape}() if v is None else another_kind({shape}, v)"


def _is_set_in_place(kind: type[Any]) -> bool:
    """Return whether members can be set one by one: in a class of ours that checks no limit.

    A derived class may do anything when it is made.
    """
    is_ours = kind.__module__.startswith(Model.__module__.rpartition(".")[0])
    return is_ours and not any(member.validator for member in attrs.fields(kind))


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
    raise InvalidShapeError({"": problem})


def _is_set(model: object, name: str) -> bool:
    """Return whether a member was read, without making a default of it."""
    try:
        object.__getattribute__(model, name)
    except AttributeError:
        return False
    return True


def _extra_of(known: frozenset[str], value: dict[str, Any]) -> dict[str, Any]:
    """Return the members that are not known; an object without a known one is kept as it is."""
    return value if known.isdisjoint(value) else {name: value[name] for name in value if name not in known}


def _container_hook(kind: Any, converter: Converter) -> Hook:
    shape = cast("type", container(kind))
    entry_kind = without_none(get_args(kind)[-1])
    if all(is_passthrough(argument) for argument in get_args(kind)):
        return lambda value, _: value if isinstance(value, shape) else _empty_or_another_kind(shape, value)
    reader = cache(partial(converter.get_structure_hook, entry_kind))
    defer(reader)
    return (_list_hook if shape is list else _dict_hook)(reader, entry_kind)


def _list_hook(reader: Callable[[], Hook], kind: Any) -> Hook:
    def read_list(value: Any, _: object) -> Any:
        """Return the entries of an array as models; a lone null stays one."""
        if not isinstance(value, list):
            return _empty_or_another_kind(list, value)
        entries: list[Any] = []
        if not value:
            return entries
        read, append = reader(), entries.append
        try:
            for entry in value:
                append(None if entry is None else read(entry, kind))
        except InvalidShapeError as failure:
            first, places = len(entries), failure.within(f"[{len(entries)}]").places
        else:
            return entries
        raise InvalidShapeError(_first_places(read, kind, value, first + 1, places))

    return read_list


def _first_places(read: Hook, kind: Any, entries: list[Any], start: int, places: dict[str, str]) -> dict[str, str]:
    """Return what is wrong in entries from ``start`` on as well, until there are enough places."""
    for index in range(start, len(entries)):
        if len(places) >= MAX_PLACES:
            break
        try:
            if entries[index] is not None:
                read(entries[index], kind)
        except InvalidShapeError as failure:
            places |= failure.within(f"[{index}]").places
    return dict(islice(places.items(), MAX_PLACES))


def _dict_hook(reader: Callable[[], Hook], kind: Any) -> Hook:
    def read_dict(value: Any, _: object) -> Any:
        """Return the values of an object as models; a lone null stays one."""
        if not isinstance(value, dict):
            return _empty_or_another_kind(dict, value)
        entries: dict[str, Any] = {}
        if not value:
            return entries
        read = reader()
        try:
            for name, entry in value.items():
                entries[name] = None if entry is None else read(entry, kind)
        except InvalidShapeError as failure:
            raise failure.within(".*") from None  # a name may be a customer's
        return entries

    return read_dict


def _empty_or_another_kind(shape: type, value: Any) -> Any:
    return shape() if value is None else another_kind(shape, value)


def _read_number(value: Any, _: object) -> Any:
    return _number_of(value) if type(value) is str else value


def _number_of(value: str) -> int | float | str:
    """Return the number that a text says, or the text if it is not a number."""
    found = _NUMBER.fullmatch(value)
    if not found:
        return value
    number = float(value) if found["fraction"] or found["exponent"] else int(value)
    return number if isfinite(number) else value


def _identity(value: Any, _: object) -> Any:
    return value


_register_hooks()
