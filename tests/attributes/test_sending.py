"""A declared class as the attributes of a request."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Annotated, Literal, NotRequired, TypedDict

import attrs
import pytest

from aiotalonone.attributes import UNSET, Location, Named, Unset, attributes, to_attributes
from aiotalonone.models import MultipleCustomerProfileIntegrationRequestItem

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Tier(Enum):
    """Values of the first attribute."""

    GOLD = "gold"
    SILVER = "silver"


class Language(StrEnum):
    """A text of another class."""

    DE = "de"


@attributes
@attrs.frozen(kw_only=True)
class Shop:
    """A class with an attribute of each type."""

    tier: Annotated[Tier | Unset | None, Named("Loyalty Tier")] = UNSET
    language: Literal["de", "en"] | Unset = UNSET
    name: str | Unset = UNSET
    kids: int | Unset = UNSET
    height: float | Unset | None = UNSET
    spent: Decimal | Unset = UNSET
    vip: bool | Unset = UNSET
    since: datetime | Unset = UNSET
    home: Location | Unset = UNSET
    tags: list[str] | Unset | None = UNSET
    prices: tuple[Decimal | int, ...] | Unset = UNSET
    days: list[datetime] | Unset = UNSET
    shops: list[Location] | Unset = UNSET
    tiers: list[Tier] | Unset = UNSET


@attributes
class Cart(TypedDict):
    """A dict with one key that must be there."""

    gift: bool
    note: NotRequired[Annotated[str | None, Named("Gift Note")]]


def test_only_members_that_are_set_are_sent():
    """What is UNSET is left out, None travels as null, and names are the account's."""
    assert to_attributes(Shop()) == {}
    assert to_attributes(Shop(tier=None, height=None, name="Ada")) == {
        "Loyalty Tier": None,
        "height": None,
        "name": "Ada",
    }


def test_values_are_json_values():
    """Enums, dates and tuples become what JSON has; a Decimal stays one, so that it is sent digit by digit."""
    shop = Shop(
        tier=Tier.GOLD,
        language="de",
        kids=2,
        height=1.8,
        spent=Decimal("1.50"),
        vip=True,
        since=NOON,
        home={"lat": 52.5, "lon": 13.4},
        tags=["a"],
        prices=(Decimal("0.10"), 3),
        days=[NOON],
        shops=["52.5, 13.4", [48.1, 11.6]],
        tiers=[Tier.SILVER],
    )
    assert to_attributes(shop) == {
        "Loyalty Tier": "gold",
        "language": "de",
        "kids": 2,
        "height": 1.8,
        "spent": Decimal("1.50"),
        "vip": True,
        "since": "2026-11-29T12:00:00+00:00",
        "home": {"lat": 52.5, "lon": 13.4},
        "tags": ["a"],
        "prices": [Decimal("0.10"), 3],
        "days": ["2026-11-29T12:00:00+00:00"],
        "shops": ["52.5, 13.4", [48.1, 11.6]],
        "tiers": ["silver"],
    }


@pytest.mark.parametrize(
    ("members", "kind", "message"),
    [
        ({"name": 3}, TypeError, "name must be a str, not int"),
        ({"name": None}, TypeError, "name must be a str, not None"),
        ({"name": "\ud800"}, ValueError, "name contains a lone surrogate, and cannot be sent as UTF-8"),
        ({"kids": 2.5}, TypeError, "kids must be an int, not float"),
        ({"kids": "2"}, TypeError, "kids must be an int, not str"),
        ({"height": float("nan")}, ValueError, "height is NaN or infinite"),
        ({"spent": Decimal("NaN")}, ValueError, "spent is NaN or infinite"),
        ({"spent": True}, TypeError, "spent must be a number, not bool"),
        ({"vip": 1}, TypeError, "vip must be a bool, not int"),
        ({"since": NOON.date()}, TypeError, "since must be a datetime, not date"),
        ({"since": NOON.replace(tzinfo=None)}, ValueError, "since cannot be sent: a datetime has no offset"),
        ({"tier": "bronze"}, ValueError, "tier must be one of 'gold', 'silver'"),
        ({"tier": 1}, TypeError, "tier must be one of 'gold', 'silver', not int"),
        ({"language": "fr"}, ValueError, "language must be one of 'de', 'en'"),
        ({"home": 52.5}, TypeError, "home must be a location, not float"),
        ({"tags": "abc"}, TypeError, "tags must be a list, not str"),
        ({"tags": {"a"}}, TypeError, "tags must be a list, not set"),
        ({"tags": ["a", None]}, TypeError, "tags[1] must be a str, not None"),
        ({"prices": ("1",)}, TypeError, "prices[0] must be a number, not str"),
        ({"prices": None}, TypeError, "prices must be a list, not None"),
        ({"days": [NOON, "soon"]}, ValueError, "days[1] must be a datetime with an offset, or its RFC 3339 text"),
        ({"shops": [None]}, TypeError, "shops[0] must be a location, not None"),
        ({"home": {"lat": float("nan")}}, ValueError, "home.lat is NaN or infinite"),
        ({"shops": ["a", [float("inf")]]}, ValueError, "shops[1][0] is NaN or infinite"),
        ({"tiers": ["gold", "bronze"]}, ValueError, "tiers[1] must be one of 'gold', 'silver'"),
    ],
)
def test_a_value_of_another_type_is_an_error(members, kind, message):
    """The error names the member and what it must be, and not the value."""
    with pytest.raises(kind) as caught:
        to_attributes(Shop(**members))
    assert type(caught.value) is kind
    assert str(caught.value).startswith(message)


def test_a_dict_is_sent_as_its_typed_dict_says():
    """Keys that are not there are left out, and names are the account's."""
    assert to_attributes(Cart(gift=True), Cart) == {"gift": True}
    assert to_attributes({"gift": False, "note": None}, Cart) == {"gift": False, "Gift Note": None}


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ({}, ValueError, "gift is missing"),
        ({"gift": True, "ntoe": "x"}, ValueError, "Cart does not declare ntoe"),
        ({"gift": True, "Ada Lovelace": "x"}, ValueError, "Cart does not declare a member of the attributes"),
        ({"gift": True, 5: "x"}, ValueError, "Cart does not declare a member of the attributes"),
        ({"gift": "x"}, TypeError, "gift must be a bool, not str"),
        ([], TypeError, "the attributes must be a Cart, not list"),
    ],
)
def test_a_dict_with_other_members_is_an_error(value, kind, message):
    """A key that the TypedDict does not have, and one that is missing, are errors."""
    with pytest.raises(kind, match=f"^{message}$"):
        to_attributes(value, Cart)


def test_an_object_is_sent_as_the_class_that_is_named():
    """An object of a derived class is sent with the members of its base if that is named; another one is an error."""

    @attributes
    @attrs.frozen(kw_only=True)
    class Vip(Shop):
        butler: str

    vip = Vip(butler="Jeeves", kids=1)
    assert to_attributes(vip) == {"kids": 1, "butler": "Jeeves"}
    assert to_attributes(vip, Shop) == {"kids": 1}
    with pytest.raises(TypeError, match=r"^the attributes must be a Vip, not Shop$"):
        to_attributes(Shop(), Vip)


class Index:
    """An integer of its own class, as a data frame has them."""

    def __index__(self):
        return 2


def test_what_stands_for_a_value_is_sent_as_in_models():
    """Integers of other classes, derived texts and other sequences are sent as the JSON values that they stand for."""
    written = to_attributes(Shop(kids=Index(), name=Language.DE, language=Language.DE, tags=(Language.DE,)))
    assert written == {"kids": 2, "name": "de", "language": "de", "tags": ["de"]}
    assert {type(value) for value in (written["kids"], written["name"], written["tags"][0])} == {int, str}


def test_attributes_fit_every_model():
    """The dict is what a model takes as attributes, and a later change of the object does not change it."""
    tags = ["a"]
    written = to_attributes(Shop(tags=tags))
    tags.append("b")
    item = MultipleCustomerProfileIntegrationRequestItem(integration_id="ada", attributes=written)
    assert item.attributes == {"tags": ["a"]}
