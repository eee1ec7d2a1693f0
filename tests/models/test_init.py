"""The ``__init__`` that is generated for a model does what that of attrs would do, and copies."""

from inspect import signature

import attrs
import pytest
from attrs import Factory, define, field, frozen
from attrs.exceptions import FrozenInstanceError

from aiotalonone import CartItem, models, structure, unstructure
from aiotalonone.models import NewAudience, NewCustomerSessionV2
from aiotalonone.models._base import Model
from aiotalonone.models._fields import LimitError
from aiotalonone.models._init import prepare_init

MODELS = [kind for name in models.__all__ if attrs.has(kind := getattr(models, name))]


def with_attrs_init(kind, members):
    """Make a model as attrs alone would."""
    model = object.__new__(kind)
    kind.__init__.__wrapped__(model, **members)
    return model


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_members_are_set_as_attrs_would_set_them(kind):
    """With and without the optional members, a model is the one that the ``__init__`` of attrs would make."""
    with attrs.validators.disabled():
        required = {member.alias: [member.name] for member in attrs.fields(kind) if member.default is attrs.NOTHING}
        every = {member.alias: {"a": member.name} for member in attrs.fields(kind)}
        for members in (required, every):
            for _ in range(2):  # the first one is made by another function
                assert kind(**members) == with_attrs_init(kind, members)
    assert list(signature(kind).parameters) == [member.alias for member in attrs.fields(kind)]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_wrong_name_is_an_error_in_words_of_python(is_first):
    """A member that is missing or misspelt is a TypeError that names class and member."""

    @define(kw_only=True)
    class Line(Model):
        sku: str

    if not is_first:
        Line(sku="a")
    with pytest.raises(TypeError, match=r"Line.__init__\(\) missing 1 required keyword-only argument: 'sku'"):
        Line()
    with pytest.raises(TypeError, match=r"Line.__init__\(\) got an unexpected keyword argument 'skus'"):
        Line(sku="a", skus="b")


def test_limits_hold_unless_validators_are_disabled():
    """Limits are checked when a model is made, unless attrs is told to run no validators."""
    with pytest.raises(LimitError):
        NewAudience(name="")
    with attrs.validators.disabled():
        assert NewAudience(name="").name == ""


def test_a_member_may_have_any_default():
    """The members of a derived class may have defaults of all kinds, made again for each model."""

    @define(kw_only=True)
    class Line(CartItem):
        tags: list[str] = field(factory=list)
        notes: dict[str, str] | None = None
        key: str = field(default=Factory(lambda self: f"{self.sku}-1", takes_self=True))
        _size: int = 3

    @define(kw_only=True)
    class Plain(CartItem):
        tags: list[str] = field(factory=list)
        _size: int = 3

    line, plain = Line(sku="a", quantity=1), Plain(sku="a", quantity=1, size=4)
    assert (line.tags, line.notes, line.key, line._size) == ([], None, "a-1", 3)
    assert (plain.tags, plain._size) == ([], 4)
    assert line.tags is not Line(sku="a", quantity=1).tags
    assert plain.tags is not Plain(sku="a", quantity=1).tags


def test_a_derived_class_may_convert_and_calculate():
    """Converters, members without a parameter and the hook of attrs after ``__init__`` work in a derived class."""

    @define(kw_only=True)
    class Line(CartItem):
        grams: int = field(converter=int)
        total: float = field(init=False, default=0.0)

        def __attrs_post_init__(self):
            self.total = self.price * self.quantity

    line = Line(sku="a", quantity=2, price=1.5, grams="7", attributes=(attributes := {"a": 1}))
    attributes.clear()
    assert (line.grams, line.total, line.attributes) == (7, 3.0, {"a": 1})


@pytest.mark.parametrize("base", [CartItem, NewAudience], ids=["unchecked", "checked"])
def test_a_derived_class_may_be_frozen(base):
    """A frozen class is made, read and written as any other, and cannot be changed."""

    @frozen(kw_only=True)
    class Frozen(base):
        tags: list[str] = field(factory=list)

    required = {"sku": "a", "quantity": 1} if base is CartItem else {"name": "a"}
    made = Frozen(**required, tags=(tags := ["b"]), extra={"new": 1})
    tags.clear()
    assert unstructure(made) == required | {"tags": ["b"], "new": 1}
    assert structure(unstructure(made), Frozen) == made
    with pytest.raises(FrozenInstanceError):
        made.tags = []


def test_what_is_prepared_is_not_prepared_again():
    """A class is prepared once, whether for ``warm_up`` or by its first model."""
    prepare_init(NewCustomerSessionV2)
    init = NewCustomerSessionV2.__init__
    prepare_init(NewCustomerSessionV2)
    assert NewCustomerSessionV2(state="open").state == "open"
    assert NewCustomerSessionV2.__init__ is init


def test_an_init_in_place_of_the_generated_one_stays():
    """What someone puts around the ``__init__`` of a class before its first model stays around it."""

    @define(kw_only=True)
    class Line(Model):
        sku: str

    made, init = [], Line.__init__

    def note(self, **members):
        init(self, **members)
        made.append(self.sku)

    Line.__init__ = note
    for sku in ("a", "b"):
        assert Line(sku=sku).sku == sku
    assert made == ["a", "b"]
