"""What the functions that make effects and states make."""

import inspect

import pytest
from attrs import NOTHING, fields

from aiotalonone import (
    CustomerProfile,
    CustomerSessionV2,
    SetDiscountEffectProps,
    UnknownEffectProps,
    structure,
    testing,
    unstructure,
)
from aiotalonone.models import EffectProps
from aiotalonone.models.effects import EFFECT_PROPS, Effect
from aiotalonone.operation import snake_case
from aiotalonone.testing import make_effect, make_state, reject_coupon, set_discount, set_discount_per_item

FACTORIES = [name for name in testing.__all__ if not name.startswith("make_")]
TEXT_OF = {float: 1.5, str: "text"}


def made_by(name):
    """Return what a factory makes of the arguments that it requires."""
    factory = getattr(testing, name)
    required = [one for one in inspect.signature(factory).parameters.values() if one.default is one.empty]
    return factory(*(TEXT_OF.get(one.annotation, {"any": "value"}) for one in required))


@pytest.mark.parametrize("name", FACTORIES)
def test_a_factory_makes_the_effect_of_its_name(name):
    """Each function makes the type of effect that its name says, and the API's JSON reads as the same effect."""
    effect = made_by(name)
    assert snake_case(effect.effect_type) == name
    assert type(effect.props) is EFFECT_PROPS[effect.effect_type]
    assert structure(unstructure(effect), Effect) == effect


def test_a_state_has_its_effects_in_their_order():
    """A state has the effects that it is made with, whether they are effects or props, and no others."""
    state = make_state(
        set_discount("Summer", 5), reject_coupon("X", "CouponNotFound"), SetDiscountEffectProps(name="Late", value=1)
    )
    assert [effect.effect_type for effect in state.effects] == ["setDiscount", "rejectCoupon", "setDiscount"]
    assert state.effects[1].props.rejection_reason == "CouponNotFound"
    assert (make_state().effects, make_state().customer_profile, make_state().customer_session) == ([], None, None)


def test_a_state_has_the_session_and_the_customer_that_it_is_given():
    """What a call gets if it asks for it can be part of a state."""
    session = structure({"integrationId": "cart"}, CustomerSessionV2)
    customer = structure({"integrationId": "ada"}, CustomerProfile)
    state = make_state(customer_session=session, customer_profile=customer)
    assert (state.customer_session, state.customer_profile) == (session, customer)


@pytest.mark.parametrize("kind", dict.fromkeys(EFFECT_PROPS.values()), ids=lambda kind: kind.__name__)
def test_the_props_of_any_class_make_an_effect(kind):
    """The type of an effect follows from the class of its props."""
    props = kind(**{member.name: "x" for member in fields(kind) if member.default is NOTHING})
    effect = make_effect(props, campaign_id=7, rule_name="seven")
    assert EFFECT_PROPS[effect.effect_type] is kind
    assert effect.props == props
    assert (effect.campaign_id, effect.rule_name) == (7, "seven")


def test_a_new_type_of_effect_can_be_made():
    """An effect of a type that this version does not know is made with its type's name."""
    effect = make_effect(UnknownEffectProps(extra={"color": "red"}), effect_type="paint")
    assert (effect.effect_type, effect.props.extra) == ("paint", {"color": "red"})


def test_props_without_a_type_are_an_error():
    """Props whose class belongs to no type of effect are TypeError if no type is given."""
    for props in UnknownEffectProps(), EffectProps():
        with pytest.raises(TypeError, match=f"effect_type is required with {type(props).__name__}"):
            make_effect(props)


def test_an_items_discount_is_named_as_the_api_does():
    """The name of an item's discount ends with the item's position."""
    effect = set_discount_per_item("Off", 2, position=3, sub_position=1)
    assert (effect.props.name, effect.props.position, effect.props.sub_position) == ("Off#3", 3, 1)
