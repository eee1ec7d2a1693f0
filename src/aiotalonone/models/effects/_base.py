"""What the props of all effects have in common."""

from attrs import define

from aiotalonone.models._base import Model

__all__ = ["EffectProps"]


@define(kw_only=True)
class EffectProps(Model):
    """How an effect is to be carried out: the base class of the props of every type of effect."""
