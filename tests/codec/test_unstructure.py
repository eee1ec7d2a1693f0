"""Models and mappings are written exactly, with nothing that the caller did not set."""

import json
from collections import UserDict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType

import orjson
import pytest

from aiotalonone import (
    AdditionalCost,
    CartItem,
    IntegrationRequest,
    MultipleCustomerProfileIntegrationRequest,
    MultipleCustomerProfileIntegrationRequestItem,
    NewCustomerSessionV2,
    NewReferral,
    structure,
    unstructure,
)
from aiotalonone.codec import encode, encode_as, loads_exact_numbers

NAN = float("nan")


def test_what_is_not_set_is_not_written():
    """A member that the caller does not set is not written."""
    assert unstructure(IntegrationRequest(customer_session=NewCustomerSessionV2())) == {"customerSession": {}}


def test_irregular_names_are_written_as_the_api_spells_them():
    """Members whose JSON name is not the camelCase of their own are written with that name."""
    item = CartItem(sku="a", quantity=1, catalog_item_id=7)
    assert unstructure(item) == {"sku": "a", "quantity": 1, "catalogItemID": 7}


@pytest.mark.parametrize("text", ["0.10", "19.990", "1E+3", "-0.000000000000000000001", "12345678901234567890.12"])
def test_a_decimal_travels_exactly(text):
    """Every digit of a Decimal is written, in members, maps and attributes alike."""
    session = NewCustomerSessionV2(
        cart_items=[CartItem(sku="a", quantity=1, price=Decimal(text))],
        additional_costs={"shipping": AdditionalCost(price=Decimal(text))},
        attributes={"tip": Decimal(text), "tips": [Decimal(text)]},
    )
    value = json.loads(encode(session), parse_float=Decimal, parse_int=Decimal)
    sent = [value["cartItems"][0]["price"], value["additionalCosts"]["shipping"]["price"], value["attributes"]["tip"]]
    assert [*sent, *value["attributes"]["tips"]] == [Decimal(text)] * 4


@pytest.mark.parametrize("number", [2**53 + 1, -(2**63), 2**64 - 1, 0.1, 1e300, -0.0])
def test_numbers_travel_as_they_are(number):
    """Integers beyond 2^53 keep every digit."""
    assert orjson.loads(encode({"n": number}))["n"] == number


@pytest.mark.parametrize(
    "text", ["1.10", "0.1", "1E-7", "-0.0", "12345678901234567890.5", "123456789012345678901", "7"]
)
def test_numbers_that_are_read_back_are_written_as_they_stood(text):
    """Numbers of a JSON text that is read and written again keep digits and trailing zeros."""
    content = b'{"n":[%b],"t":"1.10"}' % text.encode()
    assert encode(loads_exact_numbers(content)) == content


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), Decimal("NaN"), Decimal("-Infinity")])
@pytest.mark.parametrize(
    "body",
    [
        lambda number: CartItem(sku="a", quantity=1, price=number),
        lambda number: MultipleCustomerProfileIntegrationRequestItem(integration_id="c", attributes={"size": number}),
        lambda number: {"deep": [{"in": (1, number)}]},
        lambda number: {"model": NewCustomerSessionV2(cart_items=[CartItem(sku="a", quantity=1, price=number)])},
        lambda number: NewCustomerSessionV2(attributes={"gift": CartItem(sku="a", quantity=1, price=number)}),
    ],
)
def test_nan_is_rejected(number, body):
    """NaN and infinity raise ValueError, since JSON would make them null."""
    with pytest.raises(ValueError, match="NaN or infinite"):
        encode(body(number))


def test_null_inside_attributes_travels():
    """``None`` as an attribute is written as null, which erases the attribute."""
    assert encode({"attributes": {"size": None, "note": "null"}}) == b'{"attributes":{"size":null,"note":"null"}}'


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 1, 8, tzinfo=UTC), "2026-11-01T08:00:00+00:00"),
        (datetime(2026, 11, 1, 8, 0, 0, 5, tzinfo=timezone(timedelta(hours=-3))), "2026-11-01T08:00:00.000005-03:00"),
        (datetime(1890, 1, 1, tzinfo=timezone(timedelta(seconds=3208))), "1889-12-31T23:06:32+00:00"),
    ],
)
def test_dates_are_rfc_3339(moment, text):
    """Dates are written as RFC 3339 with an offset of whole minutes, in members and attributes."""
    referral = NewReferral(
        campaign_id=1, advocate_profile_integration_id="c", start_date=moment, attributes={"at": moment}
    )
    value = orjson.loads(encode(referral))
    assert (value["startDate"], value["attributes"]["at"]) == (text, text)


def test_a_naive_datetime_is_rejected():
    """A datetime without a zone raises ValueError."""
    naive = datetime(2026, 11, 1)  # noqa: DTZ001 - naive on purpose
    with pytest.raises(ValueError, match="has no offset"):
        encode(NewReferral(campaign_id=1, advocate_profile_integration_id="c", start_date=naive))
    with pytest.raises(ValueError, match="has no offset"):
        encode({"attributes": {"at": naive}})


@pytest.mark.parametrize("value", [date(2026, 11, 1), {1, 2}, b"bytes", object(), {1: "a"}, 2**64])
def test_what_is_not_json_is_rejected(value):
    """A value that JSON does not have raises a TypeError that names its type."""
    with pytest.raises(TypeError, match="cannot be sent as JSON"):
        encode({"attributes": {"x": value}})


@dataclass
class Point:
    """A caller's own class."""

    x: float = float("nan")


def test_dataclasses_are_rejected():
    """A dataclass raises TypeError, since its members would be written under other names than the API's."""
    with pytest.raises(TypeError, match="Point is not a JSON value"):
        encode({"attributes": {"at": Point()}})


def test_what_holds_itself_or_a_wrong_type_is_rejected():
    """A value that holds itself, or a member of a wrong type, raises TypeError."""
    session = NewCustomerSessionV2(attributes={})
    session.attributes["self"] = session
    with pytest.raises(TypeError, match="cannot be sent as JSON"):
        encode(session)
    with pytest.raises(TypeError, match="additional_costs must be a mapping, not list"):
        encode(NewCustomerSessionV2(additional_costs=[1]))


@pytest.mark.parametrize("costs", [[], [1], "anna", 7])
def test_what_a_response_had_in_place_of_a_map_is_written_but_not_sent(costs):
    """A member of another kind that a response had is in the JSON value of its model, and cannot be sent."""
    item = structure({"sku": "a", "quantity": 1, "additionalCosts": costs}, CartItem)
    assert unstructure(item) == {"sku": "a", "quantity": 1, "additionalCosts": costs}
    session = NewCustomerSessionV2(cart_items=[item])
    assert unstructure(session)["cartItems"][0]["additionalCosts"] == costs
    with pytest.raises(TypeError):
        encode(session)


def test_a_moment_beyond_the_calendar_is_rejected():
    """A datetime whose UTC time is beyond the calendar raises ValueError."""
    with pytest.raises(ValueError, match="end of the calendar"):
        encode({"at": datetime.min.replace(tzinfo=timezone(timedelta(hours=1, seconds=1)))})


def test_a_list_of_models_may_hold_anything_else():
    """Mappings, other models and null are written beside the class of the first entry."""
    profile = MultipleCustomerProfileIntegrationRequestItem(integration_id="c", attributes={"n": Decimal("1.10")})
    bare = MultipleCustomerProfileIntegrationRequestItem(integration_id="d", extra={"new": None})
    entries = [profile, bare, {"integrationId": "e"}, None, CartItem(sku="a", quantity=1)]
    assert encode(entries) == (
        b'[{"attributes":{"n":1.10},"integrationId":"c"},{"new":null,"integrationId":"d"},'
        b'{"integrationId":"e"},null,{"sku":"a","quantity":1}]'
    )
    profile.attributes["n"] = float("nan")
    with pytest.raises(ValueError, match="NaN"):
        encode(entries)


@pytest.mark.parametrize(
    "change",
    [
        lambda batch: batch.customer_profiles[0].attributes.update(a=NAN),
        lambda batch: batch.customer_profiles[0].attributes.update(a=[NAN]),
        lambda batch: batch.customer_profiles[0].attributes.update(a=["[", 1, NAN]),
        lambda batch: batch.customer_profiles[0].attributes.update(a={"b": NAN}),
        lambda batch: batch.customer_profiles.append(NAN),
        lambda batch: batch.customer_profiles.insert(0, NAN),
        lambda batch: batch.customer_profiles.append({"integrationId": "d", "attributes": {"a": NAN}}),
        lambda batch: batch.customer_profiles.append([NAN]),
        lambda batch: batch.extra.update(more=NAN),
        lambda batch: batch.extra.update(more=[NAN]),
        lambda batch: setattr(batch, "customer_profiles", NAN),
        lambda batch: setattr(batch, "customer_profiles", [NAN]),
    ],
)
def test_nan_is_rejected_anywhere_in_a_batch(change):
    """NaN anywhere in a batch of profiles raises an error and is never written as null."""
    profiles = [MultipleCustomerProfileIntegrationRequestItem(integration_id="c", attributes={"Name": "[x]"})]
    batch = MultipleCustomerProfileIntegrationRequest(customer_profiles=profiles)

    def change_and_encode():
        change(batch)
        return encode(batch)

    with pytest.raises((ValueError, TypeError)):
        change_and_encode()


def test_a_batch_may_hold_null():
    """A null that the caller put into a batch is sent."""
    item = MultipleCustomerProfileIntegrationRequestItem(integration_id="c", attributes={"Name": None})
    batch = MultipleCustomerProfileIntegrationRequest(customer_profiles=[item, None])
    assert encode(batch) == b'{"customerProfiles":[{"attributes":{"Name":null},"integrationId":"c"},null]}'


def test_mappings_of_every_kind_are_objects():
    """A frozen or wrapped mapping, and models inside of one, are written like dicts."""
    body = MappingProxyType({"attributes": UserDict({"a": CartItem(sku="s", quantity=1)})})
    assert encode_as("NewCustomerSessionV2", body) == b'{"attributes":{"a":{"sku":"s","quantity":1}}}'


def test_text_beyond_ascii_travels_as_utf8():
    """Text beyond ASCII is written as UTF-8, and not escaped."""
    assert encode({"name": "Zoë 木 🎁"}) == '{"name":"Zoë 木 🎁"}'.encode()


def test_extra_members_are_sent_and_known_ones_win():
    """``extra`` is written, but not over a member that the class has."""
    session = NewCustomerSessionV2(profile_id="c-1", extra={"newMember": [1], "profileId": "other"})
    assert unstructure(session) == {"newMember": [1], "profileId": "c-1"}
