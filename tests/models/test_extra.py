"""Members that a class does not know: kept for each model that has them, at no cost for the others."""

import copy
import pickle
import sys

import attrs
import pytest

from aiotalonone import CartItem, Coupon, NewCustomerSessionV2, models, structure, unstructure
from aiotalonone.models._base import Model

MODELS = [value for value in vars(models).values() if isinstance(value, type) and attrs.has(value)]
COUPON = {"id": 1, "created": "2026-11-01T08:00:00Z", "campaignId": 2, "value": "X", "usageLimit": 1, "usageCounter": 0}


def item(**members):
    return CartItem(sku="a", quantity=1, **members)


def test_extra_is_declared_once():
    """Every model inherits ``extra`` from one class, and has slots instead of a dict."""
    for model in MODELS:
        assert issubclass(model, Model)
        assert attrs.fields(model).extra.inherited
        assert "extra" not in vars(model)
        assert not hasattr(model, "__dict__") or "__dict__" not in model.__slots__


def test_a_model_without_extra_members_holds_no_dict():
    """A model holds no dict for extra members until ``extra`` is read, whether the model was made or read itself."""
    for model in (item(), item(extra={}), structure({"sku": "a", "quantity": 1}, CartItem)):
        assert model._extra is None
        assert model.extra == {}
        assert model._extra is model.extra


def test_what_is_put_into_extra_is_sent():
    """A caller may fill the empty ``extra`` of a model, and what is in it is sent."""
    made, read = item(), structure({"sku": "a", "quantity": 1}, CartItem)
    for model in (made, read):
        model.extra["brandNew"] = [1]
        assert unstructure(model) == {"sku": "a", "quantity": 1, "brandNew": [1]}
    made.extra = {"other": 2}
    assert unstructure(made)["other"] == 2


def test_equality_asks_for_the_members_alone():
    """Models with the same members are equal, whether or not ``extra`` was read before."""
    asked, other = item(), item()
    assert asked.extra == {}
    assert asked == other
    assert item(extra={"a": 1}) == item(extra={"a": 1}) != item(extra={"a": 2})
    assert item(extra={"a": 1}) != item()


def test_a_model_is_not_hashable():
    """A model can be changed, and therefore has no hash."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(item())


def test_the_repr_shows_extra_members_last_and_only_if_there_are_some():
    """The repr has the schema's members in their order, then extra ones if there are any."""
    assert repr(models.Tier(id=1, name="Gold")).startswith("Tier(id=1, name='Gold', ")
    assert "extra" not in repr(item())
    assert repr(item(extra={"a": 1})).endswith(", extra={'a': 1})")


@pytest.mark.parametrize("extra", [{}, {"a": [1]}])
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])  # noqa: S301 - our own
def test_a_duplicate_is_equal(duplicate, extra):
    """Copies, deep copies and pickles have the extra members, of models made and read."""
    for model in (item(extra=dict(extra)), structure({"sku": "a", "quantity": 1, **extra}, CartItem)):
        twin = duplicate(model)
        assert twin == model
        assert twin.extra == extra
        twin.extra = {"b": 2}
        assert model.extra == extra


def test_evolve_keeps_extra_members():
    """``attrs.evolve`` keeps extra members unless it is given others."""
    model = item(extra={"a": 1})
    assert attrs.evolve(model, quantity=2).extra == {"a": 1}
    assert attrs.evolve(model, extra={"b": 2}).extra == {"b": 2}
    assert attrs.evolve(item(), quantity=2) == CartItem(sku="a", quantity=2)


def test_attrs_knows_extra_as_a_field():
    """Code that walks over the fields of a model meets ``extra`` like any other member."""
    extra = attrs.fields(CartItem).extra
    assert (extra.name, extra.alias, extra.kw_only, extra.default) == ("extra", "extra", True, attrs.Factory(dict))
    assert attrs.asdict(item(extra={"a": 1}))["extra"] == {"a": 1}


def test_lists_that_a_response_leaves_out_are_made_when_they_are_asked_for():
    """A list that a response leaves out is made when it is read, and belongs to its model alone."""
    one, other = structure({}, models.IntegrationStateV2), structure({}, models.IntegrationStateV2)
    one.effects.append("x")
    assert (one.effects, other.effects) == (["x"], [])
    assert one != other
    assert structure({}, models.IntegrationStateV2) == models.IntegrationStateV2()
    assert unstructure(other)["createdCoupons"] == []


def test_a_member_that_no_model_has_is_an_attribute_error():
    """A name that no member has is an AttributeError with the usual words, for a model that was read, too."""
    coupon = structure(COUPON, Coupon)
    with pytest.raises(AttributeError, match="'Coupon' object has no attribute 'valeu'"):
        _ = coupon.valeu
    assert not hasattr(coupon, "valeu")
    with pytest.raises(AttributeError):
        coupon.valeu = 1


def test_a_profile_takes_less_memory_than_its_dict():
    """A model without extra members takes at most half the memory of a dict with the same members."""
    profile = models.MultipleCustomerProfileIntegrationRequestItem(integration_id="c", attributes=None)
    assert sys.getsizeof(profile) <= sys.getsizeof({"integrationId": "c", "attributes": None}) // 2


def test_limits_hold_for_a_session_with_extra_members():
    """A model with extra members checks its limits like any other."""
    session = NewCustomerSessionV2(extra={"a": 1})
    with pytest.raises(ValueError, match="at most 100 characters"):
        session.referral_code = "x" * 101
