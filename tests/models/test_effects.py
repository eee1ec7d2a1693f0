"""One class of props for each type of effect."""

import importlib
import pkgutil
from typing import Any

import attrs
import pytest

from aiotalonone.models import effects
from aiotalonone.models.effects import (
    EFFECT_PROPS,
    CustomEffectProps,
    Effect,
    EffectProps,
    SetDiscountEffectProps,
    TriggerWebhookEffectProps,
    UnknownEffectProps,
    UpdateAttributeEffectProps,
)

NAMED_OTHERWISE = {
    "customEffect": CustomEffectProps,
    "callApi": TriggerWebhookEffectProps,
    "set": UpdateAttributeEffectProps,
}


def props_classes():
    """Return every class of props that a module of the package defines, exported or not."""
    modules = [importlib.import_module(f"{effects.__name__}.{m.name}") for m in pkgutil.iter_modules(effects.__path__)]
    return {
        value
        for module in modules
        for name, value in vars(module).items()
        if name.endswith("EffectProps") and value.__module__ == module.__name__ and value is not EffectProps
    }


MODELS = sorted({*props_classes(), Effect}, key=lambda model: model.__name__)


def effect_type_of(props_class):
    stem = props_class.__name__.removesuffix("EffectProps")
    return stem[0].lower() + stem[1:]


def test_40_types_of_effect_are_known():
    """The specifications name 36 types of effect, the vendor's newest SDKs four more, and each has a class of props."""
    assert len(props_classes() - {UnknownEffectProps}) == 40


def test_every_props_class_has_an_effect_type():
    """Every class of props, but that of unknown effects, belongs to a type of effect."""
    assert set(EFFECT_PROPS.values()) == props_classes() - {UnknownEffectProps}


def test_an_effect_type_is_its_class_name_but_for_three():
    """The name of a props class follows from the type of effect, with three exceptions."""
    by_rule = {effect_type_of(props): props for props in EFFECT_PROPS.values() if props is not CustomEffectProps}
    assert by_rule | NAMED_OTHERWISE == EFFECT_PROPS


def test_all_props_have_one_base_class():
    """Every class of props can be the props of an effect, for a type checker and at runtime."""
    assert all(issubclass(props, EffectProps) for props in props_classes())
    assert attrs.fields(Effect).props.type is EffectProps


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_member_is_annotated_with_a_real_type(model):
    """Every member of an effect has a type, and not a text, as its annotation."""
    assert not [member.name for member in attrs.fields(model) if isinstance(member.type, str)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_keeps_members_that_it_does_not_know(model):
    """Every class of props has a place for members that it does not know."""
    assert attrs.fields(model).extra.type == dict[str, Any]


def test_props_are_told_apart_by_their_class():
    """A match statement on the props finds the effect's type."""
    effect = Effect(
        campaign_id=1,
        ruleset_id=2,
        rule_index=0,
        rule_name="10 % off",
        effect_type="setDiscount",
        props=SetDiscountEffectProps(name="10 % off", value=4.2),
    )
    match effect.props:
        case SetDiscountEffectProps(value=value):
            assert value == 4.2
        case _:
            pytest.fail("the discount was not recognised")


def test_props_of_an_unknown_effect_are_all_extra():
    """The props of an unknown effect are all in ``extra``."""
    assert [member.name for member in attrs.fields(UnknownEffectProps)] == ["extra"]
