"""Effects: what the rules decided, with one class of props for each type of effect.

A new type is a class in the module of its subject, and its name in that module's ``__all__``.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import json_name
from aiotalonone.models.effects import _base, codes, customers, loyalty, other, rewards
from aiotalonone.models.effects._base import *
from aiotalonone.models.effects.codes import *
from aiotalonone.models.effects.customers import *
from aiotalonone.models.effects.loyalty import *
from aiotalonone.models.effects.other import *
from aiotalonone.models.effects.rewards import *

_SUBJECTS: Final = (codes, customers, loyalty, other, rewards)

if not TYPE_CHECKING:  # checkers take what the stars import, and read no list that is put together
    __all__ = ["EFFECT_PROPS", "Effect"]
    __all__ += [name for subject in (_base, *_SUBJECTS) for name in subject.__all__]

_OTHER_NAMES: Final[Mapping[type[EffectProps], tuple[str, ...]]] = {
    other.CustomEffectProps: ("customEffect",),
    # The specifications know these two by their class names, the discriminator in the vendor's newer SDKs by the
    # second name: https://github.com/talon-one/talon-one-ruby-sdk/blob/HEAD/docs/Effect.md
    other.TriggerWebhookEffectProps: ("triggerWebhook", "callApi"),
    other.UpdateAttributeEffectProps: ("updateAttribute", "set"),
    other.UnknownEffectProps: (),
}


def _types_of(props: type[EffectProps]) -> tuple[str, ...]:
    """Return the types of effect that have a class of props: ``setDiscount`` for ``SetDiscountEffectProps``."""
    stem = props.__name__.removesuffix("EffectProps")
    return _OTHER_NAMES.get(props, (stem[0].lower() + stem[1:],))


EFFECT_PROPS: Final[Mapping[str, type[EffectProps]]] = {
    effect_type: props
    for subject in _SUBJECTS
    for props in (getattr(subject, name) for name in subject.__all__)
    for effect_type in _types_of(props)
}
"""The class of an effect's props, by its ``effectType``."""


@define(kw_only=True)
class Effect(Model):
    """What a rule decided, for the integration to act upon. Schema ``Effect``."""

    experiment_id: int | None = None
    """ID of the experiment that the campaign is part of."""
    campaign_id: int
    """ID of the campaign."""
    ruleset_id: int
    """ID of the set of rules in force."""
    rule_index: int
    """Place of the rule in the set, 0 for the first."""
    rule_name: str
    """Name of the rule."""
    effect_type: str
    """What is to be done, such as ``setDiscount``; decides the class of ``props``."""
    triggered_by_coupon: int | None = None
    """ID of the coupon that led to it."""
    triggered_for_catalog_item: int | None = None
    """ID of the catalog item that led to it."""
    condition_index: int | None = None
    """Place of the condition that led to it, 0 for the first."""
    evaluation_group_id: int | None = field(default=None, metadata=json_name("evaluationGroupID"))
    """ID of the group that the campaign was evaluated in."""
    evaluation_group_mode: str | None = None
    """How that group evaluates its campaigns, such as ``stackable``."""
    campaign_revision_id: int | None = None
    """ID of the campaign's revision in force."""
    campaign_revision_version_id: int | None = None
    """ID of that revision's version."""
    selected_price_type: str | None = None
    """Type of the price chosen for the item, such as ``member``."""
    selected_price: float | None = None
    """The price chosen for the item, before discounts."""
    adjustment_reference_id: str | None = None
    """UUID of the price adjustment that the chosen price comes from."""
    props: EffectProps
    """How it is to be done, by type of effect."""
