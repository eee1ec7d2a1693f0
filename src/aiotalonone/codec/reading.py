"""JSON values into models: tolerant, since the API adds members, leaves out lists and bends types."""

import re
from collections.abc import Callable
from math import isfinite
from typing import Any, Final, cast, get_args

import attrs
from cattrs import Converter, override
from cattrs.cols import list_structure_factory
from cattrs.errors import BaseValidationError
from cattrs.gen import make_dict_structure_fn_from_attrs, mapping_structure_factory

from aiotalonone.codec.fields import EXTRA, container, is_date, is_number, is_plain, json_name
from aiotalonone.dates import read_date
from aiotalonone.models.effects import EFFECT_PROPS, Effect, EffectProps, UnknownEffectProps

Hook = Callable[[Any, Any], Any]

_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]{1,3})?")
_TYPED_BY_THE_EFFECT: Final[object] = EffectProps
_SHAPES: Final[dict[type, str]] = {dict: "an object", list: "an array"}


class WrongShapeError(ValueError):
    """A JSON value of another kind than the model asks for."""


def register(converter: Converter) -> None:
    """Teach the converter to read: models, dates, numbers, and lists and maps that may be null."""
    # The hook that was registered last is asked first.
    converter.register_structure_hook_factory(is_plain, lambda _: _as_it_is)
    converter.register_structure_hook_factory(is_number, lambda _: _read_number)
    for kind in (int, float):  # a plain class has a hook of cattrs' own, which is asked before any factory
        converter.register_structure_hook(kind, _read_number)
    converter.register_structure_hook_factory(is_date, lambda _: lambda value, _: read_date(value))
    converter.register_structure_hook_factory(lambda kind: container(kind) is not None, _container_hook)
    converter.register_structure_hook_factory(attrs.has, _model_hook)
    converter.register_structure_hook(Effect, _effect_hook(converter))


def _model_hook(kind: type, converter: Converter) -> Hook:
    read, known = _members_reader(kind, converter)

    def read_model(value: Any, _: object) -> Any:
        if value is None:  # a lone null in a list, or for a member that the schema requires
            return None
        model = read(_require(dict, value), kind)
        if not value.keys() <= known:
            model.extra = {name: value[name] for name in value if name not in known}
        return model

    return read_model


def _members_reader(kind: type, converter: Converter) -> tuple[Hook, frozenset[str]]:
    """A generated function that reads the known members, and their names."""
    members = [attribute for attribute in attrs.fields(kind) if attribute.name != EXTRA]
    names: dict[str, Any] = {attribute.name: override(rename=json_name(attribute)) for attribute in members}
    read: Hook = make_dict_structure_fn_from_attrs(
        [_inlined(attribute) for attribute in members], kind, converter, **names
    )
    return read, frozenset(map(json_name, members))


def _inlined(attribute: "attrs.Attribute[Any]") -> "attrs.Attribute[Any]":
    """A member that needs no conversion is read without a call: 6.4 times orjson's time becomes 3.8 times."""
    passes = is_plain(attribute.type) and not is_number(attribute.type) and container(attribute.type) is None
    return attribute.evolve(type=Any) if passes or attribute.type == _TYPED_BY_THE_EFFECT else attribute


def _container_hook(kind: Any, converter: Converter) -> Hook:
    shape = cast("type", container(kind))
    read: Hook
    if all(is_plain(argument) for argument in get_args(kind)):
        read = _as_it_is
    elif shape is list:
        read = list_structure_factory(kind, converter)
    else:
        read = mapping_structure_factory(kind, converter)
    return lambda value, _: shape() if value is None else read(_require(shape, value), kind)


def _effect_hook(converter: Converter) -> Hook:
    read_effect = _model_hook(Effect, converter)

    def read(value: Any, _: object) -> Any:
        effect = read_effect(value, Effect)
        if effect is not None:
            effect.props = _read_props(effect.effect_type, effect.props, converter)
        return effect

    return read


def _read_props(effect_type: str, props: Any, converter: Converter) -> Any:
    """The props of the effect's type; of an unknown or malformed effect they are kept whole rather than refused."""
    if not isinstance(props, dict):
        return UnknownEffectProps() if props is None else props
    kind = EFFECT_PROPS.get(effect_type)
    if kind is None:
        return UnknownEffectProps(extra=props)
    try:
        return converter.structure(props, kind)
    except BaseValidationError:
        return UnknownEffectProps(extra=props)


def _read_number(value: Any, _: object) -> Any:
    if type(value) is not str or not (text := _NUMBER.fullmatch(value)):
        return value
    number = float(value) if text["fraction"] or text["exponent"] else int(value)
    return number if isfinite(number) else value


def _as_it_is(value: Any, _: object) -> Any:
    return value


def _require(shape: type, value: Any) -> Any:
    if not isinstance(value, shape):
        raise WrongShapeError(f"{_SHAPES[shape]} was expected, not {type(value).__name__}")
    return value
