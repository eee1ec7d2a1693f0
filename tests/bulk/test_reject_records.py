import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from aiotalonone.bulk.rejects import Reject
from aiotalonone.models import MultipleCustomerProfileIntegrationRequestItem

NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - naive on purpose


class Odd:
    """A value of an unknown type, with a private repr."""

    def __repr__(self):
        return "<secret>"


def record_of(record):
    """Return a record as its line in the rejects file has it."""
    return json.loads(Reject(position=0, record=record, message="").line(redact=False), parse_float=Decimal)["record"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (NAIVE, "2026-01-01T00:00:00"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00+00:00"),
        (date(2026, 1, 1), "2026-01-01"),
        (time(1, 2), "01:02:00"),
        (timedelta(hours=1), "1:00:00"),
        (b"\x00\xff", "AP8="),
        (Decimal("1.10"), Decimal("1.10")),
        (Decimal("NaN"), "NaN"),
        (float("inf"), "inf"),
        (2**70, str(2**70)),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        ("\udcff", "?"),
        ((1, {NAIVE.date()}), [1, ["2026-01-01"]]),
        ({1: b""}, {"1": ""}),
        (Odd(), "(Odd)"),
    ],
)
def test_record_is_a_json_object_whatever_it_holds(value, expected):
    """A rejected record is an object of JSON, with text for what JSON does not have, and never a repr of Python."""
    record = {"integrationId": "", "attributes": {"x": value, "odd": b"", "tier": "gold"}}
    assert record_of(record) == {"integrationId": "", "attributes": {"x": expected, "odd": "", "tier": "gold"}}


def test_model_with_other_values_is_a_json_object():
    """A rejected model is an object in the API's names, as a mapping is."""
    record = MultipleCustomerProfileIntegrationRequestItem(integration_id="c-1", attributes={"x": NAIVE})
    assert record_of(record) == {"integrationId": "c-1", "attributes": {"x": "2026-01-01T00:00:00"}}


@pytest.mark.parametrize(("record", "expected"), [(7, 7), ("c-1", "c-1"), ([b""], [""]), (Odd(), "(Odd)")])
def test_other_values_are_json_objects(record, expected):
    """What is not a record at all is the value of an object."""
    assert record_of(record) == {"value": expected}


def test_nesting_of_a_record_is_bounded():
    """A record that contains itself has an end."""
    record = {"integrationId": "c-1", "x": b""}
    record["attributes"] = record
    assert record_of(record)["attributes"]["attributes"]["integrationId"] == "c-1"
