from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from math import inf, nan

import pytest

from aiotalonone.cli.values import ConversionError, Type, converter, identifier, whole_number

NAIVE = datetime(2026, 8, 1, 12)  # noqa: DTZ001 - naive on purpose
IN_BERLIN = datetime(2026, 8, 1, 12, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Type.NATIVE, {"a": [1]}, {"a": [1]}),
        (Type.TEXT, " x ", " x "),
        (Type.TEXT, "007", "007"),
        (Type.TEXT, 7, "7"),
        (Type.NUMBER, "0", 0),
        (Type.NUMBER, "-12", -12),
        (Type.NUMBER, "1.5", 1.5),
        (Type.NUMBER, "1e3", 1000.0),
        (Type.NUMBER, "12345678901.123456789", Decimal("12345678901.123456789")),
        (Type.NUMBER, "9007199254740992", 2**53),
        (Type.NUMBER, Decimal("1.10"), Decimal("1.10")),
        (Type.NUMBER, 7, 7),
        (Type.BOOLEAN, "True", True),
        (Type.BOOLEAN, "FALSE", False),
        (Type.BOOLEAN, True, True),
        (Type.TIME, "2026-08-01T12:00:00Z", "2026-08-01T12:00:00Z"),
        (Type.TIME, "2026-08-01T12:00:00.5-02:30", "2026-08-01T12:00:00.5-02:30"),
        (Type.TIME, IN_BERLIN, "2026-08-01T12:00:00+02:00"),
        (Type.TIME, NAIVE, "2026-08-01T12:00:00+00:00"),
        (Type.TIME, date(2026, 8, 1), "2026-08-01T00:00:00+00:00"),
        (Type.LIST, '["a", 1]', ["a", 1]),
        (Type.LIST, ["a", datetime(2026, 8, 1, tzinfo=UTC)], ["a", "2026-08-01T00:00:00+00:00"]),
        *((kind, None, None) for kind in Type),
    ],
)
def test_value_is_converted_to_a_type(kind, value, expected):
    """A conversion is exact: 1 does not become 1.0, and no digit is lost."""
    found = converter(kind)(value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Type.TEXT, 1.0),
        (Type.TEXT, True),
        (Type.TEXT, ["a"]),
        *((Type.NUMBER, text) for text in ("", "many", "01", "+1", "1,5", "1.", ".5", " 1", "1 ", "٣", "NaN", "0x1")),
        (Type.NUMBER, "9007199254740993"),
        (Type.NUMBER, True),
        (Type.NUMBER, nan),
        (Type.NUMBER, inf),
        (Type.NUMBER, Decimal("NaN")),
        *((Type.BOOLEAN, value) for value in ("yes", "1", 1, "")),
        *(
            (Type.TIME, text)
            for text in (
                "2025-08-01",
                "2025-08-01T12:00:00",
                "2025-08-01 12:00:00Z",
                "2026-13-01T12:00:00Z",
                "2026-W31-6T12:00:00Z",
                1785585600,
            )
        ),
        (Type.LIST, "a,b"),
        (Type.LIST, '{"a": 1}'),
        (Type.LIST, 1),
    ],
)
def test_value_that_cannot_be_converted_is_an_error(kind, value):
    """A value that cannot be converted raises ConversionError, whose message does not contain it."""
    with pytest.raises(ConversionError) as caught:
        converter(kind)(value)
    assert (str(value) or "''") not in str(caught.value)


@pytest.mark.parametrize(("value", "expected"), [("c-1", "c-1"), ("007", "007"), (7, "7")])
def test_id_is_a_text_or_a_whole_number(value, expected):
    """An ID is a text, or a whole number, as Parquet files often have it."""
    assert identifier(value) == expected


@pytest.mark.parametrize("value", [None, "", 7.0, True, ["c-1"]])
def test_other_values_are_not_ids(value):
    """An empty or missing value is not an ID, nor is a float, which has more than one text."""
    with pytest.raises(ConversionError):
        identifier(value)


@pytest.mark.parametrize("value", [None, "", "7.0", 7.0, True, "seven"])
def test_audience_is_a_whole_number(value):
    """An audience is a whole number, or a text of one."""
    assert whole_number("7") == whole_number(7) == 7
    with pytest.raises(ConversionError):
        whole_number(value)
