"""What can be declared, what the API calls it, and which declarations are errors when the class is made."""

import pickle
import subprocess
import sys
import typing
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, ClassVar, Generic, Literal, NewType, NotRequired, TypedDict, TypeVar

import attrs
import pytest
import typing_extensions

from aiotalonone import unstructure
from aiotalonone.attributes import UNSET, Location, Named, Unset, attribute_types, attributes, to_attributes
from aiotalonone.models import CustomerProfileIntegrationRequestV2
from aiotalonone.sandbox.account.attribute_types import TYPES

T = TypeVar("T")
CustomerID = NewType("CustomerID", str)


class Tier(StrEnum):
    """Values of an attribute that are texts themselves."""

    GOLD = "gold"


class Size(Enum):
    """Values of an attribute that have texts."""

    SMALL = "S"


class Level(IntEnum):
    """Values that the API does not have: numbers."""

    LOW = 1


class Alias:
    """What a ``type`` statement makes, as far as it is asked for."""

    __value__ = list[CustomerID]


def declared(annotation):
    """Return a declared class with a member ``x`` of that type."""

    @attributes
    @attrs.define
    class Shop:
        x: annotation

    return Shop


@pytest.mark.parametrize(
    ("annotation", "name"),
    [
        (str, "string"),
        (Literal["a", "b"], "string"),
        (Tier, "string"),
        (Size, "string"),
        (CustomerID, "string"),
        (int, "number"),
        (float, "number"),
        (Decimal, "number"),
        (int | float | Decimal | None, "number"),
        (bool | Unset, "boolean"),
        (datetime | None | Unset, "time"),
        (Location, "location"),
        (Location | None | Unset, "location"),
        (Annotated[Location, "of the shop"], "location"),
        (list[str], "(list string)"),
        (Sequence[Tier] | None, "(list string)"),
        (Alias(), "(list string)"),
        (tuple[Decimal, ...], "(list number)"),
        (list[int | float] | Unset, "(list number)"),
        (list[Annotated[datetime, "UTC"]], "(list time)"),
        (list[Location], "(list location)"),
    ],
)
def test_a_python_type_stands_for_a_type_of_the_api(annotation, name):
    """Each type that a member may have is one of the API's types, whatever stands around it."""
    assert attribute_types(declared(annotation)) == {"x": name}
    assert name in TYPES


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (list[bool], "Shop.x: the API has no list of booleans"),
        (list[bool | None], "Shop.x: an attribute is a str"),
        (list[str | None], "Shop.x: an attribute is a str"),
        (list[list[str]], "Shop.x: an attribute is a str"),
        (list, "Shop.x: an attribute is a str"),
        (tuple[str, str], "Shop.x: an attribute is a str"),
        (set[str], "Shop.x: an attribute is a str"),
        (dict[str, str], "Shop.x: an attribute is a str"),
        (str | int, "Shop.x: an attribute is a str"),
        (bool | int, "Shop.x: an attribute is a str"),
        (list[str] | str, "Shop.x: an attribute is a str"),
        (bytes, "Shop.x: an attribute is a str"),
        (Any, "Shop.x: an attribute is a str"),
        (None, "Shop.x: an attribute is a str"),
        (Unset, "Shop.x: an attribute is a str"),
        (Literal[1, 2], "Shop.x: the values of a Literal or an Enum must be texts"),
        (Level, "Shop.x: the values of a Literal or an Enum must be texts"),
        (Annotated[str, Named("")], "Shop.x: the name of an attribute is a text"),
        (Annotated[str, Named(" Tier")], "Shop.x: the name of an attribute is a text"),
        (Annotated[str, Named(Tier)], "Shop.x: the name of an attribute is a text"),
        (Annotated[Annotated[str, Named("a")] | None, Named("b")], "Shop.x: has more than one name"),
        ("Absent", "Shop: Absent is not in its module when the program runs: import it outside of TYPE_CHECKING"),
    ],
)
def test_a_type_that_the_api_does_not_have_is_an_error(annotation, message):
    """A class with such a member cannot be declared, and the error names the member."""
    with pytest.raises(TypeError) as caught:
        declared(annotation)
    assert str(caught.value).startswith(message)


def test_a_member_can_have_a_name_of_its_own():
    """``Named`` says what the account calls an attribute, wherever it stands in the annotation."""

    @attributes
    @attrs.define
    class Shop:
        tier: Annotated[str | Unset | None, Named("Loyalty Tier")] = UNSET
        kids: Annotated[int, Named("Kids")] | Unset = UNSET
        class_: Annotated[str, Named("class")] = "A"
        _since: datetime | Unset = UNSET

    assert attribute_types(Shop) == {"Loyalty Tier": "string", "Kids": "number", "class": "string", "since": "time"}


def test_a_class_made_by_a_function_has_types():
    """The types of a class that ``attrs.make_class`` makes are those of its fields."""
    made = attributes(attrs.make_class("Shop", {"tier": attrs.field(type=str), "kids": attrs.field(type=int)}))
    assert attribute_types(made) == {"tier": "string", "kids": "number"}
    with pytest.raises(TypeError, match=r"^Shop\.tier: an attribute is a str"):
        attributes(attrs.make_class("Shop", ["tier"]))


def test_two_members_cannot_be_the_same_attribute():
    """A class in which two members have one name in the account cannot be declared."""
    with pytest.raises(TypeError, match=r"^Shop\.tier: level is the attribute tier as well$"):

        @attributes
        @attrs.define
        class Shop:
            level: Annotated[str, Named("tier")]
            tier: str


def test_only_attrs_classes_and_typed_dicts_can_be_declared():
    """Any other class, an attrs class that is not one yet among them, is an error."""
    message = "^Shop: is neither an attrs class nor a TypedDict; @attributes stands above @define$"
    with pytest.raises(TypeError, match=message):

        @attrs.define
        @attributes
        class Shop:
            tier: str

    with pytest.raises(TypeError, match=r"^dict: is neither"):
        attributes(dict)


def test_a_member_that_the_constructor_does_not_take_is_an_error():
    """What an object computes is not an attribute; a ClassVar is left out of account."""
    with pytest.raises(TypeError, match=r"^Shop: total is not given to the constructor"):

        @attributes
        @attrs.define
        class Shop:
            currency: ClassVar[str] = "EUR"
            total: int = attrs.field(init=False, default=1)


def test_a_class_that_is_not_declared_is_an_error():
    """A class that was not decorated, and one that was derived from a declared one, cannot be sent or read."""

    @attrs.define
    class Plain:
        tier: str

    @attrs.define
    class Derived(declared(str)):
        tier: str = "gold"

    for value in (Plain("gold"), Derived("x"), 5):
        with pytest.raises(TypeError, match=f"^{type(value).__name__} is not declared: it needs @attributes$"):
            to_attributes(value)
    with pytest.raises(TypeError, match=r"^dict is not declared: a dict needs the TypedDict that declares it$"):
        to_attributes({"tier": "gold"})


def test_typed_dicts_declare_attributes():
    """A TypedDict of either module, made in either way, declares what its keys say."""

    @attributes
    class Shop(TypedDict, total=False):
        tier: Annotated[NotRequired[str | None], Named("Loyalty Tier")]

    @attributes
    class Cart(typing_extensions.TypedDict):
        since: typing_extensions.Required[datetime]

    event = TypedDict("event", {"Gift Wrap": bool})
    attributes(event)
    assert attribute_types(Shop) == {"Loyalty Tier": "string"}
    assert attribute_types(Cart) == {"since": "time"}
    assert attribute_types(event) == {"Gift Wrap": "boolean"}


@pytest.mark.skipif(not hasattr(typing, "ReadOnly"), reason="Python 3.13 has it")
def test_a_key_that_is_only_read_is_an_attribute():
    """``ReadOnly`` is for type checkers."""

    @attributes
    class Shop(TypedDict):
        tier: typing.ReadOnly[str]

    assert attribute_types(Shop) == {"tier": "string"}


@attributes
@attrs.frozen(kw_only=True)
class Sized(Generic[T]):
    """A base whose type is left open."""

    size: T
    fits: list[T] | None = None


@attributes
@attrs.frozen(kw_only=True)
class Coloured(Sized[str], Generic[T]):
    """A base that gives its base a type, and has one of the same name."""

    colour: T


@attributes
@attrs.frozen(kw_only=True)
class Shoe(Coloured[Literal["red"]]):
    """A class whose types are all known."""

    pair: bool = True


@attributes
class Measured(TypedDict, Generic[T]):
    """A dict whose type is left open."""

    size: T


@attributes
class Belt(Measured[float]):
    """A dict whose types are all known."""

    holes: int


def test_generic_classes_declare_attributes():
    """A class that gives its generic bases types has their members, each with the type that its own base was given."""
    assert attribute_types(Shoe) == {"size": "string", "fits": "(list string)", "colour": "string", "pair": "boolean"}
    assert attribute_types(Coloured[float])["colour"] == "number"
    assert attribute_types(Belt) == {"size": "number", "holes": "number"}
    assert attribute_types(Measured[datetime]) == {"size": "time"}
    assert to_attributes(Sized(size=3.5), Sized[float]) == {"size": 3.5, "fits": None}


def test_a_generic_class_without_types_is_an_error():
    """A generic class can be declared, but neither sent nor read before its types are known, and only the API's are."""
    with pytest.raises(TypeError, match=r"^Sized is generic: derive a class .* as in Sized\[str\]$"):
        to_attributes(Sized(size=3.5))
    with pytest.raises(TypeError, match=r"^Sized\.size: an attribute is a str"):
        attribute_types(Sized[bytes])


def test_a_derived_class_declares_the_members_of_its_base():
    """Members of the base are attributes of the derived class, with the types that this gives them."""

    @attributes
    @attrs.define
    class Base:
        tier: str
        kids: int

    @attributes
    @attrs.define(slots=False)
    class Derived(Base):
        kids: list[int]

    assert attribute_types(Derived) == {"tier": "string", "kids": "(list number)"}


def test_unset_is_one_object_that_counts_as_false():
    """``UNSET`` stays the same object when it is copied or pickled, and counts as false."""
    assert deepcopy(UNSET) is pickle.loads(pickle.dumps(UNSET)) is UNSET  # noqa: S301 - our own
    assert not UNSET
    assert repr(UNSET) == "UNSET"


async def test_unset_cannot_be_sent(client):
    """An attribute that is ``UNSET`` is an error of the call, not a text."""
    update = CustomerProfileIntegrationRequestV2(attributes={"tier": UNSET})
    assert unstructure(update) == {"attributes": {"tier": UNSET}}
    with pytest.raises(TypeError, match=r"^attributes\.tier cannot be sent as JSON"):
        await client.customers.update_customer_profile_v2("ada", update)


def test_importing_the_package_does_not_load_the_module():
    """Who declares no attributes pays nothing for them."""
    code = "import sys, aiotalonone; print('aiotalonone.attributes' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    assert done.stdout.split() == ["False"]
