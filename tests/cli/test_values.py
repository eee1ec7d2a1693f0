from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from math import inf, nan
from uuid import UUID

import pytest

from aiotalonone.cli.values import (
    ConversionError,
    Type,
    Unreadable,
    converter,
    identifier,
    verbatim_identifier,
    whole_number,
)

NAIVE = datetime(2026, 8, 1, 12)  # noqa: DTZ001 - naive on purpose
IN_BERLIN = datetime(2026, 8, 1, 12, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Type.NATIVE, {"a": [1]}, {"a": [1]}),
        (Type.TEXT, " x ", " x "),
        (Type.TEXT, "007", "007"),
        (Type.TEXT, 7, "7"),
        (Type.TEXT, 7.0, "7"),
        (Type.TEXT, Decimal(4929000000000000123), "4929000000000000123"),
        (Type.TEXT, Decimal("12.00"), "12"),
        (Type.TEXT, UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (Type.TEXT, 10**30, "1" + 30 * "0"),
        (Type.NUMBER, "0", 0),
        (Type.NUMBER, "-12", -12),
        (Type.NUMBER, "1.5", 1.5),
        (Type.NUMBER, "1e3", 1000.0),
        (Type.NUMBER, "1e-400", Decimal("1e-400")),
        (Type.NUMBER, Decimal("1e400"), Decimal("1e400")),
        (Type.NUMBER, "12345678901.123456789", Decimal("12345678901.123456789")),
        (Type.NUMBER, "9007199254740992", 2**53),
        (Type.NUMBER, Decimal("1.10"), Decimal("1.10")),
        (Type.NUMBER, 7, 7),
        (Type.BOOLEAN, "True", True),
        (Type.BOOLEAN, "FALSE", False),
        (Type.BOOLEAN, True, True),
        *((Type.BOOLEAN, value, True) for value in ("1", "t", "T", "Yes", "y", " true ", 1, 1.0, Decimal(1))),
        *((Type.BOOLEAN, value, False) for value in ("0", "f", "NO", "n", 0, 0.0, Decimal(0))),
        (Type.TIME, "2026-08-01T12:00:00Z", "2026-08-01T12:00:00Z"),
        (Type.TIME, "2026-08-01T12:00:00.5-02:30", "2026-08-01T12:00:00.5-02:30"),
        (Type.TIME, IN_BERLIN, "2026-08-01T12:00:00+02:00"),
        (Type.TIME, NAIVE, "2026-08-01T12:00:00+00:00"),
        (Type.TIME, date(2026, 8, 1), "2026-08-01T00:00:00+00:00"),
        (Type.TIME, "2026-08-01", "2026-08-01T00:00:00+00:00"),
        (Type.DATE, "2026-08-01", "2026-08-01T00:00:00+00:00"),
        (Type.DATE, date(2026, 8, 1), "2026-08-01T00:00:00+00:00"),
        (Type.DATE, datetime(2026, 8, 1, tzinfo=UTC), "2026-08-01T00:00:00+00:00"),
        (Type.NATIVE, [10**30, {"a": 2**63}], [Decimal(10**30), {"a": 2**63}]),
        (Type.LIST, '["a", 1]', ["a", 1]),
        (Type.LIST, "[12345678901234567890123, 0.10]", [Decimal(12345678901234567890123), Decimal("0.10")]),
        (Type.LIST, [UUID(int=7), Decimal("1.10")], ["00000000-0000-0000-0000-000000000007", Decimal("1.10")]),
        (Type.LIST, [{"t": date(2026, 8, 1)}], [{"t": "2026-08-01T00:00:00+00:00"}]),
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
        (Type.TEXT, 1.5),
        (Type.TEXT, 1e-9),
        (Type.TEXT, 1e16),
        (Type.TEXT, Decimal("1.5")),
        (Type.TEXT, nan),
        (Type.TEXT, inf),
        *(
            (kind, Unreadable("is a time that is not in the years 1 to 9999"))
            for kind in Type
            if kind is not Type.NATIVE
        ),
        (Type.TEXT, True),
        (Type.TEXT, ["a"]),
        *((Type.NUMBER, text) for text in ("", "many", "01", "+1", "1,5", "1.", ".5", " 1", "1 ", "٣", "NaN", "0x1")),
        (Type.NUMBER, "9007199254740993"),
        (Type.NUMBER, True),
        (Type.NUMBER, nan),
        (Type.NUMBER, inf),
        (Type.NUMBER, Decimal("NaN")),
        (Type.NUMBER, "1e9999999999999999999"),
        (Type.NUMBER, 2**53 + 1),
        (Type.NUMBER, -(2**63)),
        *((Type.BOOLEAN, value) for value in ("ja", "2", 2, "", 0.5, "truer")),
        *(
            (Type.DATE, value)
            for value in ("2026-02-30", "01/02/2026", "20260801", "2026-08-01T00:00:00Z", NAIVE, 17855)
        ),
        *(
            (Type.TIME, text)
            for text in (
                "2025-08-32",
                "31/12/1999",
                "0000-00-00",
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
        (Type.LIST, [b"a"]),
        (Type.LIST, [nan]),
        (Type.LIST, "[NaN]"),
        (Type.LIST, "[" * 100_000),
        (Type.LIST, [{"t": Unreadable("is a time")}]),
    ],
)
def test_value_that_cannot_be_converted_is_an_error(kind, value):
    """A value that cannot be converted raises ConversionError, whose message does not contain it."""
    with pytest.raises(ConversionError) as caught:
        converter(kind)(value)
    assert (str(value) or "''") not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("c-1", "c-1"),
        ("007", "007"),
        (7, "7"),
        (7.0, "7"),
        (-0.0, "0"),
        (2.0**53, "9007199254740992"),
        (Decimal(2), "2"),
        (Decimal(12345678901234567890123), "12345678901234567890123"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (" c-1", "c-1"),
        ("c-1\u00a0\t", "c-1"),
        ("12e5", "12e5"),
        ("5e3a", "5e3a"),
        ("e12", "e12"),
    ],
)
def test_id_is_a_text_or_a_whole_number(value, expected):
    """An ID is a text without the blanks around it, a UUID, or a whole number, whatever type its file gives that."""
    assert identifier(value) == expected


@pytest.mark.parametrize("value", [None, "", " ", "\u00a0", 7.5, 1e16, nan, inf, Decimal("1.5"), True, b"c", ["c-1"]])
def test_other_values_are_not_ids(value):
    """An empty, blank or missing value is not an ID, nor is a float with a fraction or lost digits."""
    for convert in (identifier, verbatim_identifier):
        with pytest.raises(ConversionError):
            convert(value)


@pytest.mark.parametrize("value", ["1.23457E+12", "1,23457E+12", "1E+12", "1e5", "1.0E12", "-1.5e-7", " 1.23457E+12 "])
def test_scientific_notation_is_no_id(value):
    """An ID in scientific notation has lost digits, and its error says what to do; it is taken on request."""
    with pytest.raises(ConversionError, match=r"format its column as text there; --verbatim-ids"):
        identifier(value)
    assert verbatim_identifier(value) == value


@pytest.mark.parametrize("value", [None, "", "7.0", 7.5, True, "seven"])
def test_audience_is_a_whole_number(value):
    """An audience is a whole number, or a text of one."""
    assert whole_number("7") == whole_number(7) == whole_number(7.0) == whole_number(Decimal(7)) == 7
    with pytest.raises(ConversionError):
        whole_number(value)
