"""A module whose annotations are texts until the program asks for them declares attributes like any other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Generic, NotRequired, Required, TypedDict, TypeVar

import attrs
import pytest

from aiotalonone.attributes import UNSET, Named, Unset, attribute_types, attributes, from_attributes, to_attributes

if TYPE_CHECKING:
    from decimal import Decimal

T = TypeVar("T")


@attributes
@attrs.frozen(kw_only=True)
class Base(Generic[T]):
    """A base whose type is left open."""

    size: Annotated[T | Unset, Named("Size")] = UNSET


@attributes
@attrs.frozen(kw_only=True)
class Shop(Base[float]):
    """An object whose types are known."""

    since: Annotated[datetime | Unset | None, Named("Customer Since")] = UNSET


@attributes
class Cart(TypedDict):
    """A dict with one key that need not be there."""

    gift: bool
    note: Annotated[NotRequired[str], Named("Gift Note")]


@attributes
class Event(Cart, total=False):
    """A dict with one further key that must be there."""

    place: Required[str]
    score: float


def test_the_types_are_found():
    """Names, types and generic bases are those of the annotations."""
    assert attribute_types(Shop) == {"Size": "number", "Customer Since": "time"}
    assert attribute_types(Event) == {"gift": "boolean", "Gift Note": "string", "place": "string", "score": "number"}
    noon = datetime(2026, 11, 29, 12, tzinfo=UTC)
    assert to_attributes(Shop(size=3, since=noon)) == {"Size": 3, "Customer Since": "2026-11-29T12:00:00+00:00"}
    assert from_attributes({"Size": 3.5}, Shop) == Shop(size=3.5)


def test_required_and_not_required_are_found():
    """Which keys must be there is what the annotations say, inherited ones included."""
    assert to_attributes({"gift": True, "place": "Bonn"}, Event) == {"gift": True, "place": "Bonn"}
    for value, missing in [({"gift": True}, "place"), ({"place": "Bonn"}, "gift")]:
        with pytest.raises(ValueError, match=f"^{missing} is missing$"):
            to_attributes(value, Event)


def test_a_type_for_checkers_alone_is_an_error():
    """A type that is imported for type checkers alone is named when the class is declared."""
    with pytest.raises(TypeError, match=r"^Priced: Decimal is not in its module when the program runs"):

        @attributes
        @attrs.define
        class Priced:
            price: Decimal
