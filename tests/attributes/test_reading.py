"""The attributes of a response as the class that declares them."""

import logging
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, NotRequired, TypedDict

import attrs
import httpx
import pytest

from aiotalonone import AsyncIntegrationClient
from aiotalonone.attributes import (
    UNSET,
    Location,
    Named,
    Unset,
    attribute_types,
    attributes,
    from_attributes,
    to_attributes,
)
from aiotalonone.codec.attribute_types import attribute_type
from aiotalonone.sandbox import Sandbox

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Tier(StrEnum):
    """A value of the first attribute."""

    GOLD = "gold"


def shop_class():
    """Return a declared class of its own, which nothing was logged about."""

    @attributes
    @attrs.frozen(kw_only=True)
    class Shop:
        tier: Annotated[Tier | Unset | None, Named("Loyalty Tier")] = UNSET
        language: Literal["de", "en"] | Unset = UNSET
        name: str = ""
        kids: int | Unset = UNSET
        height: float | Unset = UNSET
        spent: Decimal | Unset = UNSET
        ratio: int | Decimal | Unset = UNSET
        vip: bool | Unset = UNSET
        since: datetime | Unset = UNSET
        home: Location | Unset = UNSET
        tags: list[str] | Unset = UNSET
        prices: tuple[Decimal, ...] | Unset = UNSET

    return Shop


Shop = shop_class()


@attributes
@attrs.define
class Cart:
    """A class whose members have no defaults."""

    gift: bool
    note: str | None


@attributes
class CartDict(TypedDict):
    """A dict with all kinds of keys."""

    gift: bool
    note: str | None
    wrap: NotRequired[Annotated[str, Named("Gift Wrap")]]
    bow: NotRequired[str | None]


def test_values_have_their_types():
    """Dates, enums, Decimals and tuples are made of what JSON has."""
    response = {
        "Loyalty Tier": "gold",
        "language": "de",
        "kids": 2.0,
        "height": 2,
        "spent": 18.9,
        "ratio": 1,
        "vip": True,
        "since": "2026-11-29T13:00:00+01:00",
        "home": [52.5, 13.4],
        "tags": ["a"],
        "prices": [1, 0.1],
    }
    shop = from_attributes(response, Shop, strict=True)
    assert shop == Shop(
        tier=Tier.GOLD,
        language="de",
        kids=2,
        height=2,
        spent=Decimal("18.9"),
        ratio=1,
        vip=True,
        since=NOON,
        home=[52.5, 13.4],
        tags=["a"],
        prices=(Decimal(1), Decimal("0.1")),
    )
    assert shop.tier is Tier.GOLD
    assert (type(shop.kids), type(shop.spent), type(shop.ratio)) == (int, Decimal, int)


def test_what_was_sent_is_read_back():
    """Attributes of a request read as the object that they were made of."""
    shop = Shop(tier=None, spent=Decimal("1.50"), since=NOON, tags=[], prices=(Decimal(1),), name="Ada")
    assert from_attributes(to_attributes(shop), Shop, strict=True) == shop


async def test_a_platform_with_the_declared_types_takes_and_returns_them():
    """What a sandbox with the same types stores is read back, and so each member is what its type of the API takes."""
    sandbox = Sandbox({"attributes": {"CustomerProfile": attribute_types(Shop)}})
    shop = Shop(
        tier=Tier.GOLD,
        language="en",
        kids=2,
        height=1.8,
        spent=Decimal("18.9"),
        ratio=1,
        vip=False,
        since=NOON,
        home="52.5, 13.4",
        tags=["a"],
        prices=(Decimal("0.1"),),
        name="Ada",
    )
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app)) as http_client,
        AsyncIntegrationClient("http://localhost", api_key="sandbox-key", http_client=http_client) as client,
    ):
        update = {"attributes": to_attributes(shop)}
        await client.customers.update_customer_profile_v2("ada", update)
        inventory = await client.customers.get_customer_inventory("ada", profile=True)
    assert from_attributes(inventory.profile.attributes, Shop, strict=True) == shop


@pytest.mark.parametrize("empty", [{}, None, {"Newer": 1}])
def test_attributes_that_are_missing_stay_at_the_default(empty):
    """A response without them, or with others alone, reads as the class is made without arguments."""
    assert from_attributes(empty, Shop, strict=True) == Shop()


def test_null_is_none_only_if_the_member_can_be():
    """Null reads as None where the class says so, and as missing elsewhere."""
    shop = from_attributes({"Loyalty Tier": None, "name": None, "kids": None}, Shop, strict=True)
    assert (shop.tier, shop.name, shop.kids) == (None, "", UNSET)


def test_a_member_without_default_is_none_if_it_is_missing():
    """An object can be made of any response; only ``strict`` is sure of a member that is never None."""
    assert from_attributes({}, Cart) == Cart(gift=None, note=None)
    for response, problem in [({}, "missing"), ({"gift": None}, "null")]:
        with pytest.raises(ValueError, match=rf"^not a Cart: {problem} @ \$\.gift$"):
            from_attributes(response, Cart, strict=True)


def test_a_typed_dict_has_the_keys_that_the_response_has():
    """Keys that need not be there are left out if the response has none of them; the others are None."""
    assert from_attributes({"gift": True, "Gift Wrap": None, "bow": None}, CartDict) == {
        "gift": True,
        "note": None,
        "bow": None,
    }
    full = {"gift": True, "note": "Hi", "Gift Wrap": "red", "bow": "x"}
    assert from_attributes(full, CartDict, strict=True) == CartDict(gift=True, note="Hi", wrap="red", bow="x")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("Loyalty Tier", "bronze", "one of 'gold' was expected, not str @ $.Loyalty Tier"),
        ("Loyalty Tier", [], "one of 'gold' was expected, not list @ $.Loyalty Tier"),
        ("language", "fr", "one of 'de', 'en' was expected, not str @ $.language"),
        ("name", 3, "a string was expected, not int @ $.name"),
        ("kids", 2.5, "an integer was expected, not float @ $.kids"),
        ("kids", Decimal("1e999999"), "an integer was expected, not Decimal @ $.kids"),
        ("kids", "2", "an integer was expected, not str @ $.kids"),
        ("kids", True, "an integer was expected, not bool @ $.kids"),
        ("spent", "1.50", "a number was expected, not str @ $.spent"),
        ("vip", 1, "a boolean was expected, not int @ $.vip"),
        ("since", "yesterday", "a date was expected, not str @ $.since"),
        ("since", 1764417600, "a date was expected, not int @ $.since"),
        ("home", 52.5, "a location was expected, not float @ $.home"),
        ("tags", "a", "an array was expected, not str @ $.tags"),
        ("tags", ["a", None], "a string was expected, not null @ $.tags[1]"),
    ],
)
def test_a_value_of_another_type_stays_as_it_came(name, value, problem, caplog):
    """Reading succeeds and a line names the attribute, once and without the value; ``strict`` raises the same."""
    kind = shop_class()
    for _ in range(2):
        shop = from_attributes({name: value}, kind)
    found = shop.tier if name == "Loyalty Tier" else getattr(shop, name)
    assert found == value
    [record] = caplog.records
    place = f"/{name}/*" if "[" in problem else f"/{name}"
    message = f"Shop: the attributes are not what it declares at {place}: {problem.partition(' @ ')[0]}"
    assert (record.name, record.levelno, record.getMessage()) == ("aiotalonone", logging.WARNING, message)
    with pytest.raises(ValueError, match=r"^not a Shop: ") as caught:
        from_attributes({name: value}, kind, strict=True)
    assert str(caught.value) == f"not a Shop: {problem}"


def test_a_large_number_stays_exact():
    """A number beyond the floats, which the codec reads as a Decimal, stays one."""
    large = Decimal("1e400")
    shop = from_attributes({"height": large, "spent": large, "ratio": large}, Shop, strict=True)
    assert (shop.height, shop.spent, shop.ratio) == (large, large, large)


def test_an_error_names_the_first_places():
    """The line of an error does not grow with the response."""
    with pytest.raises(ValueError, match=r"^not a Shop: ") as caught:
        from_attributes({"tags": list(range(1000))}, Shop, strict=True)
    assert str(caught.value).count(" @ ") == 10


def test_a_list_has_few_mismatches():
    """Of a list of another type no more is noted than an error shows, however long the response's is."""
    mismatches = []
    read = attribute_type(list[str]).read([1] * 1000, ("tags",), mismatches)
    assert read == [1] * 1000
    assert [mismatch.steps for mismatch in mismatches] == [("tags", index) for index in range(10)]


def test_a_long_list_hides_no_other_attribute(caplog):
    """Each attribute of another type is a line, also after a list with many such entries."""
    from_attributes({"tags": [1] * 1000, "vip": 1, "name": 1}, shop_class())
    assert [record.getMessage().partition(" at ")[2].partition(":")[0] for record in caplog.records] == [
        "/name",
        "/vip",
        "/tags/*",
    ]


@pytest.mark.parametrize("other", [[], "gold", 5])
def test_something_else_in_place_of_attributes_is_an_error(other):
    """A response that has no object there cannot be read, strict or not."""
    with pytest.raises(ValueError, match=f"^not a Shop: an object was expected, not {type(other).__name__}$"):
        from_attributes(other, Shop)


def test_validators_of_the_class_run():
    """A class may demand more than types; what it raises is not caught."""

    @attributes
    @attrs.define
    class Strict:
        kids: int = attrs.field(default=0, validator=attrs.validators.le(9))

    assert from_attributes({"kids": 9}, Strict).kids == 9
    with pytest.raises(ValueError, match="kids"):
        from_attributes({"kids": 10}, Strict)
