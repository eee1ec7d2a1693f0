"""What of a file's values reaches the API: every digit, or a reject."""

import json
import struct
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pytest
from pyarrow import parquet

from aiotalonone import codec
from aiotalonone.bulk import InvalidRecord
from aiotalonone.cli.columns import map_columns, parse_column_option
from aiotalonone.cli.profiles import ProfileMapping
from aiotalonone.cli.rows import open_rows

BAD_VALUE = "x holds a value that cannot be read"
TOO_LARGE = "x is too large for a number"
FRACTION = "x is a number with a fraction"
LOST = "x is a number whose last digits may be lost"
JULIAN_1970 = 2_440_588
BAD_TIME = "is a time that is not in the years 1 to 9999"
LARGEST = datetime.max.replace(tzinfo=UTC)


def records(name, *options, id_column="id"):
    """Return the records of a file, a text for each: its JSON, or why it is invalid."""
    rows = open_rows(Path(name))
    given = [parse_column_option(text) for text in options]
    mapping = ProfileMapping(
        id_column, map_columns(rows.columns(), id_column, given, may_be_late=rows.has_late_columns)
    )
    found = map(mapping.to_record, rows.read(mapping.needed))
    return [record.reason if isinstance(record, InvalidRecord) else codec.encode(record).decode() for record in found]


def values(*options, **columns):
    """Return the value of each record's attribute ``x``, or why the record is invalid, for these Parquet columns."""
    parquet.write_table(pa.table({"id": pa.array(map(str, range(len(columns["x"])))), **columns}), "rows.parquet")
    return [
        json.loads(text, parse_float=Decimal)["attributes"].get("x") if text.startswith("{") else text
        for text in records("rows.parquet", *options)
    ]


@pytest.mark.parametrize(
    ("kind", "years"),
    [
        ({"use_deprecated_int96_timestamps": True}, [1, 1000, 1677, 2262, 2263, 9999]),
        ({"coerce_timestamps": "ms"}, [1, 1000, 9999]),
        ({}, [1, 1000, 9999]),
    ],
)
def test_times_keep_their_years(kind, years):
    """A time of any year is sent as it is, also from INT96, which Spark and Hive write."""
    times = [datetime(year, 12, 31, 2, 3, 4) for year in years]  # noqa: DTZ001 - Parquet's are
    table = pa.table({"id": list(map(str, years)), "x": pa.array(times, pa.timestamp("us"))})
    parquet.write_table(table, "rows.parquet", **kind)
    sent = [json.loads(text)["attributes"]["x"] for text in records("rows.parquet")]
    assert sent == [f"{year:04}-12-31T02:03:04+00:00" for year in years]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([0, 2**62], pa.timestamp("us")), ["1970-01-01T00:00:00+00:00", f"x {BAD_TIME}"]),
        (pa.array([0, -(2**62)], pa.timestamp("us", "UTC")), ["1970-01-01T00:00:00+00:00", f"x {BAD_TIME}"]),
        (pa.array([0, 2**62], pa.timestamp("ms")), ["1970-01-01T00:00:00+00:00", f"x {BAD_TIME}"]),
        (pa.array([0, 2**30], pa.date32()), ["1970-01-01T00:00:00+00:00", f"x {BAD_TIME}"]),
        (pa.array([0, -800_000], pa.date32()), ["1970-01-01T00:00:00+00:00", f"x {BAD_TIME}"]),
        (
            pa.array([LARGEST, datetime(2024, 7, 1, 12, tzinfo=UTC)], pa.timestamp("us", "Europe/Berlin")),
            ["9999-12-31T23:59:59.999999+00:00", "2024-07-01T12:00:00+00:00"],
        ),
        (pa.array([0], pa.timestamp("us", "+09:30")), ["1970-01-01T00:00:00+00:00"]),
        (pa.array([[0], [2**62]], pa.list_(pa.timestamp("us"))), [["1970-01-01T00:00:00+00:00"], BAD_VALUE]),
    ],
)  # fmt: skip
def test_time_beyond_the_calendar_costs_its_row(array, expected):
    """A time that Python cannot hold is a reject of its row, and a zone does not push others over the end."""
    assert values(x=array) == expected


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.timestamp("ns")),
        pa.large_list(pa.timestamp("ns", "America/New_York")),
        pa.list_(pa.timestamp("ns", "UTC"), 1),
    ],
)
def test_nanoseconds_in_lists_are_truncated(kind):
    """Nanoseconds in a list are truncated to microseconds, as those of a column are."""
    assert values(x=pa.array([[1_719_835_200_123_456_789]], kind)) == [["2024-07-01T12:00:00.123456+00:00"]]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (pa.list_(pa.duration("ns")), [1]),
        (pa.list_(pa.duration("us")), [1]),
        (pa.list_(pa.time64("ns")), [1]),
        (pa.list_(pa.binary()), [b"\x00"]),
        (pa.list_(pa.float64()), [float("nan")]),
        (pa.list_(pa.map_(pa.string(), pa.timestamp("ns"))), [[("a", 1)]]),
        (pa.list_(pa.list_(pa.binary())), [[b"\x00"]]),
    ],
)
def test_lists_that_no_attribute_holds_are_rejects(kind, value):
    """A list of values that JSON lacks is a reject of its row, without a traceback, and others are sent."""
    first, second = values(x=pa.array([value, []], kind))
    assert first in ("x is a list of values that an attribute cannot hold", BAD_VALUE)
    assert second == []


def test_structs_in_lists_have_json_values():
    """Times, decimals and numbers inside of the structs of a list are sent as elsewhere."""
    kind = pa.list_(pa.struct({"t": pa.timestamp("ns"), "d": pa.decimal128(5, 2), "l": pa.list_(pa.date32())}))
    value = [{"t": 1_000, "d": Decimal("1.10"), "l": [date(2026, 8, 1)]}]
    [[found]] = values(x=pa.array([value], kind))
    assert found == {"t": "1970-01-01T00:00:00.000001+00:00", "d": Decimal("1.10"), "l": ["2026-08-01T00:00:00+00:00"]}


def test_text_that_is_not_utf8_costs_its_row():
    """A text of Parquet that is not UTF-8 is a reject of its row."""
    offsets, data = pa.py_buffer(bytes([0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0])), pa.py_buffer(b"a\xfc")
    assert values(x=pa.StringArray.from_buffers(2, offsets, data)) == ["a", BAD_VALUE]


@pytest.mark.parametrize(
    ("array", "options", "expected"),
    [
        (pa.array([Decimal(4929000000000000123)], pa.decimal128(38, 0)), ["x=:text"], ["4929000000000000123"]),
        (pa.array([Decimal(4929000000000000123)], pa.decimal128(38, 0)), [], [4929000000000000123]),
        (pa.array([Decimal(10**60)], pa.decimal256(76, 0)), ["x=:text"], [str(10**60)]),
        (pa.array([Decimal("1.10")], pa.decimal128(38, 2)), [], [Decimal("1.10")]),
        (pa.array([7.0, 7.5, 1e300]), ["x=:text"], ["7", FRACTION, LOST]),
        (pa.array([2**53, 2**53 + 1, -(2**63)]), [], [2**53, TOO_LARGE, TOO_LARGE]),
        (pa.array([2**64 - 1], pa.uint64()), [], [TOO_LARGE]),
        (pa.array([2**64 - 1], pa.uint64()), ["x=:text"], ["18446744073709551615"]),
        (pa.array([UUID(int=7).bytes], pa.uuid()), [], ["00000000-0000-0000-0000-000000000007"]),
        (pa.array(["{}"], pa.json_()), [], ["{}"]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), [], ["a", "b", "a"]),
        (pa.array([1, 0], pa.int8()), ["x=:boolean"], [True, False]),
        (pa.array([Decimal(1)], pa.decimal128(1, 0)), ["x=:boolean"], [True]),
    ],
)  # fmt: skip
def test_values_of_parquet(array, options, expected):
    """Whole numbers of any type and UUIDs are texts, decimals keep their digits, and larger numbers are rejects."""
    assert values(*options, x=array) == expected


@pytest.mark.parametrize(
    ("array", "ids"),
    [
        (pa.array([Decimal(1), Decimal(10**37)], pa.decimal128(38, 0)), ["1", str(10**37)]),
        (pa.array([1.0, 2.0, None]), ["1", "2", None]),
        (pa.array([UUID(int=7).bytes], pa.uuid()), ["00000000-0000-0000-0000-000000000007"]),
        (pa.array([2**63 - 1]), ["9223372036854775807"]),
    ],
)
def test_ids_of_parquet(array, ids):
    """Whole numbers of any type and UUIDs are IDs; a missing one is a reject."""
    parquet.write_table(pa.table({"id": array}), "rows.parquet")
    found = records("rows.parquet")
    assert [json.loads(text)["integrationId"] if text.startswith("{") else None for text in found] == ids


def test_columns_that_are_left_out_are_not_decoded(monkeypatch):
    """A column that is left out is not even decoded, so that nothing in it can be in the way."""
    table = pa.table(
        {
            "id": ["1"],
            "S": pa.array([{"t": 1}], pa.struct({"t": pa.duration("ns")})),
            "S.t": ["kept"],
            "T": pa.array([2**62], pa.timestamp("us")),
            "F": pa.array([1_000], pa.timestamp("ns")),
        }
    )
    parquet.write_table(table, "rows.parquet")
    decoded = []
    monkeypatch.setattr("aiotalonone.cli.rows.parquet._in_python", lambda kind: decoded.append(kind) or kind)
    assert records("rows.parquet", "S=", "T=", "F=") == ['{"integrationId":"1","attributes":{"S.t":"kept"}}']
    assert decoded == [pa.string(), pa.string()]


def test_two_columns_of_one_name_in_parquet_are_named():
    """The error about two columns of one name names it."""
    table = pa.Table.from_arrays([pa.array(["1"])] * 3, names=["id", "a", "a"])
    buffer = BytesIO()
    parquet.write_table(table, buffer)
    Path("rows.parquet").write_bytes(buffer.getvalue())
    with pytest.raises(ValueError, match=r"two columns with the same name, a$"):
        open_rows(Path("rows.parquet"))


NUMBERS = [
    "12345678901234567890123",
    "-12345678901234567890123",
    "18446744073709551616",
    "9007199254740993",
    "1234567890.123456789",
    "0.1000000000000000055",
    "1e-400",
    "1.5e+150",
    "0.1",
    "-0.5",
    "3",
]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("around", ["%s", "[%s]", '{"a": [%s, "é"]}'])
def test_numbers_of_ndjson_keep_their_digits(number, around):
    """A number of NDJSON is sent with all its digits, wherever it stands, as long as its value is the same."""
    Path("rows.ndjson").write_text('{"id": "1", "x": %s, "y": 0.5}\n' % (around % number))
    [sent] = records("rows.ndjson")
    found = json.loads(sent, parse_int=Decimal, parse_float=Decimal)["attributes"]["x"]
    assert found == json.loads(around % number, parse_int=Decimal, parse_float=Decimal)


@pytest.mark.parametrize(
    ("number", "kind", "expected"),
    [
        ("1234567890.123456789", "number", "1234567890.123456789"),
        ("12345678901234567890123", "number", TOO_LARGE),
        ("9007199254740993", "number", TOO_LARGE),
        ("12345678901234567890123", "text", '"12345678901234567890123"'),
        ("1", "boolean", "true"),
        ("0.10000000000000000000001", "text", "x is a number with a fraction"),
    ],
)
def test_numbers_of_ndjson_as_a_type(number, kind, expected):
    """With a type, a number of NDJSON keeps its digits as well, or is a reject."""
    Path("rows.ndjson").write_text(f'{{"id": "1", "x": {number}}}\n')
    [sent] = records("rows.ndjson", f"x=:{kind}")
    assert sent in (expected, f'{{"integrationId":"1","attributes":{{"x":{expected}}}}}')


@pytest.mark.parametrize(
    "line", ["1e99999999999999999999", "9" * 5000, "[" * 2000 + "1.12345678901234567" + "]" * 2000]
)
def test_numbers_that_nobody_can_read_are_rejects(line):
    """A number beyond all limits, or nesting that is too deep, costs its row."""
    Path("rows.ndjson").write_text(f'{{"id": "1", "x": {line}, "y": 0.5}}\n{{"id": "2"}}\n')
    first, second = records("rows.ndjson")
    assert first.startswith("the line is not JSON")
    assert second == '{"integrationId":"2","attributes":{}}'


def test_line_that_is_too_long_is_one_reject(monkeypatch):
    """A line beyond the limit is one reject, of which no part is taken for the next row."""
    monkeypatch.setattr("aiotalonone.cli.rows.ndjson.MAX_LINE", 50)
    Path("rows.ndjson").write_text('{"id": "1"}\n{"id": "2", "x": "%s"}\n{"id": "3"}\n' % ('{"id": "4"}' * 20))
    assert records("rows.ndjson") == [
        '{"integrationId":"1","attributes":{}}',
        "the line is longer than 50 bytes",
        '{"integrationId":"3","attributes":{}}',
    ]


def test_bad_byte_in_ndjson_is_one_reject():
    """A line that is not UTF-8 is a reject that says so."""
    Path("rows.ndjson").write_bytes(b'{"id": "1"}\n{"id": "2", "x": "\xfc"}\n')
    assert records("rows.ndjson")[1] == "the line is not UTF-8"


def late(*lines):
    Path("rows.ndjson").write_text('{"id": "1", "a": 1}\n' * 1100 + "".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize(
    ("option", "attributes"),
    [
        ("late=", {}),
        ("late=attributes.Other", {"Other": 7}),
        ("late=:text", {"late": "7"}),
        ("late=attributes.Other:text", {"Other": "7"}),
        ("never=", {"late": 7}),
    ],
)
def test_late_columns_obey_options(option, attributes):
    """A column that comes after the first rows is left out, renamed or converted as its option says."""
    late('{"id": "x", "late": 7}')
    assert json.loads(records("rows.ndjson", option)[-1])["attributes"] == attributes


def test_late_column_does_not_overwrite_an_attribute():
    """A late column with the attribute of another column is a reject, rather than overwriting that."""
    late('{"id": "x", "a": 2, "b": 1}', '{"id": "y", " ": 1}', '{"id": "z", " c ": 1}')
    *_, first, second, third = records("rows.ndjson", "a=attributes.b")
    assert first == "b has no name, or that of another column's attribute"
    assert second == "  has no name, or that of another column's attribute"
    assert third == '{"integrationId":"z","attributes":{"c":1}}'


def int96(*stamps):
    """Write a Parquet file whose column ``x`` has these INT96 values: days since 1970, and nanoseconds."""
    marks = [datetime(2000, 1, 1 + number) for number in range(len(stamps))]  # noqa: DTZ001 - Parquet's are
    table = pa.table({"id": list(map(str, range(len(stamps)))), "x": pa.array(marks, pa.timestamp("us"))})
    options = {"use_deprecated_int96_timestamps": True, "compression": "none", "write_statistics": False}
    parquet.write_table(table, "rows.parquet", use_dictionary=False, **options)
    content = Path("rows.parquet").read_bytes()
    first = 10_957 + JULIAN_1970
    for number, (days, nanoseconds) in enumerate(stamps):
        content = content.replace(
            struct.pack("<QI", 0, first + number), struct.pack("<Qi", nanoseconds, days + JULIAN_1970)
        )
    Path("rows.parquet").write_bytes(content)


@pytest.mark.parametrize("days", [2_932_897, 106_751_993, 213_503_983, 2**31 - 1 - JULIAN_1970, -719_163, -213_503_981])
def test_int96_beyond_the_calendar_costs_its_row(days):
    """An INT96 time beyond the year 9999 is a reject, also where its microseconds would wrap round to a valid time."""
    int96((days, 0), (0, 3_000_000_000))
    bad, good = records("rows.parquet")
    assert bad == f"x {BAD_TIME}"
    assert json.loads(good)["attributes"] == {"x": "1970-01-01T00:00:03+00:00"}


def test_single_precision_keeps_its_digits():
    """A number of single precision is sent with the fewest digits that mean it, alone and in a list."""
    assert values(x=pa.array([0.1, 1e10, None], pa.float32())) == [Decimal("0.1"), 10**10, None]
    assert values(x=pa.array([[0.1, None]], pa.list_(pa.float32()))) == [[Decimal("0.1"), None]]


def test_single_precision_is_no_id_if_digits_may_be_lost():
    """From 2²⁴ on, a number of single precision may stand for several IDs, and is a reject as an ID and as text."""
    ids = pa.array([16_777_216.0, 16_777_218.0], pa.float32())
    parquet.write_table(pa.table({"id": ids, "x": ids}), "rows.parquet")
    first, second = records("rows.parquet", "x=:text")
    assert json.loads(first) == {"integrationId": "16777216", "attributes": {"x": "16777216"}}
    assert second == f"id is a number whose last digits may be lost; {LOST}"


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([["a"], None], pa.list_view(pa.string())), [["a"], None]),
        (pa.array([["a"], None], pa.large_list_view(pa.string())), [["a"], None]),
        (pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 0, None], pa.int8())), [True, False, None]),
        (pa.array([1.5], pa.float16()), [Decimal("1.5")]),
        (pa.array(["a", "b"], pa.string_view()), ["a", "b"]),
        (pa.nulls(1), [None]),
    ],
)
def test_newer_types_of_arrow(array, expected):
    """Arrow's newer types of lists, texts and booleans are sent as the older ones are."""
    assert values(x=array) == expected


def test_long_name_of_a_type_is_cut():
    """The name of a type, which has all members of a struct, is shown in part."""
    kind = pa.struct([(f"member_{number}", pa.int64()) for number in range(100)])
    parquet.write_table(pa.table({"id": ["1"], "x": pa.array([None], kind)}), "rows.parquet")
    [_, column] = open_rows(Path("rows.parquet")).columns()
    assert (column.type, len(column.origin), column.origin[-1]) == (None, 61, "…")
