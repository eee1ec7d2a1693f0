"""Declared attributes as type checkers see them; this file is checked, never run."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NotRequired, TypedDict, TypeVar, assert_type

from attrs import evolve, frozen

from aiotalonone import CustomerProfile, CustomerProfileIntegrationRequestV2
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

T = TypeVar("T")


@attributes
@frozen(kw_only=True)
class Shop:
    """Attributes of a profile."""

    tier: Annotated[Literal["gold", "silver"] | Unset | None, Named("Loyalty Tier")] = UNSET
    since: datetime | Unset = UNSET
    home: Location | Unset = UNSET
    prices: list[Decimal] | Unset = UNSET


@attributes
class Cart(TypedDict):
    """Attributes of a session."""

    gift: bool
    note: NotRequired[Annotated[str | None, Named("Gift Note")]]


@attributes
@frozen(kw_only=True)
class Sized(Generic[T]):
    """Attributes of an item, of which one is left open."""

    size: T


@attributes
@frozen(kw_only=True)
class Shoe(Sized[float]):
    """Attributes of an item."""

    colour: str | Unset = UNSET


def names_and_types_are_checked() -> None:
    Shop(tier="gold", since=datetime.now().astimezone(), home="52.5, 13.4", prices=[Decimal(1)])
    Shop(tier=None, home={"lat": 52.5, "lon": 13.4})
    Shop(teir="gold")  # type: ignore[call-arg]
    Shop(tier="bronze")  # type: ignore[arg-type]
    Shop(since="2026-11-29")  # type: ignore[arg-type]
    Cart(gift=True, note=None)
    Cart(gift=True, ntoe="x")  # type: ignore[typeddict-unknown-key]
    Cart(note="x")  # type: ignore[typeddict-item]
    Shoe(size="large")  # type: ignore[arg-type]


def attributes_are_sent(shop: Shop, cart: Cart, shoe: Shoe) -> None:
    assert_type(to_attributes(shop), dict[str, Any])
    assert_type(to_attributes(cart, Cart), dict[str, Any])
    assert_type(to_attributes(shoe, Sized[float]), dict[str, Any])
    to_attributes(cart)  # type: ignore[call-overload]
    CustomerProfileIntegrationRequestV2(attributes=to_attributes(evolve(shop, tier="silver")))
    assert_type(attribute_types(Cart), dict[str, str])


def responses_have_the_declared_type(profile: CustomerProfile) -> None:
    shop = from_attributes(profile.attributes, Shop)
    assert_type(shop, Shop)
    assert_type(shop.since, datetime | Unset)
    if shop.since is not UNSET:
        assert_type(shop.since, datetime)
    if shop.tier:
        assert_type(shop.tier, Literal["gold", "silver"])
    assert_type(from_attributes(profile.attributes, Cart, strict=True), Cart)
    assert_type(from_attributes(profile.attributes, Sized[float]).size, float)
    assert_type(from_attributes(None, Shoe).size, float)
