"""Props of effects, whose class depends on the effect's type."""

from typing import Any

from cattrs import Converter

from aiotalonone.codec.generate import Hook, defer
from aiotalonone.codec.shape import another_kind
from aiotalonone.models.effects import EFFECT_PROPS, UnknownEffectProps


class PropsHooks(dict[Any, Hook]):
    """The functions that read props, by the effect's type."""

    def __init__(self, converter: Converter) -> None:
        super().__init__()
        self.converter = converter
        defer(self.fill)

    def fill(self) -> None:
        """Generate all of them."""
        for effect_type in EFFECT_PROPS:
            self[effect_type]

    def __missing__(self, effect_type: Any) -> Hook:
        kind = EFFECT_PROPS.get(effect_type)
        if kind is None:  # not kept: there is no end to what a server may call an effect
            return unknown_props
        hook = self[effect_type] = self.converter.get_structure_hook(kind)
        return hook


def unknown_props(props: dict[str, Any], _: object = None) -> UnknownEffectProps:
    """Return the props of an effect that is not known, or whose props are malformed: they are kept whole."""
    return UnknownEffectProps(extra=props)


def other_props(value: Any) -> Any:
    """Return what stands in place of props: anything but an object as it is, and for null props without members."""
    return UnknownEffectProps() if value is None else value


def require_hashable(effect_type: Any) -> Any:
    """Return an effect's type that is not a string, if it can be looked up.

    Raises:
        InvalidShapeError: It is a list or an object.
    """
    return another_kind(str, effect_type) if isinstance(effect_type, (list, dict)) else effect_type
