"""Props of effects, whose class depends on the effect's type."""

from typing import Any

from cattrs import Converter

from aiotalonone.codec.generate import Hook, defer
from aiotalonone.codec.shape import note_mismatch
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
    """Return the props of an effect that is not known: they are kept whole."""
    return UnknownEffectProps(extra=props)


def unfit_props(props: dict[str, Any]) -> UnknownEffectProps:
    """Return props that their class cannot hold: they are kept whole, so that a class promises what is in it."""
    note_mismatch()
    return unknown_props(props)


def no_type(_: object) -> None:
    """Return the key of an effect whose type is not a text; a list or an object cannot be looked up."""
    note_mismatch()
